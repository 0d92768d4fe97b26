/* case_read.c: what a journal says that is already there: for a run that goes on, and for reports. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "scan/case.h"
#include "scan/crash.h"
#include "scan/recorder.h"

static void add_note(struct case_end *end, const char *text, size_t n)
{
    for (size_t i = 0; i < end->n_notes; i++)
        if (strlen(end->notes[i]) == n && memcmp(end->notes[i], text, n) == 0)
            return;
    end->notes = mem_realloc(end->notes, size_mul(end->n_notes + 1, sizeof(*end->notes)));
    end->notes[end->n_notes++] = mem_strndup(text, n);
}

static struct done_row *row_of(struct case_folder *folder, const struct where *where)
{
    struct done_key key;
    done_key_of(where, &key);
    return done_set_row(&folder->done, &key);
}

static void read_begin(struct case_folder *folder, struct reader *in)
{
    (void)read_u8(in);
    struct where *where = in->bad ? NULL : where_decode(in->p, (size_t)(in->end - in->p));
    if (!where)
        return;
    struct done_row *row = row_of(folder, where);
    if (row->state != DONE_YES)
        row->state = DONE_SUSPECT;
    where_unref(where);
}

static void read_open(struct case_folder *folder, struct reader *in)
{
    struct identity identity;
    identity_decode(in, &identity);
    struct where *where = in->bad ? NULL : where_decode(in->p, (size_t)(in->end - in->p));
    if (!where)
        return;
    struct done_row *row = row_of(folder, where);
    row->identity = identity_short(&identity);
    memcpy(&row->sample, identity.sample, sizeof(row->sample));
    where_unref(where);
}

/** What the next run must do again: what was cut short because this one was stopped. */
static bool is_unfinished(const struct item *item)
{
    return item->status == TRAWL_UNREACHED && strcmp(item->where->kind, "unreached") != 0;
}

static void read_item(struct case_folder *folder, const struct journal_record *record)
{
    struct identity identity;
    bool has_identity;
    const uint8_t *bytes;
    size_t n;
    struct item item;
    folder->items++;
    if (folder->only_reports && !folder->info.minimise)
        return;
    if (!recorder_read_item(record, &identity, &has_identity, &bytes, &n) || !item_decode(bytes, n, &item))
        return;
    if (folder->only_reports && !item.matches.n) {
        item_clear(&item);
        return;
    }
    struct where *place = recorder_item_place(record, &item);
    struct done_row *row = row_of(folder, place);
    where_unref(place);
    row->state = is_unfinished(&item) ? DONE_NOT : DONE_YES;
    row->listed = row->listed || item.matches.n;
    if (has_identity)
        row->identity = identity_short(&identity);
    item_clear(&item);
}

static void read_stale(struct case_folder *folder, const struct journal_record *record)
{
    struct where *where = where_decode(record->payload, record->n);
    struct done_key key;
    if (!where)
        return;
    done_key_of(where, &key);
    done_set_row(&folder->stale, &key);
    where_unref(where);
}

static void read_shard(struct case_folder *folder, const struct journal_record *record)
{
    struct shard_state state;
    if (shard_state_decode(record->payload, record->n, &state))
        shard_cover_add(&folder->cover, &state);
}

static void forget_since(struct case_folder *folder)
{
    if (folder->since)
        since_info_clear(&folder->since->info);
    free(folder->since);
    folder->since = NULL;
}

void case_set_since(struct case_folder *folder, const struct since_info *info)
{
    forget_since(folder);
    if (!info)
        return;
    folder->since = ALLOC(struct since_told);
    folder->since->info = *info;
    folder->since->info.path = mem_strdup(info->path);
    folder->since->info.refused = mem_strdup(info->refused);
}

/** A run that goes on says it again. */
static void read_since(struct case_folder *folder, const struct journal_record *record)
{
    struct since_info info;
    if (!since_info_decode(record->payload, record->n, &info))
        return;
    case_set_since(folder, &info);
    since_info_clear(&info);
}

/** Where each run begins and ends, and what is told of the case as a whole. */
static void read_frame(struct case_folder *folder, const struct journal_record *record, bool *started)
{
    struct reader in = {record->payload, record->payload + record->n, false};
    switch (record->type) {
    case JOURNAL_START:
        if (!*started)
            *started = case_info_decode(record->payload, record->n, &folder->info);
        break;
    case JOURNAL_RESUME:
        folder->end.complete = folder->end.interrupted = folder->finished = false;
        break;
    case JOURNAL_NOTE:
        add_note(&folder->end, (const char *)record->payload, record->n);
        break;
    case JOURNAL_END:
        folder->end.complete = read_u8(&in) == 1;
        folder->end.interrupted = read_u8(&in) == 1;
        folder->finished = folder->end.complete;
        break;
    case JOURNAL_SHARD:
        read_shard(folder, record);
        break;
    default:
        break;
    }
}

