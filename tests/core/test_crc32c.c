#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "core/crc32c.h"

/** By the definition, bit by bit. */
static uint32_t by_bits(const uint8_t *p, size_t n)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    }
    return ~crc;
}

/** RFC 3720, appendix B.4, and the check value that every catalogue of CRCs gives. */
Test(crc32c, published_values)
{
    uint8_t bytes[32] = {0};
    cr_assert_eq(crc32c(0, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, sizeof(bytes));
    cr_assert_eq(crc32c(0, bytes, 32), 0x62a8ab43u);
    for (size_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    cr_assert_eq(crc32c(0, bytes, 32), 0x46dd794eu);
    for (size_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    cr_assert_eq(crc32c(0, bytes, 32), 0x113fdb5cu);
    cr_assert_eq(crc32c(0, "123456789", 9), 0xe3069283u);
    cr_assert_eq(crc32c(0, NULL, 0), 0);
}

Test(crc32c, every_length_place_and_cut)
{
    uint8_t bytes[96];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 167 + 13);
    for (size_t at = 0; at < 9; at++)
        for (size_t n = 0; n + at <= sizeof(bytes); n++) {
            uint32_t expected = by_bits(bytes + at, n);
            cr_assert_eq(crc32c(0, bytes + at, n), expected, "%zu bytes at %zu", n, at);
            for (size_t cut = 0; cut <= n; cut += 5)
                cr_assert_eq(crc32c(crc32c(0, bytes + at, cut), bytes + at + cut, n - cut), expected);
        }
}

static void *first_use(void *out)
{
    *(uint32_t *)out = crc32c(0, "123456789", 9);
    return NULL;
}

/** The tables are made once, whoever comes first. */
Test(crc32c, first_use_by_many_threads)
{
    pthread_t threads[8];
    uint32_t got[8];
    for (int i = 0; i < 8; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, first_use, &got[i]), 0);
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        cr_assert_eq(got[i], 0xe3069283u);
    }
}

Test(crc32c, with_and_without_the_instruction)
{
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 59 + 7);
    for (size_t n = 0; n < sizeof(bytes) - 8; n++)
        for (size_t at = 0; at < 8; at++)
            cr_assert_eq(crc32c((uint32_t)n, bytes + at, n), crc32c_table((uint32_t)n, bytes + at, n));
}
