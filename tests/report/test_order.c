#include "fixture.h"

#include "report/order.h"

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

/** Each before all that follow. */
static struct finding ranked(unsigned i)
{
    switch (i) {
    case 0:
        return finding_of(HASH_MD5, 0, 1, 5, false, "x"); /* the quality of an exact match does not count */
    case 1:
        return finding_of(HASH_SHA256, 0, 1, 100, true, "y");
    case 2:
        return finding_of(HASH_PDQ, 0, 1, 60, true, "z");
    case 3:
        return finding_of(HASH_PDQ, 1, 1, 100, true, "c");
    case 4:
        return finding_of(HASH_PDQ, 1, 1, 99, true, "b");
    case 5:
        return finding_of(HASH_PDQ, 1, 1, 99, true, "ba");
    case 6:
        return finding_of(HASH_PDQ, 1, 1, 99, false, "a");
    case 7:
        return finding_of(HASH_PDQ, 31, 1, 100, true, "a");
    case 8:
        return finding_of(HASH_PDQ, 256, 1, 100, true, "a");
    case 9:
        return finding_of(HASH_MD5, 0, 2, 100, true, "a");
    default:
        return finding_of(HASH_MD5, 0, 9, 100, true, "a");
    }
}

Test(order, ranks)
{
    for (unsigned a = 0; a <= 10; a++)
        for (unsigned b = 0; b <= 10; b++) {
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

Test(order, why)
{
    static const struct {
        unsigned rank;
        const char *why;
    } cases[] = {
        {0, "severity 1, exact"},
        {2, "severity 1, near, distance 0, quality 60"},
        {6, "severity 1, near, distance 1, quality 99, not stable"},
        {10, "severity 9, exact"},
    };
    for (size_t i = 0; i < 4; i++) {
        struct finding finding = ranked(cases[i].rank);
        struct buf why = {0};
        order_why(&finding, &why);
        cr_assert_str_eq(buf_str(&why), cases[i].why);
        buf_free(&why);
        item_clear(&finding.head);
    }
}

/** Each a better match than all that follow. */
static const struct match matches[] = {
    {HASH_MD5, 0, 1, "zeta.txt", "9", "", {0}, {0}, 0, 0, "", "", ""},
    {HASH_MD5, 0, 1, "zeta.txt", "10", "", {0}, {0}, 0, 0, "", "", ""}, /* shorter entries first: line numbers count up
                                                                         */
    {HASH_SHA256, 0, 1, "alpha.csv", "1", "", {0}, {0}, 0, 0, "", "", ""}, /* zeta was given before alpha */
    {HASH_SHA1, 0, 1, "alpha.csv", "1", "", {0}, {0}, 0, 0, "", "", ""},
    {HASH_MD5, 0, 1, "alpha.csv", "1", "", {0}, {0}, 0, 0, "", "", ""},
    {HASH_MD5, 0, 1, "alpha.csv", "1", "", {1}, {0}, 0, 0, "", "", ""},
    {HASH_MD5, 0, 1, "alpha.csv", "1", "a", {0}, {0}, 0, 0, "", "", ""},
    {HASH_MD5, 0, 1, "aaa, not given", "1", "", {0}, {0}, 0, 0, "", "", ""},
    {HASH_MD5, 0, 1, "bbb, not given", "1", "", {0}, {0}, 0, 0, "", "", ""},
    {HASH_PDQ, 0, 1, "zeta.txt", "1", "", {0}, {0}, 0, 0, "", "", ""},
    {HASH_PDQ, 3, 1, "alpha.csv", "1", "", {0}, {0}, 0, 0, "", "", ""},
    {HASH_PDQ, 3, 1, "alpha.csv", "1", "", {0}, {0}, PDQ_FLIPX, 0, "", "", ""}, /* the picture as it is before the
                                                                                   mirrored one */
    {HASH_PDQ, 4, 1, "zeta.txt", "1", "", {0}, {0}, 0, 0, "", "", ""},
    {HASH_SHA256, 0, 2, "zeta.txt", "1", "", {0}, {0}, 0, 0, "", "", ""},
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
