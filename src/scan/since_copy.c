/*
 * since_copy.c: the older journal is read a second time, and what is kept of it copied: beside the walk, which comes by
 * the same files in much the same order. What the walk has not met when it is well beyond is left for a third reading,
 * once it is over: gone, most likely, or moved.
 */
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "scan/rematch.h"
#include "scan/since_parts.h"

/** The records of one journal on their way into the other. */
struct copy {
    struct since *since;
    struct journal *journal;
    struct buf payload;
    uint64_t verdicts;
    size_t hint;
    /** The walk is over: what was left before is copied now, and nothing else; whether anything was left. */
    bool is_rest, leaves;
};

/** Rows that the walk may be out of order by. */
#define AHEAD 1024

static int append(struct copy *copy, const struct journal_record *record)
{
    return journal_append(copy->journal, record->type, record->payload, record->n, false);
}

static unsigned marks_of(const struct old_row *row)
{
    return __atomic_load_n(&row->marks, __ATOMIC_ACQUIRE);
}

/** Waits until it is known whether the row is kept. False: this is not the time for it. */
static bool await_row(struct copy *copy, struct old_row *row)
{
    struct since *since = copy->since;
    size_t place = (size_t)(row - since->old.rows);
    if (copy->is_rest)
        return row->copy & COPY_LATER;
    if (row->copy & COPY_LATER)
        return false;
    if (marks_of(row) & OLD_SEEN)
        return true;
    pthread_mutex_lock(&since->lock);
    while (!(marks_of(row) & OLD_SEEN) && !since->walked && since->reached <= place + AHEAD)
        pthread_cond_wait(&since->moved, &since->lock);
    bool known = marks_of(row) & OLD_SEEN || since->walked;
    pthread_mutex_unlock(&since->lock);
    if (known)
        return true;
    row->copy |= COPY_LATER;
    copy->leaves = true;
    return false;
}

/** Before the first record of something inside: should this run die in the middle of them, and the file change, then
 * the next one must not take them for its own. */
static void open_root(struct copy *copy, struct old_row *row, const struct item_glance *glance)
{
    if (row->copy & COPY_OPENED || glance->is_root)
        return;
    row->copy |= COPY_OPENED;
    struct where *where = where_decode(glance->where, glance->where_len);
    const struct where *root = where;
    while (root && root->parent)
        root = root->parent;
    if (root)
        recorder_open(&copy->since->run->recorder, root,
                      &(struct identity){.dev = row->dev, .ino = row->ino, .size = row->size, .mtime = row->mtime});
    where_unref(where);
}

/** True if the path, or a folder above it, is in the set. */
static bool is_below(const struct done_set *set, const uint8_t *path, size_t n)
{
    struct done_key key;
    if (!set->n)
        return false;
    for (size_t end = n + 1; end-- > 0;) {
        if (end < n && path[end] != '/')
            continue;
        size_t keep = end;
        while (keep && path[keep - 1] == '/')
            keep--;
        old_key_of(path, keep, &key);
        if (done_set_find(set, &key))
            return true;
    }
    return false;
}

/** A file that the walk did not meet. Outside of what was walked nobody has looked. */
static void tell_missing(struct copy *copy, const struct old_row *row, const struct item_glance *glance)
{
    struct since *since = copy->since;
    if (!since->whole || row->type == TYPE_DIRECTORY || !is_below(&since->sources, glance->name, glance->name_len))
        return;
    since_tell(since, &(struct change){
                          .kind = is_below(&since->closed, glance->name, glance->name_len) ? CHANGE_UNREADABLE
                                                                                           : CHANGE_VANISHED,
                          .path = glance->name,
                          .path_len = glance->name_len,
                          .before = {true, .size = row->size, .mtime = row->mtime, .ctime = row->ctime},
                      });
}

/** The front of the record stays, the item is matched again. */
static int copy_rematched(struct copy *copy, const struct journal_record *record, const uint8_t *bytes, size_t n)
{
    struct item item;
    if (!item_decode(bytes, n, &item))
        return 0;
    rematch_item(&copy->since->run->rules, &item);
    copy->payload.len = 0;
    buf_put(&copy->payload, record->payload, record->n - n);
    item_encode(&item, &copy->payload);
    item_clear(&item);
    struct journal_record again = *record;
    again.payload = copy->payload.data;
    again.n = copy->payload.len;
    return recorder_copy(&copy->since->run->recorder, &again);
}

