#include "fixture.h"

#include "json.h"

/** All files of one writing. */
struct result {
    int error;
    struct report_totals totals;
    struct buf files[CASE_FILES];
};

static struct result write_case(const struct case_info *info, const struct case_end *end, struct maker maker,
                                size_t memory)
{
    struct folder folder = folder_make();
    struct result result = {0};
    result.error = report_write_bounded(folder.fd, info, end, REPORT_DEFAULT, &maker.source, memory, &result.totals);
    for (int i = 0; i < CASE_FILES; i++)
        result.files[i] = folder_read(&folder, case_files[i]);
    folder_remove(&folder);
    return result;
}

static void result_free(struct result *result)
{
    for (int i = 0; i < CASE_FILES; i++)
        buf_free(&result->files[i]);
}

static void check_same(const struct result *a, const struct result *b)
{
    for (int i = 0; i < CASE_FILES; i++) {
        cr_assert_eq(a->files[i].len, b->files[i].len, "%s: %zu and %zu bytes", case_files[i], a->files[i].len,
                     b->files[i].len);
        cr_assert_eq(memcmp(a->files[i].data, b->files[i].data, a->files[i].len), 0, "%s", case_files[i]);
    }
    cr_assert_eq(memcmp(&a->totals, &b->totals, sizeof(a->totals)), 0);
}

static const char *const sources[] = {"ev/", "ev/deep", "other.zip"};

Test(report, does_not_depend_on_the_order_of_items)
{
    enum { COUNT = 1500 };
    struct case_info info = info_make(sources, 3);
    unsigned order[COUNT];
    struct maker maker = maker_of(make_varied, COUNT);
    struct result first = write_case(&info, &whole, maker, 1 << 20);
    cr_assert_eq(first.error, 0);
    cr_assert_gt(first.totals.findings, 40);
    cr_assert_gt(first.totals.locations, first.totals.findings);
    for (unsigned i = 0; i < COUNT; i++)
        order[i] = i;
    srand(1);
    for (int round = 0; round < 10; round++) {
        for (unsigned i = COUNT; i-- > 1;) {
            unsigned k = (unsigned)rand() % (i + 1), held = order[i];
            order[i] = order[k];
            order[k] = held;
        }
        maker.order = order;
        struct result again = write_case(&info, &whole, maker, round % 2 ? 20000 : 1 << 20);
        check_same(&first, &again);
        result_free(&again);
    }
    result_free(&first);
    case_info_clear(&info);
}

static void make_many(unsigned i, struct item *item)
{
    char name[64];
    item->where = member(host_file("big.tar"), "tar", name, (size_t)snprintf(name, sizeof(name), "d/%u", i), i ^ 0x155);
    item->size = i;
    item->type = TYPE_JPEG;
    set_digests(item, i / 2);
    if (i % 10 < 2)
        add_match(item, HASH_SHA256, 0, 1 + i / 10 % 9, "zeta.txt", "5", "");
}

Test(report, two_hundred_thousand_items_in_a_mebibyte, .timeout = 300)
{
    struct case_info info = info_make(sources, 3);
    struct maker maker = maker_of(make_many, 200000);
    struct result small = write_case(&info, &whole, maker, 1 << 20),
                  large = write_case(&info, &whole, maker, (size_t)1 << 30);
    cr_assert_eq(small.error, 0);
    cr_assert_eq(small.totals.files, 200000);
    cr_assert_eq(small.totals.findings, 20000);
    cr_assert_eq(small.totals.locations, 40000);
    check_same(&small, &large);
    result_free(&small);
    result_free(&large);
    case_info_clear(&info);
}

static unsigned count_lines(const struct buf *file)
{
    unsigned n = 0;
    for (size_t i = 0; i < file->len; i++)
        n += file->data[i] == '\n';
    return n;
}

