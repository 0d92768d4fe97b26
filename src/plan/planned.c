#include "plan/planned.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "plan/shard.h"

struct planned {
    struct plan_reader *reader;
    bool *wanted;
    const struct limits *limits;
    /** Of the source of the last entry. */
    struct walk *walk;
    char *source;
    /** The path in hand, valid until the next. */
    struct plan_file file;
};

struct planned *planned_open(struct plan *plan, uint32_t shard, uint32_t shards, const struct limits *limits)
{
    struct planned *p = ALLOC(struct planned);
    uint32_t *owner = ALLOC_ARRAY(uint32_t, plan->n_units + 1);
    p->limits = limits;
    p->wanted = ALLOC_ARRAY(bool, plan->n_units + 1);
    shard_assign(plan->weights, plan->n_units, shards, owner);
    for (size_t i = 0; i < plan->n_units; i++)
        p->wanted[i] = owner[i] == shard;
    free(owner);
    p->reader = plan_reader_new(plan, p->wanted);
    return p;
}

/** The walk of the source that the file is below. */
static struct walk *walk_of(struct planned *p, const struct plan_file *file)
{
    if (p->walk && strlen(p->source) == file->source_len && strncmp(p->source, file->path, file->source_len) == 0)
        return p->walk;
    walk_close(p->walk);
    free(p->source);
    p->source = mem_strndup(file->path, file->source_len);
    p->walk = walk_open(p->source, p->limits);
    return p->walk;
}

static bool is_stale(const struct plan_file *file, const struct walk_entry *entry)
{
    if (file->unknown)
        return false;
    if (!entry->st.st_mode || entry->type != file->type)
        return true;
    if (entry->type != TYPE_OTHER)
        return false;
    int64_t mtime = (int64_t)((uint64_t)entry->st.st_mtim.tv_sec * 1000000000u + (uint64_t)entry->st.st_mtim.tv_nsec);
    return (uint64_t)entry->st.st_size != file->size || mtime != file->mtime;
}

int planned_next(struct planned *p, struct walk_entry *entry, struct planned_how *how)
{
    *how = (struct planned_how){0};
    int got = plan_reader_next(p->reader, &p->file, &how->share);
    if (got <= 0)
        return got;
    walk_seek(walk_of(p, &p->file), p->file.path, entry);
    how->opened = entry->type == TYPE_DIRECTORY && !entry->error && !entry->limit;
    how->stale = how->opened || is_stale(&p->file, entry);
    return 1;
}

void planned_close(struct planned *p)
{
    if (!p)
        return;
    plan_reader_free(p->reader);
    walk_close(p->walk);
    free(p->source);
    free(p->wanted);
    free(p);
}
