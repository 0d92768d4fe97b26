#include <string.h>

#include "core/buf.h"
#include "core/escape.h"
#include "report/html.h"
#include "report/text.h"

static const char *status_meaning(enum trawl_status status)
{
    static const char *const words[TRAWL_STATUS_COUNT] = {
        [TRAWL_OK] = "read in full",
        [TRAWL_PARTIAL] = "picture decoded in part; hashed all the same",
        [TRAWL_NOT_MEDIA] = "nothing to decode; matched by digest",
        [TRAWL_SUPPRESSED] = "on a list of known files; not decoded",
        [TRAWL_UNSUPPORTED] = "a type that this version cannot read",
        [TRAWL_ENCRYPTED] = "needs a key",
        [TRAWL_DAMAGED] = "broken beyond reading",
        [TRAWL_LIMIT] = "a limit was reached",
        [TRAWL_TIMEOUT] = "took too much processor time",
        [TRAWL_CRASHED] = "its reader died, twice",
        [TRAWL_IO_ERROR] = "the medium did not give its bytes",
        [TRAWL_UNREACHED] = "inside a container whose reading ended early",
    };
    return words[status];
}

static void cell_number(struct buf *out, uint64_t v)
{
    buf_puts(out, "<td class=\"n\">");
    html_number(out, v);
    buf_puts(out, "</td>");
}

static void cell_bytes(struct buf *out, uint64_t v)
{
    buf_puts(out, "<td class=\"n\">");
    html_bytes(out, v);
    buf_puts(out, "</td>");
}

static void status_row(struct buf *out, enum trawl_status status, const struct tally *tally)
{
    buf_printf(out, "<tr><td class=\"w\">%s</td><td>%s</td>", status_name(status), status_meaning(status));
    cell_number(out, tally->files);
    cell_bytes(out, tally->bytes);
    buf_puts(out, "</tr>\n");
}

/** Rows of the statuses that occur, of the one kind or of both. */
static void status_table(struct buf *out, const struct totals *totals, bool examined_too)
{
    buf_puts(out, "<div class=\"wide\"><table class=\"few\">\n<thead><tr><th>Status</th><th>Meaning</th><th "
                  "class=\"n\">Files</th>"
                  "<th class=\"n\">Size</th></tr></thead>\n<tbody>\n");
    for (int s = 0; s < TRAWL_STATUS_COUNT; s++)
        if (totals->by_status[s].files && (examined_too || !status_examined((enum trawl_status)s)))
            status_row(out, (enum trawl_status)s, &totals->by_status[s]);
    buf_puts(out, "</tbody>\n");
    if (examined_too) {
        buf_puts(out, "<tfoot><tr><th>all</th><td></td>");
        cell_number(out, totals->all.files);
        cell_bytes(out, totals->all.bytes);
        buf_puts(out, "</tr></tfoot>\n");
    }
    buf_puts(out, "</table></div>\n");
}

static void unexamined_row(struct buf *out, const struct unexamined *note)
{
    buf_printf(out, "<tr><td class=\"w\">%s</td><td>", status_name(note->status));
    if (note->limit != LIMIT_NONE)
        buf_printf(out, "limit %s%s", limit_table[note->limit].name, note->detail ? ": " : "");
    if (note->detail)
        escape_html(out, note->detail, strlen(note->detail));
    buf_puts(out, "</td><td class=\"m\">");
    html_cut(out, note->path, strlen(note->path), HTML_PATH);
    buf_puts(out, "</td></tr>\n");
}

static void unexamined_paths(const struct report *report, struct buf *out)
{
    const struct totals *totals = &report->totals;
    if (report->info->no_inventory) {
        buf_puts(out, "<p>Their names are left out, as asked (--no-inventory). The journal has them.</p>\n");
        return;
    }
    buf_puts(out,
             "<div class=\"box\" role=\"region\" aria-label=\"Files not examined\" "
             "tabindex=\"0\"><table "
             "class=\"unexamined\">\n<thead><tr><th>Status</th><th>Reason</th><th>File</th></tr></thead>\n<tbody>\n");
    for (unsigned i = 0; i < totals->n_first_unexamined; i++)
        unexamined_row(out, &totals->first_unexamined[i]);
    buf_puts(out, "</tbody></table></div>\n");
    if (totals->unexamined > totals->n_first_unexamined) {
        buf_puts(out, "<p class=\"more\">");
        html_number(out, totals->unexamined - totals->n_first_unexamined);
        buf_puts(out, " more are in inventory.jsonl.</p>\n");
    }
}