Test(report, totals_add_up)
{
    struct case_info info = info_make(sources, 3);
    struct result result = write_case(&info, &whole, maker_of(make_varied, 3000), 1 << 20);
    const char *summary = buf_str(&result.files[4]);
    cr_assert(json_valid(summary), "%s", summary);
    uint64_t files = json_number(summary, "files"), bytes = json_number(summary, "bytes");
    cr_assert_eq(files, 3000);
    cr_assert_eq(count_lines(&result.files[0]), 3000);
    static const char *const groups[] = {"by_status", "by_type", "by_source"};
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(json_sum(summary, groups[i], "files"), files, "%s", groups[i]);
        cr_assert_eq(json_sum(summary, groups[i], "bytes"), bytes, "%s", groups[i]);
    }
    uint64_t examined = 0;
    for (int s = 0; s < TRAWL_STATUS_COUNT; s++) {
        char path[64];
        snprintf(path, sizeof(path), "\"%s\": {", status_name((enum trawl_status)s));
        const char *at = strstr(summary, path);
        cr_assert_not_null(at, "%s is missing", path);
        examined += s <= TRAWL_SUPPRESSED ? json_number(at, "files") : 0;
    }
    cr_assert_eq(json_number(summary, "unexamined"), files - examined);
    cr_assert_eq(json_number(summary, "findings"), count_lines(&result.files[1]));
    cr_assert_eq(json_number(summary, "locations"), count_lines(&result.files[2]) - 1,
                 "one CSV row a place, and the head");
    cr_assert_eq(result.totals.files, files);
    cr_assert_eq(result.totals.bytes, bytes);
    cr_assert_eq(result.totals.unexamined, files - examined);
    cr_assert_eq(json_number(summary, "size_unknown"), 3000 / 17);
    result_free(&result);
    case_info_clear(&info);
}

/** Bytes that no sum can hold: an archive may claim anything. */
static void make_claims(unsigned i, struct item *item)
{
    char name[32];
    item->where = member(host_file("a"), "zip", name, (size_t)snprintf(name, sizeof(name), "%u", i), i);
    item->size = UINT64_MAX - 1;
    item->status = TRAWL_DAMAGED;
}

Test(report, sums_stop_at_the_largest_number)
{
    struct case_info info = info_make(sources, 0);
    struct result result = write_case(&info, &whole, maker_of(make_claims, 3), 1 << 20);
    cr_assert_eq(result.totals.bytes, UINT64_MAX);
    cr_assert(strstr(buf_str(&result.files[4]), "\"damaged\": {\"files\": 3, \"bytes\": 18446744073709551615}"));
    result_free(&result);
    case_info_clear(&info);
}

/** Three items in each of two places; only the last of each may count. */
static void make_again(unsigned i, struct item *item)
{
    item->where = host_file(i % 2 ? "b" : "a");
    item->size = i;
    set_digests(item, i);
    if (i < 4)
        add_match(item, HASH_MD5, 0, 1, "zeta.txt", "1", "");
}

Test(report, the_last_item_in_a_place_counts)
{
    struct case_info info = info_make(sources, 0);
    for (size_t memory = 1; memory < 1 << 21; memory *= 1 << 20) {
        struct result result = write_case(&info, &whole, maker_of(make_again, 6), memory);
        cr_assert_eq(result.error, 0);
        cr_assert_eq(result.totals.files, 2);
        cr_assert_eq(result.totals.bytes, 4 + 5);
        cr_assert_eq(result.totals.findings, 0);
        result_free(&result);
        result = write_case(&info, &whole, maker_of(make_again, 4), memory);
        cr_assert_eq(result.totals.findings, 2);
        result_free(&result);
    }
    case_info_clear(&info);
}

/** One content: in two places, on both lists and on the list of known files, first without its PDQ. */
static void make_one(unsigned i, struct item *item)
{
    item->where = host_file(i ? "z/2.jpg" : "a/1.jpg");
    item->size = 77;
    item->type = TYPE_PNG;
    item->status = i ? TRAWL_SUPPRESSED : TRAWL_TIMEOUT;
    set_digests(item, 1);
    if (i) {
        set_pdq(item, 88, true);
        add_match(item, HASH_PDQ, 12, 1, "alpha.csv", "7", "near one");
    }
    add_match(item, HASH_MD5, 0, 3, "zeta.txt", "4", "");
    add_match(item, HASH_SHA256, 0, 3, "zeta.txt", "4", "");
}

