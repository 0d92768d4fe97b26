/* sse41.c: four lanes. Needs SSSE3 (byte shuffles), SSE4.1 and POPCNT: see level.c. */
#include <string.h>

#include "simd/kernels.h"
#include "simd/magics.h"
#include "simd/scalar.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

#define SSE41 __attribute__((target("ssse3,sse4.1,popcnt")))

/** Bytes 0, 3, 6, 9 (plus `first`) of a vector as four floats. */
SSE41 static inline __m128 every_third(__m128i bytes, char first)
{
    const __m128i spread = _mm_setr_epi8(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1);
    const __m128i shift = _mm_setr_epi8(first, 0, 0, 0, first, 0, 0, 0, first, 0, 0, 0, first, 0, 0, 0);
    return _mm_cvtepi32_ps(_mm_shuffle_epi8(bytes, _mm_add_epi8(spread, shift)));
}

/** Four pixels are twelve bytes, but sixteen are loaded: the last six pixels may not take this road. */
SSE41 static void luma_rgb(float *luma, const uint8_t *rgb, size_t n)
{
    size_t x = 0;
    for (; n - x >= 6; x += 4) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(rgb + 3 * x));
        __m128 red = _mm_mul_ps(_mm_set1_ps(0.299f), every_third(bytes, 0));
        __m128 green = _mm_mul_ps(_mm_set1_ps(0.587f), every_third(bytes, 1));
        __m128 blue = _mm_mul_ps(_mm_set1_ps(0.114f), every_third(bytes, 2));
        _mm_storeu_ps(luma + x, _mm_add_ps(_mm_add_ps(red, green), blue));
    }
    scalar_luma_rgb(luma + x, rgb + 3 * x, n - x);
}

SSE41 static void luma_gray(float *luma, const uint8_t *gray, size_t n)
{
    size_t x = 0;
    for (; n - x >= 16; x += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(gray + x));
        _mm_storeu_ps(luma + x, _mm_cvtepi32_ps(_mm_cvtepu8_epi32(bytes)));
        _mm_storeu_ps(luma + x + 4, _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_srli_si128(bytes, 4))));
        _mm_storeu_ps(luma + x + 8, _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_srli_si128(bytes, 8))));
        _mm_storeu_ps(luma + x + 12, _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_srli_si128(bytes, 12))));
    }
    scalar_luma_gray(luma + x, gray + x, n - x);
}

SSE41 static void luma_limited(float *luma, const uint8_t *y, size_t n)
{
    const __m128i low = _mm_set1_epi8(16), most = _mm_set1_epi8((char)219);
    const __m128 expand = _mm_set1_ps(KERNEL_EXPAND);
    size_t x = 0;
    for (; n - x >= 16; x += 16) {
        __m128i bytes = _mm_min_epu8(_mm_subs_epu8(_mm_loadu_si128((const __m128i *)(y + x)), low), most);
        for (unsigned i = 0; i < 4; i++) {
            _mm_storeu_ps(luma + x + 4 * i, _mm_mul_ps(_mm_cvtepi32_ps(_mm_cvtepu8_epi32(bytes)), expand));
            bytes = _mm_srli_si128(bytes, 4);
        }
    }
    scalar_luma_limited(luma + x, y + x, n - x);
}

SSE41 static void accumulate(float *sums, const float *row, float weight, size_t n)
{
    const __m128 w = _mm_set1_ps(weight);
    size_t x = 0;
    for (; n - x >= 8; x += 8) {
        __m128 a = _mm_mul_ps(w, _mm_loadu_ps(row + x)), b = _mm_mul_ps(w, _mm_loadu_ps(row + x + 4));
        _mm_storeu_ps(sums + x, _mm_add_ps(_mm_loadu_ps(sums + x), a));
        _mm_storeu_ps(sums + x + 4, _mm_add_ps(_mm_loadu_ps(sums + x + 4), b));
    }
    scalar_accumulate(sums + x, row + x, weight, n - x);
}

