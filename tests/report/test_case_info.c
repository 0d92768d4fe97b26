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

/** A list with all that can be said of one. */
static void add_details(struct list_info *list)
{
    list->source = mem_strdup("VICS 2.0 hash set, region US");
    list->map = mem_strdup("vics-us");
    list->withdrawn = 3;
    list->photodna = 4;
    list->n_categories = 2;
    list->categories = ALLOC_ARRAY(struct list_category, 2);
    list->categories[0] = (struct list_category){.code = mem_strdup("1"), .name = mem_strdup("one"), .severity = 1};
    list->categories[1] = (struct list_category){.code = mem_strdup("7"),
                                                 .name = mem_strdup(""),
                                                 .severity = 9,
                                                 .flags = MATCH_NOT_PERTINENT,
                                                 .unmapped = true,
                                                 .entries = 12};
}

Test(case_info, details_of_a_list_come_back)
{
    struct case_info info = sample(), back;
    struct buf bytes = {0};
    add_details(&info.lists[1]);
    case_info_encode(&info, &bytes);
    cr_assert(case_info_decode(bytes.data, bytes.len, &back));
    cr_assert(same(&info, &back));
    cr_assert_null(back.lists[0].map);
    const struct list_info *list = &back.lists[1];
    cr_assert_str_eq(list->source, "VICS 2.0 hash set, region US");
    cr_assert(list->withdrawn == 3 && list->photodna == 4 && list->n_categories == 2);
    cr_assert(list->categories[1].unmapped && list->categories[1].flags == MATCH_NOT_PERTINENT &&
              list->categories[1].entries == 12);
    case_info_clear(&back);
    case_info_clear(&info);
    buf_free(&bytes);
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

/** Without thumbnails the bytes are those of versions that had none. */
Test(case_info, thumbnails_come_back)
{
    struct case_info info = sample(), back;
    struct buf without = {0}, with = {0};
    case_info_encode(&info, &without);
    info.thumbnails = true;
    case_info_encode(&info, &with);
    cr_assert(without.len == with.len && without.data[0] == 1 && with.data[0] == 0x11);
    cr_assert(case_info_decode(with.data, with.len, &back));
    cr_assert(back.thumbnails && same(&info, &back));
    case_info_clear(&back);
    with.data[0] = 0x21;
    cr_assert_not(case_info_decode(with.data, with.len, &back));
    case_info_clear(&info);
    buf_free(&without);
    buf_free(&with);
}

Test(case_info, shard_comes_back)
{
    struct case_info info = sample(), back;
    struct buf without = {0}, with = {0};
    case_info_encode(&info, &without);
    info.shard = (struct shard_info){.shard = 2, .shards = 3};
    memset(info.shard.plan, 7, sizeof(info.shard.plan));
    case_info_encode(&info, &with);
    cr_assert(with.len == without.len + 40 && without.data[0] == 1 && with.data[0] == 0x21);
    cr_assert(case_info_decode(with.data, with.len, &back));
    cr_assert(back.shard.shard == 2 && back.shard.shards == 3 && back.shard.plan[31] == 7 && same(&info, &back));
    case_info_clear(&back);
    with.data[with.len - 8] = 3;
    cr_assert_not(case_info_decode(with.data, with.len, &back));
    case_info_clear(&info);
    buf_free(&without);
    buf_free(&with);
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
    add_details(&info.lists[2]);
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
    bytes.data[0] = 99;
    cr_assert_not(case_info_decode(bytes.data, bytes.len, &back), "another version");
    case_info_clear(&info);
    buf_free(&bytes);
}