#define DIGEST "01000000"
Test(report, a_finding_in_json)
{
    struct case_info info = info_make(sources, 0);
    struct result result = write_case(&info, &whole, maker_of(make_one, 2), 1 << 20);
    struct item item = {0};
    struct buf expected = {0};
    make_one(1, &item);
    buf_puts(&expected, "{\"rank\":1,\"tier\":\"near\",\"algorithm\":\"pdq\",\"distance\":12,\"quality\":88,\"list\":"
                        "\"alpha.csv\",\"entry\":\"7\","
                        "\"category\":\"near one\",\"severity\":1,\"sha256\":\"");
    buf_hex(&expected, item.digests.sha256, 32);
    buf_puts(&expected, "\",\"md5\":\"");
    buf_hex(&expected, item.digests.md5, 16);
    buf_puts(&expected, "\",\"size\":77,\"type\":\"png\",\"matched\":\"");
    buf_hex(&expected, item.digests.sha256, 32);
    buf_puts(&expected, "\",\"observed\":\"");
    buf_hex(&expected, item.pdq, 32);
    buf_puts(&expected, "\",\"state\":\"allocated\",\"nearby\":0,\"why\":[\"severity 1\",\"near 11-20, distance 12\","
                        "\"quality 88\",\"allocated\",\"0 other findings in its folder\","
                        "\"also on a list of known files\"],\"known\":true,\"matches\":["
                        "{\"tier\":\"near\",\"algorithm\":\"pdq\",\"distance\":12,\"list\":\"alpha.csv\",\"entry\":"
                        "\"7\",\"category\":\"near one\","
                        "\"severity\":1,\"value\":\"");
    buf_hex(&expected, item.digests.sha256, 32);
    buf_puts(&expected, "\"},{\"tier\":\"exact\",\"algorithm\":\"sha256\",\"distance\":0,\"list\":\"zeta.txt\","
                        "\"entry\":\"4\",\"category\":\"\","
                        "\"severity\":3,\"value\":\"");
    buf_hex(&expected, item.digests.sha256, 32);
    buf_puts(&expected, "\"},{\"tier\":\"exact\",\"algorithm\":\"md5\",\"distance\":0,\"list\":\"zeta.txt\",\"entry\":"
                        "\"4\",\"category\":\"\","
                        "\"severity\":3,\"value\":\"");
    buf_hex(&expected, item.digests.sha256, 16);
    buf_puts(&expected,
             "\"}],\"locations\":[{\"path\":\"a/1.jpg\",\"where\":[{\"kind\":\"file\",\"name\":\"a/1.jpg\"}]},"
             "{\"path\":\"z/2.jpg\",\"where\":[{\"kind\":\"file\",\"name\":\"z/2.jpg\"}]}]}\n");
    cr_assert_str_eq(buf_str(&result.files[1]), buf_str(&expected));
    buf_free(&expected);
    item_clear(&item);
    result_free(&result);
    case_info_clear(&info);
}

static void make_turned(unsigned i, struct item *item)
{
    make_one(1, item);
    where_unref(item->where);
    item->where = host_file(i ? "z/2.jpg" : "a/1.jpg");
    item->matches.items[0].rotation = i ? PDQ_ROTATE90 : PDQ_FLIPMINUS1;
}

/** How the picture was turned stands where the distance does; of equally near ones the first by number counts. */
Test(report, a_finding_of_a_turned_picture)
{
    struct case_info info = info_make(sources, 0);
    struct result result = write_case(&info, &whole, maker_of(make_turned, 2), 1 << 20);
    const char *json = buf_str(&result.files[1]), *html = NULL;
    cr_assert(strstr(json, ",\"distance\":12,\"rotation\":\"rotate90\",\"quality\":88"));
    cr_assert(strstr(json, "\"matches\":[{\"tier\":\"near\",\"algorithm\":\"pdq\",\"distance\":12,"
                           "\"rotation\":\"rotate90\",\"list\":"));
    cr_assert(strstr(json, "\"near 11-20, distance 12, rotate90\",\"quality 88\""));
    cr_assert_null(strstr(json, "flipMinus1"));
    for (int i = 0; i < CASE_FILES; i++)
        if (strcmp(case_files[i], "report.html") == 0)
            html = buf_str(&result.files[i]);
    cr_assert(html && strstr(html, "near 11-20, distance 12, rotate90 · quality 88"));
    cr_assert(strstr(buf_str(&result.files[2]), ",rotate90,"), "the rotation is a column of report.csv");
    result_free(&result);
    case_info_clear(&info);
}

