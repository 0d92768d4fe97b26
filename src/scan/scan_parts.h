/* scan_parts.h: the parts of scan.c that stand in files of their own. */
#ifndef SCAN_SCAN_PARTS_H
#define SCAN_SCAN_PARTS_H

#include "scan/run.h"
#include "trawl/report.h"

/** What the run was asked; strings are copies. */
void case_info_of(const struct run *run, struct case_info *info);
/** Runs all threads, from the first pull to the last record. Returns 0 or -errno. */
int scan_line(struct run *run);
/** Says what the run itself needed and could not have: workers (-errno), or processes. Returns the exit status. */
int scan_failed(const struct run *run, int no_workers);
/** trawl hash. Returns the exit status. */
int scan_hash(struct run *run);

#endif