/** The eight lanes of one output, in two halves. */
SSE41 static inline void lanes(__m128 half[2], const float *in, const float *w, size_t stride)
{
    __m128 low = _mm_setzero_ps(), high = _mm_setzero_ps();
    for (size_t k = 0; k < stride; k += 8) {
        low = _mm_add_ps(low, _mm_mul_ps(_mm_loadu_ps(in + k), _mm_loadu_ps(w + k)));
        high = _mm_add_ps(high, _mm_mul_ps(_mm_loadu_ps(in + k + 4), _mm_loadu_ps(w + k + 4)));
    }
    half[0] = low;
    half[1] = high;
}

SSE41 static void product(float *out, const float *row, const uint32_t *start, const float *weights, size_t stride,
                          size_t count)
{
    for (size_t t = 0; t < count; t += 4) {
        __m128 half[4][2];
        UNROLL
        for (size_t i = 0; i < 4; i++)
            lanes(half[i], row + start[t + i], weights + (t + i) * stride, stride);
        __m128 low = _mm_hadd_ps(_mm_hadd_ps(half[0][0], half[1][0]), _mm_hadd_ps(half[2][0], half[3][0]));
        __m128 high = _mm_hadd_ps(_mm_hadd_ps(half[0][1], half[1][1]), _mm_hadd_ps(half[2][1], half[3][1]));
        _mm_storeu_ps(out + t, _mm_add_ps(low, high));
    }
}

SSE41 static void box_step(float *sums, float *ring, const float *in, float *out, float count, size_t n)
{
    const __m128 divisor = _mm_set1_ps(count);
    size_t x = 0;
    for (; n - x >= 4; x += 4) {
        __m128 entering = _mm_loadu_ps(in + x);
        __m128 sum = _mm_sub_ps(_mm_add_ps(_mm_loadu_ps(sums + x), entering), _mm_loadu_ps(ring + x));
        _mm_storeu_ps(sums + x, sum);
        _mm_storeu_ps(ring + x, entering);
        _mm_storeu_ps(out + x, _mm_div_ps(sum, divisor));
    }
    scalar_box_step(sums + x, ring + x, in + x, out + x, count, n - x);
}

SSE41 static void divide(float *row, float divisor, size_t n)
{
    const __m128 by = _mm_set1_ps(divisor);
    size_t x = 0;
    for (; n - x >= 4; x += 4)
        _mm_storeu_ps(row + x, _mm_div_ps(_mm_loadu_ps(row + x), by));
    scalar_divide(row + x, divisor, n - x);
}

/** Four rows by eight columns of the transform. */
SSE41 static inline void transform_block(float *out, const float *left, const float *right, size_t columns)
{
    __m128 sum[4][2];
    UNROLL
    for (size_t i = 0; i < 4; i++)
        sum[i][0] = sum[i][1] = _mm_setzero_ps();
    for (size_t k = 0; k < KERNEL_SIDE; k++) {
        __m128 a = _mm_loadu_ps(right + k * columns), b = _mm_loadu_ps(right + k * columns + 4);
        UNROLL
        for (size_t i = 0; i < 4; i++) {
            __m128 factor = _mm_set1_ps(left[i * KERNEL_SIDE + k]);
            sum[i][0] = _mm_add_ps(sum[i][0], _mm_mul_ps(factor, a));
            sum[i][1] = _mm_add_ps(sum[i][1], _mm_mul_ps(factor, b));
        }
    }
    UNROLL
    for (size_t i = 0; i < 4; i++) {
        _mm_storeu_ps(out + i * columns, sum[i][0]);
        _mm_storeu_ps(out + i * columns + 4, sum[i][1]);
    }
}

SSE41 static void transform(float *out, const float *left, const float *right, size_t columns)
{
    for (size_t i = 0; i < KERNEL_COEF; i += 4)
        for (size_t j = 0; j < columns; j += 8)
            transform_block(out + i * columns + j, left + i * KERNEL_SIDE, right + j, columns);
}

