#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/escape.h"

/** The code point as a UTF-8 encoder without any check would write it. */
static size_t encode(uint32_t cp, uint8_t out[4])
{
    if (cp < 0x80) {
        out[0] = (uint8_t)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; cp >>= 6)
        out[i] = (uint8_t)(0x80 | (cp & 0x3f));
    out[0] = (uint8_t)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | cp);
    return n;
}

/** Back from the display form. */
static size_t unescape(const struct buf *text, uint8_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] == '\\') {
            char hex[3] = {(char)text->data[i + 2], (char)text->data[i + 3], '\0'};
            cr_assert_eq(text->data[i + 1], 'x');
            out[n++] = (uint8_t)strtoul(hex, NULL, 16);
            i += 3;
        } else {
            out[n++] = text->data[i];
        }
    }
    return n;
}

static bool must_be_escaped(uint32_t cp)
{
    static const uint32_t single[] = {'\\', 0x7f, 0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff};
    for (size_t i = 0; i < sizeof(single) / sizeof(*single); i++)
        if (cp == single[i])
            return true;
    return cp < 0x20 || (cp >= 0x80 && cp < 0xa0) || (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
           (cp >= 0xd800 && cp < 0xe000) || cp > 0x10ffff;
}

Test(escape, every_code_point)
{
    for (uint32_t cp = 0; cp < 0x120000; cp++) {
        uint8_t raw[4], back[16];
        size_t n = encode(cp, raw);
        struct buf out = {0};
        bool changed = escape_text(&out, raw, n);
        cr_assert_eq(changed, must_be_escaped(cp), "U+%04X", cp);
        cr_assert_eq(out.len, changed ? 4 * n : n, "U+%04X", cp);
        cr_assert(utf8_valid(out.data, out.len));
        cr_assert_eq(unescape(&out, back), n);
        cr_assert_arr_eq(back, raw, n);
        buf_free(&out);
    }
}

Test(escape, broken_utf8_is_spelled_out)
{
    static const char *const broken[] = {
        "\x80",         "\xbf",     "\xc0\x80",        "\xc1\xbf",         "\xc3",
        "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80",    "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98",
        "\xf5",         "\xfe\xff", "\xf4\x90\x80\x80"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        struct buf out = {0};
        cr_assert(escape_text(&out, broken[i], strlen(broken[i])));
        cr_assert_eq(out.len, 4 * strlen(broken[i]), "%zu: %s", i, buf_str(&out));
        cr_assert_not(utf8_valid(broken[i], strlen(broken[i])));
        buf_free(&out);
    }
    struct buf out = {0};
    escape_text(&out, "a\xc3(\xe2\x82z\xc3\xa4", 8); /* what follows a broken sequence is not swallowed */
    cr_assert_str_eq(buf_str(&out), "a\\xc3(\\xe2\\x82z\xc3\xa4");
    buf_free(&out);
}

Test(escape, random_bytes_are_valid_on_one_line_and_come_back)
{
    uint8_t raw[64], back[256];
    srand(1);
    for (int round = 0; round < 20000; round++) {
        size_t n = (size_t)rand() % sizeof(raw);
        struct buf out = {0};
        for (size_t i = 0; i < n; i++)
            raw[i] = (uint8_t)(rand() % 3 ? rand() : "\\x\n\xe2\x80\xae\xef\xbb\xbf"[rand() % 9]);
        escape_text(&out, raw, n);
        cr_assert(utf8_valid(out.data, out.len));
        for (size_t i = 0; i < out.len; i++)
            cr_assert(out.data[i] >= 0x20 && out.data[i] != 0x7f);
        cr_assert_eq(unescape(&out, back), n);
        cr_assert_arr_eq(back, raw, n);
        buf_free(&out);
    }
}

Test(escape, json)
{
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\x01\n\t\x1f", "\"\\u0001\\u000a\\u0009\\u001f\""},
        {"</script>", "\"\\u003c/script>\""},
        {"\x7f", "\"\\u007f\""},
        {"x\xe2\x80\xa8y\xe2\x80\xa9", "\"x\\u2028y\\u2029\""},
        {"\xe2\x80\xa6", "\"\xe2\x80\xa6\""},
        {"\xc3\xa4\xf0\x9f\x98\x80", "\"\xc3\xa4\xf0\x9f\x98\x80\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf out = {0};
        escape_json_str(&out, cases[i].text);
        cr_assert_str_eq(buf_str(&out), cases[i].json);
        buf_free(&out);
    }
}

Test(escape, html)
{
    struct buf out = {0};
    const char *text = "<img src=\"x\" onerror='a&b'>\xc3\xa4";
    escape_html(&out, text, strlen(text));
    cr_assert_str_eq(buf_str(&out), "&lt;img src=&quot;x&quot; onerror=&#39;a&amp;b&#39;&gt;\xc3\xa4");
    buf_free(&out);
}

Test(escape, csv_formulas_are_defused_and_nothing_else_is_touched)
{
    static const struct {
        const char *text, *csv;
    } cases[] = {
        {"", "\"\""},
        {"plain.jpg", "\"plain.jpg\""},
        {"a,b \"c\"", "\"a,b \"\"c\"\"\""},
        {"a=b-c+d@e", "\"a=b-c+d@e\""},
        {"5-2", "\"5-2\""},
        {"'quoted'", "\"'quoted'\""},
        {"=1+1", "\"'=1+1\""},
        {"+1", "\"'+1\""},
        {"-1", "\"'-1\""},
        {"@SUM(A1)", "\"'@SUM(A1)\""},
        {"\t=1", "\"'\t'=1\""},
        {"\r=1", "\"'\r=1\""},
        {"\n=1", "\"'\n=1\""},
        {" =1", "\"' =1\""},
        {"   \t", "\"'   \t\""},
        {"'=1", "\"''=1\""},
        {"\"=1", "\"'\"\"=1\""},
        {"' \" '-1", "\"'' \"\" '-1\""},
        {"\xc2\xa0=1", "\"'\xc2\xa0=1\""},         /* no-break space */
        {"\xe3\x80\x80@a", "\"'\xe3\x80\x80@a\""}, /* ideographic space */
        {"\xef\xbc\x9d"
         "1",
         "\"'\xef\xbc\x9d"
         "1\""}, /* full-width = + - @ */
        {"\xef\xbc\x8b"
         "1",
         "\"'\xef\xbc\x8b"
         "1\""},
        {"\xef\xbc\x8d"
         "1",
         "\"'\xef\xbc\x8d"
         "1\""},
        {"\xef\xbc\xa0x", "\"'\xef\xbc\xa0x\""},
        {"\xef\xbc\xa1x", "\"\xef\xbc\xa1x\""}, /* full-width A */
        {"x;=1", "\"x;'=1\""},
        {"x; \"=1", "\"x;' \"\"=1\""},
        {"x;y;-z", "\"x;y;'-z\""},
        {"x,=1", "\"x,=1\""},
        {";", "\";\""},
        {"\xef\xbc", "\"\xef\xbc\""}, /* cut short */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buf out = {0};
        escape_csv(&out, cases[i].text, strlen(cases[i].text));
        cr_assert_str_eq(buf_str(&out), cases[i].csv, "%zu: %s", i, buf_str(&out));
        buf_free(&out);
    }
}
