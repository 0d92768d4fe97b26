/*
 * avx512.c: sixteen lanes, masks for what does not fill them.
 *
 * Here, against the AVX2 form (measured on Zen 4, whose vector units are 256 bits wide): luma_rgb 137 : 147 us/MP,
 * gradient 1.24 : 1.44 us, hamming_scan 0.39 : 0.88 ns a hash. Left out, for they are as fast: luma_gray 34.1 : 36.1
 * us/MP and accumulate 42.3 : 39.5 (bound by the cache), box_step 112 : 116 and divide 101.5 : 101.5 (bound by the
 * divider), transform 1.57 : 1.50 us, magic_scan 13.5 : 13.3 GB/s. Not tried: product (short dot products), hamming
 * (one hash).
 */
#include "simd/kernels.h"
#include "simd/scalar.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,popcnt")))

/** The lanes of what is left, less than a vector. */
AVX512 static inline __mmask16 first_lanes(size_t n)
{
    return (__mmask16)((1u << n) - 1);
}

/** Bytes 0, 3, 6, 9 (plus `first`) of each quarter as sixteen floats. */
AVX512 static inline __m512 every_third(__m512i bytes, char first)
{
    const __m128i spread = _mm_setr_epi8(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1);
    const __m128i shift = _mm_setr_epi8(first, 0, 0, 0, first, 0, 0, 0, first, 0, 0, 0, first, 0, 0, 0);
    return _mm512_cvtepi32_ps(_mm512_shuffle_epi8(bytes, _mm512_broadcast_i32x4(_mm_add_epi8(spread, shift))));
}

/** Sixteen pixels are 48 bytes: twelve to each quarter. */
AVX512 static inline __m512 luma_of(__m512i bytes)
{
    const __m512i quarters = _mm512_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11);
    bytes = _mm512_permutexvar_epi32(quarters, bytes);
    __m512 red = _mm512_mul_ps(_mm512_set1_ps(0.299f), every_third(bytes, 0));
    __m512 green = _mm512_mul_ps(_mm512_set1_ps(0.587f), every_third(bytes, 1));
    __m512 blue = _mm512_mul_ps(_mm512_set1_ps(0.114f), every_third(bytes, 2));
    return _mm512_add_ps(_mm512_add_ps(red, green), blue);
}

AVX512 static void luma_rgb(float *luma, const uint8_t *rgb, size_t n)
{
    size_t x = 0;
    for (; n - x >= 22; x += 16)
        _mm512_storeu_ps(luma + x, luma_of(_mm512_loadu_si512(rgb + 3 * x)));
    for (; n - x >= 16; x += 16)
        _mm512_storeu_ps(luma + x, luma_of(_mm512_maskz_loadu_epi32(0xfff, rgb + 3 * x)));
    if (n - x) {
        __m512i bytes = _mm512_maskz_loadu_epi8((1ull << 3 * (n - x)) - 1, rgb + 3 * x);
        _mm512_mask_storeu_ps(luma + x, first_lanes(n - x), luma_of(bytes));
    }
}

/** Adds the three truncated terms of sixteen pairs. */
AVX512 static inline void gradient_add(__m512i sums[3], __m512 u, __m512 v, __m512 slack)
{
    __m512 magnitude = _mm512_abs_ps(_mm512_sub_ps(u, v));
    __m512 term = _mm512_div_ps(_mm512_mul_ps(magnitude, _mm512_set1_ps(100)), _mm512_set1_ps(255));
    __m512 lowered = _mm512_max_ps(_mm512_sub_ps(term, slack), _mm512_setzero_ps());
    sums[0] = _mm512_add_epi32(sums[0], _mm512_cvttps_epi32(term));
    sums[1] = _mm512_add_epi32(sums[1], _mm512_cvttps_epi32(lowered));
    sums[2] = _mm512_add_epi32(sums[2], _mm512_cvttps_epi32(_mm512_add_ps(term, slack)));
}

/** The last vector of a row is paired with itself shifted, its last lane with itself: a difference of 0 adds 0, as
 * slack < 1. */
AVX512 static void gradient(int32_t out[3], const float *luma, float slack)
{
    const __m512 by = _mm512_set1_ps(slack);
    const __m512i shifted = _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15);
    __m512i sums[3] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
    for (size_t i = 0; i < KERNEL_SIDE; i++)
        for (size_t j = 0; j < KERNEL_SIDE; j += 16) {
            const float *at = luma + i * KERNEL_SIDE + j;
            __m512 u = _mm512_loadu_ps(at);
            __m512 right = j + 16 < KERNEL_SIDE ? _mm512_loadu_ps(at + 1) : _mm512_permutexvar_ps(shifted, u);
            gradient_add(sums, u, right, by);
            if (i + 1 < KERNEL_SIDE)
                gradient_add(sums, u, _mm512_loadu_ps(at + KERNEL_SIDE), by);
        }
    for (unsigned s = 0; s < 3; s++)
        out[s] = _mm512_reduce_add_epi32(sums[s]);
}

AVX512 static inline __m512i pair_counts(const uint8_t *pair, __m512i query)
{
    return _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(pair), query));
}

/** The distances of eight hashes. */
AVX512 static inline __m256i eight_distances(const uint8_t *hash, __m512i query)
{
    /* Hashes 0 and 1 are the halves of a vector; 4 and 5 share its 64-bit lanes from above, as counts fit 32 bits. */
    __m512i a = pair_counts(hash, query), b = pair_counts(hash + 64, query);
    a = _mm512_or_si512(a, _mm512_slli_epi64(pair_counts(hash + 128, query), 32));
    b = _mm512_or_si512(b, _mm512_slli_epi64(pair_counts(hash + 192, query), 32));
    __m512i sum = _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
    sum = _mm512_add_epi32(sum, _mm512_shuffle_i64x2(sum, sum, _MM_SHUFFLE(2, 3, 0, 1)));
    /* 32-bit lanes 0..3 hold hashes 0, 4, 2, 6; lanes 8..11 hold 1, 5, 3, 7. */
    const __m512i order = _mm512_setr_epi32(0, 8, 2, 10, 1, 9, 3, 11, 0, 0, 0, 0, 0, 0, 0, 0);
    return _mm512_castsi512_si256(_mm512_permutexvar_epi32(order, sum));
}

AVX512 static size_t hamming_scan(const uint8_t *hashes, size_t n, const uint8_t *query, unsigned radius,
                                  uint32_t *out_index, uint16_t *out_distance)
{
    const __m512i wanted = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)query));
    const __m256i within = _mm256_set1_epi32(radius < 256 ? (int)radius : 256);
    size_t found = 0, i = 0;
    for (; n - i >= 8; i += 8) {
        __m256i distance = eight_distances(hashes + i * 32, wanted);
        unsigned hits = _mm256_cmple_epi32_mask(distance, within);
        if (!hits)
            continue;
        uint32_t each[8];
        _mm256_storeu_si256((__m256i *)each, distance);
        for (; hits; hits &= hits - 1) {
            unsigned lane = (unsigned)__builtin_ctz(hits);
            out_index[found] = (uint32_t)i + lane;
            out_distance[found++] = (uint16_t)each[lane];
        }
    }
    return found + scalar_hamming_tail(hashes, i, n, query, radius, out_index + found, out_distance + found);
}

void kernels_avx512(struct kernels *table)
{
    table->luma_rgb = luma_rgb;
    table->gradient = gradient;
    table->hamming_scan = hamming_scan;
}

#else

void kernels_avx512(struct kernels *table)
{
    (void)table;
}

#endif
