/* fuzz_plan.c: a plan of shards. What is taken holds as many files as it says, each below its source, and gives them
 * all to some unit. */
#include "fuzz.h"
#include "plan/plan.h"

static void check_file(const struct plan_file *file, const struct plan_ranges *ranges)
{
    size_t n = strlen(file->path);
    CHECK(file->source_len && file->source_len <= n);
    for (const char *at = file->path + file->source_len; *at; at += strcspn(at, "/")) {
        at += *at == '/';
        size_t len = strcspn(at, "/");
        CHECK(len && !(len == 1 && at[0] == '.') && !(len == 2 && at[0] == '.' && at[1] == '.'));
    }
    CHECK(!ranges->of || (ranges->first < ranges->end && ranges->end <= ranges->of && file->type == TYPE_OTHER));
    CHECK(file->type == TYPE_OTHER || type_class(file->type) == CLASS_SPECIAL);
}

static void check_plan(struct plan *plan)
{
    bool *wanted = calloc(plan->n_units + 1, 1);
    uint64_t met = 0;
    CHECK(wanted);
    for (unsigned half = 0; half < 2; half++) {
        struct plan_file file;
        struct plan_ranges ranges;
        int got;
        for (size_t i = 0; i < plan->n_units; i++)
            wanted[i] = i % 2 == half;
        struct plan_reader *reader = plan_reader_new(plan, wanted);
        while ((got = plan_reader_next(reader, &file, &ranges)) == 1) {
            check_file(&file, &ranges);
            met++;
        }
        CHECK(got == 0);
        plan_reader_free(reader);
    }
    CHECK(met == plan->files);
    free(wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32], why[PLAN_WHY] = "";
    int fd = fuzz_memfd(data, size);
    struct plan *plan = plan_open(fuzz_fd_path(fd, path), why);
    CHECK((plan != NULL) == !*why);
    if (plan)
        check_plan(plan);
    plan_free(plan);
    close(fd);
    return 0;
}
