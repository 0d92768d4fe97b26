/* html_spots.c: where to look first, what to review next. */
#include <string.h>

#include "core/buf.h"
#include "core/escape.h"
#include "report/html.h"
#include "report/text.h"

/** Rows that stand open; the rest is one click away. */
#define SPOTS_OPEN 10

static void spot_row(const struct spot *spot, struct buf *out)
{
    unsigned severity = spot_severity(spot);
    buf_printf(out, "<tr><td><span class=\"sev s%u\">%u</span></td><td class=\"n\">", severity, severity);
    html_number(out, spot->findings);
    buf_puts(out, "</td><td class=\"n\">");
    html_number(out, spot->places);
    buf_printf(out, "</td><td>%s</td><td class=\"m\">", spot->type);
    html_cut(out, spot->path, strlen(spot->path), HTML_PATH);
    buf_puts(out, "</td></tr>\n");
}

static void spot_table(const struct spot *spots, size_t n, struct buf *out)
{
    buf_puts(
        out,
        "<div class=\"wide\"><table class=\"spots\">\n<thead><tr><th>Most severe</th><th class=\"n\">Findings</th><th "
        "class=\"n\">Places</th><th>Kind</th><th>Where</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < n; i++)
        spot_row(&spots[i], out);
    buf_puts(out, "</tbody></table></div>\n");
}

static void write_kind(const struct spots *spots, enum spot_kind kind, const char *title, struct buf *out)
{
    size_t n = spots->n[kind], open = n < SPOTS_OPEN ? n : SPOTS_OPEN;
    if (!n)
        return;
    buf_printf(out, "<h3>%s</h3>\n", title);
    spot_table(spots->items[kind], open, out);
    if (open < n) {
        buf_printf(out, "<details><summary>%zu more</summary>\n", n - open);
        spot_table(spots->items[kind] + open, n - open, out);
        buf_puts(out, "</details>\n");
    }
    if (spots->total[kind] > n) {
        buf_puts(out, "<p class=\"more\">");
        html_number(out, spots->total[kind] - n);
        buf_puts(out, " more have fewer findings.</p>\n");
    }
}

void html_spots(const struct report *report, struct buf *out)
{
    const struct spots *spots = &report->spots;
    buf_puts(out, "<section id=\"look-first\"><h2>Where to look first</h2>\n");
    if (!spots->total[SPOT_FOLDER])
        buf_puts(out, "<p>Nowhere: there are no findings.</p>\n");
    else
        buf_puts(out, "<p>By the number of different contents on a list, the most severe counting first.</p>\n");
    write_kind(spots, SPOT_VOLUME, "Volumes", out);
    write_kind(spots, SPOT_ARCHIVE, "Archives", out);
    write_kind(spots, SPOT_FOLDER, "Folders", out);
    buf_puts(out, "</section>\n");
}

/** Words of a camera; they come out of evidence. */
static void write_camera(const struct camera *camera, struct buf *out)
{
    const char *words[] = {camera->make, camera->model, camera->serial};
    const char *before = "";
    for (size_t i = 0; i < 3; i++) {
        if (!words[i][0])
            continue;
        buf_puts(out, before);
        escape_html(out, words[i], strlen(words[i]));
        before = i == 1 ? ", no. " : " ";
    }
    if (camera->time) {
        char time[24];
        camera_time_text(camera->time, time);
        buf_printf(out, "<div class=\"sub\">%s</div>", time);
    }
}

static void review_row(const struct review_row *row, struct buf *out)
{
    buf_printf(out, "<tr><td>%s</td><td><span class=\"sev s%u\">%u</span></td><td class=\"n\">",
               review_hint_name(row->hint), row->severity, row->severity);
    html_number(out, row->findings);
    buf_puts(out, "</td><td>");
    write_camera(&row->camera, out);
    buf_puts(out, "</td><td class=\"m\">");
    html_cut(out, row->path, strlen(row->path), HTML_PATH);
    buf_puts(out, "</td></tr>\n");
}

static void review_table(const struct review *review, struct buf *out)
{
    buf_puts(out, "<div class=\"box\" role=\"region\" aria-label=\"Pictures to review next\" tabindex=\"0\"><table>\n"
                  "<thead><tr><th>Hint</th><th>Severity beside</th><th class=\"n\">Findings beside</th><th>Camera</th>"
                  "<th>Picture</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < review->n_shown; i++)
        review_row(&review->shown[i], out);
    buf_puts(out, "</tbody></table></div>\n");
}

void html_review(const struct report *report, struct buf *out)
{
    const struct review *review = &report->review;
    buf_puts(out, "<section id=\"review\"><h2>Review next</h2>\n");
    if (report->info->no_inventory) {
        buf_puts(out, "<p>Names of files without a finding are left out, as asked.</p>\n</section>\n");
        return;
    }
    buf_puts(out, "<p>Pictures on no list, in folders with findings. The camera of a finding in the same folder, about "
                  "the same time, hints at material that no list has yet.</p>\n");
    if (review->total) {
        review_table(review, out);
    } else {
        buf_puts(out, "<p>There are none.</p>\n");
    }
    if (review->total > review->n_shown) {
        buf_puts(out, "<p class=\"more\">");
        html_number(out, review->total - review->n_shown);
        buf_puts(out, review->total > REVIEW_ROWS ? " more; the first 10,000 are in review_next.jsonl.</p>\n"
                                                  : " more are in review_next.jsonl.</p>\n");
    }
    buf_puts(out, "</section>\n");
}
