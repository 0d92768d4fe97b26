#include "report/text.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/escape.h"

static void write_display(struct buf *out, const char *raw, void (*escape)(struct buf *, const char *, size_t))
{
    struct buf text = {0};
    escape_text(&text, raw, strlen(raw));
    escape(out, (const char *)text.data, text.len);
    buf_free(&text);
}

void text_json(struct buf *out, const char *raw)
{
    write_display(out, raw, escape_json);
}

void text_csv(struct buf *out, const char *raw)
{
    write_display(out, raw, escape_csv);
}

void text_html(struct buf *out, const char *raw)
{
    write_display(out, raw, escape_html);
}

/** How much of a text fits, not ending inside a character. */
static size_t fitting(const char *text, size_t n, size_t max)
{
    size_t keep = n < max ? n : max;
    while (keep > 0 && keep < n && ((uint8_t)text[keep] & 0xc0) == 0x80)
        keep--;
    return keep;
}

void text_cut(struct buf *out, const char *text, size_t n, size_t max)
{
    size_t keep = fitting(text, n, max);
    buf_put(out, text, keep);
    buf_puts(out, keep < n ? " …" : "");
}

void html_cut(struct buf *out, const char *text, size_t n, size_t max)
{
    size_t keep = fitting(text, n, max);
    escape_html(out, text, keep);
    if (keep < n) {
        buf_puts(out, "<span class=\"more\"> … ");
        html_number(out, n - keep);
        buf_puts(out, " more bytes</span>");
    }
}

void html_number(struct buf *out, uint64_t v)
{
    char digits[24];
    int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)v);
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            buf_byte(out, ',');
        buf_byte(out, (uint8_t)digits[i]);
    }
}

void html_bytes(struct buf *out, uint64_t v)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    uint64_t whole = v, rest = 0;
    int unit = -1;
    for (; whole >= 1024; unit++) {
        rest = whole % 1024;
        whole /= 1024;
    }
    html_number(out, whole);
    if (unit >= 0)
        buf_printf(out, ".%u", (unsigned)(rest * 10 / 1024));
    buf_printf(out, " %s", unit >= 0 ? units[unit] : "bytes");
}
