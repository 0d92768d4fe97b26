/* finding.h: one content that is on a list, and its places. Built from items that come grouped by content. */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/sorter.h"
#include "trawl/item.h"
#include "trawl/report.h"

struct finding {
    /** From 1; known when it is written. */
    uint64_t rank;
    /** The content, in its first place; `matches` of all places, each once, the best first. */
    struct item head;
    /** A --known list has it too. */
    bool known;
    uint64_t n_places;
};

struct totals;

/**
 * Takes (content key, item) pairs from a finished sorter and adds to `out`, under keys in the order of rank, the head
 * of each finding followed by its places. Counts findings in `totals`. Returns 0 or -errno.
 */
int findings_build(struct sorter *items, struct sorter *out, int spill_dirfd, size_t memory,
                   const struct case_info *info, struct totals *totals);
/** The content key of an item: equal for equal contents. Without digests every place counts for itself. */
void finding_content_key(const struct item *item, struct buf *out);

/** What findings_next gives. */
enum finding_part { FINDING_END, FINDING_HEAD, FINDING_PLACE };

/**
 * The next part from a sorter that findings_build filled: a head (in *finding, to be cleared by the caller before the
 * next one), or one of its places (in *place, to be released by the caller). Returns enum finding_part or -errno.
 */
int findings_next(struct sorter *sorter, struct finding *finding, struct where **place);

#endif
