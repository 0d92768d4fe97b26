/* avx2.c: eight lanes. */
#include "simd/kernels.h"
#include "simd/magics.h"
#include "simd/scalar.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,popcnt")))

/** Bytes 0, 3, 6, 9 (plus `first`) of either half as eight floats. */
AVX2 static inline __m256 every_third(__m256i bytes, char first)
{
    const __m128i spread = _mm_setr_epi8(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1);
    const __m128i shift = _mm_setr_epi8(first, 0, 0, 0, first, 0, 0, 0, first, 0, 0, 0, first, 0, 0, 0);
    return _mm256_cvtepi32_ps(_mm256_shuffle_epi8(bytes, _mm256_broadcastsi128_si256(_mm_add_epi8(spread, shift))));
}

/** Eight pixels are 24 bytes; the two loads reach 28: the last two pixels over may not take this road. */
AVX2 static void luma_rgb(float *luma, const uint8_t *rgb, size_t n)
{
    size_t x = 0;
    for (; n - x >= 10; x += 8) {
        const uint8_t *at = rgb + 3 * x;
        __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)at)),
                                                _mm_loadu_si128((const __m128i *)(at + 12)), 1);
        __m256 red = _mm256_mul_ps(_mm256_set1_ps(0.299f), every_third(bytes, 0));
        __m256 green = _mm256_mul_ps(_mm256_set1_ps(0.587f), every_third(bytes, 1));
        __m256 blue = _mm256_mul_ps(_mm256_set1_ps(0.114f), every_third(bytes, 2));
        _mm256_storeu_ps(luma + x, _mm256_add_ps(_mm256_add_ps(red, green), blue));
    }
    scalar_luma_rgb(luma + x, rgb + 3 * x, n - x);
}

AVX2 static void luma_gray(float *luma, const uint8_t *gray, size_t n)
{
    size_t x = 0;
    for (; n - x >= 16; x += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(gray + x));
        _mm256_storeu_ps(luma + x, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)));
        _mm256_storeu_ps(luma + x + 8, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8))));
    }
    scalar_luma_gray(luma + x, gray + x, n - x);
}

AVX2 static void luma_limited(float *luma, const uint8_t *y, size_t n)
{
    const __m128i low = _mm_set1_epi8(16), most = _mm_set1_epi8((char)219);
    const __m256 expand = _mm256_set1_ps(KERNEL_EXPAND);
    size_t x = 0;
    for (; n - x >= 16; x += 16) {
        __m128i bytes = _mm_min_epu8(_mm_subs_epu8(_mm_loadu_si128((const __m128i *)(y + x)), low), most);
        __m256 first = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes));
        __m256 second = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8)));
        _mm256_storeu_ps(luma + x, _mm256_mul_ps(first, expand));
        _mm256_storeu_ps(luma + x + 8, _mm256_mul_ps(second, expand));
    }
    scalar_luma_limited(luma + x, y + x, n - x);
}

AVX2 static void accumulate(float *sums, const float *row, float weight, size_t n)
{
    const __m256 w = _mm256_set1_ps(weight);
    size_t x = 0;
    for (; n - x >= 16; x += 16) {
        __m256 a = _mm256_mul_ps(w, _mm256_loadu_ps(row + x)), b = _mm256_mul_ps(w, _mm256_loadu_ps(row + x + 8));
        _mm256_storeu_ps(sums + x, _mm256_add_ps(_mm256_loadu_ps(sums + x), a));
        _mm256_storeu_ps(sums + x + 8, _mm256_add_ps(_mm256_loadu_ps(sums + x + 8), b));
    }
    scalar_accumulate(sums + x, row + x, weight, n - x);
}

/** The eight lanes of one output. */
AVX2 static inline __m256 lanes(const float *in, const float *w, size_t stride)
{
    __m256 sum = _mm256_setzero_ps();
    for (size_t k = 0; k < stride; k += 8)
        sum = _mm256_add_ps(sum, _mm256_mul_ps(_mm256_loadu_ps(in + k), _mm256_loadu_ps(w + k)));
    return sum;
}

/** Eight outputs at a time; the horizontal additions of four of them give (0+1)+(2+3) of each below, (4+5)+(6+7) above.
 */
