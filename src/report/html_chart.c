#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "report/html.h"
#include "report/text.h"

/** In pixels: text must not shrink with the page, so only widths are percentages. */
#define ROW_HEIGHT 26
#define BAR_HEIGHT 16
/** In tenths of a percent of the chart's width: where bars begin, and how long the longest is. */
#define BAR_LEFT  330
#define BAR_WIDTH 480

static void permille(struct buf *out, unsigned v)
{
    buf_printf(out, "%u.%u%%", v / 10, v % 10);
}

/** Label (cut off by its own viewport where it is too long), bar, number. */
static void write_bar(struct buf *out, const struct bar *bar, uint64_t max, unsigned row)
{
    unsigned y = row * ROW_HEIGHT, middle = y + ROW_HEIGHT / 2;
    unsigned width = max ? (unsigned)((long double)bar->value * BAR_WIDTH / max) : 0;
    width = bar->value && width < 4 ? 4 : width;
    buf_printf(out, "<svg x=\"0\" y=\"%u\" width=\"", y);
    permille(out, BAR_LEFT - 15);
    buf_printf(out, "\" height=\"%d\"><text x=\"0\" y=\"%d\">", ROW_HEIGHT, ROW_HEIGHT / 2 + 5);
    escape_html(out, bar->label, strlen(bar->label));
    buf_puts(out, "</text></svg>");
    if (bar->value) {
        buf_printf(out, "<rect class=\"%s\" x=\"", bar->css ? bar->css : "bar-r");
        permille(out, BAR_LEFT);
        buf_printf(out, "\" y=\"%u\" width=\"", middle - BAR_HEIGHT / 2);
        permille(out, width);
        buf_printf(out, "\" height=\"%d\"/>", BAR_HEIGHT);
    }
    buf_puts(out, "<text x=\"");
    permille(out, BAR_LEFT + width);
    buf_printf(out, "\" dx=\"7\" y=\"%u\">", middle + 5);
    html_number(out, bar->value);
    buf_puts(out, "</text>\n");
}

void html_chart(struct buf *out, const char *id, const char *title, const struct bar *bars, size_t n)
{
    uint64_t max = 0;
    unsigned height = (unsigned)n * ROW_HEIGHT;
    for (size_t i = 0; i < n; i++)
        max = bars[i].value > max ? bars[i].value : max;
    buf_printf(out, "<figure><figcaption>%s</figcaption>\n", title);
    buf_printf(out, "<svg role=\"img\" aria-labelledby=\"%s-title %s-desc\" width=\"100%%\" height=\"%u\">", id, id,
               height);
    buf_printf(out, "<title id=\"%s-title\">%s</title><desc id=\"%s-desc\">", id, title, id);
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, i ? "; " : "");
        escape_html(out, bars[i].label, strlen(bars[i].label));
        buf_puts(out, ": ");
        html_number(out, bars[i].value);
    }
    buf_puts(out, "</desc>\n");
    for (size_t i = 0; i < n; i++)
        write_bar(out, &bars[i], max, (unsigned)i);
    buf_puts(out, "<line class=\"axis\" x1=\"");
    permille(out, BAR_LEFT);
    buf_puts(out, "\" x2=\"");
    permille(out, BAR_LEFT);
    buf_printf(out, "\" y1=\"0\" y2=\"%u\"/></svg></figure>\n", height);
}

/** A label out of foreign bytes, cut at a character. */
static void set_label(struct bar *bar, const char *raw)
{
    struct buf text = {0};
    escape_text(&text, raw, strlen(raw));
    size_t n = text.len < sizeof(bar->label) ? text.len : sizeof(bar->label) - 1;
    while (n > 0 && n < text.len && (text.data[n] & 0xc0) == 0x80)
        n--;
    memcpy(bar->label, buf_str(&text), n);
    bar->label[n] = '\0';
    buf_free(&text);
}

static void chart_lists(const struct report *report, struct buf *out)
{
    const struct case_info *info = report->info;
    struct bar bars[HTML_BARS] = {0};
    size_t n = 0, more = 0;
    for (size_t i = 0; i <= info->n_lists; i++) {
        uint64_t value = report->totals.by_list[i];
        if (i == info->n_lists ? value == 0 : info->lists[i].known)
            continue;
        if (n == HTML_BARS) {
            more++;
            continue;
        }
        set_label(&bars[n], i < info->n_lists ? info->lists[i].name : "(other)");
        bars[n++].value = value;
    }
    html_chart(out, "by-list", "Findings by list", bars, n);
    if (more)
        buf_printf(out, "<p class=\"more\">%zu more lists are in summary.json.</p>\n", more);
}

/** Steps of four bits behind distance 0, as far as the radius goes. */
static void chart_distances(const struct report *report, struct buf *out)
{
    const struct totals *totals = &report->totals;
    struct bar bars[3 + DISTANCES / 4] = {0};
    unsigned last = (unsigned)report->info->max_distance;
    size_t n = 0;
    for (unsigned d = 0; d < DISTANCES; d++)
        last = totals->by_distance[d] && d > last ? d : last;
    snprintf(bars[n].label, sizeof(bars[n].label), "exact");
    bars[n++].value = totals->exact;
    for (unsigned from = 0; from <= last; n++) {
        unsigned to = from ? from + 3 : 0;
        if (from)
            snprintf(bars[n].label, sizeof(bars[n].label), "near %u to %u", from, to);
        else
            snprintf(bars[n].label, sizeof(bars[n].label), "near 0");
        bars[n].value = 0;
        for (unsigned d = from; d <= to && d < DISTANCES; d++)
            bars[n].value += totals->by_distance[d];
        from = to + 1;
    }
    html_chart(out, "by-distance", "Findings by distance in bits", bars, n);
}

static void chart_severities(const struct totals *totals, struct buf *out)
{
    static const char *const css[] = {"s1", "s1", "s2", "s3"};
    struct bar bars[12] = {0};
    size_t n = 0;
    for (unsigned s = 0; s < SEVERITIES && n < 12; s++) {
        if (!totals->by_severity[s])
            continue;
        snprintf(bars[n].label, sizeof(bars[n].label),
                 s == 1               ? "%u, most severe"
                 : s == SEVERITY_NONE ? "%u, list says nothing"
                                      : "%u",
                 s);
        bars[n].css = s < 4 ? css[s] : NULL;
        bars[n++].value = totals->by_severity[s];
    }
    html_chart(out, "by-severity", "Findings by severity", bars, n);
}

void html_charts(const struct report *report, struct buf *out)
{
    buf_puts(out, "<div class=\"charts\">\n<div>\n");
    chart_severities(&report->totals, out);
    html_timeline(&report->totals, out);
    buf_puts(out, "</div>\n<div>\n");
    chart_lists(report, out);
    buf_puts(out, "</div>\n<div>\n");
    chart_distances(report, out);
    buf_puts(out, "</div>\n</div>\n");
}
