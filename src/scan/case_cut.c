#include "scan/case_cut.h"

#include <string.h>

#include "core/alloc.h"
#include "core/sorter.h"
#include "scan/ledger.h"
#include "scan/recorder.h"
#include "trawl/journal.h"

#define SORT_MEMORY (32u << 20)

static int compare(const struct buf *a, const uint8_t *b, size_t b_len)
{
    size_t n = a->len < b_len ? a->len : b_len;
    int c = n ? memcmp(a->data, b, n) : 0;
    return c ? c : (a->len > b_len) - (a->len < b_len);
}

/** True if `key` is inside the container with the key `outer`: a NUL follows it (where.c). */
static bool is_inside(const struct buf *outer, const uint8_t *key, size_t n)
{
    return n > outer->len && memcmp(outer->data, key, outer->len) == 0 && key[outer->len] == 0;
}

static struct cut *find(const struct cut_list *cuts, const uint8_t *key, size_t n)
{
    for (size_t i = 0; i < cuts->n; i++)
        if (is_inside(&cuts->items[i].root_key, key, n) || compare(&cuts->items[i].root_key, key, n) == 0)
            return &cuts->items[i];
    return NULL;
}

static void add_cut(struct cut_list *cuts, const struct journal_record *record)
{
    struct reader in = {record->payload, record->payload + record->n, false};
    struct cut cut = {.limit = (enum limit_id)read_u8(&in)};
    cut.allowed = read_u64(&in);
    cut.root = in.bad || cut.limit >= LIMIT_COUNT ? NULL : where_decode(in.p, (size_t)(in.end - in.p));
    if (!cut.root)
        return;
    where_key(cut.root, &cut.root_key);
    if (find(cuts, cut.root_key.data, cut.root_key.len)) {
        /* Another run of the same case met it again. */
        where_unref(cut.root);
        buf_free(&cut.root_key);
        return;
    }
    RESERVE(cuts->items, cuts->n, cuts->cap);
    cuts->items[cuts->n++] = cut;
}

/** Calls back for each record of one type. */
static int each_record(int journal_dirfd, enum journal_type type,
                       int (*take)(void *context, const struct journal_record *record), void *context)
{
    struct journal_reader *reader;
    struct journal_record record;
    int r = journal_reader_open(journal_dirfd, &reader);
    if (r)
        return r;
    journal_reader_trust(reader);
    while ((r = journal_reader_next(reader, &record)) == 1)
        if (record.type == type && (r = take(context, &record)))
            break;
    journal_reader_close(reader);
    return r < 0 ? r : 0;
}

static int take_cut(void *context, const struct journal_record *record)
{
    add_cut(context, record);
    return 0;
}

struct weighing {
    struct cut_list *cuts;
    struct sorter *sorter;
};

/** Puts the weight of an item of a cut tree into the sorter. */
static int take_item(void *context, const struct journal_record *record)
{
    struct weighing *w = context;
    struct identity identity;
    struct item item;
    bool has_identity;
    const uint8_t *bytes;
    size_t n;
    if (!recorder_read_item(record, &identity, &has_identity, &bytes, &n) || !item_decode(bytes, n, &item))
        return 0;
    struct buf key = {0};
    int r = 0;
    struct where *place = recorder_item_place(record, &item);
    where_key(place, &key);
    where_unref(place);
    const struct cut *cut = find(w->cuts, key.data, key.len);
    if (cut && key.len > cut->root_key.len && strcmp(item.where->kind, "unreached") != 0) {
        uint64_t size = ledger_size(item.size, item.status, item.limit);
        r = sorter_add(w->sorter, key.data, key.len, &size, sizeof(size));
    }
    buf_free(&key);
    item_clear(&item);
    return r;
}

/** The next place in order, and its size. */
static void add_place(struct cut_list *cuts, const struct buf *key, uint64_t size)
{
    struct cut *cut = key->len ? find(cuts, key->data, key->len) : NULL;
    if (!cut)
        return;
    cut->sum = ledger_add(cut->sum, ledger_add(size, LEDGER_ITEM_WEIGHT));
    if (!cut->end_key.len && cut->sum > cut->allowed)
        buf_put(&cut->end_key, key->data, key->len);
}

