#include "fixture.h"

#include "core/escape.h"
#include "json.h"

struct name {
    const char *bytes;
    size_t n;
};
#define NAME(text)                                                                                                     \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }

/** Names that lie, break lines, run, or are no text at all. */
static const struct name hostile[] = {
    NAME("=cmd|'/c calc'!A0.jpg"),
    NAME("+1+1.jpg"),
    NAME("-2+3.jpg"),
    NAME("@SUM(1+1).jpg"),
    NAME("\t=1.jpg"),
    NAME("\r=1.jpg"),
    NAME(" =1.jpg"),
    NAME("\"=1.jpg"),
    NAME("'=1.jpg"),
    NAME("\xef\xbc\x9d"
         "1.jpg"),
    NAME("a;=1.jpg"),
    NAME("a\",\"=1.jpg"),
    NAME("a\r\n=1,2,3.jpg"),
    NAME("<script>alert(1)</script>.jpg"),
    NAME("<img src=x onerror=alert(1)>.jpg"),
    NAME("\"><svg onload=alert(1)>.jpg"),
    NAME("' onmouseover='x.jpg"),
    NAME("</td></table><h1>clean</h1>.jpg"),
    NAME("</style><b>.jpg"),
    NAME("<!-- .jpg"),
    NAME("-->]]>.jpg"),
    NAME("&lt;b&gt;&#60;.jpg"),
    NAME("a\"b\\c.jpg"),
    NAME("\\\",\"status\":\"ok.jpg"),
    NAME("\n{\"path\":\"forged\"}\n"),
    NAME("\x1b[2J\x1b]0;title\x07.jpg"),
    NAME("\xc2\x9b"
         "31m.jpg"),
    NAME("gpj.\xe2\x80\xaetxt.exe"),
    NAME("a\xe2\x81\xa6z\xe2\x81\xa9.jpg"),
    NAME("line\xe2\x80\xa8sep\xe2\x80\xa9.jpg"),
    NAME("\xef\xbb\xbfmark.jpg"),
    NAME("nul\0inside.jpg"),
    NAME("\xff\xfe\x80.jpg"),
    NAME("\xc0\xaf\xe0\x80\xaf.jpg"),
    NAME("\xed\xa0\x80\xed\xbf\xbf.jpg"),
    NAME("../../etc/passwd"),
    NAME("/absolute"),
    NAME("a!/b!/c.jpg"),
    NAME("\x7f\x08\x08.jpg"),
    NAME(""),
    NAME("%s%n%x{0}${x}.jpg"),
    NAME("\xd9\xa1\xe6\xbc\xa2\xf0\x9f\x98\x80.jpg"),
    NAME("cut\xf0\x9f\x98"),
};
#define NAMES (sizeof(hostile) / sizeof(*hostile))

static bool harmless;
/** How often all names come: beyond HTML_ROWS findings they are data. */
static unsigned rounds = 1;

/** Odd numbers are on a list, by words that are as bad as the name; others were not examined, with such a reason. */
static void make_named(unsigned i, struct item *item)
{
    const struct name *name = &hostile[i / 2 % NAMES];
    struct buf text = {0};
    buf_put(&text, name->bytes, name->n);
    for (size_t c = 0; harmless && c < text.len; c++) /* the same folders, and nothing else */
        text.data[c] = text.data[c] == '/' ? '/' : (uint8_t)('a' + text.data[c] % 26);
    item->where = member(host_file(i % 2 ? "on.zip" : "off.zip"), "zip", text.data, text.len, i);
    item->size = 5;
    set_digests(item, i);
    if (i % 2) {
        const char *words = harmless ? "words" : buf_str(&text);
        add_match(item, HASH_MD5, 0, 1, words, *words ? words : "7", words);
        struct buf bytes = {0}; /* strings of matches must outlive this function: as read from a journal */
        item_encode(item, &bytes);
        item_clear(item);
        cr_assert(item_decode(bytes.data, bytes.len, item));
        buf_free(&bytes);
    } else {
        item->status = TRAWL_DAMAGED;
        item_detail(item, "cannot read '%s'", buf_str(&text));
    }
    buf_free(&text);
}

