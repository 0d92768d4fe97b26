/* metrics.h: --metrics FILE: how a scan went, for Prometheus (node_exporter's textfile collector). */
#ifndef SCAN_METRICS_H
#define SCAN_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "trawl/report.h"

/** What is gathered for it while a scan runs. */
struct metrics {
    time_t start;
    uint64_t start_ns;
    /** The reports were written: what follows is known. */
    bool reported;
    struct report_totals totals;
    bool complete, interrupted;
};

void metrics_start(struct metrics *metrics);
/** The reports are written. */
void metrics_reported(struct metrics *metrics, const struct report_totals *totals, const struct case_end *end);
/**
 * Writes the file: under a temporary name beside it, then renamed. Whatever became of the scan, so that a failed night
 * is seen as one. Returns `status`, or EXIT_OUTPUT after a line on stderr.
 */
int metrics_write(const struct metrics *metrics, const char *path, int status);

#endif
