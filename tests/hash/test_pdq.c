/* The streams against the oracle, bit for bit. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "oracle.h"
#include "simd/level.h"

static const uint32_t odd_sizes[][2] = {{5, 5},     {5, 200},   {200, 5},   {64, 64},   {64, 63},   {63, 64},
                                        {64, 65},   {128, 64},  {127, 128}, {128, 128}, {129, 128}, {128, 129},
                                        {129, 257}, {256, 256}, {257, 300}, {511, 130}, {6, 900},   {900, 6},
                                        {1000, 77}, {1025, 65}, {640, 480}};
enum { ODD_SIZES = sizeof(odd_sizes) / sizeof(*odd_sizes), ROUNDS = 240 };

/** How many pictures of each kind came out stable. */
static unsigned stable[KINDS], tried[KINDS];

static void check(const struct picture *p, enum kind kind)
{
    struct pdq_result want, got;
    oracle_pdq(p, &want);
    cr_assert(stream_pdq(p, PDQ_REFERENCE, &got));
    cr_assert(memcmp(got.hash, want.hash, PDQ_BYTES) == 0, "reference, kind %d, %u x %u x %u: %d bits off", kind,
              p->width, p->height, p->channels, pdq_distance(got.hash, want.hash));
    cr_assert_eq(got.quality, want.quality, "reference, kind %d, %u x %u: quality %d, not %d", kind, p->width,
                 p->height, got.quality, want.quality);
    cr_assert(stream_pdq(p, PDQ_BANDED, &got));
    tried[kind]++;
    stable[kind] += got.stable;
    cr_assert(!got.stable || memcmp(got.hash, want.hash, PDQ_BYTES) == 0, "stable, kind %d, %u x %u x %u: %d bits off",
              kind, p->width, p->height, p->channels, pdq_distance(got.hash, want.hash));
    cr_assert(!got.stable || got.quality == want.quality, "stable, kind %d, %u x %u: quality %d, not %d", kind,
              p->width, p->height, got.quality, want.quality);
}

static void check_size(uint32_t width, uint32_t height)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct picture p = picture_new(kind, width, height, oracle_random() % 3 ? 3 : 1);
        check(&p, kind);
        free(p.bytes);
    }
}

Test(pdq, both_modes_against_the_oracle, .timeout = 300)
{
    for (unsigned i = 0; i < ODD_SIZES; i++)
        check_size(odd_sizes[i][0], odd_sizes[i][1]);
    for (unsigned round = 0; round < ROUNDS; round++)
        check_size(5 + oracle_random() % 196, 5 + oracle_random() % 196);
    /* The closeness test must say something: textures are nearly always stable, a flat picture never is. */
    cr_assert_eq(stable[FLAT], 0);
    cr_assert_gt(stable[NOISE] * 10, tried[NOISE] * 8);
    cr_assert_gt(stable[WAVES] * 10, tried[WAVES] * 5);
}

Test(pdq, every_side_from_the_smallest, .timeout = 300)
{
    for (uint32_t side = 5; side <= 200; side++) {
        struct picture p = picture_new(side % 2 ? NOISE : TEXT, side, 205 - side, 3);
        check(&p, side % 2 ? NOISE : TEXT);
        free(p.bytes);
    }
}

Test(pdq, all_levels_give_the_same)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct picture p = picture_new(kind, 333, 210, 3);
        for (enum pdq_mode mode = PDQ_BANDED; mode <= PDQ_REFERENCE; mode++) {
            struct pdq_result want, got;
            simd_level_set(SIMD_SCALAR);
            cr_assert(stream_pdq(&p, mode, &want));
            for (unsigned level = 1; level <= (unsigned)simd_level_best(); level++) {
                simd_level_set((enum simd_level)level);
                cr_assert(stream_pdq(&p, mode, &got));
                cr_assert(same_pdq(&got, &want), "kind %d, mode %d at level %u", kind, mode, level);
            }
        }
        free(p.bytes);
    }
}

