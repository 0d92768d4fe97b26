/* case_totals.h: what a case's summary.json says its scan came to. */
#ifndef SCAN_CASE_TOTALS_H
#define SCAN_CASE_TOTALS_H

#include "scan/case.h"

/** Reads findings and files not examined back. False where summary.json does not say them. */
bool case_totals_read(const struct case_folder *folder, struct report_totals *totals);

#endif
