#include <criterion/criterion.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "plan/merge_ranges.h"
#include "scan/ledger.h"
#include "scan/recorder.h"

static struct merge_ranges merged;

static struct where *root_of(const char *name)
{
    return where_new(NULL, "file", name, strlen(name), WHERE_UNKNOWN, WHERE_UNKNOWN);
}

/** A shard that reads the parts of `bits`; `tell` is what it has to say of one of them. */
static void take(uint32_t of, uint64_t bits, enum trawl_status status, uint32_t part, const char *tell)
{
    static const struct recorder recorder;
    struct buf place = {0}, raw = {0}, tellings = {0}, payload = {0};
    struct item item = {.where = root_of("z.zip"), .size = 100, .type = TYPE_ZIP};
    where_encode(item.where, &place);
    struct ranges ranges = {.share = {of, {bits, 0}}, .limit = LIMIT_RATIO, .allowed = 5000};
    ranges.place = place.data;
    ranges.place_len = place.len;
    if (bits & 1)
        recorder_item_encode(&recorder, &item, NULL, &raw);
    ranges.raw = raw.data;
    ranges.raw_len = raw.len;
    if (tell)
        ranges_put_telling(&tellings, part, status, LIMIT_NONE, tell);
    ranges.n_tellings = tell != NULL;
    ranges.tellings = tellings.data;
    ranges.tellings_len = tellings.len;
    ranges_encode(&ranges, &payload);
    struct journal_record record = {.type = JOURNAL_RANGES, .payload = payload.data, .n = payload.len};
    merge_ranges_take(&merged, &record);
    /* What is cut is passed over, or says less. */
    struct ranges back;
    cr_assert(ranges_decode(payload.data, payload.len, &back) && back.share.bits[0] == bits);
    for (size_t n = 0; n < payload.len - tellings.len; n++)
        cr_assert_not(ranges_decode(payload.data, n, &back), "%zu", n);
    item_clear(&item);
    buf_free(&place);
    buf_free(&raw);
    buf_free(&tellings);
    buf_free(&payload);
}

/** An item on its way; false if it is left out. */
static bool pass(const char *root, bool is_member, uint64_t size)
{
    static const struct recorder recorder;
    struct where *outer = root_of(root);
    struct item item = {.where = is_member ? where_new(outer, "zip", "m", 1, 0, WHERE_UNKNOWN) : where_ref(outer)};
    struct buf payload = {0};
    item.size = size;
    recorder_item_encode(&recorder, &item, NULL, &payload);
    struct journal_record record = {.type = JOURNAL_ITEM, .payload = payload.data, .n = payload.len};
    bool kept = merge_ranges_pass(&merged, &record);
    item_clear(&item);
    where_unref(outer);
    buf_free(&payload);
    return kept;
}

/** The one line that is written of all, and how many trees are cut. */
static struct item written(unsigned *cuts)
{
    static const uint8_t first[JOURNAL_CHAIN];
    struct scratch scratch = scratch_make();
    struct journal *journal;
    struct journal_reader *reader;
    struct journal_record record;
    struct item item = {0};
    unsigned items = 0;
    *cuts = 0;
    cr_assert_eq(journal_open(scratch.fd, 1, 0, first, &journal), 0);
    cr_assert_eq(merge_ranges_write(&merged, journal), 0);
    cr_assert_eq(journal_close(journal), 0);
    cr_assert_eq(journal_reader_open(scratch.fd, &reader), 0);
    while (journal_reader_next(reader, &record) == 1) {
        struct identity identity;
        bool has_identity;
        const uint8_t *bytes;
        size_t n;
        *cuts += record.type == JOURNAL_CUT;
        if (record.type != JOURNAL_ITEM)
            continue;
        items++;
        cr_assert(recorder_read_item(&record, &identity, &has_identity, &bytes, &n) && item_decode(bytes, n, &item));
    }
    journal_reader_close(reader);
    cr_assert_eq(items, 1);
    merge_ranges_free(&merged);
    merged = (struct merge_ranges){0};
    scratch_remove(&scratch);
    return item;
}

static void expect_line(enum trawl_status status, const char *detail)
{
    unsigned cuts;
    struct item item = written(&cuts);
    cr_assert_eq(item.status, status, "%s", status_name(item.status));
    cr_assert_eq(cuts, 0);
    if (detail)
        cr_assert(item.detail && strstr(item.detail, detail), "%s", item.detail ? item.detail : "nothing");
    else
        cr_assert_null(item.detail);
    item_clear(&item);
}

Test(merge_ranges, all_parts_are_one_line)
{
    take(3, 2, TRAWL_OK, 0, NULL);
    take(3, 1, TRAWL_OK, 0, NULL);
    take(3, 4, TRAWL_OK, 0, NULL);
    expect_line(TRAWL_OK, NULL);
    take(3, 6, TRAWL_OK, 1, "words of the second");
    take(3, 1, TRAWL_OK, 0, NULL);
    expect_line(TRAWL_OK, "words of the second");
}

/** The first part that ended badly tells, whoever read it, and whatever came first. */
Test(merge_ranges, the_first_that_ended_badly)
{
    for (int order = 0; order < 2; order++) {
        if (order)
            take(4, 1, TRAWL_OK, 0, "words");
        take(4, 8, TRAWL_DAMAGED, 3, "the fourth");
        take(4, 2, TRAWL_OK, 1, "words of the second");
        take(4, 4, TRAWL_TIMEOUT, 2, "the third");
        if (!order)
            take(4, 1, TRAWL_OK, 0, "words");
        expect_line(TRAWL_TIMEOUT, "the third");
    }
}

/** A shard that was killed says it again: what it said before is of no account. */
Test(merge_ranges, the_last_word_counts)
{
    take(2, 1, TRAWL_OK, 0, NULL);
    take(2, 2, TRAWL_CRASHED, 1, "died");
    take(2, 2, TRAWL_OK, 1, NULL);
    expect_line(TRAWL_OK, NULL);
}

Test(merge_ranges, parts_that_are_missing)
{
    take(3, 1, TRAWL_OK, 0, NULL);
    take(3, 2, TRAWL_OK, 0, NULL);
    expect_line(TRAWL_UNREACHED, "missing");
    take(3, 6, TRAWL_OK, 0, NULL);
    expect_line(TRAWL_UNREACHED, "the shard that has its beginning is missing");
    /* Another shard saw another file. */
    take(4, 14, TRAWL_DAMAGED, 2, "of another");
    take(3, 1, TRAWL_OK, 0, NULL);
    take(4, 2, TRAWL_DAMAGED, 1, "of another");
    take(3, 6, TRAWL_OK, 0, NULL);
    expect_line(TRAWL_OK, NULL);
}

Test(merge_ranges, its_own_lines_are_left_out_and_its_members_weighed)
{
    unsigned cuts;
    cr_assert(pass("z.zip", false, 1));
    take(1, 1, TRAWL_OK, 0, NULL);
    cr_assert_not(pass("z.zip", false, 1));
    cr_assert(pass("z.zi", false, 1));
    cr_assert(pass("z.zi", true, 100000));
    cr_assert(pass("z.zip", true, 5000 - 1024));
    struct item item = written(&cuts);
    cr_assert_eq(cuts, 0);
    item_clear(&item);
    take(1, 1, TRAWL_OK, 0, NULL);
    cr_assert(pass("z.zip", true, 5001 - 1024));
    item = written(&cuts);
    cr_assert_eq(cuts, 1);
    item_clear(&item);
}
