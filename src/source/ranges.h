/* ranges.h (private): which bytes of a container are accounted for. */
#ifndef SOURCE_RANGES_H
#define SOURCE_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
    uint64_t start, end;
};

struct ranges {
    struct range *items;
    size_t n, cap;
    /** Memory was missing: the set is not complete. */
    bool incomplete;
};

/** Ranges that follow one another, as those of most containers do, are one item. */
void ranges_add(struct ranges *ranges, uint64_t start, uint64_t end);
/** Sorts and joins. */
void ranges_join(struct ranges *ranges);
/** Bytes covered; after ranges_join. */
uint64_t ranges_total(const struct ranges *ranges);
void ranges_free(struct ranges *ranges);

#endif