static int copy_item(struct copy *copy, const struct journal_record *record)
{
    struct identity identity;
    bool has_identity;
    const uint8_t *bytes;
    size_t n;
    struct item_glance glance;
    if (!recorder_read_item(record, &identity, &has_identity, &bytes, &n) || !item_glance(bytes, n, &glance))
        return 0;
    struct old_row *row = old_case_row_of(&copy->since->old, record, &glance, &copy->hint);
    if (!row || !await_row(copy, row))
        return 0;
    unsigned marks = marks_of(row);
    if (glance.is_root && record->sequence != row->sequence)
        return 0;
    if (glance.is_root && marks & OLD_HAS_LINE && !(marks & OLD_SEEN))
        tell_missing(copy, row, &glance);
    if (!(marks & OLD_KEPT))
        return 0;
    open_root(copy, row, &glance);
    atomic_fetch_add(&copy->since->run->progress.files, 1);
    if (copy->since->rematches)
        return copy_rematched(copy, record, bytes, n);
    return recorder_copy(&copy->since->run->recorder, record);
}

/** Where a tree of containers is cut. */
static int copy_cut(struct copy *copy, const struct journal_record *record)
{
    struct reader in = {record->payload, record->payload + record->n, false};
    struct done_key key;
    (void)read_u8(&in);
    (void)read_u64(&in);
    struct where *where = in.bad ? NULL : where_decode(in.p, (size_t)(in.end - in.p));
    if (!where)
        return 0;
    old_key_of(where->name, where->name_len, &key);
    struct old_row *row = old_case_find(&copy->since->old, &key);
    where_unref(where);
    return row && await_row(copy, row) && marks_of(row) & OLD_KEPT ? append(copy, record) : 0;
}

/** What people said of contents holds for the same contents; what the case has of it already is not said again. */
static int copy_verdict(struct copy *copy, const struct journal_record *record)
{
    if (copy->is_rest || ++copy->verdicts <= copy->since->verdicts)
        return 0;
    copy->since->new_verdicts++;
    return append(copy, record);
}

static int copy_record(struct copy *copy, const struct journal_record *record)
{
    switch (record->type) {
    case JOURNAL_ITEM:
        return copy_item(copy, record);
    case JOURNAL_CUT:
        return copy_cut(copy, record);
    case JOURNAL_VERDICT:
        return copy_verdict(copy, record);
    default:
        return 0;
    }
}

/** Reads the older journal once. Returns 0 or -errno; *leaves: there is a rest. */
static int copy_all(struct since *since, bool is_rest, bool *leaves)
{
    struct copy copy = {.since = since, .journal = since->run->recorder.journal, .is_rest = is_rest};
    struct journal_reader *reader;
    struct journal_record record;
    int r = journal_reader_open(since->old.folder.journal_dirfd, &reader);
    if (r)
        return r;
    journal_reader_trust(reader);
    while ((r = journal_reader_next(reader, &record)) == 1 && !atomic_load(&since->run->stop))
        if ((r = copy_record(&copy, &record)))
            break;
    journal_reader_close(reader);
    buf_free(&copy.payload);
    *leaves = copy.leaves;
    return r < 0 ? r : 0;
}

/** Both readings: the second one waits for the walk's end. */
static int copy_kept(struct since *since)
{
    bool leaves;
    int r = copy_all(since, false, &leaves);
    if (r || !leaves)
        return r;
    pthread_mutex_lock(&since->lock);
    while (!since->walked)
        pthread_cond_wait(&since->moved, &since->lock);
    pthread_mutex_unlock(&since->lock);
    return copy_all(since, true, &leaves);
}

static void *copier_main(void *arg)
{
    struct since *since = arg;
    since->copied = copy_kept(since);
    return NULL;
}

void since_copy_begin(struct since *since)
{
    since->has_copier = pthread_create(&since->copier, NULL, copier_main, since) == 0;
}

int since_copy(struct since *since, struct case_folder *folder)
{
    since_walked(since, false);
    if (since->has_copier)
        pthread_join(since->copier, NULL);
    else
        since->copied = copy_kept(since);
    since->has_copier = false;
    folder->verdicts += since->new_verdicts;
    return since->copied;
}
