/* totals.h: what all items and findings add up to. Bounded: nothing here grows with their number. */
#ifndef REPORT_TOTALS_H
#define REPORT_TOTALS_H

#include <stdint.h>

#include "report/order.h"
#include "report/verdict.h"
#include "trawl/item.h"
#include "trawl/report.h"

/** Paths of files that were not examined, as many as the HTML shows. */
#define UNEXAMINED_SHOWN 200
struct unexamined {
    enum trawl_status status;
    enum limit_id limit;
    /** Display forms, cut to what is shown; NULL where there is none, or where --no-inventory hides names. */
    char *path, *detail;
};

/** Distances of near findings; more than any radius that can be asked. */
#define DISTANCES  (8 * PDQ_BYTES + 1)
/** Months from 1900 on. */
#define MONTH_YEAR 1900
#define MONTHS     (12 * 230)

/** Findings of one kind, and what people said of them. */
struct cell {
    uint64_t findings;
    /** By enum verdict; the first is unused. */
    uint64_t verdicts[VERDICTS];
    /** The finding that was counted last, so that none is counted twice. */
    uint64_t last;
};
/** Cells of one list: by technology and distance. */
#define LIST_CELLS (HASH_TYPE_COUNT * BANDS)

struct totals {
    struct tally all;
    /** Files of the host themselves, without what is inside them. */
    struct tally top;
    struct tally by_status[TRAWL_STATUS_COUNT];
    struct tally by_type[TYPE_COUNT];
    /** One for each of case_info.sources, and one more for what none of them is the beginning of. */
    struct tally *by_source;
    uint64_t size_unknown;
    uint64_t unexamined;
    uint64_t low_quality;
    uint64_t by_limit[LIMIT_COUNT];
    struct unexamined first_unexamined[UNEXAMINED_SHOWN];
    unsigned n_first_unexamined;

    uint64_t findings, locations;
    /** Findings of which there is a thumbnail. */
    uint64_t thumbnails;
    /** Findings whose bytes were not all readable: near matches without digests. */
    uint64_t unhashed_findings;
    uint64_t exact;
    /** Findings whose entries were all demoted. */
    uint64_t demoted;
    /** --since: those that were none in the older case. */
    uint64_t new_findings;
    uint64_t by_distance[DISTANCES];
    uint64_t by_severity[SEVERITIES];
    /** By the newest time that is known of a finding; the rest have none, or one outside. */
    uint64_t by_month[MONTHS];
    /** Findings with an entry of that list, and one more for lists that case_info does not have. */
    uint64_t *by_list;
    /** A finding counts once in each cell that one of its matches is of; in band_cells and all_cell by its best one. */
    struct cell all_cell, band_cells[BANDS], type_cells[HASH_TYPE_COUNT];
    /** Of each list, and one more as in by_list; LIST_CELLS of each. */
    struct cell *list_cells, *cells;
    /** Examined files of these classes. */
    struct tally pictures, videos;

    /** Sources in byte order, for look-up. */
    struct source_name *names;
    size_t n_names;
    /** Where names that no source begins are counted: the place of "from:FILE", else the one behind all. */
    size_t other;
};

void totals_init(struct totals *totals, const struct case_info *info);
void totals_free(struct totals *totals);
void totals_item(struct totals *totals, const struct case_info *info, const struct item *item);
void totals_finding(struct totals *totals, const struct case_info *info, const struct finding *finding);

#endif
