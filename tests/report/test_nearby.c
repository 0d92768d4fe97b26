#include "fixture.h"

#include "json.h"

static struct camera camera_of(const char *serial, int64_t time)
{
    struct camera camera = {.make = "Acme", .model = "One", .time = time};
    snprintf(camera.serial, sizeof(camera.serial), "%s", serial);
    return camera;
}

struct made {
    const char *host, *member;
    unsigned content;
    /** 0: on no list. */
    unsigned severity;
    enum file_type type;
    enum trawl_status status;
    const char *serial;
    int64_t time;
};

static const struct made *made;

static void make(unsigned i, struct item *item)
{
    const struct made *m = &made[i];
    item->where = host_file(m->host);
    if (m->member)
        item->where = member(item->where, "zip", m->member, strlen(m->member), i);
    item->type = m->type;
    item->status = m->status;
    item->size = 1;
    if (m->serial)
        item->camera = camera_of(m->serial, m->time);
    set_digests(item, m->content);
    if (m->severity)
        add_match(item, HASH_SHA256, 0, m->severity, "zeta.txt", "1", "");
}

static struct buf write_files(const struct made *items, unsigned n, const char *name, struct buf *other,
                              const char *other_name)
{
    struct folder folder = folder_make();
    struct case_info info = info_make(NULL, 0);
    struct maker maker = maker_of(make, n);
    struct report_totals totals;
    made = items;
    cr_assert_eq(report_write_bounded(folder.fd, &info, &whole, REPORT_DEFAULT, &maker.source, 4096, &totals), 0);
    struct buf file = folder_read(&folder, name);
    if (other)
        *other = folder_read(&folder, other_name);
    folder_remove(&folder);
    case_info_clear(&info);
    return file;
}

#define JPEG TYPE_JPEG, TRAWL_OK

static const struct made places[] = {
    {"h/a/1.jpg", NULL, 1, 2, JPEG, NULL, 0},       {"h/a/2.jpg", NULL, 2, 2, JPEG, NULL, 0},
    {"h/a/2 again.jpg", NULL, 2, 2, JPEG, NULL, 0}, /* the same content: one finding */
    {"h/a/b/3.jpg", NULL, 3, 2, JPEG, NULL, 0},     /* another folder */
    {"h/a.zip", "x/4.jpg", 4, 1, JPEG, NULL, 0},    {"h/a.zip", "x/5.jpg", 5, 1, JPEG, NULL, 0},
    {"h/a.zip", "y/2.jpg", 2, 2, JPEG, NULL, 0}, /* alone here, but not in its other place */
    {"top.jpg", NULL, 6, 9, JPEG, NULL, 0},
};

/** The rest of the line of the finding with that content. */
static const char *line_of(const char *report, unsigned content)
{
    struct item item = {0};
    struct buf key = {0};
    set_digests(&item, content);
    buf_puts(&key, "\"sha256\":\"");
    buf_hex(&key, item.digests.sha256, 32);
    const char *line = strstr(report, buf_str(&key));
    buf_free(&key);
    cr_assert_not_null(line, "%u", content);
    return line;
}

Test(nearby, counts_other_contents_of_the_folder)
{
    struct buf report = write_files(places, 8, "report.jsonl", NULL, NULL);
    static const unsigned beside[] = {0, 1, 1, 0, 1, 1, 0};
    for (unsigned content = 1; content <= 6; content++)
        cr_assert_eq(json_number(line_of(buf_str(&report), content), "nearby"), beside[content], "%u", content);
    buf_free(&report);
}

Test(nearby, where_to_look_first)
{
    struct buf summary = write_files(places, 8, "summary.json", NULL, NULL);
    const char *text = buf_str(&summary);
    static const char *const order[] = {
        "\"folders\": [\n      {\"path\": \"h/a.zip!/x/\", \"type\": \"folder\", \"findings\": 2, \"places\": 2, "
        "\"severity\": 1}",
        "{\"path\": \"h/a/\", \"type\": \"folder\", \"findings\": 2, \"places\": 3, \"severity\": 2}",
        "{\"path\": \"h/a.zip!/y/\", \"type\": \"folder\", \"findings\": 1, \"places\": 1, \"severity\": 2}",
        "{\"path\": \"h/a/b/\", \"type\": \"folder\", \"findings\": 1, \"places\": 1, \"severity\": 2}",
        "{\"path\": \".\", \"type\": \"folder\", \"findings\": 1, \"places\": 1, \"severity\": 9}",
        "\"archives\": [\n      {\"path\": \"h/a.zip\", \"type\": \"zip\", \"findings\": 3, \"places\": 3, "
        "\"severity\": 1}\n    ]",
        "\"volumes\": []",
    };
    cr_assert(json_valid(text));
    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
        text = strstr(text, order[i]);
        cr_assert_not_null(text, "%s", order[i]);
    }
    buf_free(&summary);
}

#define NOON 1717200000
static const struct made beside[] = {
    {"h/a/1.jpg", NULL, 1, 3, JPEG, "S1", NOON},
    {"h/a/far.jpg", NULL, 2, 0, JPEG, "S1", NOON + 86401},
    {"h/a/new.jpg", NULL, 3, 0, JPEG, "S1", NOON - 86400},
    {"h/a/none.jpg", NULL, 4, 0, JPEG, NULL, 0},
    {"h/a/other.jpg", NULL, 5, 0, JPEG, "S2", NOON},
    {"h/a/known.jpg", NULL, 6, 0, TYPE_JPEG, TRAWL_SUPPRESSED, "S1", NOON},
    {"h/a/text.txt", NULL, 7, 0, TYPE_OTHER, TRAWL_NOT_MEDIA, NULL, 0},
    {"h/b/away.jpg", NULL, 8, 0, JPEG, "S1", NOON}, /* no finding in that folder */
};

