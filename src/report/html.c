#include "report/html.h"

#include "core/buf.h"
#include "core/escape.h"
#include "report/order.h"
#include "report/text.h"

static void write_head(const struct report *report, struct buf *out)
{
    buf_puts(out,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
             "<meta name=\"referrer\" content=\"no-referrer\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>trawl report: ");
    html_number(out, report->totals.findings);
    buf_puts(out, report->totals.findings == 1 ? " finding, " : " findings, ");
    html_number(out, report->totals.unexamined);
    buf_puts(out, " not examined</title>\n<style>\n");
    buf_puts(out, html_style);
    buf_puts(out, "</style>\n</head>\n<body>\n");
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

static void write_severities(const struct totals *totals, struct buf *out)
{
    const char *comma = "";
    buf_puts(out, "<p>Severity (1 is the most severe): ");
    for (int s = 0; s < SEVERITIES; s++) {
        if (!totals->by_severity[s])
            continue;
        buf_printf(out, "%s<span class=\"w\"><span class=\"sev s%d\">%d</span> ", comma, s, s);
        html_number(out, totals->by_severity[s]);
        buf_puts(out, totals->by_severity[s] == 1 ? " finding</span>" : " findings</span>");
        comma = ", ";
    }
    buf_puts(out, "</p>\n");
}

static void html_begin(const struct report *report, struct buf *out)
{
    write_head(report, out);
    buf_puts(out, "<header>\n<h1>trawl report</h1>\n");
    write_alarms(report, out);
    write_cards(&report->totals, out);
    buf_puts(
        out,
        "<nav><a href=\"#unexamined\">Not examined</a><a href=\"#findings\">Findings</a><a href=\"#totals\">Totals</a>"
        "<a href=\"#lists\">Lists</a><a href=\"#options\">Options</a></nav>\n");
    write_notes(report->end, out);
    buf_puts(out, "</header>\n<main>\n");
    html_unexamined(report, out);
    buf_puts(out, "<section id=\"findings\"><h2>Findings</h2>\n");
    if (!report->totals.findings) {
        buf_puts(out, report->info->n_lists ? "<p>Nothing that was examined is on a list.</p>\n"
                                            : "<p>No list was given.</p>\n");
        return;
    }
    write_severities(&report->totals, out);
    html_charts(report, out);
    buf_puts(out, "<div class=\"wide\"><table class=\"findings\">\n<thead><tr><th "
                  "class=\"n\">Rank</th><th>Severity</th><th>Match</th>"
                  "<th>List, entry, category</th><th>Type</th><th class=\"n\">Size</th></tr></thead>\n");
}

static void write_match(const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    buf_printf(out, "<td>%s, %s", match_tier(best), hash_type_name(best->type));
    if (match_is_near(best)) {
        buf_printf(out, "<div class=\"sub\">distance %u", best->distance);
        if (best->rotation)
            buf_printf(out, ", %s", pdq_rotation_name((enum pdq_rotation)best->rotation));
        int quality = match_quality(head, best);
        if (quality >= 0)
            buf_printf(out, ", quality %d%s", quality, best->video.is_video || head->pdq_stable ? "" : ", not stable");
        match_video_words(best, out);
        buf_puts(out, "</div>");
    }
    buf_puts(out, "</td>");
}

static void write_entry(const struct finding *finding, struct buf *out)
{
    const struct match_list *matches = &finding->head.matches;
    buf_puts(out, "<td>");
    text_html(out, matches->items[0].list);
    buf_puts(out, ", entry ");
    text_html(out, matches->items[0].entry);
    if (*matches->items[0].category) {
        buf_puts(out, ", ");
        text_html(out, matches->items[0].category);
    }
    if (matches->n > 1 || finding->known)
        buf_puts(out, "<div class=\"sub\">");
    if (matches->n > 1) {
        html_number(out, matches->n - 1);
        buf_puts(out, matches->n == 2 ? " more entry matches" : " more entries match");
        buf_puts(out, finding->known ? "; " : "");
    }
    if (finding->known)
        buf_puts(out, "also on a list of known files");
    if (matches->n > 1 || finding->known)
        buf_puts(out, "</div>");
    buf_puts(out, "</td>");
}

/** What identifies the content: one line above its places. */
static void write_hashes(const struct item *head, struct buf *out)
{
    buf_puts(out, "<div class=\"m hash\">");
    if (head->has_digests) {
        buf_puts(out, "<span>SHA-256 ");
        buf_hex(out, head->digests.sha256, sizeof(head->digests.sha256));
        buf_puts(out, "</span> <span>MD5 ");
        buf_hex(out, head->digests.md5, sizeof(head->digests.md5));
        buf_puts(out, "</span>");
    } else {
        buf_puts(out, "no digest: not all of its bytes could be read");
    }
    buf_puts(out, "</div>");
}

static void html_finding(const struct report *report, const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    unsigned severity = head->matches.items[0].severity;
    (void)report;
    if (finding->rank > HTML_FINDINGS)
        return;
    buf_puts(out, "<tbody><tr><td class=\"n\">");
    html_number(out, finding->rank);
    buf_printf(out, "</td><td><span class=\"sev s%u\">%u</span></td>", severity, severity);
    write_match(finding, out);
    write_entry(finding, out);
    buf_printf(out, "<td>%s</td><td class=\"n\">", type_name(head->type));
    if (head->size == WHERE_UNKNOWN)
        buf_puts(out, "unknown");
    else
        html_bytes(out, head->size);
    buf_puts(out, "</td></tr>\n<tr><td></td><td colspan=\"5\" class=\"places\">");
    write_hashes(head, out);
    buf_puts(out, "<ol>\n");
}

static void html_place(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out)
{
    struct buf path = {0};
    if (finding->rank > HTML_FINDINGS || number > HTML_PLACES)
        return;
    where_path(where, &path);
    buf_puts(out, "<li class=\"m\">");
    html_cut(out, (const char *)path.data, path.len, HTML_PATH);
    buf_puts(out, "</li>\n");
    buf_free(&path);
}

static void html_finding_end(const struct finding *finding, struct buf *out)
{
    if (finding->rank > HTML_FINDINGS)
        return;
    buf_puts(out, "</ol>");
    if (finding->n_places > HTML_PLACES) {
        buf_puts(out, "<div class=\"more\">");
        html_number(out, finding->n_places - HTML_PLACES);
        buf_puts(out, " more places are in report.jsonl and report.csv.</div>");
    }
    buf_puts(out, "</td></tr></tbody>\n");
}

static void html_end(const struct report *report, struct buf *out)
{
    const struct totals *totals = &report->totals;
    if (totals->findings)
        buf_puts(out, "</table></div>\n");
    if (totals->findings > HTML_FINDINGS) {
        buf_puts(out, "<p class=\"more\">");
        html_number(out, totals->findings - HTML_FINDINGS);
        buf_puts(out, " more findings are in report.jsonl and report.csv.</p>\n");
    }
    buf_puts(out, "</section>\n");
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
