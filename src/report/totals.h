/* totals.h: what all items and findings add up to. Bounded: nothing here grows with their number. */
#ifndef REPORT_TOTALS_H
#define REPORT_TOTALS_H

#include <stdint.h>

#include "trawl/item.h"
#include "trawl/report.h"

struct finding;

/** Bytes are of known sizes only, and stop at the largest number (a damaged container may claim anything). */
struct tally {
    uint64_t files, bytes;
};

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
#define SEVERITIES 256
/** Months from 1900 on. */
#define MONTH_YEAR 1900
#define MONTHS     (12 * 230)

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
    /** Findings whose bytes were not all readable: near matches without digests. */
    uint64_t unhashed_findings;
    uint64_t exact;
    /** Findings whose entries were all demoted. */
    uint64_t demoted;
    uint64_t by_distance[DISTANCES];
    uint64_t by_severity[SEVERITIES];
    /** By the newest time that is known of a finding; the rest have none, or one outside. */
    uint64_t by_month[MONTHS];
    /** Findings with an entry of that list, and one more for lists that case_info does not have. */
    uint64_t *by_list;

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