static void make_undigested(unsigned i, struct item *item)
{
    item->where = host_file(i ? "b" : "a");
    item->size = WHERE_UNKNOWN;
    item->status = TRAWL_IO_ERROR;
    set_pdq(item, 70, false);
    add_match(item, HASH_PDQ, 3, 9, "alpha.csv", "7", "");
}

Test(report, without_digests_every_place_is_a_finding)
{
    struct case_info info = info_make(sources, 0);
    struct result result = write_case(&info, &whole, maker_of(make_undigested, 2), 1 << 20);
    cr_assert_eq(result.totals.findings, 2);
    cr_assert(strstr(buf_str(&result.files[1]), "\"sha256\":null,\"md5\":null,\"size\":null,"));
    cr_assert(
        strstr(buf_str(&result.files[2]), "\r\n1,9,near,pdq,3,70,\"alpha.csv\",\"7\",\"\",,,,other,1,\"a\",,,0000"));
    result_free(&result);
    case_info_clear(&info);
}

/** 30,000 places of one content, on few entries. */
static void make_empty_files(unsigned i, struct item *item)
{
    char name[64];
    item->where = member(host_file("a.tar"), "tar", name, (size_t)snprintf(name, sizeof(name), "empty/%06u", i), i);
    set_digests(item, 0);
    add_match(item, HASH_MD5, 0, 5, "zeta.txt", "1", "");
    if (i % 10000 == 9999)
        add_match(item, HASH_SHA1, 0, 4, "alpha.csv", i < 20000 ? "2" : "3", "");
}

Test(report, no_place_is_dropped_and_no_entry_doubled, .timeout = 120)
{
    struct case_info info = info_make(sources, 0);
    struct result small = write_case(&info, &whole, maker_of(make_empty_files, 30000), 100000);
    struct result large = write_case(&info, &whole, maker_of(make_empty_files, 30000), (size_t)1 << 30);
    check_same(&small, &large);
    cr_assert_eq(small.totals.findings, 1);
    cr_assert_eq(small.totals.locations, 30000);
    cr_assert_eq(count_lines(&small.files[2]), 30001);
    const char *line = buf_str(&small.files[1]);
    cr_assert(json_valid(line));
    unsigned matches = 0, places = 0;
    for (const char *at = line; (at = strstr(at, "\"value\":")) != NULL; at++)
        matches++;
    for (const char *at = line; (at = strstr(at, "{\"path\":")) != NULL; at++)
        places++;
    cr_assert_eq(matches, 3);
    cr_assert_eq(places, 30000);
    cr_assert(strstr(line, "\"entry\":\"2\"") < strstr(line, "\"entry\":\"3\""));
    cr_assert(strstr(buf_str(&small.files[3]), "29,980 more places"));
    result_free(&small);
    result_free(&large);
    case_info_clear(&info);
}

