#include <criterion/criterion.h>
#include <errno.h>
#include <unistd.h>

#include "../scratch.h"
#include "../source/archive_build.h"
#include "core/alloc.h"
#include "scan/intake.h"

#define MB (1ull << 20)

/** A worker without a line around it. */
struct bench {
    struct scratch scratch;
    struct scan_options options;
    struct run run;
    struct worker worker;
    struct work work;
    struct intake intake;
};

static void bench_open(struct bench *b, uint64_t budget)
{
    memset(b, 0, sizeof(*b));
    b->scratch = scratch_make();
    limits_default(&b->options.limits);
    b->run.options = &b->options;
    budget_init(&b->run.budget, budget);
    b->worker.run = &b->run;
    cr_assert_eq(slot_open(&b->worker.slot, b->scratch.fd), 0);
    b->worker.digest = digest_new();
    b->worker.block = mem_alloc(BLOCK_SIZE);
}

static void bench_close(struct bench *b)
{
    slot_close(&b->worker.slot);
    digest_free(b->worker.digest);
    free(b->worker.block);
    budget_destroy(&b->run.budget);
    scratch_remove(&b->scratch);
}

static void begin(struct bench *b, uint64_t declared)
{
    struct channel_message m = {.type = CHANNEL_ENTRY, .size = declared};
    b->work = (struct work){.fd = -1, .size = declared, .status = TRAWL_OK};
    intake_begin(&b->intake, &b->worker, &b->work, &m);
}

static void give(struct bench *b, const uint8_t *data, size_t n, uint64_t offset)
{
    struct channel_message m = {.type = CHANNEL_DATA, .payload = (uint32_t)n, .offset = offset};
    if (!b->intake.given_up)
        intake_data(&b->intake, &m, data);
}

static void finish(struct bench *b, enum trawl_status status, uint64_t size, const char *words)
{
    struct channel_message m = {
        .type = CHANNEL_ENTRY_END, .size = size, .code = status, .payload = (uint32_t)strlen(words)};
    intake_end(&b->intake, &m, (const uint8_t *)words);
    intake_free(&b->intake);
}

/** As work_process does at the item's end. */
static void put_down(struct bench *b)
{
    cr_assert(b->work.admitted);
    budget_release(&b->run.budget, b->work.charged);
    cr_assert_eq(b->run.budget.used, 0u);
    cr_assert_eq(b->run.budget.active, 0u);
}

/** Gives a whole member in pieces of any size. */
static void give_all(struct bench *b, const uint8_t *data, uint64_t n, uint64_t declared, uint64_t seed)
{
    begin(b, declared);
    for (uint64_t at = 0; at < n;) {
        uint64_t piece = scratch_random(&seed) % (n > MB ? CHANNEL_PAYLOAD : 3000) + 1;
        piece = piece < n - at ? piece : n - at;
        give(b, data + at, piece, at);
        at += piece;
    }
    finish(b, TRAWL_OK, n, "");
}

static bool slot_holds(const struct slot *slot, const uint8_t *data, uint64_t n)
{
    uint8_t *bytes = mem_alloc(n + 1);
    bool same = slot->len == n && pread(slot_read_fd(slot), bytes, n, 0) == (ssize_t)n && memcmp(bytes, data, n) == 0;
    free(bytes);
    return same;
}

/** Whatever way the bytes went, they are these. */
static void check_content(struct bench *b, const uint8_t *data, uint64_t n, bool streamed)
{
    const struct work *w = &b->work;
    struct digests digests;
    cr_assert_eq(w->status, TRAWL_OK);
    cr_assert_eq(w->size, n);
    cr_assert_not(w->not_whole);
    cr_assert_eq(w->content, streamed ? CONTENT_STREAMED : CONTENT_SLOT, "%llu bytes", (unsigned long long)n);
    if (!streamed) {
        cr_assert(slot_holds(&b->worker.slot, data, n));
        return;
    }
    digest_buffer(data, n, &digests);
    cr_assert_eq(memcmp(&digests, &w->digests, sizeof(digests)), 0);
    cr_assert_eq(w->type, sniff(data, n < SNIFF_HEAD ? n : SNIFF_HEAD, n), "as if it had been kept");
    size_t tail = n < SNIFF_TAIL ? n : SNIFF_TAIL;
    cr_assert_eq(w->zip_tail, sniff_zip_tail(data + n - tail, tail, n));
}

static uint8_t *noise(uint64_t n)
{
    uint8_t *data = mem_zalloc(n + 8);
    uint64_t seed = n;
    for (uint64_t i = 0; i < n; i += 8) {
        uint64_t v = scratch_random(&seed) | 0x0101010101010101u;
        memcpy(data + i, &v, 8);
    }
    return data;
}

