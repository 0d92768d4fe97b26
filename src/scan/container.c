/* container.c: the life of an open container: opened, shared by its members, settled and recorded when the last one is
 * done. */
#include "scan/container.h"

#include <string.h>

#include "core/alloc.h"
#include "scan/share.h"

struct item *container_item(struct container *c)
{
    return &c->item;
}

struct container *container_ref(struct container *c)
{
    __atomic_add_fetch(&c->refs, 1, __ATOMIC_RELAXED);
    return c;
}

/** Joins what was found out about the container as a file (a picture, say) and as a container. The worse status is
 * told. */
/** Frames that were read before something else in the file, or of another copy: how that ended goes above it. */
static void settle_video(struct container *c)
{
    struct video_taken *video = &c->video;
    struct part *part = &c->first;
    if (video->status != TRAWL_OK || (video->detail[0] && !part->detail[0]))
        part_end_with(part, video->status, video->limit, video->detail);
    video->status = part->status;
    video->limit = part->limit;
    memcpy(video->detail, part->detail, sizeof(video->detail));
}

static void settle(struct container *c)
{
    const struct part *part = part_telling(c);
    work_settle(&c->item, part->status, part->limit, part->detail);
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

/** The tree has become too heavy: the journal says that it is cut. */
static void tell_cut(struct container *c)
{
    const struct container *root = outermost(c);
    recorder_cut(&c->run->recorder, root->item.where, container_tree_limit(root), c->ledger->allowed);
}

void container_member_done(struct container *c, struct ledger_entry *entry)
{
    if (c && ledger_end(c->ledger, entry))
        tell_cut(c);
}

void container_part_done(struct container *c, struct ledger_entry *part)
{
    if (ledger_part_complete(c->ledger, part))
        tell_cut(c);
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
            part_end_with(&c->first, TRAWL_UNREACHED, LIMIT_NONE, "interrupted");
        if (c->is_video)
            settle_video(c);
        if (c->is_shared && !atomic_load(&c->run->stop))
            share_record(c);
        settle(c);
        if (c->is_video)
            video_settle(c->run, &c->video, &c->item);
        work_record(c->run, &c->item, c->has_identity ? &c->identity : NULL);
        close_ledger(c);
        item_clear(&c->item);
        budget_unpark(&c->run->budget, c->charged);
        free(c->more);
        free(c);
        c = parent;
    }
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

/** The list that the container's items go into. */
static struct ledger_list *open_ledger(struct container *c, uint64_t size, struct ledger_entry *entry)
{
    c->entry = entry;
    if (c->parent) {
        c->ledger = c->parent->ledger;
        return &entry->inside;
    }
    c->ledger = ALLOC(struct ledger);
    ledger_init(c->ledger, allowed_weight(&c->run->options->limits, size));
    return &c->ledger->root;
}

/** Bytes that the container may give whatever else is in its tree: half of what ends it, as a member that is read a
 * second time counts twice. */
static uint64_t split_bytes(const struct limits *limits, uint64_t size, uint64_t allowed)
{
    uint64_t most = LEDGER_FREE, ratio;
    if (__builtin_mul_overflow(size, limits->value[LIMIT_RATIO], &ratio))
        ratio = UINT64_MAX;
    most = ratio > most ? ratio : most;
    most = most < limits->value[LIMIT_CONTAINER_BYTES] ? most : limits->value[LIMIT_CONTAINER_BYTES];
    return (most < allowed ? most : allowed) / 2;
}

uint64_t container_split_bytes(const struct limits *limits, uint64_t size)
{
    return split_bytes(limits, size, allowed_weight(limits, size));
}

struct container *container_open(struct run *run, struct work *work, struct item *item, const struct identity *identity,
                                 int fd, enum file_type type, enum file_type behind, bool carves, uint64_t charged)
{
    struct container *parent = work->parent;
    uint64_t size = work->size;
    struct container *c = ALLOC(struct container);
    c->run = run;
    c->parent = parent ? container_ref(parent) : NULL;
    c->fd = fd;
    c->item = *item;
    *item = (struct item){0};
    c->has_identity = identity != NULL;
    if (identity)
        c->identity = *identity;
    c->charged = charged;
    c->is_video = !carves && type_class(type) == CLASS_VIDEO;
    c->behind = behind;
    c->job = (struct unpacker_job){
        .fd = fd,
        .size = size,
        .type = type,
        .carve = run->options->carve,
        .carves = carves,
        .limits = run->options->limits,
    };
    if (c->is_video)
        video_begin(run, &c->item, &c->video, &c->job);
    name_after_slash(c->item.where, &c->job);
    if (!parent)
        c->job.verify = run->options->verify;
    if (!parent)
        segments_open(&c->segments, c->item.where, type);
    c->identity.segments = segments_identity(&c->segments);
    c->job.segments = c->segments.items;
    c->job.n_segments = c->segments.n;
    size += c->segments.bytes;
    struct ledger_list *list = open_ledger(c, size, work->entry);
    work->entry = NULL;
    c->job.split_bytes = split_bytes(&run->options->limits, size, c->ledger->allowed);
    c->is_shared = work->share.of;
    c->share = work->share;
    /* The first part's reference and the caller's. */
    c->refs = 2;
    part_open_first(c, list);
    return c;
}
