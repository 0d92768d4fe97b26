#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "trawl/facts.h"

static void expect(const char *given, size_t n, const char *wanted)
{
    char *got = facts_take(given, n);
    cr_assert_str_eq(got ? got : "", wanted);
    cr_assert(!got || facts_sane(got));
    free(got);
}

Test(facts, what_makes_no_sense_is_left_out)
{
    expect("a=1\nb_2=x=y\n", 12, "a=1\nb_2=x=y\n");
    expect("a=1", 3, "a=1\n");
    expect("A=1\n=2\nnothing\n\nc=\n", 20, "c=\n");
    expect("a=\xff\x1b[0m\n", 8, "a=\\xff\\x1b[0m\n");
    expect("", 0, "");
    expect("a=\0b\n", 5, "a=\\x00b\n");
}

Test(facts, values_by_name_and_json)
{
    const char *facts = "name=a\nname2=b \"c\"\n";
    size_t n;
    const char *value = facts_value(facts, "name2", &n);
    cr_assert(value && n == 5 && memcmp(value, "b \"c\"", 5) == 0);
    cr_assert_null(facts_value(facts, "nam", &n));
    struct buf out = {0};
    facts_json(facts, &out);
    cr_assert_str_eq(buf_str(&out), "{\"name\":\"a\",\"name2\":\"b \\\"c\\\"\"}");
    buf_free(&out);
}

Test(facts, foreign_bytes_are_no_facts)
{
    cr_assert_not(facts_sane(""));
    cr_assert_not(facts_sane("a=1"));
    cr_assert_not(facts_sane("a=1\nB=2\n"));
    cr_assert_not(facts_sane("a=\xff\n"));
    cr_assert(facts_sane("a=\n"));
}
