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