Test(report, no_inventory_hides_the_names_of_all_that_is_on_no_list)
{
    struct case_info info = info_make(sources, 3);
    info.no_inventory = true;
    struct result result = write_case(&info, &whole, maker_of(make_varied, 1500), 1 << 20);
    struct maker maker = maker_of(make_varied, 1500);
    struct item item;
    unsigned hidden = 0, shown = 0;
    while (maker_next(&maker.source, &item)) {
        struct buf path = {0};
        buf_puts(&path, "{\"path\":\"");
        where_path(item.where, &path);
        buf_byte(&path, '"');
        bool listed = strstr(buf_str(&result.files[0]), buf_str(&path)) != NULL;
        cr_assert_eq(listed, item.matches.n > 0, "%s", buf_str(&path));
        path.data[path.len - 1] = '<'; /* as the HTML ends a cell */
        /* A container of findings is named all the same: their places name it. */
        cr_assert(listed || !item.where->parent ||
                      !strstr(buf_str(&result.files[3]), buf_str(&path) + strlen("{\"path\":\"")),
                  "%s", buf_str(&path));
        hidden += !listed;
        shown += listed;
        buf_free(&path);
        item_clear(&item);
    }
    cr_assert(hidden > 100 && shown > 100);
    cr_assert_eq(result.totals.files, 1500, "all are counted");
    cr_assert_null(strstr(buf_str(&result.files[3]), "reason "), "reasons may quote names");
    result_free(&result);
    case_info_clear(&info);
}

static void make_sources(unsigned i, struct item *item)
{
    static const char *const names[] = {"ev/x", "ev//x",     "ev/deep", "ev/deep/x", "ev/deeper/x",
                                        "evil", "other.zip", "/abs/x",  "rel"};
    item->where = host_file(names[i]);
    item->size = 1ull << i;
    if (i == 6)
        item->where = member(item->where, "zip", "ev/x", 4, 0);
}

static void check_sources(const char *const *given, size_t n, const char *expected)
{
    struct case_info info = info_make(given, n);
    struct result result = write_case(&info, &whole, maker_of(make_sources, 9), 1 << 20);
    const char *summary = buf_str(&result.files[4]);
    const char *begin = strstr(summary, "\"by_source\": ["), *end = strstr(begin, "],");
    cr_assert_eq((size_t)(end - begin), strlen(expected), "%.*s", (int)(end - begin), begin);
    cr_assert_eq(strncmp(begin, expected, strlen(expected)), 0, "%.*s", (int)(end - begin), begin);
    result_free(&result);
    case_info_clear(&info);
}

Test(report, items_belong_to_the_longest_source_that_begins_their_path)
{
    check_sources((const char *[]){"ev/", "ev/deep", "other.zip"}, 3,
                  "\"by_source\": [\n    {\"source\": \"ev/\", \"files\": 3, \"bytes\": 19},\n    {\"source\": "
                  "\"ev/deep\", \"files\": 2, \"bytes\": 12},\n"
                  "    {\"source\": \"other.zip\", \"files\": 1, \"bytes\": 64},\n    {\"source\": null, \"files\": 3, "
                  "\"bytes\": 416}\n  ");
    check_sources((const char *[]){"from:list.txt", "/"}, 2,
                  "\"by_source\": [\n    {\"source\": \"from:list.txt\", \"files\": 8, \"bytes\": 383},\n    "
                  "{\"source\": \"/\", \"files\": 1, \"bytes\": 128}\n  ");
    check_sources((const char *[]){"rel", "rel"}, 2,
                  "\"by_source\": [\n    {\"source\": \"rel\", \"files\": 1, \"bytes\": 256},\n    {\"source\": "
                  "\"rel\", \"files\": 0, \"bytes\": 0},\n"
                  "    {\"source\": null, \"files\": 8, \"bytes\": 255}\n  ");
}

Test(report, of_nothing)
{
    struct case_info info = info_make(NULL, 0);
    struct case_end end = {.interrupted = true};
    struct result result = write_case(&info, &end, maker_of(make_varied, 0), 1 << 20);
    cr_assert_eq(result.error, 0);
    cr_assert_eq(result.files[0].len + result.files[1].len, 0);
    cr_assert_eq(count_lines(&result.files[2]), 1);
    cr_assert(strstr(buf_str(&result.files[3]), "INTERRUPTED"));
    cr_assert(json_valid(buf_str(&result.files[4])), "%s", buf_str(&result.files[4]));
    cr_assert(
        strstr(buf_str(&result.files[4]), "\"complete\": false,\n  \"interrupted\": true,\n  \"no_sandbox\": false,"));
    result_free(&result);
    case_info_clear(&info);
}
