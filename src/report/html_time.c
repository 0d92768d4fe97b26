/* html_time.c: how much was examined, in one bar; when the findings are of, in columns. */
#include <stdio.h>

#include "core/buf.h"
#include "report/html.h"
#include "report/text.h"

#define COVER_HEIGHT 22

/** A part of the bar, in tenths of a percent of its width; the smallest can still be seen. */
static unsigned cover_part(struct buf *out, const char *css, unsigned from, uint64_t value, uint64_t all)
{
    unsigned width = all ? (unsigned)((long double)value * 1000 / all) : 0;
    width = value && width < 6 ? 6 : width;
    width = from + width > 1000 ? 1000 - from : width;
    if (width)
        buf_printf(out, "<rect class=\"%s\" x=\"%u.%u%%\" y=\"0\" width=\"%u.%u%%\" height=\"%d\"/>", css, from / 10,
                   from % 10, width / 10, width % 10, COVER_HEIGHT);
    return from + width;
}

static void permille_words(struct buf *out, uint64_t part, uint64_t all)
{
    unsigned tenth = all ? (unsigned)((long double)part * 1000 / all) : 0;
    buf_printf(out, "%u.%u %%", tenth / 10, tenth % 10);
}

void html_coverage(const struct totals *totals, struct buf *out)
{
    uint64_t all = totals->all.files, bad = totals->unexamined, good = all - bad;
    if (!all)
        return;
    buf_puts(out, "<figure><figcaption>Coverage: ");
    permille_words(out, good, all);
    buf_puts(out, " of all files found were examined</figcaption>\n<svg role=\"img\" aria-label=\"");
    html_number(out, good);
    buf_puts(out, " files examined, ");
    html_number(out, bad);
    buf_printf(out, " not\" width=\"100%%\" height=\"%d\">", COVER_HEIGHT);
    unsigned bad_width = bad ? (unsigned)((long double)bad * 1000 / all) : 0;
    bad_width = bad && bad_width < 6 ? 6 : bad_width;
    unsigned from = cover_part(out, "bar-r", 0, good > 0 ? 1000 - bad_width : 0, 1000);
    cover_part(out, "bad-r", from, bad, all);
    buf_puts(out, "</svg>\n<ul class=\"legend\">");
    for (int s = 0; s < TRAWL_STATUS_COUNT; s++) {
        if (!totals->by_status[s].files)
            continue;
        buf_printf(out, "<li>%s <b>", status_name((enum trawl_status)s));
        html_number(out, totals->by_status[s].files);
        buf_puts(out, "</b></li>");
    }
    buf_puts(out, "</ul></figure>\n");
}

/** Columns of the time line: months where there are few, else years. */
#define COLUMNS_MAX  120
#define TIME_HEIGHT  110
#define LABEL_HEIGHT 22

struct timeline {
    unsigned first, last, step;
    uint64_t max, sum;
};

static uint64_t column(const struct totals *totals, unsigned month, unsigned step)
{
    uint64_t sum = 0;
    for (unsigned m = month; m < month + step && m < MONTHS; m++)
        sum += totals->by_month[m];
    return sum;
}

static struct timeline measure(const struct totals *totals)
{
    struct timeline t = {.first = MONTHS, .step = 1};
    for (unsigned m = 0; m < MONTHS; m++) {
        if (!totals->by_month[m])
            continue;
        t.first = m < t.first ? m : t.first;
        t.last = m;
        t.sum += totals->by_month[m];
    }
    if (t.last - t.first >= 48) {
        t.step = t.last - t.first < 12 * COLUMNS_MAX ? 12 : 120;
        t.first -= t.first % t.step;
    }
    for (unsigned m = t.first; t.sum && m <= t.last; m += t.step) {
        uint64_t value = column(totals, m, t.step);
        t.max = value > t.max ? value : t.max;
    }
    return t;
}

static void month_label(const struct timeline *t, unsigned month, char *text, size_t size)
{
    unsigned year = MONTH_YEAR + month / 12;
    if (t->step == 1)
        snprintf(text, size, "%u-%02u", year, month % 12 + 1);
    else
        snprintf(text, size, t->step == 12 ? "%u" : "%us", year);
}

static void write_columns(const struct totals *totals, const struct timeline *t, struct buf *out)
{
    unsigned n = (t->last - t->first) / t->step + 1, i = 0;
    for (unsigned m = t->first; m <= t->last; m += t->step, i++) {
        uint64_t value = column(totals, m, t->step);
        unsigned height = (unsigned)((long double)value * TIME_HEIGHT / t->max);
        char label[24];
        height = value && height < 2 ? 2 : height;
        month_label(t, m, label, sizeof(label));
        unsigned x = i * 1000 / n, width = 1000 / n > 3 ? 1000 / n - 2 : 1;
        width = width > 80 ? 80 : width;
        buf_printf(out,
                   "<rect class=\"bar-r\" x=\"%u.%u%%\" y=\"%u\" width=\"%u.%u%%\" height=\"%u\"><title>%s: ", x / 10,
                   x % 10, TIME_HEIGHT - height, width / 10, width % 10, height, label);
        html_number(out, value);
        buf_puts(out, "</title></rect>\n");
    }
}

void html_timeline(const struct totals *totals, struct buf *out)
{
    struct timeline t = measure(totals);
    char first[24], last[24];
    buf_puts(out, "<figure><figcaption>Findings by the newest time known of them</figcaption>\n");
    if (!t.sum) {
        buf_puts(out, "<p class=\"sub\">No time is known of any finding.</p></figure>\n");
        return;
    }
    month_label(&t, t.first, first, sizeof(first));
    month_label(&t, t.last, last, sizeof(last));
    buf_printf(out, "<svg role=\"img\" aria-label=\"From %s to %s, at most ", first, last);
    html_number(out, t.max);
    buf_printf(out, " findings a %s\" width=\"100%%\" height=\"%d\">\n", t.step == 1 ? "month" : "year or more",
               TIME_HEIGHT + LABEL_HEIGHT);
    write_columns(totals, &t, out);
    buf_printf(out,
               "<line class=\"axis\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/><text class=\"soft\" x=\"0\" "
               "y=\"%d\">%s</text>",
               TIME_HEIGHT, TIME_HEIGHT, TIME_HEIGHT + 16, first);
    if (t.last - t.first >= t.step)
        buf_printf(out, "<text class=\"soft\" x=\"100%%\" y=\"%d\" text-anchor=\"end\">%s</text>", TIME_HEIGHT + 16,
                   last);
    buf_puts(out, "</svg>\n");
    if (totals->findings > t.sum) {
        buf_puts(out, "<p class=\"sub\">Of ");
        html_number(out, totals->findings - t.sum);
        buf_puts(out, totals->findings - t.sum == 1 ? " more none is known.</p>" : " more no time is known.</p>");
    }
    buf_puts(out, "</figure>\n");
}
