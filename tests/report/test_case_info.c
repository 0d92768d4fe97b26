#include "fixture.h"

static bool same(const struct case_info *a, const struct case_info *b)
{
    struct buf x = {0}, y = {0};
    case_info_encode(a, &x);
    case_info_encode(b, &y);
    bool equal = x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
    buf_free(&x);
    buf_free(&y);
    return equal;
}

static struct case_info sample(void)
{
    struct case_info info = info_make((const char *[]){"a.zip", "dir/\xff"}, 2);
    info.no_sandbox = true;
    info.lists[1].format = "a format of later";
    info.lists[1].duplicates = UINT64_MAX;
    return info;
}

Test(case_info, comes_back)
{
    struct case_info info = sample(), back;
    struct buf bytes = {0};
    case_info_encode(&info, &bytes);
    cr_assert(case_info_decode(bytes.data, bytes.len, &back));
    cr_assert(same(&info, &back));
    cr_assert_str_eq(back.sources[1], "dir/\xff");
    cr_assert_str_eq(back.lists[1].format, "a format of later");
    cr_assert_str_eq(back.lists[1].name, "alpha.csv");
    cr_assert(back.lists[2].known && !back.lists[1].known);
    cr_assert_eq(back.lists[2].entries[HASH_SHA256], 30);
    cr_assert(back.no_sandbox && !back.no_inventory && back.max_distance == 31 && back.min_quality == 50);
    case_info_clear(&back);
    case_info_clear(&info);
    cr_assert_null(info.version);
    buf_free(&bytes);
}

Test(case_info, of_nothing)
{
    struct case_info info = {.version = mem_strdup("")}, back;
    struct buf bytes = {0};
    case_info_encode(&info, &bytes);
    cr_assert(case_info_decode(bytes.data, bytes.len, &back));
    cr_assert(same(&info, &back));
    case_info_clear(&back);
    case_info_clear(&info);
    buf_free(&bytes);
}

Test(case_info, damage_is_refused)
{
    struct case_info info = sample(), back;
    struct buf bytes = {0};
    case_info_encode(&info, &bytes);
    for (size_t n = 0; n < bytes.len; n++) {
        uint8_t *cut = mem_dup(bytes.data, n);
        cr_assert_not(case_info_decode(cut, n, &back), "cut at %zu", n);
        cr_assert(!back.version && !back.lists && !back.sources);
        free(cut);
    }
    for (size_t i = 0; i < bytes.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[i] ^= (uint8_t)(1 << bit);
            if (case_info_decode(bytes.data, bytes.len, &back)) {
                struct buf again = {0};
                case_info_encode(&back, &again);
                cr_assert(again.len == bytes.len && memcmp(again.data, bytes.data, bytes.len) == 0, "byte %zu", i);
                buf_free(&again);
                case_info_clear(&back);
            }
            bytes.data[i] ^= (uint8_t)(1 << bit);
        }
    bytes.data[0]++;
    cr_assert_not(case_info_decode(bytes.data, bytes.len, &back), "another version");
    case_info_clear(&info);
    buf_free(&bytes);
}
