/*
 * jpeg_pixels.c: a reduced pixel is the mean of its square of the block, as in libjpeg.
 *
 * Of a side of 1, the same bytes as libjpeg's. Of 2 and 4, libjpeg takes all coefficients, here the lowest 4 and 10 are
 * taken (zigzag 0-2 and 4; 0-9): the hash is as near to the exact one as libjpeg's (bench/screen.c), for what the
 * higher ones add to the mean of a square is little, and cancels out over the cells of PDQ, which span four pixels.
 */
#include "decode/jpeg_pixels.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/** Four pixels of a row. */
typedef float float4 __attribute__((vector_size(16)));
typedef int32_t int4 __attribute__((vector_size(16)));

/** Row and column of a coefficient, in zigzag order. */
static const struct {
    uint8_t row, column;
} place[PIXELS_HIGHEST + 1] = {{0, 0}, {0, 1}, {1, 0}, {2, 0}, {1, 1}, {0, 2}, {0, 3}, {1, 2}, {2, 1}, {3, 0}};

/* Means of the transform's cosines, its factor included, over the halves and the quarters of the block's side. */
static const float half_mean[2] = {0.35355339f, 0.32036449f};
#define QUARTER_0  0.35355339f
#define QUARTER_1A 0.45306372f
#define QUARTER_1B 0.18766514f
#define QUARTER_2  0.32664074f
#define QUARTER_3A 0.15909482f
#define QUARTER_3B 0.38408888f

unsigned pixels_highest(unsigned side)
{
    return side == 1 ? 0 : side == 2 ? 4 : PIXELS_HIGHEST;
}

bool pixels_init(struct pixels *pixels, unsigned side, const uint16_t steps[64])
{
    pixels->side = side;
    for (unsigned k = 0; k <= PIXELS_HIGHEST; k++) {
        unsigned row = place[k].row, column = place[k].column, step = steps[row * 8 + column];
        if (step > PIXELS_STEP_MAX)
            return false;
        pixels->step[k] = (float)step * (side == 2 && row < 2 && column < 2 ? half_mean[row] * half_mean[column] : 1);
    }
    pixels->dc_step = (int16_t)steps[0];
    return true;
}

static inline uint8_t clamp(int32_t v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* Side 1 */

#ifdef __SSE2__
/** The sum of coefficient times step and rounding is one instruction; packing clamps. */
static bool row_of_1(const struct pixels *pixels, uint8_t *out, const int16_t *coefs, size_t n)
{
    const __m128i one = _mm_set1_epi16(1), factors = _mm_set1_epi32(4 << 16 | pixels->dc_step);
    __m128i low = _mm_setzero_si128(), high = low;
    for (size_t x = 0; x < n; x += PIXELS_GROUP) {
        __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(coefs + x));
        __m128i a = _mm_srai_epi32(_mm_madd_epi16(_mm_unpacklo_epi16(c, one), factors), 3);
        __m128i b = _mm_srai_epi32(_mm_madd_epi16(_mm_unpackhi_epi16(c, one), factors), 3);
        __m128i v = _mm_packs_epi32(a, b);
        low = _mm_min_epi16(low, v);
        high = _mm_max_epi16(high, v);
        v = _mm_adds_epi16(v, _mm_set1_epi16(128));
        _mm_storel_epi64((__m128i *)(void *)(out + x), _mm_packus_epi16(v, v));
    }
    __m128i wrong =
        _mm_or_si128(_mm_cmplt_epi16(low, _mm_set1_epi16(-512)), _mm_cmpgt_epi16(high, _mm_set1_epi16(511)));
    return _mm_movemask_epi8(wrong) == 0;
}
#else
static bool row_of_1(const struct pixels *pixels, uint8_t *out, const int16_t *coefs, size_t n)
{
    bool good = true;
    for (size_t x = 0; x < n; x++) {
        int32_t v = (coefs[x] * pixels->dc_step + 4) >> 3;
        good = good && v >= -512 && v < 512;
        out[x] = clamp(v + 128);
    }
    return good;
}
#endif

