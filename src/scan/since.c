/* since.c: opens the older case; judges what the walk meets. */
#include "scan/since.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "scan/access.h"
#include "scan/rematch.h"
#include "scan/since_parts.h"

void since_tell(struct since *since, const struct change *change)
{
    struct buf payload = {0};
    if (since->is_hidden)
        return;
    change_encode(change, &payload);
    /* An error stays with the journal, and stops the run. */
    journal_append(since->run->recorder.journal, JOURNAL_CHANGE, payload.data, payload.len, false);
    buf_free(&payload);
}

static struct change_state state_then(const struct old_row *row)
{
    return (struct change_state){true, .size = row->size, .mtime = row->mtime, .ctime = row->ctime};
}

static struct change_state state_now(const struct identity *identity)
{
    return (struct change_state){true, .size = identity->size, .mtime = identity->mtime, .ctime = identity->ctime};
}

static void tell_file(struct since *since, enum change_kind kind, const char *path, const struct old_row *row,
                      const struct stat *st)
{
    struct identity now;
    struct change change = {.kind = kind, .path = (const uint8_t *)path, .path_len = strlen(path)};
    identity_of(st, &now);
    change.now = state_now(&now);
    if (row)
        change.before = state_then(row);
    since_tell(since, &change);
}

/** A path without slashes at its end. */
static void path_key(const char *path, struct done_key *key)
{
    size_t n = strlen(path);
    while (n && path[n - 1] == '/')
        n--;
    old_key_of(path, n, key);
}

static void add_path(struct done_set *set, const char *path)
{
    struct done_key key;
    path_key(path, &key);
    done_set_row(set, &key);
}

void since_source(struct since *since, const char *source)
{
    add_path(&since->sources, source);
}

/** True if an earlier run of this case has written its line. */
static bool is_done(const struct since *since, const struct done_key *key)
{
    const struct done_set *done = since->run->recorder.done;
    const struct done_row *row = done ? done_set_find(done, key) : NULL;
    return row && row->state == DONE_YES;
}

/** It is the file of then: what that makes of its row. */
static unsigned mark_same(const struct since *since, const struct old_row *row)
{
    if (!since->reuses || row->marks & (OLD_UNSETTLED | OLD_RACY | OLD_ASKS))
        return 0;
    return row->marks & OLD_SAMPLED ? OLD_RECHECKED : OLD_KEPT;
}

/** Judges a file that has no line yet in this case. Returns more marks for its row. */
static unsigned judge(struct since *since, const struct walk *walk, const struct walk_entry *entry,
                      const struct old_row *row)
{
    if (!row || !(row->marks & OLD_HAS_LINE))
        tell_file(since, CHANGE_NEW, entry->path, NULL, &entry->st);
    else if (!since_same(since, walk, entry, row))
        tell_file(since, CHANGE_CHANGED, entry->path, row, &entry->st);
    else
        return mark_same(since, row);
    return 0;
}

/** Tells the copier now and then how far the walk is. */
static void move_on(struct since *since)
{
    if (++since->met % 256)
        return;
    pthread_mutex_lock(&since->lock);
    since->reached = since->hint;
    pthread_cond_signal(&since->moved);
    pthread_mutex_unlock(&since->lock);
}

void since_walked(struct since *since, bool whole)
{
    pthread_mutex_lock(&since->lock);
    /* The copier reads both without the lock once it knows that the walk is over. */
    if (!since->walked) {
        since->whole = whole;
        since->walked = true;
    }
    pthread_cond_signal(&since->moved);
    pthread_mutex_unlock(&since->lock);
}

bool since_met(struct since *since, const struct walk *walk, const struct walk_entry *entry)
{
    struct done_key key;
    unsigned more = 0;
    if (entry->type == TYPE_DIRECTORY) {
        add_path(&since->closed, entry->path);
        return false;
    }
    old_key_of(entry->path, strlen(entry->path), &key);
    struct old_row *row = old_case_next(&since->old, &key, &since->hint);
    /* A file that two sources lead to. */
    if (row && row->marks & OLD_SEEN)
        return row->marks & OLD_KEPT;
    if (!is_done(since, &key) && !(entry->error && !entry->st.st_mode))
        more = judge(since, walk, entry, row);
    if (row)
        __atomic_store_n(&row->marks, (uint16_t)(row->marks | OLD_SEEN | more), __ATOMIC_RELEASE);
    move_on(since);
    return more & OLD_KEPT;
}

void since_item(struct since *since, const struct item *item, const struct identity *identity)
{
    struct done_key key;
    if (!item->has_digests || item->where->depth)
        return;
    old_key_of(item->where->name, item->where->name_len, &key);
    const struct old_row *row = old_case_find(&since->old, &key);
    if (!row || !(row->marks & OLD_RECHECKED) || identity->size != row->size || identity->mtime != row->mtime ||
        !since->old.extras[row->extra - 1].has_sha256)
        return;
    struct change change = {.kind = CHANGE_RECHECKED,
                            .path = item->where->name,
                            .path_len = item->where->name_len,
                            .before = state_then(row),
                            .now = state_now(identity)};
    change.before.has_sha256 = change.now.has_sha256 = true;
    memcpy(change.before.sha256, since->old.extras[row->extra - 1].sha256, sizeof(change.before.sha256));
    memcpy(change.now.sha256, item->digests.sha256, sizeof(change.now.sha256));
    if (memcmp(change.before.sha256, change.now.sha256, sizeof(change.now.sha256)) != 0)
        change.kind = CHANGE_SILENT;
    since_tell(since, &change);
}