void html_unexamined(const struct report *report, struct buf *out)
{
    const struct totals *totals = &report->totals;
    buf_puts(out, "<section id=\"unexamined\"><h2>Not examined</h2>\n");
    html_coverage(totals, out);
    if (totals->unexamined) {
        buf_puts(out, "<p>");
        html_number(out, totals->unexamined);
        buf_puts(out, totals->unexamined == 1
                          ? " file that was found was not examined in full. What it holds is not known.</p>\n"
                          : " files that were found were not examined in full. What they hold is not known.</p>\n");
        status_table(out, totals, false);
        unexamined_paths(report, out);
    } else {
        buf_puts(out, totals->all.files ? "<p>Every file that was found was examined.</p>\n"
                                        : "<p>No file was found.</p>\n");
    }
    if (totals->low_quality) {
        buf_puts(out, "<p>");
        html_number(out, totals->low_quality);
        buf_printf(out,
                   totals->low_quality == 1 ? " picture has too little structure for near matching (PDQ quality under "
                                              "%d); it was matched by digest alone.</p>\n"
                                            : " pictures have too little structure for near matching (PDQ quality "
                                              "under %d); they were matched by digest alone.</p>\n",
                   report->info->min_quality);
    }
    buf_puts(out, "</section>\n");
}

static void type_table(struct buf *out, const struct totals *totals)
{
    buf_puts(out, "<h3>By type</h3>\n<div class=\"wide\"><table class=\"few\">\n<thead><tr><th>Type</th><th "
                  "class=\"n\">Files</th>"
                  "<th class=\"n\">Size</th></tr></thead>\n<tbody>\n");
    for (int t = 0; t < TYPE_COUNT; t++) {
        if (!totals->by_type[t].files)
            continue;
        buf_printf(out, "<tr><td>%s</td>", type_name((enum file_type)t));
        cell_number(out, totals->by_type[t].files);
        cell_bytes(out, totals->by_type[t].bytes);
        buf_puts(out, "</tr>\n");
    }
    buf_puts(out, "</tbody></table></div>\n");
}

static void source_row(struct buf *out, const char *name, const struct tally *tally)
{
    buf_puts(out, "<tr><td class=\"m\">");
    text_html(out, name);
    buf_puts(out, "</td>");
    cell_number(out, tally->files);
    cell_bytes(out, tally->bytes);
    buf_puts(out, "</tr>\n");
}

static void source_table(struct buf *out, const struct report *report)
{
    const struct totals *totals = &report->totals;
    size_t n = report->info->n_sources, shown = n < 100 ? n : 100;
    buf_puts(out,
             "<h3>By source</h3>\n<div class=\"wide\"><table>\n<thead><tr><th>Source</th><th class=\"n\">Files</th>"
             "<th class=\"n\">Size</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < shown; i++)
        source_row(out, report->info->sources[i], &totals->by_source[i]);
    if (totals->by_source[n].files)
        source_row(out, "(other)", &totals->by_source[n]);
    buf_puts(out, "</tbody></table></div>\n");
    if (shown < n)
        buf_printf(out, "<p class=\"more\">%zu more sources are in summary.json.</p>\n", n - shown);
}

void html_totals(const struct report *report, struct buf *out)
{
    const struct totals *totals = &report->totals;
    buf_puts(out, "<section id=\"totals\"><h2>Totals</h2>\n<p>Files are all that was found, inside of containers too, "
                  "so that sizes count "
                  "a container and what it holds. The sources themselves are ");
    html_number(out, totals->top.files);
    buf_puts(out, totals->top.files == 1 ? " file of " : " files of ");
    html_bytes(out, totals->top.bytes);
    buf_puts(out, ".</p>\n");
    if (totals->size_unknown) {
        buf_puts(out, "<p>The size of ");
        html_number(out, totals->size_unknown);
        buf_puts(out, " of them is not known and counts as nothing.</p>\n");
    }
    buf_puts(out, "<h3>By status</h3>\n");
    status_table(out, totals, true);
    type_table(out, totals);
    source_table(out, report);
    buf_puts(out, "</section>\n");
}