static void read_record(struct case_folder *folder, const struct journal_record *record, bool *started)
{
    struct reader in = {record->payload, record->payload + record->n, false};
    switch (record->type) {
    case JOURNAL_BEGIN:
        if (!folder->only_reports)
            read_begin(folder, &in);
        break;
    case JOURNAL_OPEN:
        if (!folder->only_reports)
            read_open(folder, &in);
        break;
    case JOURNAL_ITEM:
        read_item(folder, record);
        break;
    case JOURNAL_VERDICT:
        folder->verdicts++;
        break;
    case JOURNAL_STALE:
        read_stale(folder, record);
        break;
    case JOURNAL_SINCE:
        read_since(folder, record);
        break;
    case JOURNAL_RANGES:
        folder->ranges++;
        break;
    default:
        read_frame(folder, record, started);
        break;
    }
}

static void read_crash(void *context, const struct where *where)
{
    struct done_row *row = row_of(context, where);
    /* Its JOURNAL_BEGIN may have died with the process, unwritten. */
    if (row->state != DONE_YES)
        row->state = DONE_SUSPECT;
    if (row->crashes < UINT8_MAX)
        row->crashes++;
}

static void count_suspects(struct case_folder *folder)
{
    folder->suspects = 0;
    for (size_t i = 0; i < folder->done.cap; i++)
        folder->suspects += folder->done.rows[i].state == DONE_SUSPECT;
}

static void add_suspect_path(struct case_folder *folder, const struct where *where)
{
    while (where->parent)
        where = where->parent;
    for (size_t i = 0; i < folder->n_suspect_paths; i++)
        if (strlen(folder->suspect_paths[i]) == where->name_len &&
            memcmp(folder->suspect_paths[i], where->name, where->name_len) == 0)
            return;
    folder->suspect_paths = mem_realloc(folder->suspect_paths, size_mul(folder->n_suspect_paths + 1, sizeof(char *)));
    folder->suspect_paths[folder->n_suspect_paths++] = mem_strndup((const char *)where->name, where->name_len);
}

/** A second reading, only where something was in flight: keys do not tell paths. */
static int read_suspect_paths(struct case_folder *folder)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    int r = journal_reader_open(folder->journal_dirfd, &reader);
    while (!r && (r = journal_reader_next(reader, &record)) == 1) {
        r = 0;
        if (record.type != JOURNAL_BEGIN || record.n < 1)
            continue;
        struct where *where = where_decode(record.payload + 1, record.n - 1);
        if (where && row_of(folder, where)->state == DONE_SUSPECT)
            add_suspect_path(folder, where);
        where_unref(where);
    }
    journal_reader_close(reader);
    return r;
}

static void tell_note(void *folder, const char *text, size_t n)
{
    add_note(&((struct case_folder *)folder)->end, text, n);
}

void case_settle(struct case_folder *folder)
{
    const struct shard_info *shard = &folder->info.shard;
    char text[160];
    if (folder->cover.shards && !shard_cover_tell(&folder->cover, tell_note, folder))
        folder->end.complete = false;
    if (!shard->shards)
        return;
    snprintf(text, sizeof(text),
             "this is shard %u of %u (counted from 0): the other ones hold the rest of the evidence", shard->shard,
             shard->shards);
    add_note(&folder->end, text, strlen(text));
    if (!folder->stale.n)
        return;
    snprintf(text, sizeof(text), "%zu files were gone or not the same any more as when the plan was made",
             folder->stale.n);
    add_note(&folder->end, text, strlen(text));
    folder->end.complete = false;
}

int case_read(struct case_folder *folder)
{
    struct journal_reader *reader;
    struct journal_record record;
    bool started = false;
    int r = journal_reader_open(folder->journal_dirfd, &reader);
    if (r)
        return r;
    while ((r = journal_reader_next(reader, &record)) == 1)
        read_record(folder, &record, &started);
    journal_reader_state(reader, &folder->state);
    journal_reader_close(reader);
    if (r < 0)
        return r;
    crash_read(folder->journal_dirfd, read_crash, folder);
    count_suspects(folder);
    folder->resumed = started;
    if (folder->suspects && !folder->info.minimise && !folder->only_reports && (r = read_suspect_paths(folder)))
        return r;
    if (folder->state.damaged) {
        char text[128];
        snprintf(text, sizeof(text), "the journal is damaged in %llu places: what stood there is scanned again",
                 (unsigned long long)folder->state.damaged);
        add_note(&folder->end, text, strlen(text));
    }
    /* A run may have ended before its first record was on disk: then the case begins now. */
    return started || !(folder->state.records || folder->state.damaged) ? 0 : -EBADMSG;
}

int case_read_back(struct case_folder *folder)
{
    folder->only_reports = true;
    int r = case_read(folder);
    return !r && !folder->resumed ? -EBADMSG : r;
}
