#include "report/html.h"

#include "core/buf.h"
#include "core/escape.h"
#include "report/order.h"
#include "report/text.h"

static void write_head(const struct report *report, struct buf *out)
{
    buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html_policy(html_has_previews(report), out);
    buf_puts(out, "<meta name=\"referrer\" content=\"no-referrer\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>trawl report: ");
    html_number(out, report->totals.findings);
    buf_puts(out, report->totals.findings == 1 ? " finding, " : " findings, ");
    html_number(out, report->totals.unexamined);
    buf_puts(out, " not examined</title>\n<style>");
    html_put_style(html_has_previews(report), out);
    buf_puts(out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">To the findings</a>\n");
}

static void alarm(struct buf *out, const char *what, const char *so)
{
    buf_printf(out, "<p class=\"alarm\" role=\"alert\">%s <span>%s</span></p>\n", what, so);
}

static void write_alarms(const struct report *report, struct buf *out)
{
    if (report->end->interrupted)
        alarm(out, "INTERRUPTED: the scan was stopped before its end.",
              "This report covers only a part of the evidence. The case can be resumed.");
    else if (!report->end->complete)
        alarm(out, "NOT COMPLETE: the scan has not come to its end.",
              "This report covers only a part of the evidence. The case can be resumed.");
    if (report->info->no_sandbox)
        alarm(out, "NO SANDBOX: files were read by unconfined processes.",
              "A file made to attack its reader could have changed results. Treat them with care.");
}

/** What became of the files of an older case. */
static void write_since(const struct report *report, struct buf *out)
{
    static const struct {
        enum change_kind kind;
        const char *words;
    } rows[] = {
        {CHANGE_NEW, "new"},
        {CHANGE_CHANGED, "changed"},
        {CHANGE_VANISHED, "gone"},
        {CHANGE_UNREADABLE, "in folders that could not be read"},
        {CHANGE_RECHECKED, "read again, and the same"},
    };
    const struct since_told *since = report->end->since;
    if (!since)
        return;
    buf_puts(out, "<section id=\"since\"><h2>Since the last case</h2>\n<p>Compared with ");
    text_html(out, since->info.path);
    buf_puts(out, ": ");
    html_number(out, since->reused);
    buf_puts(out, since->reused == 1 ? " file was taken over as it was" : " files were taken over as they were");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        buf_puts(out, ", ");
        html_number(out, report->changes.n[rows[i].kind]);
        buf_printf(out, " %s", rows[i].words);
    }
    buf_puts(out, "; ");
    html_number(out, report->totals.new_findings);
    buf_puts(out, report->totals.new_findings == 1 ? " finding is new.</p>\n" : " findings are new.</p>\n");
    if (*since->info.refused) {
        buf_puts(out, "<p>Nothing of it could be taken over: ");
        text_html(out, since->info.refused);
        buf_puts(out, ".</p>\n");
    }
    buf_puts(out, "<p class=\"more\">changes.jsonl has a line for each.</p>\n</section>\n");
}

/** Files whose bytes are others, though nothing about them says so. */
static void write_silent(const struct report *report, struct buf *out)
{
    const struct changes *changes = &report->changes;
    uint64_t n = changes->n[CHANGE_SILENT];
    if (!n)
        return;
    buf_puts(out, "<p class=\"alarm\" role=\"alert\">SILENT CHANGES: ");
    html_number(out, n);
    buf_puts(out, n == 1 ? " file has other bytes" : " files have other bytes");
    buf_puts(out, " than before, though size and times are the same. <span>");
    for (size_t i = 0; i < sizeof(changes->silent) / sizeof(*changes->silent) && changes->silent[i]; i++) {
        buf_puts(out, i ? ", " : "");
        text_html(out, changes->silent[i]);
    }
    buf_puts(out, "</span></p>\n");
}

static void card(struct buf *out, const char *label, uint64_t v, bool bad)
{
    buf_puts(out, bad && v ? "<li class=\"bad\"><b>" : "<li><b>");
    html_number(out, v);
    buf_printf(out, "</b>%s</li>\n", label);
}