Test(intake, sizes, .timeout = 60)
{
    static const uint64_t sizes[] = {0,      1,  511,    65536, SNIFF_HEAD - 1, SNIFF_HEAD, SNIFF_HEAD + 1,
                                     MB - 1, MB, MB + 1, 3 * MB};
    static struct bench b;
    uint8_t *data = noise(3 * MB);
    for (uint64_t budget = 1; budget <= 64 * MB; budget *= 4096) {
        bench_open(&b, budget);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
            uint64_t n = sizes[i], declared[] = {n, UINT64_MAX, n / 2, n + 5000};
            for (size_t d = 0; d < 4; d++) {
                give_all(&b, data, n, declared[d], i * 4 + d);
                check_content(&b, data, n, false);
                cr_assert_leq(b.work.charged, n, "no more is held than it has");
                put_down(&b);
            }
        }
        bench_close(&b);
    }
    free(data);
}

/**
 * Files that nobody looks into pass by beyond 16 MiB, others are kept; where memory is short, in a file. What comes of
 * them is the same whatever the budget is, so that a report is the same in every run.
 */
Test(intake, the_budget_changes_nothing, .timeout = 120)
{
    static const struct kind {
        char magic[13];
        bool streams;
    } kinds[] = {{"nothing at a", true},
                 {"\xff\xd8\xff\xe0", false},
                 {"PK\3\4\x14\0\0\0\x08\0", false},
                 {"FLV\1\5\0\0\0\x09", true}};
    static const uint64_t sizes[] = {16 * MB, 16 * MB + 1, 17 * MB};
    static const uint64_t budgets[] = {1, 1024 * MB};
    static struct bench b;
    uint8_t *data = noise(17 * MB);
    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
        for (size_t i = k ? 2 : 0; i < 3; i++) {
            uint64_t n = sizes[i];
            memcpy(data, kinds[k].magic, 12);
            for (size_t budget = 0; budget < 2; budget++)
                for (int known = 0; known < 2; known++) {
                    bench_open(&b, budgets[budget]);
                    give_all(&b, data, n, known ? n : UINT64_MAX, i);
                    /* A video is kept where this build reads videos. */
                    bool reads = unpack_find(sniff(data, SNIFF_HEAD, n)) != NULL;
                    check_content(&b, data, n, kinds[k].streams && !reads && n > 16 * MB);
                    put_down(&b);
                    bench_close(&b);
                }
        }
    free(data);
}

/** What passed by is still known by its end: a zip behind it, and a type that hangs on the size. */
Test(intake, streamed_types, .timeout = 60)
{
    static const struct file file = {.name = "x", .data = "hello", .n = 5};
    static const uint8_t icon[] = {0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 16, 0, 0, 0, 0, 0, 0, 2};
    static struct bench b;
    struct buf zip = archive_build(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, &file, 1);
    uint64_t n = 16 * MB + 5000;
    uint8_t *data = noise(n);
    for (int budget = 0; budget < 2; budget++) {
        bench_open(&b, budget ? 1 : 100 * MB);
        memcpy(data + n - zip.len, zip.data, zip.len);
        give_all(&b, data, n, UINT64_MAX, 3);
        check_content(&b, data, n, true);
        cr_assert(b.work.zip_tail);
        put_down(&b);
        /* An icon whose picture would be behind its end is none; as long as that is not known it is kept as one. */
        memcpy(data, icon, sizeof(icon));
        cr_assert_neq(sniff(data, SNIFF_HEAD, UINT64_MAX), sniff(data, SNIFF_HEAD, n));
        give_all(&b, data, n, UINT64_MAX, 4);
        check_content(&b, data, n, false);
        put_down(&b);
        memset(data, 1, sizeof(icon));
        bench_close(&b);
    }
    buf_free(&zip);
    free(data);
}

/** Gaps read as zeros, also at the end, also where bytes only pass by. */
Test(intake, gaps, .timeout = 60)
{
    static struct bench b;
    uint64_t n = 17 * MB;
    uint8_t *data = mem_zalloc(n);
    for (int large = 0; large < 2; large++) {
        uint64_t size = large ? n : 300000;
        memset(data, 0, n);
        memset(data + 100, 'a', 50);
        memset(data + size - 70000, 'b', 10);
        bench_open(&b, 100 * MB);
        begin(&b, UINT64_MAX);
        give(&b, data + 100, 50, 100);
        give(&b, data + size - 70000, 10, size - 70000);
        finish(&b, TRAWL_OK, size, "");
        check_content(&b, data, size, large);
        put_down(&b);
        bench_close(&b);
    }
    free(data);
}