static void feed(struct pdq_stream *stream, const struct picture *p, uint32_t rows)
{
    for (uint32_t y = 0; y < rows; y++)
        pdq_row_rgb(stream, p->bytes + (size_t)(y % p->height) * p->width * 3);
}

/** Rows that never came are black, rows too many are ignored. */
static void check_rows(uint32_t width, uint32_t height, uint32_t given, enum pdq_mode mode)
{
    struct picture p = picture_new(NOISE, width, height, 3);
    struct pdq_result want, got;
    struct pdq_stream *stream = pdq_new(width, height, mode);
    cr_assert_not_null(stream);
    feed(stream, &p, given);
    pdq_finish(stream, &got);
    pdq_free(stream);
    if (given < height)
        memset(p.bytes + (size_t)given * width * 3, 0, (size_t)(height - given) * width * 3);
    cr_assert(stream_pdq(&p, mode, &want));
    cr_assert(same_pdq(&got, &want), "%u of %u rows, mode %d", given, height, mode);
    free(p.bytes);
}

Test(pdq, missing_rows_are_black_and_more_rows_are_ignored)
{
    static const uint32_t given[] = {0, 1, 4, 63, 64, 65, 150, 299, 300, 301, 400};
    for (unsigned i = 0; i < 11; i++)
        for (enum pdq_mode mode = PDQ_BANDED; mode <= PDQ_REFERENCE; mode++) {
            check_rows(200, 300, given[i], mode);
            check_rows(64, 64, given[i], mode);
            check_rows(31, 7, given[i], mode);
        }
}

Test(pdq, too_small_has_no_stream)
{
    cr_assert_null(pdq_new(4, 100, PDQ_BANDED));
    cr_assert_null(pdq_new(100, 4, PDQ_REFERENCE));
    cr_assert_null(pdq_new_scaled(100, 100, 0, 13, 8));
    cr_assert_null(pdq_new_scaled(100, 100, 13, 13, 0));
    pdq_free(NULL);
}

Test(pdq, freed_before_the_end)
{
    struct picture p = picture_new(NOISE, 100, 100, 3);
    for (enum pdq_mode mode = PDQ_BANDED; mode <= PDQ_REFERENCE; mode++) {
        struct pdq_stream *stream = pdq_new(100, 100, mode);
        cr_assert_not_null(stream);
        feed(stream, &p, 42);
        pdq_free(stream);
    }
    free(p.bytes);
}

Test(pdq, distance)
{
    uint8_t a[PDQ_BYTES] = {0}, b[PDQ_BYTES] = {0};
    cr_assert_eq(pdq_distance(a, b), 0);
    b[0] = 0x80;
    b[31] = 3;
    cr_assert_eq(pdq_distance(a, b), 3);
    memset(b, 255, sizeof(b));
    cr_assert_eq(pdq_distance(a, b), 256);
}

/** 512 x 512 in blocks of 128: all samples inside a block are its own, and the means of RGB are luma. */
Test(pdq, thumbnail_is_the_picture_reduced)
{
    static const uint8_t levels[4][4] = {{0, 255, 10, 128}, {1, 2, 200, 90}, {77, 33, 254, 3}, {255, 0, 255, 64}};
    uint8_t row[512], thumbnail[THUMBNAIL_BYTES];
    for (int mode = PDQ_BANDED; mode <= PDQ_REFERENCE; mode++) {
        struct pdq_stream *stream = pdq_new(512, 512, (enum pdq_mode)mode);
        struct pdq_result result;
        for (unsigned y = 0; y < 512; y++) {
            for (unsigned x = 0; x < 512; x++)
                row[x] = levels[y / 128][x / 128];
            pdq_row_gray(stream, row);
        }
        pdq_finish(stream, &result);
        memset(thumbnail, 0x5a, sizeof(thumbnail));
        pdq_thumbnail(stream, thumbnail);
        for (unsigned y = 0; y < 4; y++)
            for (unsigned x = 0; x < 4; x++)
                cr_assert_eq(thumbnail[(y * 8 + 4) * THUMBNAIL_SIDE + x * 8 + 4], levels[y][x], "mode %d: %u, %u", mode,
                             x, y);
        pdq_free(stream);
    }
}
