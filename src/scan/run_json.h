/* run_json.h: run.json: what differs from run to run. */
#ifndef SCAN_RUN_JSON_H
#define SCAN_RUN_JSON_H

#include <stdint.h>
#include <time.h>

struct buf;
struct run;
struct report_totals;

struct run_clock {
    time_t start;
    uint64_t start_ns;
};

void run_clock_start(struct run_clock *clock);
/** What every run.json begins with: when, where, by whom. */
void run_json_begin(const struct run_clock *clock, struct buf *out);
/** Writes run.json into the case folder. Returns 0 or -errno. */
int run_json_write(struct run *run, const struct run_clock *clock, const struct report_totals *totals, int dirfd);

#endif
