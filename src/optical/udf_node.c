/* udf_node.c: a file entry, and where the bytes of its file are. */
#include <stdlib.h>
#include <string.h>

#include "optical/udf.h"

/** Entries that lead to a newer one, and blocks of one such step. */
#define MOST_HOPS   64u
#define MOST_BLOCKS 16u
/** Such steps of all entries together: names without end may lead to a long chain. */
#define MOST_HOPS_ALL (4u << 20)
#define STRATEGY_4    4

/** Steps on the way to the pieces of one file, and of all: lists of pieces may be shared. A block read is a step for
 * each descriptor in it. */
#define MOST_STEPS     (4u << 20)
#define MOST_STEPS_ALL (1u << 28)

/** Types of an extent. */
#define EXTENT_RECORDED 0
#define EXTENT_GOES_ON  3

static const char no_place[] = "a piece of it is outside of its partition";
static const char no_steps[] = "more pieces than are looked for";
static const char no_end[] = "the list of its pieces goes in a circle or cannot be read to its end";

static int64_t time_of(const uint8_t *p)
{
    unsigned word = le16(p);
    int zone = word & 0xfff;
    zone = zone & 0x800 ? zone - 0x1000 : zone;
    /* Not local time, or nobody knows where. */
    if (word >> 12 != 1 || zone == -2047)
        zone = 0;
    int64_t time = optical_time((int16_t)le16(p + 2), p[4], p[5], p[6], p[7], p[8], zone);
    if (time == ORIGIN_NO_TIME || p[9] > 99 || p[10] > 99 || p[11] > 99)
        return time;
    return time + (p[9] * INT64_C(10000) + p[10] * INT64_C(100) + p[11]) * INT64_C(1000);
}

bool udf_node_parse(struct udf *udf, struct udf_node *node)
{
    const uint8_t *p = node->bytes;
    if (!udf_tag_ok(p, udf->block) || (udf_tag_id(p) != UDF_FILE && udf_tag_id(p) != UDF_EXTENDED_FILE))
        return false;
    bool extended = udf_tag_id(p) == UDF_EXTENDED_FILE;
    const uint8_t *times = p + (extended ? 80 : 72), *lengths = p + (extended ? 208 : 168);
    uint32_t head = extended ? 216 : 176, attributes = le32(lengths), descriptors = le32(lengths + 4);
    if (attributes > udf->block - head || descriptors > udf->block - head - attributes)
        return false;
    node->type = p[27];
    node->flags = le16(p + 34);
    node->size = le64(p + 56);
    node->descriptors = head + attributes;
    node->descriptors_len = descriptors;
    node->times[ORIGIN_ACCESSED] = time_of(times);
    node->times[ORIGIN_WRITTEN] = time_of(times + 12);
    node->times[ORIGIN_CREATED] = extended ? time_of(times + 24) : ORIGIN_NO_TIME;
    node->times[ORIGIN_CHANGED] = time_of(times + (extended ? 36 : 24));
    node->streams = extended ? udf_long_extent(p + 152) : (struct udf_extent){0};
    return true;
}

/** What an ICB's extent holds: the newest entry of it, in `node`, and whether it leads to a newer one. */
static bool read_step(struct udf *udf, const struct udf_extent *icb, struct udf_node *node, uint8_t *block,
                      struct udf_extent *next)
{
    uint64_t blocks = icb->length / udf->block;
    bool found = false;
    next->length = 0;
    blocks = !blocks ? 1 : blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS;
    for (uint32_t i = 0; i < blocks && !next->length; i++) {
        uint64_t at;
        if (i > UINT32_MAX - icb->block || !udf_descriptor_read(udf, icb->map, icb->block + i, block, &at))
            break;
        if (udf_tag_id(block) == UDF_INDIRECT) {
            *next = udf_long_extent(block + 36);
            continue;
        }
        struct udf_node newer = {.at = at, .map = icb->map, .block = icb->block + i, .bytes = block};
        if (!udf_node_parse(udf, &newer))
            break;
        newer.bytes = node->bytes;
        *node = newer;
        memcpy(node->bytes, block, udf->block);
        found = true;
        if (le16(block + 20) == STRATEGY_4)
            break;
    }
    return found;
}