/** What was a finding before is not new. */
static void take_listed(void *context, const uint8_t sha256[32])
{
    struct since *since = context;
    struct done_key key;
    memcpy(key.bytes, sha256, sizeof(key.bytes));
    if (done_set_find(&since->listed, &key))
        return;
    done_set_row(&since->listed, &key);
    since_tell(since, &(struct change){.kind = CHANGE_FOUND_BEFORE, .path = sha256, .path_len = 32});
}

/** The older case's lists were others: whether their answer can be had without reading the file again. START and RUN
 * stand in front of all items. */
static void ask_again(void *context, struct old_row *row, const uint8_t *bytes, size_t n)
{
    struct since *since = context;
    struct item item;
    const char *why;
    if (!since->is_judged)
        since->reuses = since_fits(&since->old, since->asked, since->mark, &since->rematches, &why);
    since->is_judged = true;
    if (!since->reuses || !since->rematches || row->marks & OLD_ASKS || !item_decode(bytes, n, &item))
        return;
    if (rematch_item(&since->run->rules, &item) == REMATCH_REREAD)
        row->marks |= OLD_ASKS;
    item_clear(&item);
}

static int refuse(const struct since *since, const char *why)
{
    fprintf(stderr, "trawl: --since %s: %s\n", since->info.path, why);
    return EXIT_USAGE;
}

static int open_old(struct since *since, const struct case_folder *folder)
{
    char why[CASE_WHY];
    struct stat then, now;
    int r = case_open_existing(&since->old.folder, since->info.path, why);
    if (r) {
        fprintf(stderr, "trawl: --since: %s\n", why);
        return EXIT_USAGE;
    }
    if (fstat(since->old.folder.dirfd, &then) == 0 && fstat(folder->dirfd, &now) == 0 && then.st_dev == now.st_dev &&
        then.st_ino == now.st_ino)
        return refuse(since, "this is the case folder of the scan itself; a new night needs a folder of its own");
    if (flock(since->old.folder.dirfd, LOCK_SH | LOCK_NB) < 0)
        return refuse(since, "another run is at work in this case");
    access_log(since->old.folder.journal_dirfd, "a scan goes on from it");
    return 0;
}

static int read_old(struct since *since)
{
    struct old_visit visit = {
        .sample = since->info.recheck, .item = ask_again, .listed = take_listed, .context = since};
    int r = old_case_read(&since->old, &visit);
    /* A night that died before it had begun, or a beginning that is damaged: then it says nothing of any file. */
    since->is_hidden = r == -EBADMSG;
    if (r && r != -EBADMSG)
        return refuse(since, strerror(-r));
    memcpy(since->info.chain, since->old.folder.state.chain, sizeof(since->info.chain));
    return 0;
}

/** Decides what the older case is good for, and says so. */
static void judge_old(struct since *since)
{
    const char *why;
    if (since->old.folder.info.minimise)
        since->is_hidden = true;
    since->reuses = since_fits(&since->old, since->asked, since->mark, &since->rematches, &why);
    since->info.refused = mem_strdup(since->reuses ? "" : why);
    if (since->run->options->quiet)
        return;
    if (!since->reuses)
        fprintf(stderr, "trawl: --since %s: all files are read: %s\n", since->info.path, why);
    else if (!since->old.ended)
        fprintf(stderr, "trawl: --since %s: that scan did not come to its end: what it did not reach is read\n",
                since->info.path);
}

/** A case that was begun must go on from the same one: what it says of changes would be of two. */
static int check_resumed(const struct since *since, const struct case_folder *folder)
{
    /* It died before it had said so much. */
    if (!folder->since && !folder->done.n)
        return 0;
    if (folder->since && memcmp(folder->since->info.chain, since->info.chain, sizeof(since->info.chain)) == 0 &&
        folder->since->info.recheck == since->info.recheck)
        return 0;
    return refuse(since, "this scan was begun without it, or it has changed since then, or --recheck was another");
}

static int begin(struct since *since, const struct case_folder *folder, bool resumed)
{
    struct buf payload = {0};
    int r = open_old(since, folder);
    r = r ? r : read_old(since);
    r = r || !resumed ? r : check_resumed(since, folder);
    if (r)
        return r;
    judge_old(since);
    since->verdicts = folder->verdicts;
    since_info_encode(&since->info, &payload);
    r = journal_append(since->run->recorder.journal, JOURNAL_SINCE, payload.data, payload.len, false);
    r = r ? r : journal_sync(since->run->recorder.journal);
    buf_free(&payload);
    return r ? EXIT_OUTPUT : 0;
}

int since_open(struct run *run, struct case_folder *folder, bool resumed, const struct run_mark *mark,
               struct since **out)
{
    const struct scan_options *o = run->options;
    *out = NULL;
    if (!o->since) {
        if (!folder->since)
            return 0;
        fprintf(stderr, "trawl: %s: this scan was begun with --since %s; resume it with the same\n", folder->path,
                folder->since->info.path);
        return EXIT_USAGE;
    }
    struct since *since = ALLOC(struct since);
    since->run = run;
    pthread_mutex_init(&since->lock, NULL);
    pthread_cond_init(&since->moved, NULL);
    since->asked = &folder->info;
    since->mark = mark;
    since->old.folder.dirfd = since->old.folder.journal_dirfd = -1;
    since->info = (struct since_info){.path = mem_strdup(o->since), .recheck = o->recheck};
    int r = begin(since, folder, resumed);
    if (r)
        since_close(since);
    else
        *out = since;
    if (!r)
        case_set_since(folder, &since->info);
    return r;
}

void since_close(struct since *since)
{
    if (!since)
        return;
    old_case_free(&since->old);
    since_info_clear(&since->info);
    free(since->volumes);
    done_set_free(&since->sources);
    done_set_free(&since->closed);
    done_set_free(&since->listed);
    pthread_cond_destroy(&since->moved);
    pthread_mutex_destroy(&since->lock);
    free(since);
}
