#include "scan/recorder.h"

#include <string.h>

#include "core/buf.h"
#include "core/crc32c.h"

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

const struct done_row *recorder_find(const struct recorder *recorder, const struct where *where,
                                     const struct identity *identity, bool *changed)
{
    struct done_key key;
    *changed = false;
    if (!recorder->done || !recorder->done->n)
        return NULL;
    done_key_of(where, &key);
    const struct done_row *row = done_set_find(recorder->done, &key);
    if (row && identity && row->identity && row->identity != identity_short(identity))
        *changed = true;
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
    where_encode(where, &payload);
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
    identity_encode(identity, &payload);
    where_encode(where, &payload);
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

void recorder_item(struct recorder *recorder, const struct item *item, const struct identity *identity)
{
    if (!recorder->journal) {
        record_for_hash(recorder, item);
        return;
    }
    struct buf payload = {0};
    buf_u8(&payload, identity != NULL);
    if (identity)
        identity_encode(identity, &payload);
    item_encode(item, &payload);
    bool finding = item->matches.n > 0;
    keep_error(recorder, journal_append(recorder->journal, JOURNAL_ITEM, payload.data, payload.len, finding));
    buf_free(&payload);
}

void recorder_cut(struct recorder *recorder, const struct where *where, enum limit_id limit, uint64_t allowed)
{
    if (!recorder->journal)
        return;
    struct buf payload = {0};
    buf_u8(&payload, (uint8_t)limit);
    buf_u64(&payload, allowed);
    where_encode(where, &payload);
    keep_error(recorder, journal_append(recorder->journal, JOURNAL_CUT, payload.data, payload.len, false));
    buf_free(&payload);
}

void recorder_note(struct recorder *recorder, const char *text)
{
    if (recorder->journal)
        keep_error(recorder, journal_append(recorder->journal, JOURNAL_NOTE, text, strlen(text), false));
}

bool recorder_read_item(const struct journal_record *record, struct identity *identity, bool *has_identity,
                        const uint8_t **item, size_t *n)
{
    struct reader in = {record->payload, record->payload + record->n, false};
    *has_identity = read_u8(&in) == 1;
    if (*has_identity)
        identity_decode(&in, identity);
    *item = in.p;
    *n = (size_t)(in.end - in.p);
    return !in.bad;
}