AVX2 static void product(float *out, const float *row, const uint32_t *start, const float *weights, size_t stride,
                         size_t count)
{
    for (size_t t = 0; t < count; t += 8) {
        __m256 lane[8], pair[2];
        UNROLL
        for (size_t i = 0; i < 8; i++)
            lane[i] = lanes(row + start[t + i], weights + (t + i) * stride, stride);
        UNROLL
        for (size_t i = 0; i < 2; i++)
            pair[i] = _mm256_hadd_ps(_mm256_hadd_ps(lane[4 * i], lane[4 * i + 1]),
                                     _mm256_hadd_ps(lane[4 * i + 2], lane[4 * i + 3]));
        __m256 low = _mm256_permute2f128_ps(pair[0], pair[1], 0x20);
        __m256 high = _mm256_permute2f128_ps(pair[0], pair[1], 0x31);
        _mm256_storeu_ps(out + t, _mm256_add_ps(low, high));
    }
}

AVX2 static void box_step(float *sums, float *ring, const float *in, float *out, float count, size_t n)
{
    const __m256 divisor = _mm256_set1_ps(count);
    size_t x = 0;
    for (; n - x >= 8; x += 8) {
        __m256 entering = _mm256_loadu_ps(in + x);
        __m256 sum = _mm256_sub_ps(_mm256_add_ps(_mm256_loadu_ps(sums + x), entering), _mm256_loadu_ps(ring + x));
        _mm256_storeu_ps(sums + x, sum);
        _mm256_storeu_ps(ring + x, entering);
        _mm256_storeu_ps(out + x, _mm256_div_ps(sum, divisor));
    }
    scalar_box_step(sums + x, ring + x, in + x, out + x, count, n - x);
}

AVX2 static void divide(float *row, float divisor, size_t n)
{
    const __m256 by = _mm256_set1_ps(divisor);
    size_t x = 0;
    for (; n - x >= 8; x += 8)
        _mm256_storeu_ps(row + x, _mm256_div_ps(_mm256_loadu_ps(row + x), by));
    scalar_divide(row + x, divisor, n - x);
}

/** Four rows by sixteen columns of the transform. */
AVX2 static inline void transform_block(float *out, const float *left, const float *right, size_t columns)
{
    __m256 sum[4][2];
    UNROLL
    for (size_t i = 0; i < 4; i++)
        sum[i][0] = sum[i][1] = _mm256_setzero_ps();
    for (size_t k = 0; k < KERNEL_SIDE; k++) {
        __m256 a = _mm256_loadu_ps(right + k * columns), b = _mm256_loadu_ps(right + k * columns + 8);
        UNROLL
        for (size_t i = 0; i < 4; i++) {
            __m256 factor = _mm256_set1_ps(left[i * KERNEL_SIDE + k]);
            sum[i][0] = _mm256_add_ps(sum[i][0], _mm256_mul_ps(factor, a));
            sum[i][1] = _mm256_add_ps(sum[i][1], _mm256_mul_ps(factor, b));
        }
    }
    UNROLL
    for (size_t i = 0; i < 4; i++) {
        _mm256_storeu_ps(out + i * columns, sum[i][0]);
        _mm256_storeu_ps(out + i * columns + 8, sum[i][1]);
    }
}

AVX2 static void transform(float *out, const float *left, const float *right, size_t columns)
{
    for (size_t i = 0; i < KERNEL_COEF; i += 4)
        for (size_t j = 0; j < columns; j += 16)
            transform_block(out + i * columns + j, left + i * KERNEL_SIDE, right + j, columns);
}

/** Adds the three truncated terms of eight pairs. */
AVX2 static inline void gradient_add(__m256i sums[3], __m256 u, __m256 v, __m256 slack)
{
    __m256 magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(u, v));
    __m256 term = _mm256_div_ps(_mm256_mul_ps(magnitude, _mm256_set1_ps(100)), _mm256_set1_ps(255));
    __m256 lowered = _mm256_max_ps(_mm256_sub_ps(term, slack), _mm256_setzero_ps());
    sums[0] = _mm256_add_epi32(sums[0], _mm256_cvttps_epi32(term));
    sums[1] = _mm256_add_epi32(sums[1], _mm256_cvttps_epi32(lowered));
    sums[2] = _mm256_add_epi32(sums[2], _mm256_cvttps_epi32(_mm256_add_ps(term, slack)));
}

