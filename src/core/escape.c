#include "core/escape.h"

#include <stdint.h>
#include <string.h>

#include "core/buf.h"

/** Length of the well-formed UTF-8 sequence at p (no overlong forms, no surrogates), or 0; its code point in *cp. */
static size_t utf8_decode(const uint8_t *p, size_t n, uint32_t *cp)
{
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || len > n)
        return 0;
    uint32_t v = p[0] & (0x7f >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        v = v << 6 | (p[i] & 0x3f);
    }
    if ((len == 3 && v < 0x800) || (len == 4 && v < 0x10000) || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
        return 0;
    *cp = v;
    return len;
}

/** Characters that forge lines, hide text or turn its direction. */
static bool is_hostile(uint32_t cp)
{
    return cp < 0x20 || cp == '\\' || (cp >= 0x7f && cp <= 0x9f) /* DEL, C1 */
           || cp == 0x061c || cp == 0x200e || cp == 0x200f       /* Arabic, left, right marks */
           || (cp >= 0x2028 && cp <= 0x202e)                     /* separators, bidi embeddings */
           || (cp >= 0x2066 && cp <= 0x2069)                     /* bidi isolates */
           || cp == 0xfeff || cp == 0xfffe || cp == 0xffff;
}

bool escape_text(struct buf *out, const void *raw, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = raw;
    bool changed = false;
    for (size_t i = 0; i < n;) {
        uint32_t cp = 0;
        size_t len = utf8_decode(p + i, n - i, &cp);
        if (len && !is_hostile(cp)) {
            buf_put(out, p + i, len);
            i += len;
            continue;
        }
        changed = true;
        for (size_t end = i + (len ? len : 1); i < end; i++) {
            uint8_t hex[4] = {'\\', 'x', (uint8_t)digits[p[i] >> 4], (uint8_t)digits[p[i] & 15]};
            buf_put(out, hex, 4);
        }
    }
    return changed;
}

void escape_json(struct buf *out, const char *text, size_t n)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c == '"' || c == '\\') {
            buf_byte(out, '\\');
            buf_byte(out, c);
        } else if (c < 0x20 || c == '<' || c == 0x7f) {
            buf_printf(out, "\\u%04x", c);
        } else if (c == 0xe2 && i + 2 < n && (uint8_t)text[i + 1] == 0x80 && ((uint8_t)text[i + 2] & 0xfe) == 0xa8) {
            buf_printf(out, "\\u%04x", 0x2028 + ((uint8_t)text[i + 2] & 1));
            i += 2;
        } else {
            buf_byte(out, c);
        }
    }
    buf_byte(out, '"');
}

void escape_json_str(struct buf *out, const char *text)
{
    escape_json(out, text, strlen(text));
}

void escape_csv(struct buf *out, const char *text, size_t n)
{
    buf_byte(out, '"');
    if (n && strchr("=+-@\t\r\n", text[0]) && text[0])
        buf_byte(out, '\'');
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, (uint8_t)text[i]);
    }
    buf_byte(out, '"');
}

void escape_html(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        switch (text[i]) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        case '\'':
            buf_puts(out, "&#39;");
            break;
        default:
            buf_byte(out, (uint8_t)text[i]);
        }
    }
}
