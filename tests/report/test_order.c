#include "fixture.h"

#include "report/order.h"
#include "trawl/origin.h"

/** A finding with one match, in one place. */
static struct finding finding_of(enum hash_type type, unsigned distance, unsigned severity, int quality, bool stable,
                                 const char *path)
{
    struct finding finding = {.n_places = 1};
    finding.head.where = host_file(path);
    set_digests(&finding.head, 1);
    set_pdq(&finding.head, quality, stable);
    add_match(&finding.head, type, distance, severity, "zeta.txt", "1", "");
    return finding;
}

/** What is set apart from the finding before: each of them before all that follow. */
static struct finding ranked(unsigned i)
{
    struct finding f = finding_of(i < 2 ? HASH_SHA1 : HASH_PDQ, 0, 1, 100, true, "m");
    f.n_clear = 1;
    f.newest = 1717200000; /* 2024-06-01 */
    f.nearby = 5;
    struct match *best = &f.head.matches.items[0];
    if (i == 1)
        best->type = HASH_MD5; /* it alone */
    if (i == 2)
        best->flags = MATCH_VICTIM_UNIDENTIFIED;
    if (i == 3)
        best->flags = MATCH_NOT_DISTRIBUTED;
    if (i == 5)
        f.nearby = 4;
    if (i == 6)
        f.nearby = 4, best->distance = 10;
    if (i == 7)
        f.newest = 1709251200, f.nearby = 1000; /* 2024-03-01 */
    if (i == 8)
        f.newest = 0;
    if (i == 9)
        f.state = PLACE_DELETED;
    if (i == 10)
        f.state = PLACE_CARVED, f.newest = 1893456000;
    if (i == 11)
        best->flags = MATCH_DISTRIBUTED;
    if (i == 12)
        best->flags = MATCH_VICTIM_IDENTIFIED | MATCH_NOT_DISTRIBUTED;
    if (i == 13)
        best->flags = MATCH_DISPUTED | MATCH_VICTIM_UNIDENTIFIED;
    if (i == 14)
        f.head.pdq_quality = 79;
    if (i == 15)
        f.head.pdq_quality = 60;
    if (i == 16)
        f.head.pdq_stable = false;
    if (i == 17)
        best->distance = 11;
    if (i == 18)
        best->distance = 21;
    if (i == 19)
        best->distance = 32;
    if (i >= 20)
        best->severity = 9;
    if (i == 21)
        best->flags = MATCH_NOT_PERTINENT;
    if (i >= 22)
        f.n_clear = 0, best->severity = 1;
    if (i == 23)
        best->severity = 2;
    return f;
}
#define RANKED 24

Test(order, ranks)
{
    for (unsigned a = 0; a < RANKED; a++)
        for (unsigned b = 0; b < RANKED; b++) {
            struct finding x = ranked(a), y = ranked(b);
            struct buf p = {0}, q = {0};
            order_key(&x, &p);
            order_key(&y, &q);
            int order = memcmp(p.data, q.data, p.len < q.len ? p.len : q.len);
            order = order ? order : (p.len > q.len) - (p.len < q.len);
            cr_assert_eq((order > 0) - (order < 0), (a > b) - (a < b), "%u %u", a, b);
            buf_free(&p);
            buf_free(&q);
            item_clear(&x.head);
            item_clear(&y.head);
        }
}

Test(order, paths_decide_last)
{
    static const char *const paths[] = {"a", "b", "ba"};
    struct buf keys[3] = {0};
    for (int i = 0; i < 3; i++) {
        struct finding f = finding_of(HASH_PDQ, 3, 2, 90, true, paths[i]);
        order_key(&f, &keys[i]);
        item_clear(&f.head);
    }
    cr_assert_lt(memcmp(keys[0].data, keys[1].data, keys[0].len), 0);
    cr_assert_leq(memcmp(keys[1].data, keys[2].data, keys[1].len), 0);
    cr_assert_lt(keys[1].len, keys[2].len);
    for (int i = 0; i < 3; i++)
        buf_free(&keys[i]);
}