AVX2 static inline int32_t sum_lanes(__m256i v)
{
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    four = _mm_hadd_epi32(four, four);
    return _mm_cvtsi128_si32(_mm_hadd_epi32(four, four));
}

/** The last vector of a row is paired with itself shifted, its last lane with itself: a difference of 0 adds 0, as
 * slack < 1. */
AVX2 static void gradient(int32_t out[3], const float *luma, float slack)
{
    const __m256 by = _mm256_set1_ps(slack);
    const __m256i shifted = _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 7);
    __m256i sums[3] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
    for (size_t i = 0; i < KERNEL_SIDE; i++)
        for (size_t j = 0; j < KERNEL_SIDE; j += 8) {
            const float *at = luma + i * KERNEL_SIDE + j;
            __m256 u = _mm256_loadu_ps(at);
            __m256 right = j + 8 < KERNEL_SIDE ? _mm256_loadu_ps(at + 1) : _mm256_permutevar8x32_ps(u, shifted);
            gradient_add(sums, u, right, by);
            if (i + 1 < KERNEL_SIDE)
                gradient_add(sums, u, _mm256_loadu_ps(at + KERNEL_SIDE), by);
        }
    for (unsigned s = 0; s < 3; s++)
        out[s] = sum_lanes(sums[s]);
}

/** Bits that differ in each quarter of a hash. */
AVX2 static inline __m256i quarter_counts(const uint8_t *hash, __m256i query)
{
    const __m256i counts = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m256i low = _mm256_set1_epi8(15);
    __m256i bits = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)hash), query);
    __m256i a = _mm256_shuffle_epi8(counts, _mm256_and_si256(bits, low));
    __m256i b = _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi16(bits, 4), low));
    return _mm256_sad_epu8(_mm256_add_epi8(a, b), _mm256_setzero_si256());
}

/** The distances of four hashes. */
AVX2 static inline __m128i four_distances(const uint8_t *hash, __m256i query)
{
    __m256i a = quarter_counts(hash, query), b = quarter_counts(hash + 32, query);
    __m256i c = quarter_counts(hash + 64, query), d = quarter_counts(hash + 96, query);
    /* Counts fit 16 bits, so two hashes share one 64-bit lane: b's and d's above. */
    __m256i ab = _mm256_or_si256(a, _mm256_slli_epi64(b, 32)), cd = _mm256_or_si256(c, _mm256_slli_epi64(d, 32));
    __m256i sum = _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
    return _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
}

AVX2 static size_t hamming_scan(const uint8_t *hashes, size_t n, const uint8_t *query, unsigned radius,
                                uint32_t *out_index, uint16_t *out_distance)
{
    const __m256i wanted = _mm256_loadu_si256((const __m256i *)query);
    const __m128i beyond = _mm_set1_epi32(radius < 256 ? (int)radius : 256);
    size_t found = 0, i = 0;
    for (; n - i >= 4; i += 4) {
        __m128i distance = four_distances(hashes + i * 32, wanted);
        int hits = ~_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpgt_epi32(distance, beyond))) & 15;
        if (!hits)
            continue;
        uint32_t each[4];
        _mm_storeu_si128((__m128i *)each, distance);
        for (; hits; hits &= hits - 1) {
            int lane = __builtin_ctz((unsigned)hits);
            out_index[found] = (uint32_t)i + (uint32_t)lane;
            out_distance[found++] = (uint16_t)each[lane];
        }
    }
    return found + scalar_hamming_tail(hashes, i, n, query, radius, out_index + found, out_distance + found);
}

#define VECTOR     __m256i
#define TARGET     AVX2
#define LOAD(p)    _mm256_loadu_si256((const __m256i *)(p))
#define TABLE(p)   _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(p)))
#define AND        _mm256_and_si256
#define SHR4(x)    _mm256_srli_epi16(x, 4)
#define LOW_HALVES _mm256_set1_epi8(15)
#define SHUFFLE    _mm256_shuffle_epi8
#define NONZERO(x) ((uint64_t)(uint32_t)~_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, _mm256_setzero_si256())))
#include "simd/magic_vector.h"

void kernels_avx2(struct kernels *table)
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
    table->hamming_scan = hamming_scan;
    table->magic_scan = magic_scan;
}

#else

void kernels_avx2(struct kernels *table)
{
    (void)table;
}

#endif
