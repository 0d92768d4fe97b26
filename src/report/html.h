/* html.h: the pieces of report.html. One page, no script, nothing fetched; every foreign word goes through text.h. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdint.h>

#include "report/context.h"

struct buf;

/** The style sheet, to go into <style>. */
extern const char html_style[];

/** Findings shown, places of each, bytes of a path, lists in the chart. report.jsonl has all. */
#define HTML_FINDINGS 1000
#define HTML_PLACES   20
#define HTML_PATH     1000
#define HTML_BARS     40

/** A bar with its label, as a display form. */
struct bar {
    char label[160];
    uint64_t value;
};

/** A bar chart as inline SVG, readable at any width and without colour; `id` is unique in the page. */
void html_chart(struct buf *out, const char *id, const char *title, const struct bar *bars, size_t n);
/** The two charts of findings. */
void html_charts(const struct report *report, struct buf *out);

/** What was not examined; what came out, by status and type; the lists; the options. */
void html_unexamined(const struct report *report, struct buf *out);
void html_totals(const struct report *report, struct buf *out);
void html_lists(const struct report *report, struct buf *out);
void html_options(const struct report *report, struct buf *out);

#endif
