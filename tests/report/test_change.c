#include <criterion/criterion.h>
#include <string.h>

#include "core/buf.h"
#include "report/change.h"

Test(change, encoding)
{
    struct change change = {.kind = CHANGE_SILENT,
                            .path = (const uint8_t *)"a\n\xff",
                            .path_len = 3,
                            .before = {true, 1, INT64_MIN, -1, true, {1, 2}},
                            .now = {true, UINT64_MAX, INT64_MAX, 0, false, {0}}},
                  again;
    struct buf out = {0}, twice = {0}, line = {0};
    change_encode(&change, &out);
    for (size_t n = 0; n < out.len; n++)
        cr_assert_not(change_decode(out.data, n, &again));
    cr_assert(change_decode(out.data, out.len, &again));
    change_encode(&again, &twice);
    cr_assert(out.len == twice.len && memcmp(out.data, twice.data, out.len) == 0);
    for (int kind = 0; kind < 256; kind++) {
        out.data[0] = (uint8_t)kind;
        /* A content is 32 bytes. */
        cr_assert_eq(change_decode(out.data, out.len, &again), kind > CHANGE_FOUND_BEFORE && kind < CHANGE_KINDS);
    }
    change.before = (struct change_state){true, 7, 1500000000, 0, false, {0}};
    change.now = (struct change_state){0};
    change_json(&change, &line);
    cr_assert_str_eq(
        buf_str(&line),
        "{\"change\":\"silently-changed\",\"path\":\"a\\\\x0a\\\\xff\",\"raw\":\"610aff\",\"before\":{\"size\":7,"
        "\"mtime\":\"1970-01-01T00:00:01.500000000Z\",\"ctime\":\"1970-01-01T00:00:00.000000000Z\"}}\n");
    buf_free(&out);
    buf_free(&twice);
    buf_free(&line);
}

Test(change, what_a_case_goes_on_from)
{
    char path[] = "n1", refused[] = "why";
    struct since_info info = {.path = path, .chain = {1, 2, 3}, .recheck = 100, .refused = refused}, again;
    struct buf out = {0}, twice = {0};
    since_info_encode(&info, &out);
    for (size_t n = 0; n < out.len; n++)
        cr_assert_not(since_info_decode(out.data, n, &again));
    cr_assert(since_info_decode(out.data, out.len, &again));
    since_info_encode(&again, &twice);
    cr_assert(out.len == twice.len && memcmp(out.data, twice.data, out.len) == 0);
    since_info_clear(&again);
    out.data[0]++;
    cr_assert_not(since_info_decode(out.data, out.len, &again));
    buf_free(&out);
    buf_free(&twice);
}