bool udf_node_read(struct udf *udf, const struct udf_extent *icb, struct udf_node *node)
{
    struct udf_extent here = *icb, next;
    uint8_t *block = malloc(udf->block);
    bool found = false;
    if (!block) {
        end_memory(udf->disc->end);
        return false;
    }
    unsigned hops = 0, most = udf->hops < MOST_HOPS_ALL ? MOST_HOPS : 1;
    for (; hops < most; hops++, udf->hops++) {
        found |= read_step(udf, &here, node, block, &next);
        if (!next.length)
            break;
        here = next;
    }
    free(block);
    /* Which one of a circle is the newest, nobody knows: each is found as an orphan. */
    return found && hops < most;
}

/** Where descriptors stand: in the entry itself, or in blocks that it leads to. */
struct descriptors {
    const uint8_t *bytes;
    uint32_t at, end;
    /** The block that was read last, and one before: pieces that go in a circle meet it again. */
    uint8_t *block;
    struct udf_extent last, mark;
    uint64_t steps;
};

/** Goes on where the extent says. */
static bool go_on(struct udf *udf, struct descriptors *list, const struct udf_extent *to)
{
    if (list->steps && to->block == list->mark.block && to->map == list->mark.map)
        return false;
    /* A power of two. */
    if (!(list->steps & (list->steps - 1)))
        list->mark = *to;
    list->steps++;
    if (!list->block)
        list->block = malloc(udf->block);
    uint64_t at;
    if (!list->block || !udf_descriptor_read(udf, to->map, to->block, list->block, &at) ||
        udf_tag_id(list->block) != UDF_ALLOCATION || le32(list->block + 20) > udf->block - 24)
        return false;
    list->bytes = list->block;
    list->at = 24;
    list->end = 24 + le32(list->block + 20);
    return true;
}

/** Adds the pieces of an extent that is recorded. False where a part of it is nowhere: it is a hole then. */
static bool add_recorded(struct udf *udf, struct udf_extent extent, uint64_t end)
{
    bool whole = true;
    while (extent.length && udf->steps < end) {
        udf->steps++;
        uint64_t at = ORIGIN_UNKNOWN, blocks = 1, want = (extent.length + udf->block - 1) / udf->block, n;
        if (!udf_locate(udf, extent.map, extent.block, want, &at, &blocks)) {
            at = ORIGIN_UNKNOWN;
            blocks = want;
            whole = false;
        }
        n = blocks * udf->block < extent.length ? blocks * udf->block : extent.length;
        if (!optical_run_add(udf->disc, at, n))
            return false;
        extent.length -= n;
        extent.block += (uint32_t)blocks;
    }
    return whole;
}

/** The next descriptor. False at the end of the list. */
static bool next_extent(const struct udf_node *node, struct descriptors *list, struct udf_extent *extent,
                        unsigned *type)
{
    static const uint32_t sizes[] = {8, 16, 20};
    uint32_t size = sizes[node->flags & 7];
    if (list->end - list->at < size)
        return false;
    const uint8_t *p = list->bytes + list->at;
    list->at += size;
    *type = le32(p) >> 30;
    if (size == 8)
        *extent = (struct udf_extent){le32(p + 4), node->map, UDF_LENGTH(le32(p))};
    else if (size == 16)
        *extent = udf_long_extent(p);
    else
        *extent = (struct udf_extent){le32(p + 12), le16(p + 16), UDF_LENGTH(le32(p))};
    return extent->length;
}

bool udf_node_runs(struct udf *udf, const struct udf_node *node, const char **why)
{
    struct descriptors list = {.bytes = node->bytes, .at = node->descriptors};
    list.end = node->descriptors + node->descriptors_len;
    struct udf_extent extent;
    uint64_t left = node->size;
    uint64_t end = udf->steps + MOST_STEPS < MOST_STEPS_ALL ? udf->steps + MOST_STEPS : MOST_STEPS_ALL;
    unsigned type, kind = node->flags & 7;
    if (kind == 3)
        return optical_run_add(udf->disc, node->at + node->descriptors, node->descriptors_len);
    if (kind > 3) {
        *why = "its pieces are told in a way that is none";
        return false;
    }
    while (left && udf->steps < end && next_extent(node, &list, &extent, &type)) {
        udf->steps++;
        if (type == EXTENT_GOES_ON) {
            if (go_on(udf, &list, &extent))
                continue;
            *why = no_end;
            break;
        }
        if (type == EXTENT_RECORDED ? !add_recorded(udf, extent, end)
                                    : !optical_run_add(udf->disc, ORIGIN_UNKNOWN, extent.length))
            *why = no_place;
        if (udf->disc->is_cut)
            break;
        left -= extent.length < left ? extent.length : left;
    }
    if (udf->steps >= end)
        *why = no_steps;
    free(list.block);
    return !*why;
}
