#include <criterion/criterion.h>
#include <string.h>

#include "trawl/limits.h"

Test(limits, defaults_are_the_table)
{
    struct limits limits;
    limits_default(&limits);
    for (int i = 0; i < LIMIT_COUNT; i++) {
        cr_assert_eq(limits.value[i], limit_table[i].value);
        cr_assert(limit_table[i].name && limit_table[i].help, "limit %d has no row", i);
        cr_assert(strchr("nbs", limit_table[i].unit));
        for (int k = 0; k < i; k++)
            cr_assert_str_neq(limit_table[i].name, limit_table[k].name);
    }
}

Test(limits, parse_good)
{
    static const struct {
        const char *text;
        enum limit_id id;
        uint64_t value;
    } cases[] = {
        {"depth=3", LIMIT_DEPTH, 3},
        {"depth=0", LIMIT_DEPTH, 0},
        {"member-bytes=17", LIMIT_MEMBER_BYTES, 17},
        {"member-bytes=2K", LIMIT_MEMBER_BYTES, 2048},
        {"member-bytes=2k", LIMIT_MEMBER_BYTES, 2048},
        {"member-bytes=3M", LIMIT_MEMBER_BYTES, 3ull << 20},
        {"member-bytes=3G", LIMIT_MEMBER_BYTES, 3ull << 30},
        {"member-bytes=3T", LIMIT_MEMBER_BYTES, 3ull << 40},
        {"container-bytes=18446744073709551615", LIMIT_CONTAINER_BYTES, UINT64_MAX},
        {"unpack-memory=16777215T", LIMIT_UNPACK_MEMORY, 16777215ull << 40},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct limits limits;
        char why[200] = "";
        limits_default(&limits);
        cr_assert_eq(limits_parse(&limits, cases[i].text, why, sizeof(why)), 0, "%s: %s", cases[i].text, why);
        cr_assert_eq(limits.value[cases[i].id], cases[i].value, "%s", cases[i].text);
        limits.value[cases[i].id] = limit_table[cases[i].id].value;
        for (int k = 0; k < LIMIT_COUNT; k++)
            cr_assert_eq(limits.value[k], limit_table[k].value, "%s changed %s", cases[i].text, limit_table[k].name);
    }
}

Test(limits, parse_bad_says_why_and_changes_nothing)
{
    static const char *const bad[] = {
        "",
        "depth",
        "=3",
        "depth=",
        "depth=-1",
        "depth= 3",
        "depth=3 ",
        "depth=3K",
        "depth=0x10",
        "depth=1e3",
        "member-bytes=1 ",
        "member-bytes=1P",
        "member-bytes=1KB",
        "member-bytes=K",
        "member-bytes=16777216T",
        "depth=18446744073709551616",
        "none=1",
        "Depth=1",
        "nosuch=1",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct limits limits;
        char why[200] = "";
        limits_default(&limits);
        cr_assert_eq(limits_parse(&limits, bad[i], why, sizeof(why)), -1, "%s", bad[i]);
        cr_assert(why[0], "%s", bad[i]);
        for (int k = 0; k < LIMIT_COUNT; k++)
            cr_assert_eq(limits.value[k], limit_table[k].value, "%s changed %s", bad[i], limit_table[k].name);
    }
}

Test(limits, exceeded)
{
    struct limits limits;
    limits_default(&limits);
    limits.value[LIMIT_DEPTH] = 4;
    cr_assert_not(limit_exceeded(&limits, LIMIT_DEPTH, 4));
    cr_assert(limit_exceeded(&limits, LIMIT_DEPTH, 5));
}

Test(limits, ratio_counts_only_past_a_gibibyte)
{
    struct limits limits;
    limits_default(&limits);
    cr_assert_not(limit_ratio_exceeded(&limits, 1, 1ull << 30));
    cr_assert(limit_ratio_exceeded(&limits, 1, (1ull << 30) + 1));
    cr_assert(limit_ratio_exceeded(&limits, 0, (1ull << 30) + 1), "nothing in is as one byte");
    cr_assert_not(limit_ratio_exceeded(&limits, 1ull << 30, 200ull << 30));
    cr_assert(limit_ratio_exceeded(&limits, 1ull << 30, 201ull << 30));
    cr_assert(limit_ratio_exceeded(&limits, 1, UINT64_MAX));
}
