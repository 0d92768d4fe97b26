/* fuzz_plan.c: a plan of shards. What is taken holds as many files as it says, each below its source, and gives them
 * all to some unit. */
#include "fuzz.h"
#include "plan/plan.h"

static void check_file(const struct plan_file *file, const struct unpack_share *share)
{
    size_t n = strlen(file->path);
    CHECK(file->source_len && file->source_len <= n);
    for (const char *at = file->path + file->source_len; *at; at += strcspn(at, "/")) {
        at += *at == '/';
        size_t len = strcspn(at, "/");
        CHECK(len && !(len == 1 && at[0] == '.') && !(len == 2 && at[0] == '.' && at[1] == '.'));
    }
    CHECK(!share->of ||
          (share->of <= UNPACK_RANGES + 1 && file->type == TYPE_OTHER && (share->bits[0] || share->bits[1])));
    for (size_t i = share->of; i < 128; i++)
        CHECK(!(share->bits[i / 64] >> (i % 64) & 1));
    CHECK(file->type == TYPE_OTHER || type_class(file->type) == CLASS_SPECIAL);
}

static uint64_t share_count(const struct unpack_share *share)
{
    uint64_t n = 0;
    for (size_t i = 0; i < share->of; i++)
        n += share_has(share, i);
    return n;
}

static void check_plan(struct plan *plan)
{
    bool *wanted = calloc(plan->n_units + 1, 1);
    uint64_t met = 0, parts = 0;
    CHECK(wanted);
    for (unsigned half = 0; half < 2; half++) {
        struct plan_file file;
        struct unpack_share share;
        int got;
        for (size_t i = 0; i < plan->n_units; i++)
            wanted[i] = i % 2 == half;
        struct plan_reader *reader = plan_reader_new(plan, wanted);
        while ((got = plan_reader_next(reader, &file, &share)) == 1) {
            check_file(&file, &share);
            met += share.of == 0;
            parts += share_count(&share);
        }
        CHECK(got == 0);
        plan_reader_free(reader);
    }
    CHECK(met <= plan->files && (plan->splits ? parts : met == plan->files));
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
