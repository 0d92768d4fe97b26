#include "scan/recorder.h"

#include <string.h>

#include "core/buf.h"
#include "core/crc32c.h"

/** What stands in front of an item in its record: one bit each, and what belongs to it in the order of the bits. */
enum {
    ITEM_HAS_IDENTITY = 1,
    ITEM_HAS_ROOT = 2,
    /** i64, behind the identity. */
    ITEM_HAS_CTIME = 4,
    /** Nothing belongs to it: the record was copied from an older case. */
    ITEM_REUSED = 8,
    /** u64, behind the ctime. */
    ITEM_HAS_SEGMENTS = 16,
    ITEM_FLAGS = 31,
};

uint64_t identity_short(const struct identity *identity)
{
    /* Without the sample: only containers have one, and only while they are open. */
    uint64_t parts[] = {identity->dev, identity->ino, identity->size, (uint64_t)identity->mtime};
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        h = (h ^ parts[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h ? h : 1;
}

struct where *recorder_place(const struct recorder *recorder, const struct where *where)
{
    return recorder->hide ? hide_place(recorder->hide, where) : where_ref((struct where *)where);
}

void recorder_identity(const struct recorder *recorder, const struct identity *identity, struct identity *out)
{
    *out = *identity;
    if (recorder->hide)
        hide_identity(recorder->hide, identity, out);
}

static void put_place(const struct recorder *recorder, const struct where *where, struct buf *out)
{
    struct where *place = recorder_place(recorder, where);
    where_encode(place, out);
    where_unref(place);
}

static void put_identity(const struct recorder *recorder, const struct identity *identity, struct buf *out)
{
    struct identity told;
    recorder_identity(recorder, identity, &told);
    identity_encode(&told, out);
}

const struct done_row *recorder_find(const struct recorder *recorder, const struct where *where,
                                     const struct identity *identity, bool *changed)
{
    struct done_key key;
    struct identity told;
    *changed = false;
    if (!recorder->done || !recorder->done->n)
        return NULL;
    struct where *place = recorder_place(recorder, where);
    done_key_of(place, &key);
    where_unref(place);
    const struct done_row *row = done_set_find(recorder->done, &key);
    if (!row || !identity || !row->identity)
        return row;
    recorder_identity(recorder, identity, &told);
    *changed = row->identity != identity_short(&told);
    return row;
}

static void keep_error(struct recorder *recorder, int error)
{
    if (error)
        __atomic_store_n(&recorder->error, error, __ATOMIC_RELAXED);
}

int recorder_error(struct recorder *recorder)
{
    int error = __atomic_load_n(&recorder->error, __ATOMIC_RELAXED);
    return error || !recorder->journal ? error : journal_error(recorder->journal);
}

void recorder_begin(struct recorder *recorder, const struct where *where, enum begin_how how)
{
    if (!recorder->journal)
        return;
    struct buf payload = {0};
    buf_u8(&payload, (uint8_t)how);
    put_place(recorder, where, &payload);
    keep_error(recorder, journal_append(recorder->journal, JOURNAL_BEGIN, payload.data, payload.len, false));
    if (how == BEGIN_ALONE)
        keep_error(recorder, journal_sync(recorder->journal));
    buf_free(&payload);
}

void recorder_open(struct recorder *recorder, const struct where *where, const struct identity *identity)
{
    if (!recorder->journal)
        return;
    struct buf payload = {0};
    put_identity(recorder, identity, &payload);
    put_place(recorder, where, &payload);
    keep_error(recorder, journal_append(recorder->journal, JOURNAL_OPEN, payload.data, payload.len, false));
    buf_free(&payload);
}

static void record_for_hash(struct recorder *recorder, const struct item *item)
{
    struct buf key = {0}, value = {0};
    where_key(item->where, &key);
    item_encode(item, &value);
    pthread_mutex_lock(&recorder->lock);
    keep_error(recorder, sorter_add(recorder->sorter, key.data, key.len, value.data, value.len));
    pthread_mutex_unlock(&recorder->lock);
    buf_free(&key);
    buf_free(&value);
}

static uint8_t front_flags(const struct recorder *recorder, const struct identity *identity)
{
    if (!identity || recorder->hide)
        return identity ? ITEM_HAS_IDENTITY : 0;
    return ITEM_HAS_IDENTITY | ITEM_HAS_CTIME | (identity->segments ? ITEM_HAS_SEGMENTS : 0);
}

/** The times of a file would tell which one a hidden place is. */
static void put_front(const struct recorder *recorder, const struct identity *identity, struct buf *out)
{
    put_identity(recorder, identity, out);
    if (recorder->hide)
        return;
    buf_u64(out, (uint64_t)identity->ctime);
    if (identity->segments)
        buf_u64(out, identity->segments);
}

void recorder_item_encode(const struct recorder *recorder, const struct item *item, const struct identity *identity,
                          struct buf *payload)
{
    struct buf root = {0};
    bool hidden = recorder->hide && !item->matches.n, beside = recorder->hide && item->matches.n;
    buf_u8(payload, front_flags(recorder, identity) | (beside ? ITEM_HAS_ROOT : 0));
    if (identity)
        put_front(recorder, identity, payload);
    if (beside) {
        hide_root(recorder->hide, item->where, &root);
        buf_bytes(payload, root.data, root.len);
        buf_free(&root);
    }
    if (hidden) {
        struct item told;
        hide_item(recorder->hide, item, &told);
        item_encode(&told, payload);
        item_clear(&told);
    } else {
        item_encode(item, payload);
    }
}

void recorder_item(struct recorder *recorder, const struct item *item, const struct identity *identity)
{
    if (!recorder->journal) {
        record_for_hash(recorder, item);
        return;
    }
    struct buf payload = {0};
    recorder_item_encode(recorder, item, identity, &payload);
    bool finding = item->matches.n > 0;
    keep_error(recorder, journal_append(recorder->journal, JOURNAL_ITEM, payload.data, payload.len, finding));
    buf_free(&payload);
}

int recorder_copy(struct recorder *recorder, const struct journal_record *record)
{
    uint8_t first = record->payload[0] | ITEM_REUSED;
    return journal_append_split(recorder->journal, JOURNAL_ITEM, &first, 1, record->payload + 1, record->n - 1, false);
}

void recorder_cut(struct recorder *recorder, const struct where *where, enum limit_id limit, uint64_t allowed)
{
    if (!recorder->journal)
        return;
    struct buf payload = {0};
    buf_u8(&payload, (uint8_t)limit);
    buf_u64(&payload, allowed);
    put_place(recorder, where, &payload);
    keep_error(recorder, journal_append(recorder->journal, JOURNAL_CUT, payload.data, payload.len, false));
    buf_free(&payload);
}

void recorder_stale(struct recorder *recorder, const struct where *where)
{
    if (!recorder->journal)
        return;
    struct buf payload = {0};
    struct done_key key;
    struct where *place = recorder_place(recorder, where);
    where_encode(place, &payload);
    done_key_of(place, &key);
    pthread_mutex_lock(&recorder->lock);
    done_set_row(recorder->stale, &key);
    pthread_mutex_unlock(&recorder->lock);
    where_unref(place);
    keep_error(recorder, journal_append(recorder->journal, JOURNAL_STALE, payload.data, payload.len, false));
    buf_free(&payload);
}

void recorder_ranges(struct recorder *recorder, const struct buf *payload)
{
    if (recorder->journal)
        keep_error(recorder, journal_append(recorder->journal, JOURNAL_RANGES, payload->data, payload->len, false));
}

void recorder_note(struct recorder *recorder, const char *text)
{
    if (recorder->journal)
        keep_error(recorder, journal_append(recorder->journal, JOURNAL_NOTE, text, strlen(text), false));
}

/** What stands in front of the item. `root` is NULL where there is none. */
static struct reader read_front(const struct journal_record *record, struct identity *identity, bool *has_identity,
                                const uint8_t **root, size_t *root_len)
{
    struct reader in = {record->payload, record->payload + record->n, false};
    uint8_t has = read_u8(&in);
    *has_identity = has & ITEM_HAS_IDENTITY;
    if (*has_identity)
        identity_decode(&in, identity);
    identity->ctime = has & ITEM_HAS_CTIME ? (int64_t)read_u64(&in) : 0;
    identity->segments = has & ITEM_HAS_SEGMENTS ? read_u64(&in) : 0;
    *root = has & ITEM_HAS_ROOT ? read_bytes(&in, root_len) : NULL;
    in.bad = in.bad || has > ITEM_FLAGS || (!*has_identity && has & (ITEM_HAS_CTIME | ITEM_HAS_SEGMENTS));
    return in;
}

bool recorder_read_item(const struct journal_record *record, struct identity *identity, bool *has_identity,
                        const uint8_t **item, size_t *n)
{
    const uint8_t *root;
    size_t root_len;
    struct reader in = read_front(record, identity, has_identity, &root, &root_len);
    *item = in.p;
    *n = (size_t)(in.end - in.p);
    return !in.bad;
}

bool recorder_is_reused(const struct journal_record *record)
{
    return record->type == JOURNAL_ITEM && record->n && record->payload[0] & ITEM_REUSED;
}

struct where *recorder_item_place(const struct journal_record *record, const struct item *item)
{
    struct identity identity;
    bool has_identity;
    const uint8_t *root;
    size_t root_len;
    read_front(record, &identity, &has_identity, &root, &root_len);
    return root ? hide_under(item->where, root, root_len) : where_ref(item->where);
}
