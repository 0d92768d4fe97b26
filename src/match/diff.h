/* diff.h: two sealed hashsets beside each other. */
#ifndef MATCH_DIFF_H
#define MATCH_DIFF_H

#include <stdint.h>

#include "match/hashset.h"

enum list_change_kind { LIST_ADDED, LIST_REMOVED, LIST_CHANGED, LIST_CHANGES };

/** What one set says of a hash: its most severe entry. Strings are borrowed from the set. */
struct list_side {
    uint8_t severity;
    uint16_t flags;
    const char *category, *code, *series;
};

struct list_change {
    enum list_change_kind kind;
    enum hash_type type;
    const uint8_t *value;
    /** Nothing is said of the side that has not the hash. */
    struct list_side before, after;
};

typedef void (*list_changed)(void *context, const struct list_change *change);

/**
 * Hands over every hash that one set has and the other has not, and every one of which they say something else
 * (severity, category, code, series, flags). In order: by type, then what went or changed by value, then what came.
 * Memory does not grow with the sets.
 */
void hashset_diff(const struct hashset *before, const struct hashset *after, list_changed changed, void *context);

#endif
