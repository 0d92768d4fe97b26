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
    uint32_t v = p[0] & (0x7fu >> len);
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

bool utf8_valid(const void *text, size_t n)
{
    const uint8_t *p = text;
    uint32_t cp;
    for (size_t i = 0, len; i < n; i += len) {
        len = utf8_decode(p + i, n - i, &cp);
        if (!len)
            return false;
    }
    return true;
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
    size_t plain = 0; /* bytes from here to i are still to be copied as they are */
    for (size_t i = 0; i < n;) {
        uint32_t cp = 0;
        size_t len = utf8_decode(p + i, n - i, &cp);
        if (len && !is_hostile(cp)) {
            i += len;
            continue;
        }
        buf_put(out, p + plain, i - plain);
        for (size_t end = i + (len ? len : 1); i < end; i++) {
            uint8_t hex[4] = {'\\', 'x', (uint8_t)digits[p[i] >> 4], (uint8_t)digits[p[i] & 15]};
            buf_put(out, hex, 4);
        }
        plain = i;
        changed = true;
    }
    if (n)
        buf_put(out, p + plain, n - plain);
    return changed;
}

/** True at the three bytes of U+2028 or U+2029, which end a line in JavaScript. */
static bool is_line_separator(const uint8_t *p, size_t n)
{
    return n >= 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] & 0xfe) == 0xa8;
}

void escape_json(struct buf *out, const char *text, size_t n)
{
    const uint8_t *p = (const uint8_t *)text;
    size_t plain = 0;
    buf_byte(out, '"');
    for (size_t i = 0; i < n;) {
        bool separator = is_line_separator(p + i, n - i);
        if (p[i] >= 0x20 && p[i] != '"' && p[i] != '\\' && p[i] != '<' && p[i] != 0x7f && !separator) {
            i++;
            continue;
        }
        buf_put(out, p + plain, i - plain);
        if (separator)
            buf_printf(out, "\\u%04x", 0x2028 + (p[i + 2] & 1));
        else if (p[i] == '"' || p[i] == '\\')
            buf_put(out, (uint8_t[2]){'\\', p[i]}, 2);
        else
            buf_printf(out, "\\u%04x", p[i]);
        i += separator ? 3 : 1;
        plain = i;
    }
    if (n)
        buf_put(out, p + plain, n - plain);
    buf_byte(out, '"');
}

void escape_json_str(struct buf *out, const char *text)
{
    escape_json(out, text, strlen(text));
}

/** Length of a character that a spreadsheet takes for the beginning of a formula, the full-width forms too, or 0. */
static size_t formula_sign(const char *p, size_t n)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"}; /* = + - @ */
    if (memchr("=+-@\t\r\n", p[0], 7))
        return 1;
    for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
        if (n >= 3 && memcmp(p, wide[i], 3) == 0)
            return 3;
    return 0;
}

/** Length of a character that import wizards drop from the beginning of a cell: blanks and quotes, or 0. */
static size_t cell_filler(const char *p, size_t n)
{
    static const char *const blanks[] = {"\xc2\xa0", "\xe3\x80\x80"}; /* no-break, ideographic */
    if (p[0] == ' ' || p[0] == '\'' || p[0] == '"')
        return 1;
    for (size_t i = 0; i < sizeof(blanks) / sizeof(*blanks); i++)
        if (n >= strlen(blanks[i]) && memcmp(p, blanks[i], strlen(blanks[i])) == 0)
            return strlen(blanks[i]);
    return 0;
}

/** True if a cell that begins here would be run. */
static bool is_formula(const char *p, size_t n)
{
    size_t i = 0, filler;
    while (i < n && (filler = cell_filler(p + i, n - i)) != 0)
        i += filler;
    return i < n && formula_sign(p + i, n - i);
}

/*
 * In half of the world a spreadsheet splits at `;` (or at a tab) whatever the quotes say, since the line does not begin
 * a quoted field there: so a cell may also begin behind those.
 */
void escape_csv(struct buf *out, const char *text, size_t n)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < n; i++) {
        bool begins = i == 0 || text[i - 1] == ';' || text[i - 1] == '\t';
        if (begins && is_formula(text + i, n - i))
            buf_byte(out, '\'');
        if (text[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, (uint8_t)text[i]);
    }
    buf_byte(out, '"');
}

static const char *html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void escape_html(struct buf *out, const char *text, size_t n)
{
    size_t plain = 0;
    for (size_t i = 0; i < n; i++) {
        const char *entity = html_entity(text[i]);
        if (!entity)
            continue;
        buf_put(out, text + plain, i - plain);
        buf_puts(out, entity);
        plain = i + 1;
    }
    if (n)
        buf_put(out, text + plain, n - plain);
}
