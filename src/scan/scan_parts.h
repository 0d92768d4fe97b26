/* scan_parts.h: the parts of scan.c that stand in files of their own. */
#ifndef SCAN_SCAN_PARTS_H
#define SCAN_SCAN_PARTS_H

#include "scan/case.h"
#include "scan/run.h"
#include "trawl/report.h"

/** Before threads, and before lists, which no child may see: makes the run, and proves its sandbox. The latter returns
 * 0 or an exit status. */
void scan_begin(struct run *run, const struct scan_options *options);
int scan_sandbox(struct run *run);
/** Loads what the options name. Returns 0 or an exit status. */
int scan_lists(struct run *run, struct hashset *set);
void scan_close(struct run *run);
/** What the run was asked; strings are copies. */
void case_info_of(const struct run *run, struct case_info *info);
/** Runs all threads, from the first pull to the last record. Returns 0 or -errno. */
int scan_line(struct run *run);
/** Scans into the case folder of the options, which it opens. Returns the exit status. */
int scan_case(struct run *run, struct case_folder *folder);
/** Says what the run itself needed and could not have: workers (-errno), or processes. Returns the exit status. */
int scan_failed(const struct run *run, int no_workers);
/** Digests that no medium was compared with prove nothing, least of all that the evidence is sound: said, and the bit
 * for the exit status; 0 where none were expected. */
int scan_unverified(const struct scan_options *o, bool any_medium);
/** The exit status of a case. */
int scan_status(const struct report_totals *totals, const struct case_end *end);
/** Says how it ended. */
void scan_tell(const struct scan_options *options, const struct case_folder *folder,
               const struct report_totals *totals);
/**
 * The formats asked for, and those that the folder has a file of: left as it is, an old report would say what the
 * journal does not say any more.
 */
unsigned scan_formats(const struct case_folder *folder, unsigned asked, bool quiet);
/** trawl hash. Returns the exit status. */
int scan_hash(struct run *run);

#endif
