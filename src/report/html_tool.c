/* html_tool.c: the table of findings, before and behind its rows: what filters it, its heads, and its script. */
#include "core/buf.h"
#include "core/escape.h"
#include "report/html.h"
#include "report/order.h"
#include "report/text.h"

static void select_begin(struct buf *out, const char *id, const char *label)
{
    buf_printf(out, "<label>%s<select id=\"%s\"><option value=\"\">all</option>", label, id);
}

static void write_severities(const struct report *report, struct buf *out)
{
    select_begin(out, "f-severity", "Severity");
    for (int s = 0; s < SEVERITIES; s++)
        if (report->totals.by_severity[s])
            buf_printf(out, "<option value=\"%d\">%d</option>", s, s);
    buf_puts(out, "</select></label>\n");
}

static void write_matches(struct buf *out)
{
    select_begin(out, "f-match", "Match");
    buf_puts(out, "<option value=\"near\">all near</option>");
    for (int band = 0; band < BANDS; band++)
        buf_printf(out, "<option value=\"%d\">%s</option>", band, band_name((enum band)band));
    buf_puts(out, "</select></label>\n");
}

static void write_filters(const struct report *report, struct buf *out)
{
    buf_puts(out, "<div class=\"tool\" role=\"search\"><div class=\"fields\">\n<label class=\"q\">Words in path, list, "
                  "entry, hash<input id=\"q\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" "
                  "placeholder=\"/\"></label>\n");
    write_severities(report, out);
    write_matches(out);
    select_begin(out, "f-list", "List");
    buf_puts(out, "</select></label>\n");
    select_begin(out, "f-show", "Show");
    buf_puts(out, "<option value=\"clear\">not demoted</option><option value=\"demoted\">demoted</option>"
                  "<option value=\"confirmed\">confirmed</option><option value=\"rejected\">rejected</option>"
                  "<option value=\"unsure\">unsure</option>"
                  "</select></label>\n<button id=\"reset\" type=\"button\">Reset</button>\n</div>\n"
                  "<p id=\"count\" role=\"status\" aria-live=\"polite\"></p></div>\n");
}

static void write_grid(const struct report *report, struct buf *out)
{
    static const char *const heads[] = {"Rank", "Severity", "Match",  "List, entry", "Type",
                                        "Size", "Places",   "Nearby", "First place"};
    uint64_t n = report->totals.findings < HTML_FINDINGS ? report->totals.findings : HTML_FINDINGS;
    buf_printf(
        out,
        "<div id=\"grid\" class=\"grid\" tabindex=\"0\" role=\"grid\" aria-label=\"Findings\" "
        "aria-describedby=\"keys\" data-total=\"%llu\" data-all=\"%llu\"><table role=\"presentation\"><thead><tr "
        "role=\"row\">",
        (unsigned long long)n, (unsigned long long)report->totals.findings);
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
        buf_printf(out, "<th class=\"c%zu\" role=\"columnheader\"%s><button type=\"button\">%s</button></th>", i,
                   i ? "" : " aria-sort=\"ascending\"", heads[i]);
    buf_puts(out, "</tr></thead><tbody id=\"rows\"></tbody></table></div>\n<aside id=\"detail\" class=\"detail\" "
                  "aria-live=\"polite\" aria-label=\"The finding chosen\"></aside>\n"
                  "<p id=\"keys\" class=\"tool sub\"><kbd>/</kbd> to search, <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Page</kbd> "
                  "<kbd>Home</kbd> <kbd>End</kbd> in the table, a column's head to sort.</p>\n");
}

static void write_list_names(const struct report *report, struct buf *out)
{
    buf_puts(out, "<script type=\"application/json\" id=\"list-names\">[");
    for (size_t i = 0; i < report->info->n_lists; i++) {
        text_json(out, report->info->lists[i].name);
        buf_byte(out, ',');
    }
    buf_puts(out, "\"(other)\"]</script>\n");
}

void html_rows_begin(const struct report *report, struct buf *out)
{
    write_list_names(report, out);
    write_filters(report, out);
    write_grid(report, out);
    buf_puts(out, "<div class=\"wide static\"><p id=\"printed\" class=\"sub\"></p><table id=\"static\" "
                  "class=\"findings\">\n<thead><tr><th class=\"n\">Rank</th><th>Severity</th><th>Match</th>"
                  "<th>List, entry, category</th><th>Type</th><th class=\"n\">Size</th></tr></thead>\n");
}

void html_rows_end(const struct report *report, struct buf *out)
{
    uint64_t n = report->totals.findings;
    buf_puts(out, "</table>");
    if (n > HTML_ROWS) {
        buf_puts(out, "<noscript><p class=\"more\">");
        html_number(out, n - HTML_ROWS);
        buf_puts(out, " more findings are in report.jsonl and report.csv; with scripts allowed this page shows them "
                      "too.</p></noscript>");
    }
    buf_puts(out, "</div>\n<script>");
    html_put_script(html_has_previews(report), out);
    buf_puts(out, "</script>\n");
}