static void write_names(struct buf files[CASE_FILES])
{
    struct folder folder = folder_make();
    struct case_info info = info_make((const char *[]){"on.zip", "off.zip"}, 2);
    struct case_end end = {.n_notes = 1, .notes = (char *[]){(char *)(harmless ? "x" : "<b>\x1b\xff=1")}};
    struct maker maker = maker_of(make_named, rounds * 2 * NAMES);
    struct report_totals totals;
    for (size_t i = 0; i < 2 && !harmless; i++) {
        free(info.options[0]);
        free(info.lists[i].name);
        free(info.lists[i].path);
        info.options[0] = mem_strdup("list=</ul>\n\xff");
        info.lists[i].name = mem_strdup("\x1b<i>\xff");
        info.lists[i].path = mem_strdup("\x1b<i>\xff");
    }
    cr_assert_eq(report_write(folder.fd, &info, &end, REPORT_DEFAULT, &maker.source, &totals), 0);
    cr_assert_eq(totals.findings, rounds * NAMES);
    for (int i = 0; i < CASE_FILES; i++)
        files[i] = folder_read(&folder, case_files[i]);
    folder_remove(&folder);
    case_info_clear(&info);
}

static void free_names(struct buf files[CASE_FILES])
{
    for (int i = 0; i < CASE_FILES; i++)
        buf_free(&files[i]);
}

Test(names, all_files_are_plain_text)
{
    struct buf files[CASE_FILES];
    write_names(files);
    for (int f = 0; f < CASE_FILES; f++) {
        size_t start = f == 2 ? 3 : 0; /* the CSV's byte order mark */
        cr_assert(utf8_valid(files[f].data, files[f].len), "%s", case_files[f]);
        for (size_t i = start; i < files[f].len; i++) {
            uint8_t c = files[f].data[i];
            bool line_end = c == '\n' || (f == 2 && c == '\r');
            cr_assert((c >= 0x20 || line_end) && c != 0x7f, "%s: byte %02x", case_files[f], c);
        }
        struct buf text = {0}, lines = {0}; /* no bidi control, no separator, no C1, no mark */
        for (size_t i = start; i < files[f].len; i++)
            if (files[f].data[i] != '\n' && files[f].data[i] != '\r' && files[f].data[i] != '\\')
                buf_byte(&text, files[f].data[i]);
        cr_assert_not(escape_text(&lines, text.data, text.len), "%s", case_files[f]);
        buf_free(&text);
        buf_free(&lines);
    }
    free_names(files);
}

/** The bytes that a display form stands for. */
static void undisplay(const struct buf *text, struct buf *out)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned byte = text->data[i];
        if (byte == '\\') {
            cr_assert_eq(sscanf((const char *)text->data + i, "\\x%2x", &byte), 1);
            i += 3;
        }
        buf_byte(out, (uint8_t)byte);
    }
}

/** Checks that the line's path stands for container + "!/" + name. */
static void check_path(const char *line, const char *container, const struct name *name)
{
    struct buf display = {0}, bytes = {0};
    const char *at = strstr(line, "\"path\":");
    cr_assert_not_null(at);
    cr_assert_not_null(json_string(at + 7, &display));
    buf_str(&display);
    undisplay(&display, &bytes);
    size_t n = strlen(container);
    cr_assert_eq(bytes.len, n + 2 + name->n, "%s", buf_str(&display));
    cr_assert_eq(memcmp(bytes.data, container, n), 0);
    cr_assert_eq(memcmp(bytes.data + n, "!/", 2), 0);
    cr_assert_eq(memcmp(bytes.data + n + 2, name->bytes, name->n), 0);
    buf_free(&display);
    buf_free(&bytes);
}

Test(names, come_back_from_json)
{
    struct buf files[CASE_FILES];
    write_names(files);
    for (int f = 0; f < CASE_FILES; f++)
        cr_assert(f == 2 || f == 3 || json_valid(buf_str(&files[f])), "%s", case_files[f]);
    char *save = NULL, *line = strtok_r((char *)files[0].data, "\n", &save);
    for (size_t i = 0; i < 2 * NAMES; i++, line = strtok_r(NULL, "\n", &save)) { /* off.zip, then on.zip */
        cr_assert_not_null(line, "a line for every file");
        check_path(line, i < NAMES ? "off.zip" : "on.zip", &hostile[i % NAMES]);
    }
    cr_assert_null(line, "and no more");
    line = strtok_r((char *)files[1].data, "\n", &save);
    bool seen[NAMES] = {false};
    for (size_t i = 0; i < NAMES; i++, line = strtok_r(NULL, "\n", &save)) {
        cr_assert_not_null(line);
        size_t which = json_number(line, "index") / 2;
        check_path(strstr(line, "\"locations\""), "on.zip", &hostile[which]);
        cr_assert_not(seen[which]);
        seen[which] = true;
    }
    free_names(files);
}