/** Adds up in order; of several sizes of one place the last counts. */
static int find_ends(struct cut_list *cuts, struct sorter *sorter)
{
    const uint8_t *key, *value;
    size_t key_len, value_len;
    struct buf last = {0};
    uint64_t last_size = 0;
    int r = sorter_finish(sorter);
    while (!r && (r = sorter_next(sorter, &key, &key_len, &value, &value_len)) == 1) {
        r = 0;
        if (compare(&last, key, key_len) != 0) {
            add_place(cuts, &last, last_size);
            last.len = 0;
            buf_put(&last, key, key_len);
        }
        memcpy(&last_size, value, sizeof(last_size));
    }
    add_place(cuts, &last, last_size);
    buf_free(&last);
    return r;
}

int cut_list_read(struct cut_list *cuts, int journal_dirfd, int spill_dir)
{
    *cuts = (struct cut_list){0};
    int r = each_record(journal_dirfd, JOURNAL_CUT, take_cut, cuts);
    if (r || !cuts->n)
        return r;
    struct weighing w = {cuts, sorter_new(spill_dir, SORT_MEMORY)};
    r = each_record(journal_dirfd, JOURNAL_ITEM, take_item, &w);
    if (!r)
        r = find_ends(cuts, w.sorter);
    sorter_free(w.sorter);
    return r;
}

static void say_limit(const struct cut *cut, struct item *item)
{
    item->status = TRAWL_LIMIT;
    item->limit = cut->limit;
    item_detail(item, "limit %s reached, with all that is inside", limit_table[cut->limit].name);
}

/**
 * Behind the end, the names in those zips that the end is inside of are known in every run, whatever else of them is:
 * they stay, as unreached. Returns false for all other items.
 */
static bool only_named(const struct cut *cut, struct item *item)
{
    struct buf outer = {0};
    where_key(item->where->parent, &outer);
    bool named = strcmp(item->where->kind, "zip") == 0 && is_inside(&outer, cut->end_key.data, cut->end_key.len);
    buf_free(&outer);
    if (!named)
        return false;
    struct where *where = where_ref(item->where);
    item_clear(item);
    *item = (struct item){.where = where, .status = TRAWL_UNREACHED, .size = WHERE_UNKNOWN, .type = TYPE_OTHER};
    item_detail(item, "limit %s reached before it", limit_table[cut->limit].name);
    return true;
}

/** A `$unreached` line of a container that stands before the end as a whole: what ended that one had nothing to do with
 * the cut. */
static bool is_earlier_rest(const struct cut *cut, const struct item *item)
{
    struct buf outer = {0};
    where_key(item->where->parent, &outer);
    bool earlier = compare(&outer, cut->end_key.data, cut->end_key.len) < 0 &&
                   !is_inside(&outer, cut->end_key.data, cut->end_key.len);
    buf_free(&outer);
    return earlier;
}

bool cut_list_apply(const struct cut_list *cuts, struct item *item)
{
    if (!cuts->n)
        return true;
    struct buf key = {0};
    bool keep = true;
    where_key(item->where, &key);
    const struct cut *cut = find(cuts, key.data, key.len);
    if (cut && cut->end_key.len) {
        bool is_root = key.len == cut->root_key.len;
        bool is_rest = strcmp(item->where->kind, "unreached") == 0;
        if (is_root || is_inside(&key, cut->end_key.data, cut->end_key.len))
            say_limit(cut, item);
        else if (is_rest)
            keep = is_earlier_rest(cut, item);
        else if (compare(&cut->end_key, key.data, key.len) <= 0)
            keep = item->matches.n > 0 || only_named(cut, item);
    }
    buf_free(&key);
    return keep;
}

bool cut_list_rest(struct cut_list *cuts, struct item *item)
{
    static const char name[] = "$unreached";
    while (cuts->next_rest < cuts->n) {
        const struct cut *cut = &cuts->items[cuts->next_rest++];
        if (!cut->end_key.len)
            continue;
        *item = (struct item){.status = TRAWL_UNREACHED, .size = WHERE_UNKNOWN, .type = TYPE_OTHER};
        item->where = where_new(cut->root, "unreached", name, sizeof(name) - 1, 0, WHERE_UNKNOWN);
        item_detail(item, "the rest of it: limit %s reached", limit_table[cut->limit].name);
        return true;
    }
    return false;
}

void cut_list_free(struct cut_list *cuts)
{
    for (size_t i = 0; i < cuts->n; i++) {
        where_unref(cuts->items[i].root);
        buf_free(&cuts->items[i].root_key);
        buf_free(&cuts->items[i].end_key);
    }
    free(cuts->items);
    *cuts = (struct cut_list){0};
}
