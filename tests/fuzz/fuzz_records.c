/* fuzz_records.c: what the journal's records hold: items, places, the case, identities. Each encoding is the only one
 * of its value. */
#include "../report/json.h"
#include "core/buf.h"
#include "fuzz.h"
#include "journal/identity.h"
#include "report/change.h"
#include "scan/recorder.h"
#include "trawl/item.h"
#include "trawl/report.h"

static void check_same(struct buf *again, const uint8_t *bytes, size_t n)
{
    CHECK(again->len == n && (!n || memcmp(again->data, bytes, n) == 0));
    buf_free(again);
}

/** Every place can be written, and as one line. */
static void check_place(const struct where *where)
{
    struct buf out = {0};
    where_path(where, &out);
    CHECK(fuzz_text_clean(out.data, out.len));
    out.len = 0;
    where_json(where, &out);
    CHECK(json_valid(buf_str(&out)) && strlen((const char *)out.data) == out.len);
    out.len = 0;
    where_key(where, &out);
    CHECK(where->depth == 0 || out.len > 0);
    buf_free(&out);
}

static void run_place(const uint8_t *bytes, size_t n)
{
    struct buf again = {0};
    struct where *where = where_decode(bytes, n);
    if (!where)
        return;
    where_encode(where, &again);
    check_same(&again, bytes, n);
    check_place(where);
    where_unref(where);
}

/** The inventory's line: one object, one line. */
static void check_line(const struct item *item)
{
    struct buf line = {0};
    item_json(item, &line);
    const char *text = buf_str(&line);
    CHECK(strlen(text) == line.len && strchr(text, '\n') == text + line.len - 1);
    CHECK(*text == '{' && json_valid(text));
    buf_free(&line);
}

static void check_item(const struct item *item)
{
    CHECK((unsigned)item->type < TYPE_COUNT && (unsigned)item->status < TRAWL_STATUS_COUNT);
    CHECK((unsigned)item->limit < LIMIT_COUNT && item->orientation <= 8);
    CHECK(item->pdq_quality >= 0 && item->pdq_quality <= 100);
    for (size_t i = 0; i < item->matches.n; i++) {
        const struct match *match = &item->matches.items[i];
        CHECK((unsigned)match->type < HASH_TYPE_COUNT && match->distance <= 256);
        CHECK(strlen(match->list) + strlen(match->entry) + strlen(match->category) < SIZE_MAX / 2);
    }
}

static void run_item(const uint8_t *bytes, size_t n)
{
    struct item item;
    struct buf again = {0};
    if (!item_decode(bytes, n, &item)) {
        static const struct item empty;
        CHECK(memcmp(&item, &empty, sizeof(item)) == 0);
        return;
    }
    item_encode(&item, &again);
    check_same(&again, bytes, n);
    check_item(&item);
    check_line(&item);
    check_place(item.where);
    item_clear(&item);
}

static void run_case(const uint8_t *bytes, size_t n)
{
    struct case_info info;
    struct buf again = {0};
    if (!case_info_decode(bytes, n, &info))
        return;
    case_info_encode(&info, &again);
    check_same(&again, bytes, n);
    case_info_clear(&info);
}

static void run_journal_item(const uint8_t *bytes, size_t n)
{
    struct journal_record record = {.type = JOURNAL_ITEM, .payload = bytes, .n = n};
    struct identity identity;
    bool has_identity;
    const uint8_t *rest;
    size_t rest_len;
    struct buf again = {0};
    if (!recorder_read_item(&record, &identity, &has_identity, &rest, &rest_len))
        return;
    CHECK(rest + rest_len == bytes + n);
    if (has_identity) {
        identity_encode(&identity, &again);
        /* Times and a place may stand behind it. */
        CHECK(again.len < (size_t)(rest - bytes));
        check_same(&again, bytes + 1, again.len);
    }
    run_item(rest, rest_len);
}

static void run_change(const uint8_t *bytes, size_t n)
{
    struct change change;
    struct buf again = {0}, line = {0};
    if (!change_decode(bytes, n, &change))
        return;
    change_encode(&change, &again);
    check_same(&again, bytes, n);
    change_json(&change, &line);
    CHECK(line.len && line.data[line.len - 1] == '\n' && !memchr(line.data, '\n', line.len - 1));
    buf_free(&line);
}

static void run_since(const uint8_t *bytes, size_t n)
{
    struct since_info info;
    struct buf again = {0};
    if (!since_info_decode(bytes, n, &info))
        return;
    since_info_encode(&info, &again);
    check_same(&again, bytes, n);
    since_info_clear(&info);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const runs[])(const uint8_t *bytes, size_t n) = {run_item,         run_place,  run_case,
                                                                   run_journal_item, run_change, run_since};
    if (!size)
        return 0;
    uint8_t *bytes = fuzz_copy(data + 1, size - 1);
    runs[*data % 6](bytes, size - 1);
    free(bytes);
    return 0;
}
