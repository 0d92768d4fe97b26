/*
 * nearby.h: what lies beside what. Items are sorted by their folder, so that each folder passes by as one group: its
 * findings are counted and go on to be grouped by content, pictures on no list beside them are ranked for review.
 */
#ifndef REPORT_NEARBY_H
#define REPORT_NEARBY_H

#include "core/sorter.h"
#include "report/flood.h"
#include "report/review.h"
#include "report/spots.h"
#include "trawl/item.h"

struct nearby;

struct nearby *nearby_new(int spill_dirfd, size_t memory);
/** Takes NULL. */
void nearby_free(struct nearby *nearby);
/** First pass, any order: remembers the folders of what is on a list. */
void nearby_mark(struct nearby *nearby, const struct item *item);
/** Second pass, each place once: takes what is on a list, and pictures that may lie beside it. `bytes`: the item's
 * encoding. Returns 0 or -errno. */
int nearby_add(struct nearby *nearby, const struct item *item, const void *bytes, size_t n);
/** Adds (content key, u32 findings beside it, item) of what is on a list to `listed`; fills in `spots`; gives pictures
 * beside findings to `review` (NULL: nobody wants them). Returns 0 or -errno. */
int nearby_finish(struct nearby *nearby, const struct flood *flood, struct sorter *listed, struct spots *spots,
                  struct review *review);

#endif
