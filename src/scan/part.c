/*
 * part.c: what one unpacker at a time reads of a container.
 *
 * Most containers have one part. The reader of a large zip gives a plan, before its first member: ranges of the central
 * directory, of which each is a part with an unpacker and with deaths of its own, and one part more, for what no range
 * lists. All parts stand on the stack, but no child is forked before somebody pulls: a worker takes the first part that
 * is free, so as many are read at once as workers find nothing to do otherwise. The last part waits for all others: its
 * members are numbered, and its limits count, behind theirs.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "scan/container.h"

static void part_close(struct source *source, struct worker *worker);

static void part_init(struct part *part, struct container *c)
{
    part->source = (struct source){.depth = c->item.where->depth + 1, .pull = part_pull, .close = part_close};
    part->container = c;
}

void part_open_first(struct container *c, struct ledger_list *list)
{
    part_init(&c->first, c);
    c->first.list = list;
    atomic_store(&c->open_parts, 1);
    stack_push(&c->run->stack, &c->first.source);
}

/** What the part reads of a container that has several. */
static void part_assign(struct part *part, struct ledger_list *list, struct unpack_range range)
{
    part->entry = ledger_part(part->container->ledger, list);
    part->list = &part->entry->inside;
    part->range = range;
    part->next_index = range.first;
}

