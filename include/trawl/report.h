/* report.h: from the journal's items to the files of a case folder. A pure function: same items, same bytes. */
#ifndef TRAWL_REPORT_H
#define TRAWL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/item.h"

struct since_told;
struct sorter;

/** Which share of a plan a case is: it is one part of several, which `trawl merge` puts together. */
struct shard_info {
    /** SHA-256 of the plan. */
    uint8_t plan[32];
    /** Counted from 0. */
    uint32_t shard;
    /** 0: the case is no part of anything. */
    uint32_t shards;
};

/** What the run was asked, stored in the journal so that `trawl report` needs nothing else. Strings owned. */
struct case_info {
    /** Tool version. */
    char *version;
    /** One "name=value" line per option that shapes the result (never threads, folder or SIMD level). */
    char **options;
    size_t n_options;
    /** Sources as given. With --from: "from:FILE". */
    char **sources;
    size_t n_sources;
    struct list_info *lists;
    size_t n_lists;
    int max_distance, min_quality;
    /** Printed in every report. */
    bool no_sandbox;
    /** --no-inventory: names of files without a finding stay in the journal. */
    bool no_inventory;
    /** Contents that one near entry may hit before it is demoted; 0: any number. */
    uint32_t flood;
    /** --minimise: names and hashes of files without a finding are not even in the journal. */
    bool minimise;
    /** --retain: days after its end that the case is kept; 0: nobody said. */
    uint32_t retain_days;
    /** --thumbnails: pictures on a list have a reduced one in the journal. */
    bool thumbnails;
    struct shard_info shard;
};

void case_info_clear(struct case_info *info);
void case_info_encode(const struct case_info *info, struct buf *out);
bool case_info_decode(const uint8_t *bytes, size_t n, struct case_info *info);

/** How the scan ended. */
struct case_end {
    /** Every source was read to its end. */
    bool complete;
    /** SIGINT or SIGTERM. */
    bool interrupted;
    /** Sentences about the case itself (recovered journal, changed evidence ...); owned. */
    char **notes;
    size_t n_notes;
    /** Adds what people said of contents to a sorter (report/verdict.h), the earlier before the later; NULL: nobody
     * said anything. Returns 0 or -errno. */
    int (*verdicts)(const void *context, struct sorter *out);
    const void *verdict_context;
    /** scan --since: what became of files since an older case (report/change.h); NULL without. */
    struct since_told *since;
};

/** Gives the items in any order. Returns 1 and fills *item (the caller clears it), 0 at the end, -errno. */
struct item_source {
    int (*next)(struct item_source *source, struct item *item);
    /** Where next returned ITEM_ENCODED: the item as item_encode writes it, of a file of the host that is on no list;
     * *item is left alone. Taking it apart to write it again takes as long as all else about it. */
    const uint8_t *bytes;
    size_t n;
    /** Its path, which is its key. */
    const uint8_t *path;
    size_t path_len;
};
#define ITEM_ENCODED 2

/** Bits of what --report asks for. */
enum report_format {
    REPORT_JSONL = 1 << 0,
    REPORT_CSV = 1 << 1,
    REPORT_HTML = 1 << 2,
    REPORT_VICS = 1 << 3,
    REPORT_C4P = 1 << 4,
    REPORT_DFXML = 1 << 5,
    REPORT_CASE = 1 << 6,
    REPORT_HASHDEEP = 1 << 7,
    REPORT_MD5 = 1 << 8,
    REPORT_MD5SUM = 1 << 9,
    REPORT_KDB = 1 << 10,
    REPORT_BODYFILE = 1 << 11,
    REPORT_CYBERTIP = 1 << 12,
    REPORT_SQLITE = 1 << 13,
};
#define REPORT_DEFAULT (REPORT_JSONL | REPORT_CSV | REPORT_HTML)

/** One format of reports: its name for --report and its files. */
struct report_format_row {
    const char *name;
    enum report_format bit;
    /** In the case folder; the second may be NULL. */
    const char *files[2];
    const char *help;
};
extern const struct report_format_row report_format_table[];
extern const size_t report_format_table_size;
/** The formats of which the folder holds a file. */
unsigned report_present(int dirfd);

/** Bytes are of known sizes only, and stop at the largest number (a damaged container may claim anything). */
struct tally {
    uint64_t files, bytes;
};
#define SEVERITIES 256

/** scan --since: what became of files of the host since the older case; and its findings. */
struct since_totals {
    bool is_since;
    uint64_t unchanged, added, changed, vanished, unreadable, reused, rechecked, new_findings;
};

/** What a caller prints, exits with, and tells a monitor. */
struct report_totals {
    uint64_t files, bytes;
    /** Distinct contents that are on a list, and their places. */
    uint64_t findings, locations;
    /** Files whose status does not count as examined. */
    uint64_t unexamined;
    /** Files of the host themselves, without what is inside them. */
    struct tally top;
    struct tally by_status[TRAWL_STATUS_COUNT];
    /** Findings with an exact match; by severity of the best match. */
    uint64_t exact, by_severity[SEVERITIES];
    /** Disks and discs whose medium has a line of its own. */
    uint64_t media;
    /** --recheck: files whose bytes changed behind their times. */
    uint64_t silent;
    struct since_totals since;
};

/**
 * Writes inventory.jsonl, summary.json and the files of `formats` into the folder `casefd`: each to a temporary name,
 * synced, renamed. Of several items in one place the last one counts. Memory does not grow with the number of items.
 * Returns 0 or -errno.
 */
int report_write(int casefd, const struct case_info *info, const struct case_end *end, unsigned formats,
                 struct item_source *items, struct report_totals *totals);

#endif
