/* container.c: the life of an open container: opened, shared by its members, settled and recorded when the last one is
 * done. */
#include "scan/container.h"

#include <stdio.h>
#include <unistd.h>

#include "core/alloc.h"

struct item *container_item(struct container *c)
{
    return &c->item;
}

struct container *container_ref(struct container *c)
{
    __atomic_add_fetch(&c->refs, 1, __ATOMIC_RELAXED);
    return c;
}

void container_end_with(struct container *c, enum trawl_status status, enum limit_id limit, const char *detail)
{
    c->status = status;
    c->limit = limit;
    snprintf(c->detail, sizeof(c->detail), "%s", detail);
}

/** Joins what was found out about the container as a file (a picture, say) and as a container. The worse status is
 * told. */
static void settle(struct container *c)
{
    struct item *item = &c->item;
    if (c->status == TRAWL_OK || !status_examined(item->status)) {
        if (c->detail[0] && !item->detail)
            item_detail(item, "%s", c->detail);
        return;
    }
    item->status = c->status;
    item->limit = c->limit;
    if (c->detail[0])
        item_detail(item, "%s", c->detail);
}

static const struct container *outermost(const struct container *c)
{
    while (c->parent)
        c = c->parent;
    return c;
}

/** Which limit a tree of containers is over. */
enum limit_id container_tree_limit(const struct container *c)
{
    return limit_exceeded(&c->run->options->limits, LIMIT_CONTAINER_BYTES, c->ledger->allowed) ? LIMIT_CONTAINER_BYTES
                                                                                               : LIMIT_RATIO;
}

/** An item of the tree is done. If that makes the tree too heavy, it is cut, and the journal says so. */
void container_member_done(struct container *c, struct ledger_entry *entry)
{
    if (c && ledger_end(c->ledger, entry)) {
        const struct container *root = outermost(c);
        recorder_cut(&c->run->recorder, root->item.where, container_tree_limit(root), c->ledger->allowed);
    }
}

/** The container is done. */
static void close_ledger(struct container *c)
{
    if (c->parent) {
        container_member_done(c->parent, c->entry);
        return;
    }
    ledger_destroy(c->ledger);
    free(c->ledger);
}

void container_unref(struct container *c)
{
    while (c && __atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) == 0) {
        struct container *parent = c->parent;
        /* Some member may have been left out when the run was stopped: the next run takes the container up again. */
        if (atomic_load(&c->run->stop))
            container_end_with(c, TRAWL_UNREACHED, LIMIT_NONE, "interrupted");
        settle(c);
        work_record(c->run, &c->item, c->has_identity ? &c->identity : NULL);
        close_ledger(c);
        item_clear(&c->item);
        budget_unpark(&c->run->budget, c->charged);
        free(c);
        c = parent;
    }
}

/**
 * Bytes of the container that are neither member nor structure: nobody looked at them. Of a file that is something else
 * first (a picture, a program) and a zip behind that, they are what was looked at.
 */
static void record_unaccounted(struct container *c)
{
    static const char name[] = "$unaccounted";
    struct item item = {.status = TRAWL_UNSUPPORTED, .size = c->unaccounted, .type = TYPE_OTHER};
    if (c->item.type != c->job.type)
        return;
    item.where = where_new(c->item.where, "unaccounted", name, sizeof(name) - 1, 0, WHERE_UNKNOWN);
    item_detail(&item, "bytes of the container that belong to no member");
    work_record(c->run, &item, NULL);
}

/** The rest of the container as one line. */
static void record_rest(struct container *c)
{
    static const char name[] = "$unreached";
    struct item item = {.status = TRAWL_UNREACHED, .size = WHERE_UNKNOWN, .type = TYPE_OTHER};
    item.where = where_new(c->item.where, "unreached", name, sizeof(name) - 1, c->next_index, WHERE_UNKNOWN);
    if (c->missing == UINT64_MAX)
        item_detail(&item, "all behind member %llu: %s", (unsigned long long)c->next_index, c->detail);
    else
        item_detail(&item, "%llu members: %s", (unsigned long long)c->missing, c->detail);
    work_record(c->run, &item, NULL);
}

static void container_close(struct source *source, struct worker *worker)
{
    struct container *c = (struct container *)source;
    (void)worker;
    container_stop(c, NULL);
    close(c->fd);
    bool stopped = atomic_load(&c->run->stop);
    if (c->missing && !stopped)
        record_rest(c);
    if (c->unaccounted && !stopped)
        record_unaccounted(c);
    container_unref(c);
}

/** A filter's member is named after its container: after the file, not the folders. */
static void name_after_slash(const struct where *where, struct unpacker_job *job)
{
    size_t start = where->name_len;
    while (start && where->name[start - 1] != '/')
        start--;
    job->name = where->name + start;
    job->name_len = where->name_len - start;
}

/** Weight that a container of the host may give, with all inside it: as much as LIMIT_RATIO and LIMIT_CONTAINER_BYTES
 * let one give. */
static uint64_t allowed_weight(const struct limits *limits, uint64_t size)
{
    uint64_t ratio, most = limits->value[LIMIT_CONTAINER_BYTES];
    if (__builtin_mul_overflow(size ? size : 1, limits->value[LIMIT_RATIO] + 1, &ratio))
        ratio = UINT64_MAX;
    if (ratio < LEDGER_FLOOR)
        ratio = LEDGER_FLOOR;
    return ratio < most ? ratio : most;
}

static void open_ledger(struct container *c, uint64_t size, struct ledger_entry *entry)
{
    c->entry = entry;
    if (c->parent) {
        c->ledger = c->parent->ledger;
        c->list = &entry->inside;
        return;
    }
    c->ledger = ALLOC(struct ledger);
    ledger_init(c->ledger, allowed_weight(&c->run->options->limits, size));
    c->list = &c->ledger->root;
}

struct container *container_open(struct run *run, struct work *work, struct item *item, const struct identity *identity,
                                 int fd, enum file_type type, uint64_t charged)
{
    struct container *parent = work->parent;
    uint64_t size = work->size;
    struct container *c = ALLOC(struct container);
    c->source = (struct source){.depth = item->where->depth + 1, .pull = container_pull, .close = container_close};
    c->run = run;
    c->parent = parent ? container_ref(parent) : NULL;
    c->fd = fd;
    c->item = *item;
    *item = (struct item){0};
    c->has_identity = identity != NULL;
    if (identity)
        c->identity = *identity;
    c->charged = charged;
    c->job = (struct unpacker_job){
        .fd = fd,
        .size = size,
        .type = type,
        .limits = run->options->limits,
    };
    name_after_slash(c->item.where, &c->job);
    open_ledger(c, size, work->entry);
    work->entry = NULL;
    /* The stack's reference and the caller's. */
    c->refs = 2;
    stack_push(&run->stack, &c->source);
    return c;
}