static bool plan_sane(const struct unpack_range *ranges, size_t n)
{
    if (n < 2 || ranges[0].first != 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (ranges[i].end <= ranges[i].first || (i && ranges[i].first != ranges[i - 1].end))
            return false;
    return true;
}

/** The parts that are read here: all, or this shard's. Divided otherwise than the plan says, it is the shard's that has
 * its beginning. */
static void take_share(struct container *c, size_t parts)
{
    if (c->is_shared && c->share.of == parts)
        return;
    bool ours = !c->is_shared || share_has(&c->share, 0);
    if (c->is_shared)
        recorder_stale(&c->run->recorder, c->item.where);
    c->share = (struct unpack_share){.of = (uint32_t)parts};
    for (size_t i = 0; i < parts && ours; i++)
        share_add(&c->share, i);
}

/** Entries of other shards count as here: what is behind them all is over a limit in every run, or in none. */
static void count_others(struct container *c, const struct unpack_range *range)
{
    if (type_class(c->job.type) != CLASS_DISK)
        atomic_fetch_add(&c->entries, range->end - range->first);
}

/** Makes the part, if it is read here. Returns true if it is. */
static bool part_make(struct container *c, size_t number, struct ledger_list *list, struct unpack_range range)
{
    struct part *part = number ? &c->more[number - 1] : &c->first;
    if (number)
        part_init(part, c);
    part->skipped = !share_has(&c->share, number);
    if (!part->skipped)
        part_assign(part, list, range);
    else if (range.end)
        count_others(c, &range);
    return !part->skipped;
}

/** All parts that are read here get their reference, and all but the first and what is behind are put on the stack. */
static void parts_push(struct container *c, unsigned open)
{
    size_t n = c->n_more;
    c->has_behind = !c->more[n - 1].skipped;
    atomic_store(&c->open_parts, open);
    for (unsigned i = 1; i < open; i++)
        container_ref(c);
    for (size_t i = 0; i + 1 < n; i++)
        if (!c->more[i].skipped)
            stack_push(&c->run->stack, &c->more[i].source);
}

bool part_split(struct part *first, const struct channel_message *message, const uint8_t *payload)
{
    struct container *c = first->container;
    struct ledger_list *list = first->list;
    struct unpack_range ranges[UNPACK_RANGES + 1];
    size_t n = message->payload / sizeof(*ranges);
    memcpy(ranges, payload, message->payload);
    if (!c->job.split_bytes || first->entry || first->range.end || !plan_sane(ranges, n) || first->next_index)
        return false;
    c->job.split_bytes = 0;
    c->more = ALLOC_ARRAY(struct part, n);
    c->n_more = n;
    ranges[n] = (struct unpack_range){ranges[n - 1].end, 0, 0};
    take_share(c, n + 1);
    /* The first one is open in any case: it ends at once where it is another shard's. */
    part_make(c, 0, list, ranges[0]);
    unsigned open = 1;
    for (size_t i = 1; i <= n; i++)
        open += part_make(c, i, list, ranges[i]);
    parts_push(c, open);
    return true;
}

bool part_is_ours(struct part *part)
{
    struct container *c = part->container;
    if (!c->is_shared || c->n_more || c->share.of == 1)
        return true;
    if (!share_has(&c->share, 0)) {
        part->skipped = true;
        return false;
    }
    take_share(c, 1);
    return true;
}

void part_end_with(struct part *part, enum trawl_status status, enum limit_id limit, const char *detail)
{
    part->status = status;
    part->limit = limit;
    snprintf(part->detail, sizeof(part->detail), "%s", detail);
}

const struct part *part_telling(const struct container *c)
{
    const struct part *with_words = c->first.detail[0] ? &c->first : NULL;
    if (c->first.status != TRAWL_OK)
        return &c->first;
    for (size_t i = 0; i < c->n_more; i++) {
        if (c->more[i].status != TRAWL_OK)
            return &c->more[i];
        if (!with_words && c->more[i].detail[0])
            with_words = &c->more[i];
    }
    return with_words ? with_words : &c->first;
}

/**
 * Bytes of the container that are neither member nor structure: nobody looked at them. Of a file that is something else
 * first (a picture, a program) and a zip behind that, they are what was looked at.
 */
static void record_unaccounted(const struct part *part)
{
    static const char name[] = "$unaccounted";
    const struct container *c = part->container;
    struct item item = {.status = TRAWL_UNSUPPORTED, .size = part->unaccounted, .type = TYPE_OTHER};
    if (c->item.type != c->job.type)
        return;
    item.where = where_new(c->item.where, "unaccounted", name, sizeof(name) - 1, 0, WHERE_UNKNOWN);
    item_detail(&item, "bytes of the container that belong to no member");
    work_record(c->run, &item, NULL);
}

static struct item unreached(const struct part *part)
{
    static const char name[] = "$unreached";
    struct item item = {.status = TRAWL_UNREACHED, .size = WHERE_UNKNOWN, .type = TYPE_OTHER};
    item.where =
        where_new(part->container->item.where, "unreached", name, sizeof(name) - 1, part->next_index, WHERE_UNKNOWN);
    return item;
}

/** The rest of the part as one line. */
static void record_rest(const struct part *part)
{
    uint64_t missing = part->missing;
    if (missing == UINT64_MAX && part->range.end)
        missing = part->range.end - part->next_index;
    if (!missing)
        return;
    struct item item = unreached(part);
    if (missing == UINT64_MAX)
        item_detail(&item, "all behind member %llu: %s", (unsigned long long)part->next_index, part->detail);
    else
        item_detail(&item, "%llu members: %s", (unsigned long long)missing, part->detail);
    work_record(part->container->run, &item, NULL);
}

bool part_next_unit(struct part *part, const char *why)
{
    uint64_t next = ((part->next_index >> UNPACK_UNIT_SHIFT) + 1) << UNPACK_UNIT_SHIFT;
    if (part->range.end && next >= part->range.end)
        return false;
    struct item item = unreached(part);
    item_detail(&item, "the rest of this part of the disk: %s", why);
    work_record(part->container->run, &item, NULL);
    part->next_index = next;
    return true;
}

static void part_close(struct source *source, struct worker *worker)
{
    struct part *part = (struct part *)source;
    struct container *c = part->container;
    (void)worker;
    part_stop(part, NULL);
    bool stopped = atomic_load(&c->run->stop);
    if (part->missing && !stopped)
        record_rest(part);
    if (part->unaccounted && !stopped)
        record_unaccounted(part);
    container_part_done(c, part->entry);
    unsigned left = atomic_fetch_sub(&c->open_parts, 1) - 1;
    if (left == 1 && c->has_behind)
        stack_push(&c->run->stack, &c->more[c->n_more - 1].source);
    else if (left == 0) {
        close(c->fd);
        segments_close(&c->segments);
    }
    container_unref(c);
}
