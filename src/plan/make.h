/* make.h: trawl plan. */
#ifndef PLAN_MAKE_H
#define PLAN_MAKE_H

#include "plan/plan.h"
#include "trawl/scan.h"

/** What a plan for these options begins with. */
void plan_head_of(const struct scan_options *options, struct plan_head *head);
/** True if a scan with these options reads what the plan says. Else a sentence in `why`. */
bool plan_suits(const struct plan *plan, const struct scan_options *options, char why[PLAN_WHY]);
/** Writes the plan of the options' sources to stdout. Returns the exit status. */
int plan_make(const struct scan_options *options);

#endif
