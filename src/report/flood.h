/* flood.h: list entries that hit too many contents: flat and generic pictures are near to everything. */
#ifndef REPORT_FLOOD_H
#define REPORT_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sorter.h"
#include "trawl/item.h"

/** Distinct contents that an entry may hit before it is demoted. */
#define FLOOD_CONTENTS 250

#define FLOOD_KEY 16

/** The entries that are demoted. At most findings / limit of them: bounded by what was found, not by the lists. */
struct flood {
    uint8_t (*keys)[FLOOD_KEY];
    size_t n, cap;
};

/** Adds a listed item's near entries, with its content, to a sorter. Digests hit one content each: they cannot flood.
 * Returns 0 or -errno. */
int flood_add(struct sorter *hits, const struct item *item);
/** Finds the entries that hit more than `limit` contents (0: none is looked for) in that sorter. Returns 0 or -errno.
 */
int flood_find(struct flood *flood, struct sorter *hits, uint64_t limit);
bool flood_has(const struct flood *flood, const struct match *match);
/** True if all entries that an item matches are demoted. */
bool flood_has_all(const struct flood *flood, const struct match_list *matches);
void flood_free(struct flood *flood);

#endif