Test(order, why_says_every_key)
{
    static const struct {
        unsigned rank;
        const char *why;
    } cases[] = {
        {0, "severity 1|exact, sha1|allocated|newest 2024-06|5 other findings in its folder|"},
        {1, "severity 1|exact, md5 alone|allocated|newest 2024-06|5 other findings in its folder|"},
        {2, "severity 1|near 0-10, distance 0|quality 100|victim not identified|allocated|newest 2024-06|"
            "5 other findings in its folder|"},
        {8, "severity 1|near 0-10, distance 0|quality 100|allocated|5 other findings in its folder|"},
        {9, "severity 1|near 0-10, distance 0|quality 100|deleted|newest 2024-06|5 other findings in its folder|"},
        {12, "severity 1|near 0-10, distance 0|quality 100|victim identified, not known to be distributed|allocated|"
             "newest 2024-06|5 other findings in its folder|"},
        {16, "severity 1|near 0-10, distance 0|quality 100, not stable|allocated|newest 2024-06|"
             "5 other findings in its folder|"},
        {21, "severity 9, of no interest to its list|near 0-10, distance 0|quality 100|allocated|newest 2024-06|"
             "5 other findings in its folder|"},
        {22, "demoted: its entries hit too many contents|severity 1|near 0-10, distance 0|quality 100|allocated|"
             "newest 2024-06|5 other findings in its folder|"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct finding finding = ranked(cases[i].rank);
        struct why why;
        struct buf text = {0};
        order_why(&finding, &why);
        for (size_t w = 0; w < why.n; w++)
            buf_printf(&text, "%s|", why.words[w]);
        cr_assert_str_eq(buf_str(&text), cases[i].why);
        buf_free(&text);
        item_clear(&finding.head);
    }
}

/** Times and states come from every layer of a place. */
Test(order, place_tells_state_and_time)
{
    struct origin deleted = origin_of(ORIGIN_FS), carved = origin_of(ORIGIN_CARVED);
    struct item item = {0};
    deleted.allocated = ORIGIN_DELETED;
    deleted.times[ORIGIN_WRITTEN] = INT64_C(1717200000) * 1000000000;
    struct where *image = host_file("d.E01");
    struct where *file = where_new_origin(image, "fs", "x.zip", 5, 7, WHERE_UNKNOWN, &deleted);
    struct where *inside = where_new(file, "zip", "a.jpg", 5, 0, WHERE_UNKNOWN);
    struct where *block = where_new_origin(image, "carved", "1", 1, 0, 512, &carved);
    cr_assert_eq(where_state(image), PLACE_ALLOCATED);
    cr_assert_eq(where_state(inside), PLACE_DELETED);
    cr_assert_eq(where_state(block), PLACE_CARVED);
    item.where = inside;
    cr_assert_eq(item_newest(&item), 1717200000);
    item.camera.time = 1717200001;
    cr_assert_eq(item_newest(&item), 1717200001);
    where_unref(inside);
    where_unref(file);
    where_unref(block);
    where_unref(image);
}

/** Each a better match than all that follow. */
static const struct match matches[] = {
    {HASH_MD5, 0, 1, "zeta.txt", "9", "", {0}, {0}, 0, 0, "", "", "", {0}},
    {HASH_MD5, 0, 1, "zeta.txt", "10", "", {0}, {0}, 0, 0, "", "", "", {0}},    /* shorter entries first: line numbers
                                                                                 * count up
                                                                                 */
    {HASH_SHA256, 0, 1, "alpha.csv", "1", "", {0}, {0}, 0, 0, "", "", "", {0}}, /* zeta was given before alpha */
    {HASH_SHA1, 0, 1, "alpha.csv", "1", "", {0}, {0}, 0, 0, "", "", "", {0}},
    {HASH_MD5, 0, 1, "alpha.csv", "1", "", {0}, {0}, 0, 0, "", "", "", {0}},
    {HASH_MD5, 0, 1, "alpha.csv", "1", "", {1}, {0}, 0, 0, "", "", "", {0}},
    {HASH_MD5, 0, 1, "alpha.csv", "1", "a", {0}, {0}, 0, 0, "", "", "", {0}},
    {HASH_MD5, 0, 1, "aaa, not given", "1", "", {0}, {0}, 0, 0, "", "", "", {0}},
    {HASH_MD5, 0, 1, "bbb, not given", "1", "", {0}, {0}, 0, 0, "", "", "", {0}},
    {HASH_PDQ, 0, 1, "zeta.txt", "1", "", {0}, {0}, 0, 0, "", "", "", {0}},
    {HASH_PDQ, 3, 1, "alpha.csv", "1", "", {0}, {0}, 0, 0, "", "", "", {0}},
    {HASH_PDQ, 3, 1, "alpha.csv", "1", "", {0}, {0}, PDQ_FLIPX, 0, "", "", "", {0}}, /* the picture as it is before the
                                                                                   mirrored one */
    {HASH_PDQ, 4, 1, "zeta.txt", "1", "", {0}, {0}, 0, 0, "", "", "", {0}},
    {HASH_SHA256, 0, 2, "zeta.txt", "1", "", {0}, {0}, 0, 0, "", "", "", {0}},
};
#define N (sizeof(matches) / sizeof(*matches))

Test(order, matches)
{
    struct case_info info = info_make(NULL, 0);
    for (size_t a = 0; a < N; a++)
        for (size_t b = 0; b < N; b++) {
            int order = match_compare(&matches[a], &matches[b], &info);
            cr_assert_eq((order > 0) - (order < 0), (a > b) - (a < b), "%zu %zu: %d", a, b, order);
            cr_assert_eq(match_identity(&matches[a], &matches[b]) == 0,
                         a == b || (matches[a].type == HASH_PDQ && matches[b].type == HASH_PDQ &&
                                    strcmp(matches[a].list, matches[b].list) == 0));
        }
    case_info_clear(&info);
}

Test(order, help_is_there)
{
    cr_assert(strstr(report_order_help, "severity") && strstr(report_order_help, "distance"));
}