Test(intake, member_limit, .timeout = 60)
{
    static struct bench b;
    uint8_t *data = noise(5000);
    bench_open(&b, 100 * MB);
    b.options.limits.value[LIMIT_MEMBER_BYTES] = 4000;
    for (uint64_t n = 3999; n <= 4001; n++)
        for (int declared = 0; declared < 2; declared++) {
            begin(&b, declared ? n : UINT64_MAX);
            cr_assert_eq(b.intake.given_up, declared && n > 4000);
            give(&b, data, 2000, 0);
            give(&b, data + 2000, n - 2000, 2000);
            cr_assert_eq(b.intake.given_up, n > 4000);
            finish(&b, TRAWL_OK, n, "not these words");
            cr_assert_eq(b.work.status, n > 4000 ? TRAWL_LIMIT : TRAWL_OK);
            cr_assert_eq(b.work.content, n > 4000 ? CONTENT_NONE : CONTENT_SLOT);
            if (n > 4000) {
                cr_assert_eq(b.work.limit, LIMIT_MEMBER_BYTES);
                cr_assert_null(strstr(b.work.detail, "words"));
            }
            put_down(&b);
        }
    /* A hole is as large as what it stands for, before a byte of it is made. */
    static const uint64_t ends[] = {4001, 1ull << 40, UINT64_MAX - 10};
    for (size_t i = 0; i < 3; i++)
        for (int at_end = 0; at_end < 2; at_end++) {
            begin(&b, UINT64_MAX);
            give(&b, data, 10, at_end ? 0 : ends[i]);
            finish(&b, TRAWL_OK, at_end ? ends[i] : 10, "");
            cr_assert_eq(b.work.status, TRAWL_LIMIT, "%zu", i);
            cr_assert_leq(b.intake.got, 4001u);
            put_down(&b);
        }
    bench_close(&b);
    free(data);
}

/** How its reader says that it ended. */
Test(intake, ends)
{
    static struct bench b;
    static const struct row {
        uint64_t declared, given;
        enum trawl_status status;
        enum content content;
        bool not_whole;
    } rows[] = {
        {100, 100, TRAWL_OK, CONTENT_SLOT, false},
        {100, 60, TRAWL_OK, CONTENT_SLOT, false},
        {100, 60, TRAWL_DAMAGED, CONTENT_SLOT, true},
        /* All bytes came, only a checksum is wrong. */
        {100, 100, TRAWL_DAMAGED, CONTENT_SLOT, false},
        {UINT64_MAX, 100, TRAWL_DAMAGED, CONTENT_SLOT, true},
        {100, 0, TRAWL_ENCRYPTED, CONTENT_NONE, true},
        {100, 100, TRAWL_IO_ERROR, CONTENT_NONE, false},
        {100, 0, TRAWL_UNSUPPORTED, CONTENT_NONE, true},
    };
    uint8_t *data = noise(100);
    bench_open(&b, MB);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        begin(&b, rows[i].declared);
        give(&b, data, rows[i].given, 0);
        finish(&b, rows[i].status, rows[i].given, "why: \x01\x1b[31m\xff\x7f end");
        cr_assert_eq(b.work.status, rows[i].status);
        cr_assert_eq(b.work.content, rows[i].content, "row %zu", i);
        cr_assert_eq(b.work.not_whole, rows[i].not_whole, "row %zu", i);
        cr_assert_eq(b.work.size, rows[i].given);
        cr_assert_str_eq(b.work.detail, "why: ??[31m?? end", "a child's words are printable");
        put_down(&b);
    }
    bench_close(&b);
    free(data);
}

/** Longest words: cut, and terminated. */
Test(intake, long_words)
{
    static struct bench b;
    static char words[UNPACK_DETAIL * 3];
    memset(words, 'w', sizeof(words) - 1);
    bench_open(&b, MB);
    begin(&b, 0);
    finish(&b, TRAWL_OK, 0, words);
    cr_assert_lt(strlen(b.work.detail), sizeof(b.work.detail));
    cr_assert_eq(b.work.detail[0], 'w');
    put_down(&b);
    bench_close(&b);
}

/** No room for what memory does not hold: that is the end of the run, not of the item. */
Test(intake, no_room_on_disk, .timeout = 60)
{
    static struct bench b;
    uint64_t n = 3 * MB;
    uint8_t *data = noise(n);
    bench_open(&b, 1);
    b.worker.slot.spill_dir = -1;
    give_all(&b, data, n, UINT64_MAX, 6);
    cr_assert(atomic_load(&b.run.stop));
    cr_assert_eq(b.run.recorder.error, -EBADF);
    cr_assert_eq(b.work.status, TRAWL_UNREACHED);
    cr_assert_eq(b.work.content, CONTENT_NONE);
    put_down(&b);
    bench_close(&b);
    free(data);
}
