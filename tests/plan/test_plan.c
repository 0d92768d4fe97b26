#include <criterion/criterion.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "plan/plan.h"

static const struct plan_file files[] = {
    {.path = "ev/a", .source_len = 2, .size = 10, .mtime = 5},
    {.path = "ev/b\"<\\\n\x80", .source_len = 2, .size = 20, .mtime = -5},
    {.path = "ev/dir", .source_len = 2, .type = TYPE_DIRECTORY},
    {.path = "ev/gone", .source_len = 2, .unknown = true},
    {.path = "ev/link", .source_len = 2, .type = TYPE_SYMLINK},
    {.path = "ev/x/y", .source_len = 3, .size = 1u << 30, .mtime = INT64_MAX},
    {.path = "/", .source_len = 1, .type = TYPE_DEVICE},
    {.path = "s", .source_len = 1, .size = UINT64_MAX, .mtime = INT64_MIN},
};
#define N_FILES (sizeof(files) / sizeof(*files))
static const struct plan_file big = {.path = "ev/z.zip", .source_len = 2, .size = 1000, .mtime = 1};

static struct plan_head head_of(void)
{
    static char ev[] = "ev", other[] = "s\xff", option[] = "a=1";
    static char *sources[] = {ev, other}, *options[] = {option};
    static char version[] = "1.2.3";
    return (struct plan_head){version, 100000, sources, 2, options, 1};
}

/** Writes all files as a plan, and a container in three units. */
static void write_plan(const char *path)
{
    static const struct plan_piece pieces[] = {{{0, 2, 5}, 500, 600}, {{2, 3, 5}, 300, 300}, {{3, 5, 5}, 200, 200}};
    struct plan_head head = head_of();
    struct plan_writer writer;
    FILE *out = fopen(path, "we");
    plan_write_head(&writer, out, &head);
    for (size_t i = 0; i < N_FILES; i++)
        plan_write_file(&writer, &files[i]);
    plan_write_split(&writer, &big, pieces, 3);
    plan_write_file(&writer, &files[0]);
    cr_assert_eq(plan_write_end(&writer), 0);
    cr_assert_eq(fclose(out), 0);
}

static struct scratch scratch;
static char path[128];

static void make(void)
{
    scratch = scratch_make();
    snprintf(path, sizeof(path), "%s/plan", scratch.path);
    write_plan(path);
}

static bool same_file(const struct plan_file *a, const struct plan_file *b)
{
    return strcmp(a->path, b->path) == 0 && a->source_len == b->source_len && a->type == b->type &&
           a->unknown == b->unknown && a->size == b->size && a->mtime == b->mtime;
}

Test(plan, comes_back)
{
    char why[PLAN_WHY] = "";
    make();
    struct plan *plan = plan_open(path, why);
    cr_assert_not_null(plan, "%s", why);
    cr_assert(plan->head.n_sources == 2 && plan->head.n_options == 1 && plan->head.target_bytes == 100000);
    cr_assert_str_eq(plan->head.sources[1], "s\xff");
    cr_assert_str_eq(plan->head.version, "1.2.3");
    /* Three small files weigh some 98,000; what is heavier than a unit stands alone. */
    cr_assert_eq(plan->n_units, 2 + 1 + 1 + 1 + 3 + 1);
    cr_assert_eq(plan->files, N_FILES + 4);
    cr_assert_eq(plan->bytes, UINT64_MAX);
    cr_assert(plan->splits);
    bool *wanted = ALLOC_ARRAY(bool, plan->n_units);
    memset(wanted, true, plan->n_units);
    struct plan_reader *reader = plan_reader_new(plan, wanted);
    struct plan_file file;
    struct unpack_share share;
    for (size_t i = 0; i < N_FILES; i++) {
        cr_assert_eq(plan_reader_next(reader, &file, &share), 1);
        cr_assert(same_file(&file, &files[i]), "%zu: %s", i, file.path);
        cr_assert_eq(share.of, 0);
    }
    cr_assert_eq(plan_reader_next(reader, &file, &share), 1);
    cr_assert(same_file(&file, &big) && share.of == 5 && share.bits[0] == 31 && !share.bits[1]);
    cr_assert_eq(plan_reader_next(reader, &file, &share), 1);
    cr_assert_eq(share.of, 0);
    cr_assert_eq(plan_reader_next(reader, &file, &share), 0);
    plan_reader_free(reader);
    free(wanted);
    plan_free(plan);
    scratch_remove(&scratch);
}

/** Each unit is given alone once, so that shards have all files and none twice. */
Test(plan, units_are_given_one_by_one)
{
    char why[PLAN_WHY];
    make();
    struct plan *plan = plan_open(path, why);
    uint64_t met = 0, parts = 0;
    for (size_t unit = 0; unit < plan->n_units; unit++) {
        bool *wanted = ALLOC_ARRAY(bool, plan->n_units);
        wanted[unit] = true;
        struct plan_reader *reader = plan_reader_new(plan, wanted);
        struct plan_file file;
        struct unpack_share share;
        int got;
        while ((got = plan_reader_next(reader, &file, &share)) == 1) {
            met++;
            cr_assert(!(parts & share.bits[0]));
            parts |= share.bits[0];
        }
        cr_assert_eq(got, 0);
        plan_reader_free(reader);
        free(wanted);
    }
    cr_assert_eq(met, plan->files);
    cr_assert_eq(parts, 31);
    plan_free(plan);
    scratch_remove(&scratch);
}

