/* roots.c: the source of sources: walks what the command line names, one after the other, and gives the files of the
 * host. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "scan/run.h"
#include "trawl/walk.h"

struct roots {
    struct source source;
    struct run *run;
    /** Next of run->first, then of options->sources. */
    size_t next_first, next;
    /** The walk is of a path out of run->first. */
    bool in_first;
    /** --from, once the sources are used up. */
    FILE *from;
    bool from_tried;
    char *line;
    size_t line_cap;
    /** The source being walked. */
    struct walk *walk;
};

/** The next line of --from without its end; NULL at the end. Empty lines are passed over. */
static const char *next_line(struct roots *roots)
{
    const struct scan_options *o = roots->run->options;
    ssize_t n;
    while ((n = getdelim(&roots->line, &roots->line_cap, o->from_nul ? '\0' : '\n', roots->from)) > 0) {
        if (roots->line[n - 1] == (o->from_nul ? '\0' : '\n'))
            roots->line[--n] = '\0';
        if (n > 0 && !o->from_nul && roots->line[n - 1] == '\r')
            roots->line[--n] = '\0';
        if (n > 0)
            return roots->line;
    }
    if (ferror(roots->from)) {
        fprintf(stderr, "trawl: %s: %s\n", o->from, strerror(errno));
        atomic_store(&roots->run->incomplete, true);
    }
    return NULL;
}

static const char *next_source(struct roots *roots)
{
    const struct scan_options *o = roots->run->options;
    roots->in_first = roots->next_first < roots->run->n_first;
    if (roots->in_first)
        return roots->run->first[roots->next_first++];
    if (roots->next < o->n_sources)
        return o->sources[roots->next++];
    if (o->from && !roots->from_tried) {
        roots->from_tried = true;
        roots->from = strcmp(o->from, "-") == 0 ? stdin : fopen(o->from, "re");
        if (!roots->from) {
            fprintf(stderr, "trawl: %s: %s\n", o->from, strerror(errno));
            atomic_store(&roots->run->incomplete, true);
        }
    }
    return roots->from ? next_line(roots) : NULL;
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

static bool roots_pull(struct source *source, struct worker *worker, struct work *work)
{
    struct roots *roots = (struct roots *)source;
    while (!atomic_load_explicit(&roots->run->stop, memory_order_relaxed)) {
        if (!roots->walk) {
            const char *name = next_source(roots);
            if (!name)
                return false;
            roots->walk = walk_open(name, &roots->run->options->limits);
        }
        struct walk_entry entry;
        if (!walk_next(roots->walk, &entry)) {
            walk_close(roots->walk);
            roots->walk = NULL;
            continue;
        }
        if (was_first(roots, entry.path)) {
            if (entry.fd >= 0)
                close(entry.fd);
            continue;
        }
        fill_work(&entry, work);
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
    if (roots->from && roots->from != stdin)
        fclose(roots->from);
    free(roots->line);
    free(roots);
}

void roots_open(struct run *run)
{
    struct roots *roots = ALLOC(struct roots);
    roots->source = (struct source){.pull = roots_pull, .close = roots_close};
    roots->run = run;
    stack_push(&run->stack, &roots->source);
}