static void write_cards(const struct totals *totals, struct buf *out)
{
    buf_puts(out, "<ul class=\"cards\">\n");
    card(out, "not examined", totals->unexamined, true);
    card(out, totals->findings == 1 ? "finding" : "findings", totals->findings, false);
    card(out, totals->locations == 1 ? "place in all" : "places in all", totals->locations, false);
    card(out, totals->all.files == 1 ? "file found" : "files found", totals->all.files, false);
    buf_puts(out, "<li><b>");
    html_bytes(out, totals->top.bytes);
    buf_puts(out, "</b>of evidence</li>\n</ul>\n");
}

static void write_notes(const struct case_end *end, struct buf *out)
{
    if (!end->n_notes)
        return;
    buf_puts(out, "<h3>Notes</h3>\n<ul>\n");
    for (size_t i = 0; i < end->n_notes; i++) {
        buf_puts(out, "<li>");
        text_html(out, end->notes[i]);
        buf_puts(out, "</li>\n");
    }
    buf_puts(out, "</ul>\n");
}

static void write_nav(struct buf *out)
{
    static const struct {
        const char *id, *words;
    } links[] = {
        {"unexamined", "Not examined"}, {"look-first", "Where to look first"},
        {"findings", "Findings"},       {"review", "Review next"},
        {"totals", "Totals"},           {"lists", "Lists"},
        {"options", "Options"},
    };
    buf_puts(out, "<div class=\"bar\"><nav aria-label=\"Sections\">");
    for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
        buf_printf(out, "<a href=\"#%s\">%s</a>", links[i].id, links[i].words);
    buf_puts(out, "</nav></div>\n");
}

static void write_lede(const struct report *report, struct buf *out)
{
    const struct case_info *info = report->info;
    buf_puts(out, "<p class=\"lede\">Known files in ");
    if (info->n_sources == 1)
        text_html(out, info->sources[0]);
    else
        buf_printf(out, "%zu sources", info->n_sources);
    buf_printf(out, ", searched for with %zu %s by trawl ", info->n_lists, info->n_lists == 1 ? "list" : "lists");
    text_html(out, info->version);
    buf_puts(out, report->end->complete ? "; the scan is complete.</p>\n" : "; the scan is not complete.</p>\n");
}

static void html_begin(const struct report *report, struct buf *out)
{
    write_head(report, out);
    buf_puts(out, "<header>\n<h1>trawl report</h1>\n");
    write_lede(report, out);
    html_preview_notice(report, out);
    write_alarms(report, out);
    write_silent(report, out);
    write_cards(&report->totals, out);
    write_notes(report->end, out);
    media_html(&report->media, out);
    buf_puts(out, "</header>\n");
    write_nav(out);
    buf_puts(out, "<main>\n");
    write_since(report, out);
    html_unexamined(report, out);
    html_spots(report, out);
    buf_puts(out, "<section id=\"findings\"><h2>Findings</h2>\n");
    if (!report->totals.findings) {
        buf_puts(out, report->info->n_lists ? "<p>Nothing that was examined is on a list.</p>\n"
                                            : "<p>No list was given.</p>\n");
        return;
    }
    html_charts(report, out);
    html_rows_begin(report, out);
}

static void html_end(const struct report *report, struct buf *out)
{
    const struct totals *totals = &report->totals;
    if (totals->findings && totals->findings <= HTML_ROWS)
        html_rows_end(report, out);
    html_blocks_end(report, out);
    if (totals->findings > HTML_FINDINGS) {
        buf_puts(out, "<p class=\"more\">");
        html_number(out, totals->findings - HTML_FINDINGS);
        buf_puts(out, " more findings are in report.jsonl and report.csv.</p>\n");
    }
    buf_puts(out, "</section>\n");
    html_review(report, out);
    html_totals(report, out);
    html_lists(report, out);
    html_options(report, out);
    buf_puts(out, "</main>\n<footer>trawl ");
    text_html(out, report->info->version);
    buf_puts(out, ". This page shows the beginning; report.jsonl and report.csv have every finding and every place of "
                  "it, inventory.jsonl every "
                  "file, summary.json all totals, run.json the run itself.</footer>\n</body>\n</html>\n");
}

const struct report_writer report_html = {
    .format = REPORT_HTML,
    .file = "report.html",
    .begin = html_begin,
    .finding = html_finding,
    .place = html_place,
    .finding_end = html_finding_end,
    .end = html_end,
};
