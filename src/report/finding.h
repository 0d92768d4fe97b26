/* finding.h: one content that is on a list, and its places. Built from items that come grouped by content. */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/sorter.h"
#include "report/flood.h"
#include "report/place.h"
#include "report/verdict.h"
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
    /** The first so many of its matches count; those behind them are of demoted entries (flood.h). 0: it is demoted. */
    uint32_t n_clear;
    /** The best state of its places, and the newest time that is known of it (seconds since 1970; 0: none). */
    enum place_state state;
    int64_t newest;
    /** Other findings in the same folder, where there are most of them. */
    uint32_t nearby;
    /** What people said of it. */
    enum verdict verdict;
    /** scan --since: it was none in the older case. */
    bool is_new;
    /** Places of all findings before it, and how many of those have digests; known when it is written. */
    uint64_t places_before, hashed_before;
};

struct totals;

/**
 * Takes (content key, u32 findings nearby, item) from a finished sorter and adds to `out`, under keys in the order of
 * rank, the head of each finding followed by its places. Counts findings in `totals`. `found`: contents that were
 * findings before; NULL without --since. Returns 0 or -errno.
 */
int findings_build(struct sorter *items, struct sorter *out, int spill_dirfd, size_t memory,
                   const struct case_info *info, const struct flood *flood, struct verdicts *verdicts,
                   struct verdicts *found, struct totals *totals);
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
