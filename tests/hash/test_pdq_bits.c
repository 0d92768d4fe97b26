/* From the decimated picture to bits, quality and the closeness test, on pictures made to lie at the edge. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "hash/pdq_bits.h"
#include "oracle.h"
#include "simd/kernels.h"

enum { SIDE = 64, PIXELS = SIDE * SIDE };

/**
 * Neighbours always differ by an odd multiple of 1.275 grey levels, half of a step of the quality: no term is near a
 * cut. The corner alone differs from its two neighbours by a whole number of steps and `over`.
 */
static void between_cuts(float luma[PIXELS], float over)
{
    for (unsigned i = 0; i < SIDE; i++)
        for (unsigned j = 0; j < SIDE; j++)
            luma[i * SIDE + j] = 40 + 2.55f * (float)(oracle_random() % 4) + ((i + j) & 1 ? 1.275f : 0);
    luma[0] = luma[1] + 3 * 2.55f + over;
}

static int gradient_sum(const float luma[PIXELS])
{
    int32_t sums[3];
    kernels()->gradient(sums, luma, 0);
    return sums[0];
}

/** A picture whose gradient sum is just enough for its quality, by a term that is `over` above its cut. */
static void at_the_edge(float luma[PIXELS], float over)
{
    do
        between_cuts(luma, over);
    while (gradient_sum(luma) % 90 != 0 || gradient_sum(luma) >= 9000);
}

Test(pdq_bits, quality_on_a_cut_is_not_stable)
{
    float luma[PIXELS];
    struct pdq_result close, clear;
    unsigned stable = 0;
    for (unsigned round = 0; round < 20; round++) {
        at_the_edge(luma, 1e-4f);
        pdq_from_luma(luma, 100, 100, &close);
        cr_assert_not(close.stable);
        luma[0] += 0.3f;
        pdq_from_luma(luma, 100, 100, &clear);
        cr_assert_eq(clear.quality, close.quality);
        cr_assert_eq(clear.quality, gradient_sum(luma) / 90);
        stable += clear.stable;
    }
    cr_assert_gt(stable, 8);
}

/** The farther sums run, the more they drift. */
Test(pdq_bits, large_pictures_are_held_to_more)
{
    float luma[PIXELS];
    struct pdq_result small, large;
    unsigned differ = 0;
    for (unsigned round = 0; round < 2000; round++) {
        for (unsigned k = 0; k < PIXELS; k++)
            luma[k] = (float)(oracle_random() & 0xffff) / 256;
        pdq_from_luma(luma, 5, 5, &small);
        pdq_from_luma(luma, 20000, 20000, &large);
        cr_assert(small.stable || !large.stable);
        cr_assert(memcmp(small.hash, large.hash, PDQ_BYTES) == 0);
        differ += small.stable != large.stable;
    }
    cr_assert_gt(differ, 0);
}

Test(pdq_bits, nothing_to_tell_apart)
{
    static float black[PIXELS];
    static const uint8_t none[PDQ_BYTES];
    struct pdq_result result;
    pdq_from_luma(black, 640, 480, &result);
    cr_assert(memcmp(result.hash, none, PDQ_BYTES) == 0);
    cr_assert_eq(result.quality, 0);
    cr_assert_not(result.stable);
}

/** Bit 16 i + j is coefficient (i, j); bit 255 is the first of the 64 digits. */
Test(pdq_bits, order_of_the_bits)
{
    float luma[PIXELS];
    struct pdq_result up, down;
    for (unsigned i = 0; i < 16; i++)
        for (unsigned j = 0; j < 16; j++) {
            unsigned k = 16 * i + j;
            for (int sign = -1; sign <= 1; sign += 2) {
                for (unsigned y = 0; y < SIDE; y++)
                    for (unsigned x = 0; x < SIDE; x++)
                        luma[y * SIDE + x] = (float)(128 + sign * 100 * cos(M_PI / 128 * (i + 1) * (2 * y + 1)) *
                                                               cos(M_PI / 128 * (j + 1) * (2 * x + 1)));
                pdq_from_luma(luma, 64, 64, sign > 0 ? &up : &down);
            }
            cr_assert(up.hash[31 - k / 8] >> k % 8 & 1, "coefficient %u, %u", i, j);
            cr_assert_not(down.hash[31 - k / 8] >> k % 8 & 1, "coefficient %u, %u", i, j);
        }
}

/** Children live under a limit: missing memory is an answer, not an end. */
Test(pdq_bits, missing_memory_gives_no_stream)
{
#ifndef TRAWL_SANITIZED
    /* 64 MiB more than the test program has mapped already. */
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "re");
    cr_assert_not_null(statm);
    cr_assert_eq(fscanf(statm, "%lu", &pages), 1);
    fclose(statm);
    rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + (64u << 20);
    struct rlimit limit = {most, most};
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    cr_assert_null(pdq_new(60000, 60000, PDQ_REFERENCE));
    cr_assert_null(pdq_new(400000000, 100, PDQ_BANDED));
    cr_assert_null(pdq_new(100, UINT32_MAX, PDQ_REFERENCE));
    struct pdq_stream *stream = pdq_new(600, 600, PDQ_REFERENCE);
    cr_assert_not_null(stream);
    pdq_free(stream);
#else
    fprintf(stderr, "skipped: sanitizers need the address space that this test takes away\n");
#endif
}
