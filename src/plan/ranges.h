/* ranges.h: what one shard knows of a container that several read: the payload of a JOURNAL_RANGES record. */
#ifndef PLAN_RANGES_H
#define PLAN_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/limits.h"
#include "trawl/status.h"
#include "trawl/unpack.h"

struct buf;

/** Borrowed from the record, or from who writes it. */
struct ranges {
    /** The parts that it has read, or tried to. */
    struct unpack_share share;
    /** The limit of the tree of containers, and what the tree may weigh. */
    enum limit_id limit;
    uint64_t allowed;
    /** Where the container is, encoded. */
    const uint8_t *place;
    size_t place_len;
    /** With the first part: the payload of the container's JOURNAL_ITEM, before its parts are told in it. */
    const uint8_t *raw;
    size_t raw_len;
    /** Parts of which there is something to say. */
    uint32_t n_tellings;
    const uint8_t *tellings;
    size_t tellings_len;
};

/** How a part ended. */
struct ranges_telling {
    uint32_t part;
    enum trawl_status status;
    enum limit_id limit;
    const uint8_t *detail;
    size_t detail_len;
};

void ranges_put_telling(struct buf *tellings, uint32_t part, enum trawl_status status, enum limit_id limit,
                        const char *detail);
void ranges_encode(const struct ranges *ranges, struct buf *out);
bool ranges_decode(const uint8_t *bytes, size_t n, struct ranges *ranges);
/** Takes the next one of ranges->n_tellings. */
bool ranges_next_telling(struct ranges *ranges, struct ranges_telling *telling);

#endif
