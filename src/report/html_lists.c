#include <string.h>

#include "core/buf.h"
#include "core/escape.h"
#include "report/html.h"
#include "report/order.h"
#include "report/text.h"

static void cell_number(struct buf *out, uint64_t v, bool bad)
{
    buf_puts(out, bad && v ? "<td class=\"n badrows\">" : "<td class=\"n\">");
    html_number(out, v);
    buf_puts(out, "</td>");
}

static void list_row(struct buf *out, const struct list_info *list)
{
    buf_puts(out, "<tr><td>");
    text_html(out, list->name);
    if (list->source) {
        buf_puts(out, "<div class=\"sub\">");
        text_html(out, list->source);
        buf_puts(out, "</div>");
    }
    buf_puts(out, "<div class=\"m sub\">SHA-256 ");
    buf_hex(out, list->sha256, sizeof(list->sha256));
    buf_printf(out, "</div></td><td>%s</td><td>", list->known ? "known, ignored" : "searched for");
    text_html(out, list->format);
    buf_puts(out, "</td>");
    for (int t = 0; t < HASH_TYPE_COUNT; t++)
        cell_number(out, list->entries[t], false);
    cell_number(out, list->duplicates, false);
    cell_number(out, list->bad_rows, true);
    buf_puts(out, "</tr>\n");
}

static void category_row(struct buf *out, const struct list_category *category)
{
    buf_puts(out, "<tr><td>");
    text_html(out, category->code);
    buf_puts(out, "</td><td>");
    text_html(out, category->name);
    buf_puts(out, category->unmapped ? "<em>not in the map</em>" : "");
    buf_printf(out, "</td><td class=\"n\">%u</td><td>%s</td>", category->severity,
               category->flags & MATCH_NOT_PERTINENT ? "of no interest" : "");
    cell_number(out, category->entries, category->unmapped);
    buf_puts(out, "</tr>\n");
}

/** What a list's codes were taken for. */
static void map_table(struct buf *out, const struct list_info *list)
{
    buf_puts(out, "<h3>Categories of ");
    text_html(out, list->name);
    buf_puts(out, ": map ");
    text_html(out, list->map);
    buf_puts(out, "</h3>\n<div class=\"wide\"><table>\n<thead><tr><th>Code</th><th>Meaning</th>"
                  "<th class=\"n\">Severity</th><th></th><th class=\"n\">Entries</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < list->n_categories; i++)
        category_row(out, &list->categories[i]);
    buf_puts(out, "</tbody></table></div>\n");
}

void html_lists(const struct report *report, struct buf *out)
{
    const struct case_info *info = report->info;
    bool bad = false;
    buf_puts(out, "<section id=\"lists\"><h2>Lists</h2>\n");
    if (!info->n_lists) {
        buf_puts(out, "<p>No list was given: the files were only recorded.</p>\n</section>\n");
        return;
    }
    buf_puts(out, "<div class=\"wide\"><table>\n<thead><tr><th>List</th><th>Use</th><th>Format</th>");
    for (int t = 0; t < HASH_TYPE_COUNT; t++)
        buf_printf(out, "<th class=\"n\">%s</th>", hash_type_name((enum hash_type)t));
    buf_puts(out, "<th class=\"n\">Duplicates</th><th class=\"n\">Bad rows</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < info->n_lists; i++) {
        list_row(out, &info->lists[i]);
        bad = bad || info->lists[i].bad_rows;
    }
    buf_puts(out, "</tbody></table></div>\n");
    if (bad)
        buf_puts(out, "<p>Bad rows could not be read as hashes: what they stood for was not searched for.</p>\n");
    for (size_t i = 0; i < info->n_lists; i++)
        if (info->lists[i].map)
            map_table(out, &info->lists[i]);
    buf_puts(out, "</section>\n");
}

void html_options(const struct report *report, struct buf *out)
{
    const struct case_info *info = report->info;
    buf_puts(out, "<section id=\"options\"><h2>Options</h2>\n");
    if (!info->n_options)
        buf_puts(out, "<p>All as they are without any.</p>\n");
    buf_puts(out, "<ul class=\"plain m\">\n");
    for (size_t i = 0; i < info->n_options; i++) {
        buf_puts(out, "<li>");
        text_html(out, info->options[i]);
        buf_puts(out, "</li>\n");
    }
    buf_puts(out, "</ul>\n<h3>Order of the findings</h3>\n<pre>");
    escape_html(out, report_order_help, strlen(report_order_help));
    buf_puts(out, "</pre>\n</section>\n");
}
