/* merge.h: trawl merge. */
#ifndef PLAN_MERGE_H
#define PLAN_MERGE_H

#include "trawl/scan.h"

/** Puts the cases of shards together into the case folder of the options. Returns the exit status. */
int merge_run(const struct scan_options *options, const char *const *parts, size_t n_parts);

#endif