static struct buf read_back(void)
{
    struct buf bytes = {0};
    FILE *in = fopen(path, "re");
    bytes.len = fread(buf_reserve(&bytes, 1u << 20), 1, 1u << 20, in);
    fclose(in);
    return bytes;
}

static bool opens(const void *bytes, size_t n)
{
    char why[PLAN_WHY] = "";
    scratch_write(scratch.fd, "plan", bytes, n);
    struct plan *plan = plan_open(path, why);
    cr_assert_eq(plan == NULL, *why != '\0');
    bool good = plan != NULL;
    plan_free(plan);
    return good;
}

Test(plan, one_that_is_cut_is_refused, .timeout = 60)
{
    make();
    struct buf bytes = read_back();
    cr_assert(opens(bytes.data, bytes.len));
    for (size_t n = 0; n < bytes.len; n++)
        cr_assert_not(opens(bytes.data, n), "%zu of %zu", n, bytes.len);
    /* A line less. */
    size_t lines = 0;
    for (size_t at = 0; at < bytes.len; lines++) {
        struct buf less = {0};
        size_t end = (size_t)((uint8_t *)memchr(bytes.data + at, '\n', bytes.len - at) - bytes.data) + 1;
        buf_put(&less, bytes.data, at);
        buf_put(&less, bytes.data + end, bytes.len - end);
        /* What a plan was made of may be less: a scan compares it. */
        bool may =
            memmem(bytes.data + at, end - at, "{\"source\"", 9) || memmem(bytes.data + at, end - at, "{\"option\"", 9);
        cr_assert_eq(opens(less.data, less.len), may, "line %zu", lines);
        buf_free(&less);
        at = end;
    }
    buf_puts(&bytes, "{}\n");
    cr_assert_not(opens(bytes.data, bytes.len));
    buf_free(&bytes);
    scratch_remove(&scratch);
}

static bool opens_with(const char *old, const char *new)
{
    struct buf bytes = {0};
    write_plan(path);
    struct buf whole = read_back();
    uint8_t *at = memmem(whole.data, whole.len, old, strlen(old));
    cr_assert_not_null(at, "%s", old);
    buf_put(&bytes, whole.data, (size_t)(at - whole.data));
    buf_puts(&bytes, new);
    size_t behind = (size_t)(at - whole.data) + strlen(old);
    buf_put(&bytes, whole.data + behind, whole.len - behind);
    bool good = opens(bytes.data, bytes.len);
    buf_free(&bytes);
    buf_free(&whole);
    return good;
}

Test(plan, what_no_writer_writes_is_refused)
{
    static const char *const changes[][2] = {
        {"\"trawl_plan\":1", "\"trawl_plan\":2"},
        {"ev/a\"", "ev/../a\""},
        {"ev/a\"", "ev/./a\""},
        {"ev/a\"", "ev//a\""},
        {"ev/a\"", "ev/a/\""},
        {"ev/a\"", "ev\\u002fa\""},
        {"ev/a\"", "eva\""},
        {"\"source_bytes\":2", "\"source_bytes\":0"},
        {"\"source_bytes\":2", "\"source_bytes\":20"},
        {"\"size\":10", "\"size\":11"},
        {"\"size\":10", "\"size\":-10"},
        {"\"size\":10", "\"size\":1e1"},
        {"\"size\":10", "\"size\":10,\"size\":10"},
        {"\"size\":10", "\"size\":10,\"x\":10"},
        {"\"mtime\":5", "\"mtime\":9223372036854775808"},
        {"\"type\":\"directory\"", "\"type\":\"jpeg\""},
        {"\"unknown\":true", "\"unknown\":false"},
        {"\"raw\":\"65", "\"raw\":\"6"},
        {"\"raw\":\"65", "\"raw\":\"00"},
        {"\"unit\":1", "\"unit\":2"},
        {"\"files\":3", "\"files\":2"},
        {"\"first\":2,\"end\":3", "\"first\":1,\"end\":3"},
        {"\"first\":3,\"end\":5", "\"first\":3,\"end\":4"},
        {"\"end\":true", "\"end\":1"},
        {"\"of\":5}", "\"of\":66}"},
    };
    make();
    cr_assert(opens_with("ev/a\"", "ev/c\""));
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
        cr_assert_not(opens_with(changes[i][0], changes[i][1]), "%s -> %s", changes[i][0], changes[i][1]);
    scratch_remove(&scratch);
}

Test(plan, one_that_changes_while_it_is_read)
{
    char why[PLAN_WHY];
    make();
    struct plan *plan = plan_open(path, why);
    bool *wanted = ALLOC_ARRAY(bool, plan->n_units);
    struct plan_file file;
    struct unpack_share share;
    int fd = openat(scratch.fd, "plan", O_RDWR | O_CLOEXEC);
    struct buf bytes = read_back();
    uint8_t *at = memmem(bytes.data, bytes.len, "ev/a\"", 5);
    cr_assert_eq(pwrite(fd, "ev/c", 4, at - bytes.data), 4);
    close(fd);
    struct plan_reader *reader = plan_reader_new(plan, wanted);
    cr_assert_eq(plan_reader_next(reader, &file, &share), -1);
    plan_reader_free(reader);
    free(wanted);
    buf_free(&bytes);
    plan_free(plan);
    scratch_remove(&scratch);
}
