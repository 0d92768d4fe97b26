/*
 * html.h: the pieces of report.html. One page, nothing fetched; every foreign word goes through text.h. Its only script
 * and style are page.js and page.css, allowed by their hashes; where it has previews, preview.js and preview.css too.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdint.h>

#include "report/context.h"

struct buf;

/** page.css and page.js. */
extern const char html_style[], html_script[];
/** What goes into <style> and <script>. */
void html_put_style(bool previews, struct buf *out);
void html_put_script(bool previews, struct buf *out);
/** The meta element that allows them, pictures that are in the page where it has previews, and nothing else. */
void html_policy(bool previews, struct buf *out);

/** Findings on the page, and how many of them are rows without a script. report.jsonl has all. */
#define HTML_FINDINGS 100000
#define HTML_ROWS     200
/** Places of a finding and bytes of a path: of rows, and of those behind them. */
#define HTML_PLACES      20
#define HTML_PATH        1000
#define HTML_DATA_PLACES 3
#define HTML_DATA_PATH   400
/** Findings with a preview, where there are any: 1.5 kB each. */
#define HTML_PREVIEWS 10000
/** Lists in the chart. */
#define HTML_BARS 40

/** The findings: the table's beginning and end; each finding; what ends the last block of data. */
void html_rows_begin(const struct report *report, struct buf *out);
void html_rows_end(const struct report *report, struct buf *out);
void html_finding(const struct report *report, const struct finding *finding, struct buf *out);
void html_place(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out);
void html_finding_end(const struct finding *finding, struct buf *out);
void html_blocks_end(const struct report *report, struct buf *out);

/** True if the page has a preview of some finding; of this one. */
bool html_has_previews(const struct report *report);
bool html_has_preview(const struct finding *finding);
/** A thumbnail as a PNG file in base64; its element. */
void html_preview_data(const uint8_t *thumbnail, struct buf *out);
void html_preview(const struct finding *finding, struct buf *out);
/** Says in the page's head that it has previews. */
void html_preview_notice(const struct report *report, struct buf *out);

/** A bar with its label, as a display form. */
struct bar {
    char label[160];
    uint64_t value;
    /** Class of the bar; NULL: as all others. */
    const char *css;
};

/** A bar chart as inline SVG, readable at any width and without colour; `id` is unique in the page. */
void html_chart(struct buf *out, const char *id, const char *title, const struct bar *bars, size_t n);
/** The charts of findings: by severity, list, distance, time. */
void html_charts(const struct report *report, struct buf *out);

/** One bar of all files: what was examined, and what not. */
void html_coverage(const struct totals *totals, struct buf *out);
/** Findings by month or year. */
void html_timeline(const struct totals *totals, struct buf *out);
/** Where to look first; what to review next. */
void html_spots(const struct report *report, struct buf *out);
void html_review(const struct report *report, struct buf *out);

/** What was not examined; what came out, by status and type; the lists; the options. */
void html_unexamined(const struct report *report, struct buf *out);
void html_totals(const struct report *report, struct buf *out);
void html_lists(const struct report *report, struct buf *out);
void html_options(const struct report *report, struct buf *out);

#endif
