#include <criterion/criterion.h>
#include <string.h>

#include "../scratch.h"
#include "journal/done.h"
#include "trawl/where.h"

#define KEYS 20000

static struct done_key key_of(uint64_t i)
{
    struct done_key key;
    for (size_t n = 0; n < 2; n++) {
        uint64_t v = scratch_random(&i);
        memcpy(key.bytes + 8 * n, &v, 8);
    }
    return key;
}

Test(done, empty_set)
{
    struct done_set set = {0};
    struct done_key key = key_of(1);
    cr_assert_null(done_set_find(&set, &key));
    done_set_free(&set);
    done_set_free(&set);
}

/** Rows keep what was written to them while the set grows. */
Test(done, many_keys)
{
    struct done_set set = {0};
    for (uint64_t i = 0; i < KEYS; i++) {
        struct done_key key = key_of(i);
        cr_assert_null(done_set_find(&set, &key));
        struct done_row *row = done_set_row(&set, &key);
        cr_assert_eq(row->state, DONE_NOT, "a new row is empty");
        cr_assert_eq(row->identity + row->sample + row->crashes, 0u);
        row->state = (uint8_t)(i % 3);
        row->identity = i;
        row->crashes = (uint8_t)(i % 7);
        cr_assert_eq(set.n, i + 1);
    }
    for (uint64_t i = 0; i < KEYS; i++) {
        struct done_key key = key_of(i), other = key_of(i + KEYS);
        const struct done_row *row = done_set_find(&set, &key);
        cr_assert_not_null(row);
        cr_assert_eq(row->identity, i);
        cr_assert_eq(row->state, i % 3);
        cr_assert_eq(row->crashes, i % 7);
        cr_assert_null(done_set_find(&set, &other));
        cr_assert_eq(done_set_row(&set, &key), row, "the same row again");
    }
    cr_assert_eq(set.n, KEYS);
    done_set_free(&set);
}

/** Keys that all begin alike want the same row first. */
Test(done, colliding_keys)
{
    struct done_set set = {0};
    for (uint64_t i = 0; i < 1500; i++) {
        struct done_key key = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
        memcpy(key.bytes + 8, &i, 8);
        done_set_row(&set, &key)->identity = i;
    }
    for (uint64_t i = 0; i < 1500; i++) {
        struct done_key key = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
        memcpy(key.bytes + 8, &i, 8);
        const struct done_row *row = done_set_find(&set, &key);
        cr_assert_not_null(row);
        cr_assert_eq(row->identity, i);
    }
    done_set_free(&set);
}

/** Different places have different keys, the same place made twice has one. */
Test(done, keys_of_places)
{
    struct done_key keys[16];
    size_t n = 0;
    for (int round = 0; round < 2; round++) {
        struct where *zip = where_new(NULL, "file", "a.zip", 5, WHERE_UNKNOWN, WHERE_UNKNOWN);
        struct where *longer = where_new(NULL, "file", "a.zip!/b", 8, WHERE_UNKNOWN, WHERE_UNKNOWN);
        struct where *first = where_new(zip, "zip", "b", 1, 0, 0);
        struct where *second = where_new(zip, "zip", "b", 1, 1, 0);
        struct where *carved = where_new(zip, "carved", "b", 1, 0, 0);
        struct where *rest = where_new(zip, "unreached", "$unreached", 10, 0, WHERE_UNKNOWN);
        struct where *deeper = where_new(first, "zip", "b", 1, 0, 0);
        struct where *all[] = {zip, longer, first, second, carved, rest, deeper};
        for (size_t i = 0; i < 7; i++)
            done_key_of(all[i], &keys[n++]);
        for (size_t i = 0; i < 7; i++)
            where_unref(all[i]);
    }
    for (size_t i = 0; i < 7; i++) {
        cr_assert_eq(memcmp(&keys[i], &keys[i + 7], sizeof(keys[i])), 0);
        for (size_t j = 0; j < i; j++)
            cr_assert_neq(memcmp(&keys[i], &keys[j], sizeof(keys[i])), 0, "%zu and %zu", i, j);
    }
}
