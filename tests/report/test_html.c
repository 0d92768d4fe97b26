#include "fixture.h"

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

Test(html, shows_the_beginning_and_says_how_much_more_there_is)
{
    struct case_info info = info_make(NULL, 0);
    struct buf page = write_page(&info, &whole, maker_of(make_much, 3024));
    cr_assert_eq(count(&page, "<tbody><tr><td class=\"n\">"), HTML_FINDINGS);
    cr_assert_eq(count(&page, "<li class=\"m\">"), HTML_PLACES + HTML_FINDINGS - 1);
    cr_assert_eq(count(&page, ">5 more places are in report.jsonl"), 1);
    cr_assert_eq(count(&page, ">2,000 more findings are in report.jsonl"), 1);
    cr_assert_eq(count(&page, "<tr><td class=\"w\">timeout</td><td></td>"), UNEXAMINED_SHOWN);
    cr_assert_eq(count(&page, ">1,312 more are in inventory.jsonl"), 1);
    cr_assert_eq(count(&page, "class=\"alarm\""), 0);
    cr_assert_eq(count(&page, "<tbody"), count(&page, "</tbody"));
    buf_free(&page);
    case_info_clear(&info);
}

Test(html, comes_to_the_point)
{
    struct case_info info = info_make(NULL, 0);
    struct buf page = write_page(&info, &whole, maker_of(make_much, 100));
    const char *text = (const char *)page.data;
    const char *order[] = {"<h1>",         "id=\"unexamined\"", "id=\"findings\"", "id=\"totals\"",
                           "id=\"lists\"", "id=\"options\"",    "</html>"};
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
