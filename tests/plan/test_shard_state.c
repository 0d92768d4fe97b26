#include <criterion/criterion.h>
#include <string.h>

#include "core/buf.h"
#include "plan/shard_state.h"

static struct shard_state state(uint32_t shard, uint32_t shards)
{
    struct shard_state s = {.shard = shard, .shards = shards, .complete = true, .items = 5, .chain = 7};
    memset(s.plan, 3, sizeof(s.plan));
    return s;
}

Test(shard_state, comes_back)
{
    struct shard_state s = state(2, 3), back;
    struct buf bytes = {0};
    s.damaged = 1;
    s.stale = UINT64_MAX;
    shard_state_encode(&s, &bytes);
    cr_assert(shard_state_decode(bytes.data, bytes.len, &back));
    cr_assert_eq(memcmp(back.plan, s.plan, sizeof(s.plan)), 0);
    cr_assert(back.shard == 2 && back.shards == 3 && back.complete && back.damaged == 1 && back.stale == UINT64_MAX &&
              back.items == 5 && back.chain == 7);
    for (size_t n = 0; n < bytes.len; n++)
        cr_assert_not(shard_state_decode(bytes.data, n, &back), "%zu", n);
    buf_byte(&bytes, 0);
    cr_assert_not(shard_state_decode(bytes.data, bytes.len, &back));
    bytes.len--;
    bytes.data[32] = 3; /* shard 3 of 3 */
    cr_assert_not(shard_state_decode(bytes.data, bytes.len, &back));
    buf_free(&bytes);
}

/** Whatever the order in which they come, the same one is taken. */
Test(shard_state, one_is_the_best)
{
    struct shard_state all[6];
    for (int i = 0; i < 6; i++)
        all[i] = state(0, 1);
    all[1].stale = 1;
    all[2].damaged = 1;
    all[3].complete = false;
    all[4].complete = false;
    all[4].items = 4;
    all[5].complete = false;
    all[5].items = 4;
    all[5].chain = 6;
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < 6; j++)
            cr_assert_eq(shard_state_better(&all[i], &all[j]), i < j, "%d %d", i, j);
}

static void add_text(void *text, const char *words, size_t n)
{
    buf_put(text, words, n);
    buf_byte(text, '\n');
}

static const char *told(const struct shard_cover *cover, bool *whole, struct buf *text)
{
    text->len = 0;
    *whole = shard_cover_tell(cover, add_text, text);
    return buf_str(text);
}

Test(shard_state, what_is_missing_is_told)
{
    struct shard_cover cover = {0};
    struct buf text = {0};
    bool whole;
    for (uint32_t i = 0; i < 8; i++) {
        struct shard_state s = state(i, 8);
        s.complete = i != 6;
        s.stale = i == 0 || i == 7;
        if (i != 1 && i != 3 && i != 4)
            cr_assert(shard_cover_add(&cover, &s));
    }
    const char *words = told(&cover, &whole, &text);
    cr_assert_not(whole);
    cr_assert_not_null(strstr(words, "shards 1, 3-4 of 8 (counted from 0) are missing"));
    cr_assert_not_null(strstr(words, "shard 6 of 8 (counted from 0) is not finished"));
    cr_assert_not_null(strstr(words, "shards 0, 7 of 8 (counted from 0) are stale"));
    cr_assert_null(strstr(words, "damaged"));
    shard_cover_free(&cover);
    for (uint32_t i = 0; i < 3; i++) {
        struct shard_state s = state(i, 3);
        cr_assert(shard_cover_add(&cover, &s));
        cr_assert_not(shard_cover_add(&cover, &s));
    }
    struct shard_state other = state(0, 4);
    cr_assert_not(shard_cover_add(&cover, &other));
    cr_assert_str_eq(told(&cover, &whole, &text), "");
    cr_assert(whole);
    shard_cover_free(&cover);
    buf_free(&text);
}
