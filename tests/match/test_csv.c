#include "match/csv.h"
#include "match_test.h"

/** "a|b|c" and the bytes used, or the result's number. */
static const char *split(const char *text, char separator)
{
    static char out[256];
    static struct csv_row row;
    size_t used;
    enum csv_result result = csv_split((const uint8_t *)text, strlen(text), (uint8_t)separator, &row, &used);
    if (result != CSV_ROW) {
        snprintf(out, sizeof(out), "result %d, %zu", result, used);
        return out;
    }
    size_t n = 0;
    for (size_t i = 0; i < row.n; i++)
        n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", i ? "|" : "", (int)row.fields[i].n,
                              (const char *)row.fields[i].text);
    snprintf(out + n, sizeof(out) - n, " %zu", used);
    csv_free(&row);
    return out;
}

Test(match_csv, rows)
{
    cr_assert_str_eq(split("a,b,c\nd", ','), "a|b|c 6");
    cr_assert_str_eq(split("a,b\r\n", ','), "a|b 5");
    cr_assert_str_eq(split("a\rb,c", ','), "a\rb|c 5");
    cr_assert_str_eq(split("a,b\r", ','), "a|b 4");
    cr_assert_str_eq(split("", ','), " 0");
    cr_assert_str_eq(split("\n", ','), " 1");
    cr_assert_str_eq(split(",,", ','), "|| 2");
    cr_assert_str_eq(split("\"a,b\",c\n", ','), "a,b|c 8");
    cr_assert_str_eq(split("\"a\"\"b\",\"\"\n", ','), "a\"b| 10");
    cr_assert_str_eq(split("\"a\nb\";c\nd", ';'), "a\nb|c 8");
    cr_assert_str_eq(split("a\"b,c\n", ','), "a\"b|c 6");
    cr_assert_str_eq(split("a\tb", '\t'), "a|b 3");
    cr_assert_str_eq(split("\"\"", ','), " 2");
}

Test(match_csv, broken_rows)
{
    cr_assert_str_eq(split("\"a\nb\n", ','), "result 1, 3");
    cr_assert_str_eq(split("x,\"", ','), "result 1, 3");
    cr_assert_str_eq(split("\"a\"b,c\nd", ','), "result 2, 7");
    char many[2 * CSV_FIELDS_MAX + 4];
    memset(many, ',', sizeof(many));
    many[CSV_FIELDS_MAX] = '\n';
    many[sizeof(many) - 1] = '\0';
    cr_assert_str_eq(split(many, ','), "result 3, 257");
    many[CSV_FIELDS_MAX - 1] = '\n';
    cr_assert_neq(split(many, ',')[0], 'r');
}
