/* roots.c: the source of sources: walks what the command line names, one after the other, and gives the files of the
 * host. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "plan/planned.h"
#include "scan/run.h"
#include "scan/since.h"
#include "scan/sources.h"
#include "trawl/walk.h"

struct roots {
    struct source source;
    struct run *run;
    /** Next of run->first; then come the sources. */
    size_t next_first;
    struct sources sources;
    /** The walk is of a path out of run->first. */
    bool in_first;
    /** The source being walked. */
    struct walk *walk;
    /** There is nothing more to give. */
    bool ended;
    /** scan --plan: what there is instead of all these; and what it says of the entry in hand. */
    struct planned *planned;
    struct planned_how how;
};

static const char *next_source(struct roots *roots)
{
    roots->in_first = roots->next_first < roots->run->n_first;
    if (roots->in_first)
        return roots->run->first[roots->next_first++];
    const char *name = sources_next(&roots->sources);
    if (!name && roots->sources.failed)
        atomic_store(&roots->run->incomplete, true);
    return name;
}

/** Words for a thing of the host that is not read. */
static void describe(const struct walk_entry *entry, struct work *work)
{
    if (entry->limit) {
        work->status = TRAWL_LIMIT;
        work->limit = entry->limit;
        snprintf(work->detail, sizeof(work->detail), "folder not entered: too deep");
    } else if (entry->error == ELOOP) {
        work->status = TRAWL_DAMAGED;
        snprintf(work->detail, sizeof(work->detail), "folder not entered: it is inside itself");
    } else if (entry->error) {
        work->status = TRAWL_IO_ERROR;
        snprintf(work->detail, sizeof(work->detail), "%s", strerror(entry->error));
    } else if (entry->type == TYPE_SYMLINK) {
        snprintf(work->detail, sizeof(work->detail), "symbolic link: not followed");
    } else if (entry->type != TYPE_OTHER) {
        snprintf(work->detail, sizeof(work->detail), "%s: not opened", type_name(entry->type));
    }
}

/** A plan lists what could not be entered; what is in it now, nobody was given. */
static void describe_opened(struct work *work)
{
    work->status = TRAWL_IO_ERROR;
    snprintf(work->detail, sizeof(work->detail),
             "a folder that can be entered now, and could not when the plan was made: it was left out");
}

static void fill_work(const struct walk_entry *entry, struct work *work)
{
    *work = (struct work){
        .content = entry->fd >= 0 ? CONTENT_FILE : CONTENT_NONE,
        .where = where_new(NULL, "file", entry->path, strlen(entry->path), WHERE_UNKNOWN, WHERE_UNKNOWN),
        .special = entry->type,
        .size = entry->fd >= 0 ? (uint64_t)entry->st.st_size : 0,
        .fd = entry->fd,
        .st = entry->st,
    };
    describe(entry, work);
}

/** Drops what an earlier run of the case has done; refuses what is done and has changed since. Returns false where
 * nothing is left. */
static bool check_done(struct run *run, struct worker *worker, struct work *work)
{
    struct identity identity;
    bool changed;
    identity_of(&work->st, &identity);
    const struct done_row *row = recorder_find(&run->recorder, work->where, work->fd >= 0 ? &identity : NULL, &changed);
    if (!row)
        return true;
    if (changed) {
        close(work->fd);
        work->fd = -1;
        work->content = CONTENT_NONE;
        work->status = TRAWL_IO_ERROR;
        snprintf(work->detail, sizeof(work->detail), "refused: the file changed since this case was begun");
        return true;
    }
    if (row->state == DONE_YES) {
        if (work->fd >= 0)
            close(work->fd);
        where_unref(work->where);
        return false;
    }
    if (row->state == DONE_SUSPECT)
        work_suspect(worker, work, row);
    return true;
}

/** True if the file was taken up before all others; what is met of it again is left alone. */
static bool was_first(const struct roots *roots, const char *path)
{
    if (roots->in_first)
        return false;
    for (size_t i = 0; i < roots->run->n_first; i++)
        if (strcmp(roots->run->first[i], path) == 0)
            return true;
    return false;
}

/** --since: what an older case says of it holds. */
static bool is_kept(struct roots *roots, struct walk_entry *entry)
{
    struct since *since = roots->run->since;
    if (!since || !since_met(since, roots->walk, entry))
        return false;
    if (entry->fd >= 0)
        close(entry->fd);
    return true;
}

/** The next entry of the plan. */
static bool next_planned(struct roots *roots, struct walk_entry *entry)
{
    int got = planned_next(roots->planned, entry, &roots->how);
    if (got >= 0)
        return got;
    fprintf(stderr, "trawl: %s: the plan was changed while it was read\n", roots->run->options->plan->path);
    atomic_store(&roots->run->incomplete, true);
    return false;
}

/** The next entry of the walk over all sources. */
static bool next_walked(struct roots *roots, struct walk_entry *entry)
{
    for (;;) {
        if (!roots->walk) {
            const char *name = next_source(roots);
            if (!name)
                return false;
            roots->walk = walk_open(name, &roots->run->options->limits);
            if (roots->run->since) {
                walk_lazily(roots->walk);
                since_source(roots->run->since, name);
            }
        }
        if (!walk_next(roots->walk, entry)) {
            walk_close(roots->walk);
            roots->walk = NULL;
        } else if (was_first(roots, entry->path)) {
            if (entry->fd >= 0)
                close(entry->fd);
        } else {
            return true;
        }
    }
}

/** A container that is not what was divided is read whole by the shard that has its beginning. False for all others. */
static bool take_share(const struct planned_how *how, struct work *work)
{
    work->share = how->share;
    if (!how->share.of || !how->stale)
        return true;
    if (share_has(&how->share, 0)) {
        work->share = (struct unpack_share){.of = 1, .bits = {1}};
        return true;
    }
    if (work->fd >= 0)
        close(work->fd);
    where_unref(work->where);
    return false;
}

static bool roots_pull(struct source *source, struct worker *worker, struct work *work)
{
    struct roots *roots = (struct roots *)source;
    struct walk_entry entry;
    while (!atomic_load_explicit(&roots->run->stop, memory_order_relaxed)) {
        if (!(roots->planned ? next_planned(roots, &entry) : next_walked(roots, &entry))) {
            roots->ended = true;
            return false;
        }
        if (is_kept(roots, &entry) || !walk_take(roots->walk, &entry))
            continue;
        fill_work(&entry, work);
        if (roots->how.stale)
            recorder_stale(&roots->run->recorder, work->where);
        if (roots->how.opened)
            describe_opened(work);
        if (!take_share(&roots->how, work))
            continue;
        if (check_done(roots->run, worker, work))
            return true;
    }
    return false;
}

static void roots_close(struct source *source, struct worker *worker)
{
    struct roots *roots = (struct roots *)source;
    (void)worker;
    walk_close(roots->walk);
    if (roots->run->since)
        since_walked(roots->run->since, roots->ended);
    planned_close(roots->planned);
    sources_close(&roots->sources);
    free(roots);
}

void roots_open(struct run *run)
{
    struct roots *roots = ALLOC(struct roots);
    roots->source = (struct source){.pull = roots_pull, .close = roots_close};
    roots->run = run;
    roots->sources.options = run->options;
    roots->sources.stop = &run->stop;
    if (run->options->plan)
        roots->planned =
            planned_open(run->options->plan, run->options->shard, run->options->shards, &run->options->limits);
    stack_push(&run->stack, &roots->source);
}
