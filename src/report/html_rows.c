/*
 * html_rows.c: the findings of the page. The first are rows of a table, readable without a script; those behind them
 * are JSON in script elements of a type that no browser runs, of which page.js makes rows as they come into view.
 */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/escape.h"
#include "report/html.h"
#include "report/order.h"
#include "report/text.h"

/** Findings of one script element: one is parsed at a time. */
#define BLOCK 2000

/** Where a list stands among those given; behind all for another one's name. */
static size_t list_number(const struct report *report, const char *name)
{
    size_t i = 0;
    while (i < report->info->n_lists && strcmp(report->info->lists[i].name, name) != 0)
        i++;
    return i;
}

static void number(struct buf *out, uint64_t v)
{
    buf_byte(out, ',');
    buf_decimal(out, v);
}

static void word(struct buf *out, const char *raw)
{
    buf_byte(out, ',');
    text_json(out, raw);
}

static void hex(struct buf *out, bool known, const void *bytes, size_t n)
{
    buf_puts(out, ",\"");
    if (known)
        buf_hex(out, bytes, n);
    buf_byte(out, '"');
}

/** "exact sha256", "near 12", "near 12 flipX", "video 12". */
static void match_words(const struct match *match, char *text, size_t size)
{
    if (!match_is_near(match))
        snprintf(text, size, "exact %s", hash_type_name(match->type));
    else
        snprintf(text, size, "%s %u%s%s", match_tier(match), match->distance, match->rotation ? " " : "",
                 match->rotation ? pdq_rotation_name((enum pdq_rotation)match->rotation) : "");
}

static void why_words(const struct finding *finding, struct buf *out)
{
    struct why why;
    order_why(finding, &why);
    for (size_t i = 0; i < why.n; i++) {
        buf_puts(out, i ? "," : ",[");
        escape_json_str(out, why.words[i]);
    }
    buf_byte(out, ']');
}

