/*
 * merge_ranges.h: containers of which several shards read parts: one line out of what all of them know, and whether the
 * tree that they are is too much.
 *
 * Filled before records are copied: a shard's own line of such a container is left out then.
 */
#ifndef PLAN_MERGE_RANGES_H
#define PLAN_MERGE_RANGES_H

#include "journal/done.h"
#include "plan/ranges.h"
#include "trawl/journal.h"

struct split;

struct merge_ranges {
    /** By place: 1 more than the number of the split in `identity`. */
    struct done_set places;
    struct split *items;
    size_t n, cap;
};

/** Takes a JOURNAL_RANGES record in. Of several of one shard the last counts. */
void merge_ranges_take(struct merge_ranges *ranges, const struct journal_record *record);
/** Looks at a JOURNAL_ITEM record on its way. False if it is left out: merge_ranges_write says it. */
bool merge_ranges_pass(struct merge_ranges *ranges, const struct journal_record *record);
/** Writes the lines of all containers, and which trees are cut. Returns 0 or -errno. */
int merge_ranges_write(const struct merge_ranges *ranges, struct journal *journal);
void merge_ranges_free(struct merge_ranges *ranges);

#endif
