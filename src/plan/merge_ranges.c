#include "plan/merge_ranges.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/item_tag.h"
#include "scan/ledger.h"
#include "scan/recorder.h"
#include "scan/run.h"

/** How a part ended, where that is not just well. */
struct told {
    uint32_t part;
    enum trawl_status status;
    enum limit_id limit;
    char *detail;
};

struct split {
    struct where *where;
    /** Parts that some shard has read. `of` is what the shard with the first part says, once that has come. */
    struct unpack_share share;
    struct told *told;
    size_t n_told, cap_told;
    /** The container's record as the shard with the first part has it; empty: that is missing. */
    struct buf raw;
    enum limit_id limit;
    uint64_t allowed, weight;
};

/** The split at a place; NULL. */
static struct split *find(const struct merge_ranges *r, const struct where *where)
{
    struct done_key key;
    done_key_of(where, &key);
    const struct done_row *row = done_set_find(&r->places, &key);
    return row ? &r->items[row->identity - 1] : NULL;
}

static struct split *find_or_add(struct merge_ranges *r, const struct ranges *told)
{
    struct where *where = where_decode(told->place, told->place_len);
    struct split *split = where ? find(r, where) : NULL;
    if (!where || split) {
        where_unref(where);
        return split;
    }
    struct done_key key;
    done_key_of(where, &key);
    RESERVE(r->items, r->n, r->cap);
    r->items[r->n] =
        (struct split){.where = where, .share.of = told->share.of, .limit = told->limit, .allowed = told->allowed};
    done_set_row(&r->places, &key)->identity = ++r->n;
    return &r->items[r->n - 1];
}

/** What was told of these parts before is of no account any more. */
static void forget(struct split *split, const struct unpack_share *share)
{
    size_t kept = 0;
    for (size_t i = 0; i < split->n_told; i++)
        if (share_has(share, split->told[i].part))
            free(split->told[i].detail);
        else
            split->told[kept++] = split->told[i];
    split->n_told = kept;
}

static void take_tellings(struct split *split, struct ranges *told)
{
    struct ranges_telling telling;
    while (ranges_next_telling(told, &telling)) {
        RESERVE(split->told, split->n_told, split->cap_told);
        split->told[split->n_told++] = (struct told){telling.part, telling.status, telling.limit,
                                                     mem_strndup((const char *)telling.detail, telling.detail_len)};
    }
}

/** The shard with the first part says how many there are. */
static void take_first(struct split *split, const struct ranges *told)
{
    static const struct unpack_share all = {128, {UINT64_MAX, UINT64_MAX}};
    if (split->share.of != told->share.of) {
        forget(split, &all);
        split->share = (struct unpack_share){.of = told->share.of};
    }
    split->raw.len = 0;
    buf_put(&split->raw, told->raw, told->raw_len);
    split->limit = told->limit;
    split->allowed = told->allowed;
}

void merge_ranges_take(struct merge_ranges *r, const struct journal_record *record)
{
    struct ranges told;
    struct split *split = ranges_decode(record->payload, record->n, &told) ? find_or_add(r, &told) : NULL;
    if (!split)
        return;
    if (share_has(&told.share, 0))
        take_first(split, &told);
    /* Another shard that saw it divided otherwise saw another file. */
    if (told.share.of != split->share.of)
        return;
    forget(split, &told.share);
    split->share.bits[0] |= told.share.bits[0];
    split->share.bits[1] |= told.share.bits[1];
    take_tellings(split, &told);
}

/** The outermost layer of an item's place, without decoding the rest of the item; NULL where it is none. */
static struct where *place_of(const uint8_t *item, size_t n)
{
    struct reader in = {item, item + n, false};
    size_t len = 0;
    const uint8_t *bytes = read_u8(&in) == TAG_WHERE ? read_bytes(&in, &len) : NULL;
    return bytes ? where_decode(bytes, len) : NULL;
}

static void weigh(struct split *split, const uint8_t *bytes, size_t n)
{
    struct item item;
    if (!item_decode(bytes, n, &item))
        return;
    uint64_t size = ledger_size(item.size, item.status, item.limit);
    if (strcmp(item.where->kind, "unreached") != 0)
        split->weight = ledger_add(split->weight, ledger_add(size, LEDGER_ITEM_WEIGHT));
    item_clear(&item);
}