static bool dc_sound(const struct pixels *pixels, const int16_t *coefs, size_t room, size_t n)
{
    int32_t low = 0, high = 0;
    for (size_t x = 0; x < n; x++) {
        int32_t v = coefs[x * room] * pixels->dc_step;
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    return low >= -4100 && high < 4092;
}

/* Side 2 */

static void row_of_2(const struct pixels *pixels, uint8_t *out, size_t stride, const int16_t *coefs, size_t room,
                     size_t n)
{
    const float *step = pixels->step;
    for (size_t x = 0; x < n; x++, coefs += room, out += 2) {
        float mean = (float)coefs[0] * step[0] + 128.5f, across = (float)coefs[1] * step[1];
        float down = (float)coefs[2] * step[2], both = (float)coefs[4] * step[4];
        out[0] = clamp((int32_t)((mean + down) + (across + both)));
        out[1] = clamp((int32_t)((mean + down) - (across + both)));
        out[stride] = clamp((int32_t)((mean - down) + (across - both)));
        out[stride + 1] = clamp((int32_t)((mean - down) - (across - both)));
    }
}

/* Side 4 */

static inline void put_4_by_4(uint8_t *out, size_t stride, const float4 rows[4])
{
    int4 v[4];
    for (unsigned y = 0; y < 4; y++)
        v[y] = __builtin_convertvector(rows[y], int4);
#ifdef __SSE2__
    __m128i upper = _mm_packs_epi32((__m128i)v[0], (__m128i)v[1]),
            lower = _mm_packs_epi32((__m128i)v[2], (__m128i)v[3]);
    uint8_t bytes[16];
    _mm_storeu_si128((__m128i *)(void *)bytes, _mm_packus_epi16(upper, lower));
    for (unsigned y = 0; y < 4; y++)
        memcpy(out + y * stride, bytes + 4 * y, 4);
#else
    for (unsigned y = 0; y < 4; y++)
        for (unsigned x = 0; x < 4; x++)
            out[y * stride + x] = clamp(v[y][x]);
#endif
}

/** Columns first, for all four pixels of a row at once; then rows, by their symmetry. */
static void row_of_4(const struct pixels *pixels, uint8_t *out, size_t stride, const int16_t *coefs, size_t room,
                     size_t n)
{
    static const float4 mean_1 = {QUARTER_1A, QUARTER_1B, -QUARTER_1B, -QUARTER_1A},
                        mean_2 = {QUARTER_2, -QUARTER_2, -QUARTER_2, QUARTER_2},
                        mean_3 = {QUARTER_3A, -QUARTER_3B, QUARTER_3B, -QUARTER_3A},
                        grey = {128.5f, 128.5f, 128.5f, 128.5f};
    for (size_t x = 0; x < n; x++, coefs += room, out += 4) {
        float f[PIXELS_HIGHEST + 1];
        for (unsigned k = 0; k <= PIXELS_HIGHEST; k++)
            f[k] = (float)coefs[k] * pixels->step[k];
        float4 row_0 = (f[0] * QUARTER_0 + mean_1 * f[1]) + (mean_2 * f[5] + mean_3 * f[6]);
        float4 row_1 = (f[2] * QUARTER_0 + mean_1 * f[4]) + mean_2 * f[7];
        float4 row_2 = f[3] * QUARTER_0 + mean_1 * f[8];
        float row_3 = f[9] * QUARTER_0;
        float4 base = row_0 * QUARTER_0 + grey, bend = row_2 * QUARTER_2;
        float4 outer = row_1 * QUARTER_1A + row_3 * QUARTER_3A, inner = row_1 * QUARTER_1B - row_3 * QUARTER_3B;
        float4 rows[4] = {(base + bend) + outer, (base - bend) + inner, (base - bend) - inner, (base + bend) - outer};
        put_4_by_4(out, stride, rows);
    }
}

bool pixels_row(const struct pixels *pixels, uint8_t *out, size_t stride, const int16_t *coefs, size_t room, size_t n)
{
    if (pixels->side == 1)
        return row_of_1(pixels, out, coefs, n);
    if (!dc_sound(pixels, coefs, room, n))
        return false;
    if (pixels->side == 2)
        row_of_2(pixels, out, stride, coefs, room, n);
    else
        row_of_4(pixels, out, stride, coefs, room, n);
    return true;
}