Test(review, pictures_beside_findings_by_their_camera)
{
    struct buf summary, file = write_files(beside, 8, "review_next.jsonl", &summary, "summary.json");
    static const char *const order[] = {
        ("{\"rank\":1,\"hint\":\"same camera as a finding beside it, within a day\",\"findings_beside\":1,"
         "\"severity_beside\":3,\"file\":{\"path\":\"h/a/new.jpg\""),
        "\"camera\":{\"make\":\"Acme\",\"model\":\"One\",\"serial\":\"S1\",\"time\":\"2024-05-31T00:00:00\"}",
        "{\"rank\":2,\"hint\":\"same camera as a finding beside it\"",
        "h/a/far.jpg",
        "{\"rank\":3,\"hint\":\"names a camera\"",
        "h/a/other.jpg",
        "{\"rank\":4,\"hint\":\"beside findings\"",
        "h/a/none.jpg"};
    const char *text = buf_str(&file);
    cr_assert(json_valid(text), "%s", text);
    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
        text = strstr(text, order[i]);
        cr_assert_not_null(text, "%s", order[i]);
    }
    cr_assert_null(strstr(text, "\"rank\":5"));
    cr_assert_eq(json_number(buf_str(&summary), "review_next"), 4);
    buf_free(&summary);
    buf_free(&file);
}

/** --no-inventory: files on no list stay unnamed. */
Test(review, no_names_without_an_inventory)
{
    struct folder folder = folder_make();
    struct case_info info = info_make(NULL, 0);
    struct maker maker = maker_of(make, 8);
    struct report_totals totals;
    made = beside;
    info.no_inventory = true;
    cr_assert_eq(report_write(folder.fd, &info, &whole, REPORT_DEFAULT, &maker.source, &totals), 0);
    for (int i = 0; i < CASE_FILES; i++) {
        struct buf file = folder_read(&folder, case_files[i]);
        cr_assert_null(strstr(buf_str(&file), "new.jpg"), "%s", case_files[i]);
        buf_free(&file);
    }
    folder_remove(&folder);
    case_info_clear(&info);
}

/** Contents near entry 7; the last of them exact, too, and one near entry 8 alone. */
static void make_flood(unsigned i, struct item *item)
{
    char name[32];
    snprintf(name, sizeof(name), "f/%04u.jpg", i);
    item->where = host_file(name);
    item->type = TYPE_JPEG;
    set_digests(item, i / 2);
    set_pdq(item, 90, true);
    struct match *near = add_match(item, HASH_PDQ, 2, i / 2 == 5 ? 2 : 1, "zeta.txt", i / 2 == 5 ? "8" : "7", "");
    memset(near->value, i / 2 == 5 ? 8 : 7, sizeof(near->value));
    if (i / 2 == 6)
        add_match(item, HASH_SHA256, 0, 9, "alpha.csv", "1", "");
}

static struct buf write_flood(unsigned limit, struct report_totals *totals)
{
    struct folder folder = folder_make();
    struct case_info info = info_make(NULL, 0);
    struct maker maker = maker_of(make_flood, 24);
    info.flood = limit;
    cr_assert_eq(report_write_bounded(folder.fd, &info, &whole, REPORT_DEFAULT, &maker.source, 4096, totals), 0);
    struct buf report = folder_read(&folder, "report.jsonl");
    folder_remove(&folder);
    case_info_clear(&info);
    return report;
}

static unsigned occurrences(const char *text, const char *what)
{
    unsigned n = 0;
    while ((text = strstr(text, what)) != NULL) {
        text++;
        n++;
    }
    return n;
}

Test(flood, an_entry_that_hits_too_much_is_demoted_and_not_dropped)
{
    static const struct {
        unsigned limit, demoted;
    } cases[] = {{0, 0}, {11, 0}, {10, 10}, {1, 10}}; /* 11 contents are near entry 7; each in two places */
    for (size_t i = 0; i < 4; i++) {
        struct report_totals totals;
        struct buf report = write_flood(cases[i].limit, &totals);
        const char *text = buf_str(&report);
        cr_assert(json_valid(text));
        cr_assert_eq(totals.findings, 12);
        cr_assert_eq(totals.locations, 24);
        cr_assert_eq(occurrences(text, "\"demoted\":true"), cases[i].demoted, "limit %u", cases[i].limit);
        cr_assert_eq(occurrences(text, "\"demoted: its entries hit too many contents\""), cases[i].demoted);
        if (cases[i].demoted) { /* entry 8 first, then the exact one of severity 9, then those of severity 1 */
            cr_assert(strstr(text, "{\"rank\":1,\"tier\":\"near\",\"algorithm\":\"pdq\",\"distance\":2,\"quality\":90,"
                                   "\"list\":\"zeta.txt\",\"entry\":\"8\""));
            cr_assert(strstr(text, "{\"rank\":2,\"tier\":\"exact\",\"algorithm\":\"sha256\""));
            cr_assert_eq(json_number(line_of(text, 5), "nearby"), 1, "demoted ones do not count as neighbours");
        }
        buf_free(&report);
    }
}
