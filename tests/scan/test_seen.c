#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "scan/seen.h"

static void key_of(unsigned i, uint8_t key[32])
{
    uint64_t x = i + 1;
    for (int k = 0; k < 32; k++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        key[k] = (uint8_t)(x >> 56);
    }
}

static struct decode_result result_of(unsigned i)
{
    struct decode_result r;
    memset(&r, 0, sizeof(r));
    r.status = i % 3 ? TRAWL_OK : TRAWL_PARTIAL;
    r.width = i + 1;
    r.height = 7;
    memset(r.pdq.hash, (int)(i & 0xff), sizeof(r.pdq.hash));
    if (i % 3 == 0)
        strcpy(r.detail, "some of it is missing");
    if (i % 5 == 0)
        memset(r.rotations, 0x81, sizeof(r.rotations));
    r.has_thumbnail = i % 7 == 0;
    if (r.has_thumbnail)
        memset(r.thumbnail, (int)(i & 0xff), sizeof(r.thumbnail));
    return r;
}

Test(seen, gives_back_what_it_was_told)
{
    struct seen *seen = seen_new(4096);
    struct decode_result got;
    uint8_t key[32];
    for (unsigned i = 0; i < 1000; i++) {
        struct decode_result r = result_of(i);
        key_of(i, key);
        cr_assert_not(seen_find(seen, key, i & 1, &got));
        seen_add(seen, key, i & 1, &r);
    }
    unsigned found = 0;
    for (unsigned i = 0; i < 1000; i++) {
        struct decode_result r = result_of(i);
        key_of(i, key);
        memset(&got, 0x5a, sizeof(got));
        if (!seen_find(seen, key, i & 1, &got))
            continue;
        found++;
        cr_assert_eq(memcmp(&got, &r, sizeof(r)), 0, "result %u", i);
        cr_assert_not(seen_find(seen, key, !(i & 1), &got), "a screening result is no exact one");
    }
    cr_assert_gt(found, 950u, "a table four times as large keeps nearly all");
    seen_free(seen);
}

/** A content is told both ways, and the last word counts. */
Test(seen, both_ways_and_anew)
{
    struct seen *seen = seen_new(4);
    struct decode_result a = result_of(3), b = result_of(4), got;
    uint8_t key[32];
    key_of(9, key);
    seen_add(seen, key, false, &a);
    seen_add(seen, key, true, &b);
    cr_assert(seen_find(seen, key, false, &got));
    cr_assert_eq(memcmp(&got, &a, sizeof(a)), 0);
    cr_assert(seen_find(seen, key, true, &got));
    cr_assert_eq(memcmp(&got, &b, sizeof(b)), 0);
    seen_add(seen, key, true, &a);
    cr_assert(seen_find(seen, key, true, &got));
    cr_assert_eq(memcmp(&got, &a, sizeof(a)), 0);
    seen_free(seen);
    seen_free(NULL);
}

/** Full, it stays as large as it is: the newest is always there. */
Test(seen, bounded)
{
    struct seen *seen = seen_new(64);
    struct decode_result got;
    uint8_t key[32];
    for (unsigned i = 0; i < 5000; i++) {
        struct decode_result r = result_of(i);
        key_of(i, key);
        seen_add(seen, key, false, &r);
        cr_assert(seen_find(seen, key, false, &got));
    }
    unsigned found = 0;
    for (unsigned i = 0; i < 5000; i++) {
        key_of(i, key);
        found += seen_find(seen, key, false, &got);
    }
    cr_assert_leq(found, 64u);
    cr_assert_gt(found, 32u);
    seen_free(seen);
}

static struct decode_extras extras_of(unsigned i)
{
    struct decode_extras extras;
    memset(&extras, 0, sizeof(extras));
    extras.n = i % DECODE_EXTRAS;
    extras.more = i % 2 && extras.n;
    for (uint32_t k = 0; k < extras.n; k++) {
        extras.items[k].kind = EXTRA_FRAME;
        extras.items[k].number = k + 2;
        extras.items[k].result = result_of(i + k);
    }
    return extras;
}

Test(seen, extras)
{
    struct seen *seen = seen_new(4096);
    static struct decode_extras got;
    uint8_t key[32];
    for (unsigned i = 0; i < 500; i++) {
        struct decode_extras extras = extras_of(i);
        struct decode_result r = result_of(i);
        key_of(i, key);
        seen_add(seen, key, true, &r);
        seen_add_extras(seen, key, true, i % 3, &extras);
    }
    unsigned found = 0;
    for (unsigned i = 0; i < 500; i++) {
        struct decode_extras extras = extras_of(i);
        struct decode_result r;
        key_of(i, key);
        memset(&got, 0x5a, sizeof(got));
        cr_assert_not(seen_find_extras(seen, key, false, i % 3, &got));
        cr_assert_not(seen_find_extras(seen, key, true, i % 3 + 1, &got));
        found += seen_find_extras(seen, key, true, i % 3, &got) && seen_find(seen, key, true, &r);
        if (seen_find_extras(seen, key, true, i % 3, &got))
            cr_assert_eq(memcmp(&got, &extras, sizeof(got)), 0, "extras %u", i);
    }
    cr_assert_gt(found, 400u);
    seen_free(seen);
}

/** However many there are, they take what they may and no more. */
Test(seen, extras_are_bounded)
{
    struct seen *seen = seen_new(SEEN_CONTENTS);
    struct decode_extras extras = extras_of(DECODE_EXTRAS - 1), got;
    uint8_t key[32];
    unsigned n = 0;
    for (unsigned i = 0; i < 20000; i++) {
        key_of(i, key);
        seen_add_extras(seen, key, false, 0, &extras);
        n += seen_find_extras(seen, key, false, 0, &got);
    }
    cr_assert(n > 1000 && n < 15000, "%u", n);
    seen_free(seen);
}