/** The fields that page.js names, up to the bracket in which the places stand. */
static void write_fields(const struct report *report, const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    char match[64];
    match_words(best, match, sizeof(match));
    buf_byte(out, '[');
    buf_decimal(out, finding->rank);
    number(out, best->severity);
    number(out, match_band(best));
    number(out, best->distance);
    number(out, list_number(report, best->list));
    word(out, best->entry);
    word(out, best->category);
    word(out, type_name(head->type));
    if (head->size == WHERE_UNKNOWN)
        buf_puts(out, ",-1");
    else
        number(out, head->size);
    hex(out, head->has_digests, head->digests.sha256, sizeof(head->digests.sha256));
    hex(out, head->has_digests, head->digests.md5, sizeof(head->digests.md5));
    word(out, match);
    number(out, finding->n_places);
    number(out, finding->nearby);
    number(out, !finding->n_clear);
    word(out, verdict_name(finding->verdict));
    why_words(finding, out);
    buf_puts(out, ",[");
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

static void write_why(const struct finding *finding, struct buf *out)
{
    struct why why;
    order_why(finding, &why);
    buf_puts(out, "<div class=\"sub\">");
    for (size_t i = 0; i < why.n; i++)
        buf_printf(out, "%s%s", i ? " · " : "", why.words[i]);
    buf_puts(out, "</div>");
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
    if (matches->n > 1) {
        buf_puts(out, "<div class=\"sub\">");
        html_number(out, matches->n - 1);
        buf_puts(out, matches->n == 2 ? " more entry matches</div>" : " more entries match</div>");
    }
    buf_puts(out, "</td>");
}

static void static_row(const struct report *report, const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    unsigned severity = head->matches.items[0].severity;
    struct buf fields = {0};
    char match[64];
    match_words(&head->matches.items[0], match, sizeof(match));
    write_fields(report, finding, &fields);
    buf_puts(&fields, "]]");
    buf_puts(out, "<tbody><tr data-f=\"");
    escape_html(out, (const char *)fields.data, fields.len);
    buf_puts(out, "\"><td class=\"n\">");
    html_number(out, finding->rank);
    buf_printf(out, "</td><td><span class=\"sev s%u\">%u</span></td><td>%s</td>", severity, severity, match);
    write_entry(finding, out);
    buf_printf(out, "<td>%s</td><td class=\"n\">", type_name(head->type));
    if (head->size == WHERE_UNKNOWN)
        buf_puts(out, "unknown");
    else
        html_bytes(out, head->size);
    buf_puts(out, "</td></tr>\n<tr><td></td><td colspan=\"5\" class=\"places\">");
    html_preview(finding, out);
    write_hashes(head, out);
    write_why(finding, out);
    buf_puts(out, "<ol>\n");
    buf_free(&fields);
}

/** Begins a block where one is due. */
static void data_row(const struct report *report, const struct finding *finding, struct buf *out)
{
    uint64_t behind = finding->rank - HTML_ROWS - 1;
    buf_puts(out, behind % BLOCK ? ",\n" : "<script type=\"application/json\" class=\"findings\">[\n");
    write_fields(report, finding, out);
}

void html_finding(const struct report *report, const struct finding *finding, struct buf *out)
{
    if (finding->rank == HTML_ROWS + 1)
        html_rows_end(report, out);
    if (finding->rank <= HTML_ROWS)
        static_row(report, finding, out);
    else if (finding->rank <= HTML_FINDINGS)
        data_row(report, finding, out);
}

static void data_place(uint64_t number, const struct buf *path, struct buf *out)
{
    struct buf text = {0};
    buf_puts(out, number > 1 ? "," : "");
    text_cut(&text, (const char *)path->data, path->len, HTML_DATA_PATH);
    escape_json(out, (const char *)text.data, text.len);
    buf_free(&text);
}

void html_place(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out)
{
    struct buf path = {0};
    bool row = finding->rank <= HTML_ROWS;
    if (finding->rank > HTML_FINDINGS || number > (row ? HTML_PLACES : HTML_DATA_PLACES))
        return;
    where_path(where, &path);
    if (row) {
        buf_puts(out, "<li class=\"m\">");
        html_cut(out, (const char *)path.data, path.len, HTML_PATH);
        buf_puts(out, "</li>\n");
    } else {
        data_place(number, &path, out);
    }
    buf_free(&path);
}

static void static_row_end(const struct finding *finding, struct buf *out)
{
    buf_puts(out, "</ol>");
    if (finding->n_places > HTML_PLACES) {
        buf_puts(out, "<div class=\"more\">");
        html_number(out, finding->n_places - HTML_PLACES);
        buf_puts(out, " more places are in report.jsonl and report.csv.</div>");
    }
    buf_puts(out, "</td></tr></tbody>\n");
}

/** A preview stands behind the places. */
static void data_row_end(const struct finding *finding, struct buf *out)
{
    buf_byte(out, ']');
    if (html_has_preview(finding)) {
        buf_puts(out, ",\"");
        html_preview_data(finding->head.thumbnail, out);
        buf_byte(out, '"');
    }
    buf_byte(out, ']');
}

void html_finding_end(const struct finding *finding, struct buf *out)
{
    if (finding->rank <= HTML_ROWS)
        static_row_end(finding, out);
    else if (finding->rank <= HTML_FINDINGS)
        data_row_end(finding, out);
    if (finding->rank > HTML_ROWS && finding->rank <= HTML_FINDINGS && (finding->rank - HTML_ROWS) % BLOCK == 0)
        buf_puts(out, "]</script>\n");
}

void html_blocks_end(const struct report *report, struct buf *out)
{
    uint64_t n = report->totals.findings < HTML_FINDINGS ? report->totals.findings : HTML_FINDINGS;
    if (n > HTML_ROWS && (n - HTML_ROWS) % BLOCK)
        buf_puts(out, "]</script>\n");
}
