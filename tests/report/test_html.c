#include "fixture.h"

#include "json.h"

/** The page of a case. */
static struct buf write_page(const struct case_info *info, const struct case_end *end, struct maker maker)
{
    struct folder folder = folder_make();
    struct report_totals totals;
    cr_assert_eq(report_write(folder.fd, info, end, REPORT_HTML, &maker.source, &totals), 0);
    struct buf page = folder_read(&folder, "report.html");
    folder_remove(&folder);
    return page;
}

static unsigned count(const struct buf *page, const char *what)
{
    unsigned n = 0;
    for (const char *at = (const char *)page->data; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

/** 3,000 findings, the first of 25 places; every second file was not examined. */
static void make_much(unsigned i, struct item *item)
{
    char name[64];
    item->where = member(host_file("a.tar"), "tar", name, (size_t)snprintf(name, sizeof(name), "%05u.jpg", i), i);
    item->size = i;
    item->type = TYPE_JPEG;
    item->status = i % 2 ? TRAWL_TIMEOUT : TRAWL_OK;
    set_digests(item, i < 25 ? 0 : i - 24);
    add_match(item, HASH_MD5, 0, 1, "zeta.txt", "1", "");
}

Test(html, rows_for_readers_without_scripts_data_for_the_rest)
{
    struct case_info info = info_make(NULL, 0);
    struct buf page = write_page(&info, &whole, maker_of(make_much, 4424)); /* 4,400 findings */
    cr_assert_eq(count(&page, "<tbody><tr data-f=\"["), HTML_ROWS);
    cr_assert_eq(count(&page, "<li class=\"m\">"), HTML_PLACES + HTML_ROWS - 1);
    cr_assert_eq(count(&page, ">5 more places are in report.jsonl"), 1);
    cr_assert_eq(count(&page, "4,200 more findings are in report.jsonl and report.csv; with scripts"), 1);
    cr_assert_eq(count(&page, "<script type=\"application/json\" class=\"findings\">[\n["), 3);
    cr_assert_eq(count(&page, "]]]</script>"), 3);
    cr_assert_eq(count(&page, "data-total=\"4400\" data-all=\"4400\""), 1);
    cr_assert_eq(count(&page, "<tr><td class=\"w\">timeout</td><td></td>"), UNEXAMINED_SHOWN);
    cr_assert_eq(count(&page, ">2,012 more are in inventory.jsonl"), 1);
    cr_assert_eq(count(&page, "class=\"alarm\""), 0);
    cr_assert_eq(count(&page, "<tbody"), count(&page, "</tbody"));
    cr_assert_eq(count(&page, "<script"), count(&page, "</script"));
    buf_free(&page);
    case_info_clear(&info);
}

/** At every number around a border the page is closed, and each finding is there once. */
Test(html, blocks_begin_and_end)
{
    static const unsigned findings[] = {1, 199, 200, 201, 2199, 2200, 2201, 4200};
    struct case_info info = info_make(NULL, 0);
    for (size_t i = 0; i < sizeof(findings) / sizeof(*findings); i++) {
        unsigned n = findings[i], data = n > HTML_ROWS ? n - HTML_ROWS : 0;
        struct buf page = write_page(&info, &whole, maker_of(make_much, n + 24));
        cr_assert_eq(count(&page, "<tbody><tr data-f="), n - data);
        cr_assert_eq(count(&page, "\n[") + count(&page, "\n[["), data, "%u", n);
        cr_assert_eq(count(&page, "class=\"findings\">[\n["), (data + 1999) / 2000);
        cr_assert_eq(count(&page, "]]]</script>"), (data + 1999) / 2000);
        cr_assert_eq(count(&page, "</table><noscript>") + count(&page, "</table></div>\n<script>"), 1, "%u", n);
        buf_free(&page);
    }
    case_info_clear(&info);
}

/** Blocks of data are JSON, and hold what is behind the rows in the order of rank. */
Test(html, data_is_json)
{
    struct case_info info = info_make(NULL, 0);
    struct buf page = write_page(&info, &whole, maker_of(make_much, 2424));
    const char *at = (const char *)page.data;
    static const char begin[] = "<script type=\"application/json\" class=\"findings\">";
    unsigned rank = HTML_ROWS;
    while ((at = strstr(at, begin)) != NULL) {
        at += strlen(begin);
        const char *end = strstr(at, "</script>");
        cr_assert_eq(json_value(at, 0), end);
        for (; at < end; at++)
            if (at[0] == '\n' && at[1] == '[')
                cr_assert_eq(strtoul(at + 2, NULL, 10), ++rank);
    }
    cr_assert_eq(rank, 2400);
    buf_free(&page);
    case_info_clear(&info);
}

/** The policy names the hashes of what stands in the page. */
Test(html, policy_allows_its_own_script_and_style_alone)
{
    struct case_info info = info_make(NULL, 0);
    struct buf page = write_page(&info, &whole, maker_of(make_much, 100)), policy = {0};
    html_policy(false, &policy);
    cr_assert_eq(count(&page, buf_str(&policy)), 1);
    cr_assert_eq(count(&policy, "'sha256-"), 2);
    cr_assert_eq(count(&policy, "default-src 'none'; style-src 'sha256-"), 1);
    cr_assert_eq(count(&page, html_style), 1);
    cr_assert_eq(count(&page, html_script), 1);
    cr_assert_eq(count(&page, "<style>"), 1);
    cr_assert_eq(count(&page, "<script>"), 1);
    cr_assert_eq(count(&page, "style=\""), 0, "no style that the policy would refuse");
    cr_assert_eq(count(&page, "unsafe"), 0);
    cr_assert_null(strstr(html_script, "innerHTML"));
    cr_assert_null(strstr(html_script, "</"));
    cr_assert_null(strstr(html_style, "</"));
    cr_assert_null(strstr(html_style, "url("));
    buf_free(&policy);
    buf_free(&page);
    case_info_clear(&info);
}

/** Months, or years where they span more. */
static int64_t times[8];
static void make_timed(unsigned i, struct item *item)
{
    item->where = host_file(&"abcdefgh"[i]);
    set_digests(item, i);
    item->camera.time = times[i];
    add_match(item, HASH_MD5, 0, 1, "zeta.txt", "1", "");
}

Test(html, time_line)
{
    struct case_info info = info_make(NULL, 0);
    static const int64_t june = 1717200000, day = 86400;
    for (int i = 0; i < 4; i++)
        times[i] = june + i / 3 * 31 * day;
    struct buf page = write_page(&info, &whole, maker_of(make_timed, 8));
    cr_assert_eq(count(&page, "<title>2024-06: 3</title>"), 1);
    cr_assert_eq(count(&page, "<title>2024-07: 1</title>"), 1);
    cr_assert_eq(count(&page, "Of 4 more no time is known."), 1);
    times[7] = june - 8000 * day;
    struct buf years = write_page(&info, &whole, maker_of(make_timed, 8));
    cr_assert_eq(count(&years, "<title>2002: 1</title>"), 1);
    cr_assert_eq(count(&years, "<title>2003: 0</title>"), 1);
    cr_assert_eq(count(&years, "<title>2024: 4</title>"), 1);
    buf_free(&years);
    buf_free(&page);
    case_info_clear(&info);
}

Test(html, comes_to_the_point)
{
    struct case_info info = info_make(NULL, 0);
    struct buf page = write_page(&info, &whole, maker_of(make_much, 100));
    const char *text = (const char *)page.data;
    const char *order[] = {"<h1>",          "id=\"unexamined\"", "id=\"look-first\"", "id=\"findings\"",
                           "id=\"review\"", "id=\"totals\"",     "id=\"lists\"",      "id=\"options\"",
                           "</html>"};
    for (size_t i = 1; i < sizeof(order) / sizeof(*order); i++)
        cr_assert(strstr(text, order[i - 1]) && strstr(text, order[i - 1]) < strstr(text, order[i]), "%s", order[i]);
    buf_free(&page);
    case_info_clear(&info);
}

Test(html, alarms_come_first)
{
    static const struct {
        bool complete, interrupted, no_sandbox;
        const char *word;
        unsigned alarms;
    } cases[] = {
        {true, false, false, "trawl report", 0}, {false, false, false, "NOT COMPLETE", 1},
        {false, true, false, "INTERRUPTED", 1},  {true, true, false, "INTERRUPTED", 1},
        {true, false, true, "NO SANDBOX", 1},    {false, true, true, "NO SANDBOX", 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct case_info info = info_make(NULL, 0);
        struct case_end end = {.complete = cases[i].complete, .interrupted = cases[i].interrupted};
        info.no_sandbox = cases[i].no_sandbox;
        struct buf page = write_page(&info, &end, maker_of(make_much, 10));
        const char *at = strstr((const char *)page.data, cases[i].word);
        cr_assert(at && at < strstr((const char *)page.data, "class=\"cards\""));
        cr_assert_eq(count(&page, "class=\"alarm\""), cases[i].alarms);
        buf_free(&page);
        case_info_clear(&info);
    }
}

static void make_long(unsigned i, struct item *item)
{
    char *name = mem_alloc(40000);
    for (size_t k = 0; k < 40000; k += 2)
        memcpy(name + k, "\xc3\xa4", 2); /* two bytes: a cut may fall inside */
    item->where = member(host_file(i % 2 ? "a" : "ab"), "zip", name, 40000, i);
    item->status = TRAWL_DAMAGED;
    item_detail(item, "%.*s", i % 4 < 2 ? 40000 : 1023, name);
    set_digests(item, i);
    add_match(item, HASH_MD5, 0, 1, "zeta.txt", "1", "");
    free(name);
}

Test(html, long_texts_are_cut_at_a_character)
{
    struct case_info info = info_make(NULL, 0);
    struct buf page = write_page(&info, &whole, maker_of(make_long, 8));
    cr_assert_lt(page.len, 80000);
    cr_assert_eq(count(&page, "more bytes</span>"), 16);
    for (size_t i = 0; i + 1 < page.len; i++) /* every lead byte of the letter is followed by its other byte */
        cr_assert(page.data[i] != 0xc3 || page.data[i + 1] == 0xa4);
    buf_free(&page);
    case_info_clear(&info);
}

static void make_near(unsigned i, struct item *item)
{
    item->where = host_file(&"abcdefgh"[i]);
    set_digests(item, i);
    set_pdq(item, 90, true);
    add_match(item, i ? HASH_PDQ : HASH_MD5, i ? 4 * (i - 1) : 0, 1, i == 7 ? "not among them" : "alpha.csv", "1", "");
}

Test(html, charts_count_all_findings)
{
    struct case_info info = info_make(NULL, 0);
    struct buf page = write_page(&info, &whole, maker_of(make_near, 8));
    cr_assert_eq(count(&page, "<desc id=\"by-list-desc\">zeta.txt: 0; alpha.csv: 7; (other): 1</desc>"), 1);
    cr_assert_eq(count(&page, "exact: 1; near 0: 1; near 1 to 4: 1; near 5 to 8: 1; near 9 to 12: 1; near 13 to 16: 1; "
                              "near 17 to 20: 1;"),
                 1);
    cr_assert_eq(count(&page, "near 21 to 24: 1; near 25 to 28: 0; near 29 to 32: 0</desc>"), 1);
    info.max_distance = 3;
    struct buf narrow = write_page(&info, &whole, maker_of(make_near, 3));
    cr_assert_eq(count(&narrow, "near 1 to 4: 1</desc>"), 1);
    buf_free(&narrow);
    buf_free(&page);
    case_info_clear(&info);
}

static void make_pictures(unsigned i, struct item *item)
{
    make_much(i + 24, item);
    if (i % 2 == 0) {
        item->thumbnail = ALLOC_ARRAY(uint8_t, THUMBNAIL_BYTES);
        memset(item->thumbnail, (int)(i & 0xff), THUMBNAIL_BYTES);
    }
}

/** Where they were asked for, and where there are any: rows have them, and data behind rows; the policy lets them in.
 */
Test(html, previews)
{
    struct case_info info = info_make(NULL, 0);
    info.thumbnails = true;
    struct buf page = write_page(&info, &whole, maker_of(make_pictures, 300)), policy = {0};
    html_policy(true, &policy);
    cr_assert_eq(count(&page, buf_str(&policy)), 1);
    cr_assert_eq(count(&policy, "'; img-src data:; "), 1);
    cr_assert_eq(count(&page, "150 findings have one, 32 x 32 pixels"), 1);
    cr_assert_eq(count(&page, "<img class=\"preview\" alt=\"\""), 100);
    cr_assert_eq(count(&page, "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAAAAA"), 150);
    cr_assert_eq(count(&page, "],\"iVBORw0KGgo"), 50);
    cr_assert_eq(count(&page, "addPreview"), 3);
    cr_assert_eq(count(&page, html_script), 0);
    buf_free(&page);
    page = write_page(&info, &whole, maker_of(make_much, 300));
    cr_assert(count(&page, "Previews") + count(&page, "img-src") + count(&page, "addPreview") == 0,
              "asked for, none there");
    buf_free(&page);
    info.thumbnails = false;
    page = write_page(&info, &whole, maker_of(make_much, 300));
    cr_assert(count(&page, html_script) == 1 && count(&page, ".preview") == 0 && count(&page, "img-src") == 0);
    buf_free(&page);
    buf_free(&policy);
    case_info_clear(&info);
}