bool merge_ranges_pass(struct merge_ranges *r, const struct journal_record *record)
{
    struct identity identity;
    bool has_identity;
    const uint8_t *item;
    size_t n;
    if (!r->n || !recorder_read_item(record, &identity, &has_identity, &item, &n))
        return true;
    struct where *place = place_of(item, n);
    const struct where *root = place;
    while (root && root->parent)
        root = root->parent;
    struct split *split = root ? find(r, root) : NULL;
    bool is_split = split && root == place;
    if (split && !is_split)
        weigh(split, item, n);
    where_unref(place);
    return !is_split;
}

/** How all parts together ended, as part_telling has it of one run: the first that did not end well, or has words. */
static struct told all_told(const struct split *split)
{
    static char missing[] = "parts of it were left to shards that are missing, or that did not read them";
    struct told first = {.part = UINT32_MAX, .detail = NULL};
    for (size_t i = 0; i < split->n_told; i++) {
        const struct told *told = &split->told[i];
        bool worse = told->status != TRAWL_OK && first.status == TRAWL_OK;
        if (worse || ((told->status != TRAWL_OK) == (first.status != TRAWL_OK) && told->part < first.part))
            first = *told;
    }
    for (uint32_t part = 0; part < split->share.of && first.status == TRAWL_OK; part++)
        if (!share_has(&split->share, part))
            first = (struct told){part, TRAWL_UNREACHED, LIMIT_NONE, missing};
    return first;
}

static void put_nothing(const struct split *split, struct buf *payload)
{
    struct item item = {.where = where_ref(split->where), .size = WHERE_UNKNOWN, .status = TRAWL_UNREACHED};
    item_detail(&item, "the shard that has its beginning is missing");
    buf_u8(payload, 0);
    item_encode(&item, payload);
    item_clear(&item);
}

/** The container's line. */
static void put_line(const struct split *split, struct buf *payload)
{
    const struct journal_record record = {.payload = split->raw.data, .n = split->raw.len};
    struct identity identity;
    struct item item;
    bool has_identity;
    const uint8_t *bytes;
    size_t n;
    if (!split->raw.len || !recorder_read_item(&record, &identity, &has_identity, &bytes, &n) ||
        !item_decode(bytes, n, &item)) {
        put_nothing(split, payload);
        return;
    }
    struct told told = all_told(split);
    work_settle(&item, told.status, told.limit, told.detail ? told.detail : "");
    buf_put(payload, split->raw.data, split->raw.len - n);
    item_encode(&item, payload);
    item_clear(&item);
}

/** Each shard has seen some of the tree; whether all of it is too much shows here, and where it ends in the report. */
static int write_cut(const struct split *split, struct journal *journal)
{
    struct buf payload = {0};
    if (split->weight <= split->allowed)
        return 0;
    buf_u8(&payload, (uint8_t)split->limit);
    buf_u64(&payload, split->allowed);
    where_encode(split->where, &payload);
    int r = journal_append(journal, JOURNAL_CUT, payload.data, payload.len, false);
    buf_free(&payload);
    return r;
}

int merge_ranges_write(const struct merge_ranges *ranges, struct journal *journal)
{
    int r = 0;
    for (size_t i = 0; i < ranges->n && !r; i++) {
        struct buf payload = {0};
        put_line(&ranges->items[i], &payload);
        r = journal_append(journal, JOURNAL_ITEM, payload.data, payload.len, false);
        r = r ? r : write_cut(&ranges->items[i], journal);
        buf_free(&payload);
    }
    return r;
}

void merge_ranges_free(struct merge_ranges *r)
{
    static const struct unpack_share all = {128, {UINT64_MAX, UINT64_MAX}};
    for (size_t i = 0; i < r->n; i++) {
        forget(&r->items[i], &all);
        where_unref(r->items[i].where);
        free(r->items[i].told);
        buf_free(&r->items[i].raw);
    }
    free(r->items);
    done_set_free(&r->places);
}