/** The next RFC 4180 field in *out; returns behind it, or NULL at the end. Sets *row_ends. */
static const char *csv_field(const char *p, struct buf *out, bool *row_ends)
{
    out->len = 0;
    if (!*p)
        return NULL;
    if (*p == '"') {
        for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
            p += *p == '"';
            buf_byte(out, (uint8_t)*p);
        }
        cr_assert_eq(*p++, '"');
    } else {
        for (; *p && *p != ',' && *p != '\r'; p++)
            buf_byte(out, (uint8_t)*p);
    }
    *row_ends = strncmp(p, "\r\n", 2) == 0;
    cr_assert(*row_ends || *p == ',');
    buf_str(out);
    return p + (*row_ends ? 2 : 1);
}

Test(names, csv_has_all_fields_in_every_row_and_no_formula)
{
    struct buf files[CASE_FILES], field = {0};
    write_names(files);
    cr_assert_eq(memcmp(files[2].data, "\xef\xbb\xbfrank,", 8), 0);
    unsigned fields = 0, rows = 0;
    bool row_ends = false;
    for (const char *p = buf_str(&files[2]) + 3; (p = csv_field(p, &field, &row_ends)) != NULL;) {
        fields++;
        cr_assert(!field.len || !memchr("=+-@\t\r\n", field.data[0], 7), "%s", buf_str(&field));
        cr_assert(!strstr(buf_str(&field), ";="), "%s", buf_str(&field));
        if (fields == 15)
            cr_assert(rows == 0 || strncmp(buf_str(&field), "on.zip!/", 8) == 0);
        if (row_ends) {
            cr_assert_eq(fields, 27, "row %u", rows);
            rows++;
            fields = 0;
        }
    }
    cr_assert_eq(rows, 1 + NAMES);
    buf_free(&field);
    free_names(files);
}

/** All that is between < and >, the lengths of what is between them left out, and the page's own script. */
static void html_tags(const char *html, struct buf *out)
{
    bool inside = false;
    for (const char *p = html; *p; p++) {
        inside = inside || *p == '<';
        if (inside && strncmp(p, " data-f=\"", 9) == 0) /* a value; what got out of it would be seen */
            p = strchr(p + 9, '"');
        if (inside)
            buf_byte(out, (uint8_t)*p);
        inside = inside && *p != '>';
    }
    cr_assert_not(inside);
}

/** Takes the page's own script out of it: it holds signs that are no tags. */
static void drop_script(struct buf *page)
{
    char *at = strstr((char *)page->data, html_script);
    cr_assert_not_null(at);
    at[-1] = ' ';
    memset(at, ' ', strlen(html_script));
    char *begin = strstr((char *)page->data, "<script ");
    cr_assert(begin && begin < at);
    begin = at - strlen("<script>");
    memset(begin, ' ', strlen("<script>"));
    memset(at + strlen(html_script), ' ', strlen("</script>"));
}

Test(names, no_element_of_the_html_comes_out_of_a_name)
{
    struct buf bad[CASE_FILES], good[CASE_FILES], bad_tags = {0}, good_tags = {0};
    rounds = 6;
    write_names(bad);
    harmless = true;
    write_names(good);
    drop_script(&bad[3]);
    drop_script(&good[3]);
    html_tags(buf_str(&bad[3]), &bad_tags);
    html_tags(buf_str(&good[3]), &good_tags);
    cr_assert_str_eq(buf_str(&bad_tags), buf_str(&good_tags));
    cr_assert_gt(bad_tags.len, 3000);
    cr_assert_null(strstr(buf_str(&bad[3]), "<script>"));
    cr_assert_null(strstr(buf_str(&bad[3]), "<img"));
    cr_assert_null(strstr(buf_str(&bad[3]), "http://"));
    cr_assert_null(strstr(buf_str(&bad[3]), "https://"));
    cr_assert(strstr(buf_str(&bad[3]), "default-src 'none'; style-src 'sha256-"));
    cr_assert(strstr(buf_str(&bad[3]), "NOT COMPLETE"));
    buf_free(&bad_tags);
    buf_free(&good_tags);
    free_names(bad);
    free_names(good);
}
