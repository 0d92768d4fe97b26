/* fuzz_escape.c: names of any bytes, in each medium that they are written to. */
#include "../report/json.h"
#include "core/buf.h"
#include "core/escape.h"
#include "fuzz.h"
#include "report/text.h"

static unsigned hex_digit(uint8_t c)
{
    CHECK((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/** The raw bytes out of the display form. */
static void check_reversible(const struct buf *text, const uint8_t *raw, size_t n)
{
    struct buf back = {0};
    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] != '\\') {
            buf_byte(&back, text->data[i]);
            continue;
        }
        CHECK(text->len - i >= 4 && text->data[i + 1] == 'x');
        buf_byte(&back, (uint8_t)(hex_digit(text->data[i + 2]) << 4 | hex_digit(text->data[i + 3])));
        i += 3;
    }
    CHECK(back.len == n && (!n || memcmp(back.data, raw, n) == 0));
    buf_free(&back);
}

static void check_json(const char *text, size_t n)
{
    struct buf out = {0}, back = {0};
    escape_json(&out, text, n);
    const char *written = buf_str(&out);
    CHECK(json_string(written, &back) == written + out.len);
    CHECK(back.len == n && (!n || memcmp(back.data, text, n) == 0));
    for (size_t i = 0; i < out.len; i++)
        CHECK(out.data[i] >= 32 && out.data[i] != '<' && out.data[i] != 127);
    buf_free(&out);
    buf_free(&back);
}

/** Length of one of these at p, or 0. */
static size_t one_of(const char *p, size_t n, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (n >= strlen(list[i]) && memcmp(p, list[i], strlen(list[i])) == 0)
            return strlen(list[i]);
    return 0;
}

/** True if a spreadsheet would run a cell that begins here. */
static bool runs(const char *p, size_t n)
{
    static const char *const fillers[] = {" ", "\"", "\xc2\xa0", "\xe3\x80\x80"};
    static const char *const signs[] = {
        "=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    for (size_t len; (len = one_of(p, n, fillers, 4)) != 0; n -= len)
        p += len;
    return one_of(p, n, signs, sizeof(signs) / sizeof(*signs)) > 0;
}

static void check_csv(const char *text, size_t n)
{
    struct buf out = {0}, cell = {0};
    escape_csv(&out, text, n);
    CHECK(out.len >= 2 && out.data[0] == '"' && out.data[out.len - 1] == '"');
    for (size_t i = 1; i < out.len - 1; i++) {
        CHECK(out.data[i] != '"' || (i + 2 < out.len && out.data[i + 1] == '"'));
        buf_byte(&cell, out.data[i]);
        i += out.data[i] == '"';
    }
    size_t at = 0;
    bool quoted = false; /* only apostrophes since the cell began */
    for (size_t i = 0; i < cell.len; i++) {
        bool begins = i == 0 || cell.data[i - 1] == ';' || cell.data[i - 1] == '\t';
        bool same = at < n && cell.data[i] == (uint8_t)text[at];
        CHECK(!begins || !runs((const char *)cell.data + i, cell.len - i));
        quoted = (begins || quoted) && cell.data[i] == '\'';
        CHECK(same || quoted);
        at += same;
    }
    CHECK(at == n);
    buf_free(&out);
    buf_free(&cell);
}

static void check_html(const char *text, size_t n)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    static const char plain[] = "&<>\"'";
    struct buf out = {0}, back = {0};
    escape_html(&out, text, n);
    for (size_t i = 0; i < out.len;) {
        const char *p = (const char *)out.data + i;
        CHECK(!strchr("<>\"'", *p) || !*p);
        if (*p != '&') {
            buf_byte(&back, out.data[i++]);
            continue;
        }
        size_t len = 0;
        for (size_t k = 0; k < 5 && !len; k++)
            if ((len = one_of(p, out.len - i, &entities[k], 1)) != 0)
                buf_byte(&back, (uint8_t)plain[k]);
        CHECK(len);
        i += len;
    }
    CHECK(back.len == n && (!n || memcmp(back.data, text, n) == 0));
    buf_free(&out);
    buf_free(&back);
}

/** The display form cut for a page: whole characters, and what is left out is said. */
static void check_cut(const char *text, size_t n, size_t max)
{
    struct buf out = {0};
    html_cut(&out, text, n, max);
    CHECK(utf8_valid(out.data, out.len));
    CHECK(n <= max || memmem(out.data, out.len, "more bytes", 10));
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0};
    size_t max = size ? *data : 0;
    uint8_t *raw = fuzz_copy(data, size);
    bool changed = escape_text(&text, raw, size);
    CHECK(fuzz_text_clean(text.data, text.len));
    CHECK(changed == (text.len != size || (size && memcmp(text.data, raw, size) != 0)));
    CHECK(utf8_valid(raw, size) || changed);
    check_reversible(&text, raw, size);
    /* A copy of its own, so that a read behind the end is seen. */
    char *exact = (char *)fuzz_copy(text.data, text.len);
    check_json(exact, text.len);
    check_csv(exact, text.len);
    check_html(exact, text.len);
    check_cut(exact, text.len, max);
    if (utf8_valid(raw, size) && !memchr(raw, 0, size)) {
        check_json((const char *)raw, size);
        check_csv((const char *)raw, size);
        check_html((const char *)raw, size);
    }
    free(exact);
    buf_free(&text);
    free(raw);
    return 0;
}