/** Adds the three truncated terms of four pairs. */
SSE41 static inline void gradient_add(__m128i sums[3], __m128 u, __m128 v, __m128 slack)
{
    __m128 magnitude = _mm_andnot_ps(_mm_set1_ps(-0.0f), _mm_sub_ps(u, v));
    __m128 term = _mm_div_ps(_mm_mul_ps(magnitude, _mm_set1_ps(100)), _mm_set1_ps(255));
    __m128 lowered = _mm_max_ps(_mm_sub_ps(term, slack), _mm_setzero_ps());
    sums[0] = _mm_add_epi32(sums[0], _mm_cvttps_epi32(term));
    sums[1] = _mm_add_epi32(sums[1], _mm_cvttps_epi32(lowered));
    sums[2] = _mm_add_epi32(sums[2], _mm_cvttps_epi32(_mm_add_ps(term, slack)));
}

SSE41 static inline int32_t sum_lanes(__m128i v)
{
    v = _mm_hadd_epi32(v, v);
    return _mm_cvtsi128_si32(_mm_hadd_epi32(v, v));
}

/** The last vector of a row is paired with itself shifted, its last lane with itself: a difference of 0 adds 0, as
 * slack < 1. */
SSE41 static void gradient(int32_t out[3], const float *luma, float slack)
{
    const __m128 by = _mm_set1_ps(slack);
    __m128i sums[3] = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
    for (size_t i = 0; i < KERNEL_SIDE; i++)
        for (size_t j = 0; j < KERNEL_SIDE; j += 4) {
            const float *at = luma + i * KERNEL_SIDE + j;
            __m128 u = _mm_loadu_ps(at);
            __m128 right = j + 4 < KERNEL_SIDE ? _mm_loadu_ps(at + 1) : _mm_shuffle_ps(u, u, _MM_SHUFFLE(3, 3, 2, 1));
            gradient_add(sums, u, right, by);
            if (i + 1 < KERNEL_SIDE)
                gradient_add(sums, u, _mm_loadu_ps(at + KERNEL_SIDE), by);
        }
    for (unsigned s = 0; s < 3; s++)
        out[s] = sum_lanes(sums[s]);
}

SSE41 static inline unsigned distance(const uint8_t *a, const uint64_t query[4])
{
    uint64_t word[4];
    memcpy(word, a, 32);
    return (unsigned)(__builtin_popcountll(word[0] ^ query[0]) + __builtin_popcountll(word[1] ^ query[1]) +
                      __builtin_popcountll(word[2] ^ query[2]) + __builtin_popcountll(word[3] ^ query[3]));
}

SSE41 static unsigned hamming(const uint8_t *a, const uint8_t *b)
{
    uint64_t query[4];
    memcpy(query, b, 32);
    return distance(a, query);
}

SSE41 static size_t hamming_scan(const uint8_t *hashes, size_t n, const uint8_t *query, unsigned radius,
                                 uint32_t *out_index, uint16_t *out_distance)
{
    uint64_t word[4];
    memcpy(word, query, 32);
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned bits = distance(hashes + i * 32, word);
        if (bits > radius)
            continue;
        out_index[found] = (uint32_t)i;
        out_distance[found++] = (uint16_t)bits;
    }
    return found;
}

#define VECTOR     __m128i
#define TARGET     SSE41
#define LOAD(p)    _mm_loadu_si128((const __m128i *)(p))
#define TABLE(p)   _mm_load_si128((const __m128i *)(p))
#define AND        _mm_and_si128
#define SHR4(x)    _mm_srli_epi16(x, 4)
#define LOW_HALVES _mm_set1_epi8(15)
#define SHUFFLE    _mm_shuffle_epi8
#define NONZERO(x) ((uint64_t)(uint16_t)~_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_setzero_si128())))
#include "simd/magic_vector.h"

void kernels_sse41(struct kernels *table)
{
    table->luma_rgb = luma_rgb;
    table->luma_gray = luma_gray;
    table->luma_limited = luma_limited;
    table->accumulate = accumulate;
    table->product = product;
    table->box_step = box_step;
    table->divide = divide;
    table->transform = transform;
    table->gradient = gradient;
    table->hamming = hamming;
    table->hamming_scan = hamming_scan;
    table->magic_scan = magic_scan;
}

#else

void kernels_sse41(struct kernels *table)
{
    (void)table;
}

#endif
