/* digest_eight.h: the words of digest_lanes.h that eight lanes have with and without AVX-512. */
#ifndef SIMD_DIGEST_EIGHT_H
#define SIMD_DIGEST_EIGHT_H

#define VECTOR           __m256i
#define LANES_NAME(name) name##_8
#define ADD              _mm256_add_epi32
#define XOR              _mm256_xor_si256
#define SHR              _mm256_srli_epi32
#define WORD(x)          _mm256_set1_epi32((int)(x))
#define LOAD(p)          _mm256_load_si256((const __m256i *)(p))
#define STORE(p, x)      _mm256_store_si256((__m256i *)(p), x)
#define SWAP_BYTES(x)                                                                                                  \
    _mm256_shuffle_epi8(x, _mm256_setr_epi32(0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f, 0x00010203, 0x04050607,   \
                                             0x08090a0b, 0x0c0d0e0f))

/** 32 bytes of each of four messages; row k is then word k of the four in its lower half, word 4 + k in the upper. */
TARGET static inline void transpose_half(__m256i *row, const uint8_t *const *data, size_t at)
{
    __m256i a = _mm256_loadu_si256((const __m256i *)(data[0] + at));
    __m256i b = _mm256_loadu_si256((const __m256i *)(data[1] + at));
    __m256i c = _mm256_loadu_si256((const __m256i *)(data[2] + at));
    __m256i d = _mm256_loadu_si256((const __m256i *)(data[3] + at));
    __m256i ab_low = _mm256_unpacklo_epi32(a, b), ab_high = _mm256_unpackhi_epi32(a, b);
    __m256i cd_low = _mm256_unpacklo_epi32(c, d), cd_high = _mm256_unpackhi_epi32(c, d);
    row[0] = _mm256_unpacklo_epi64(ab_low, cd_low);
    row[1] = _mm256_unpackhi_epi64(ab_low, cd_low);
    row[2] = _mm256_unpacklo_epi64(ab_high, cd_high);
    row[3] = _mm256_unpackhi_epi64(ab_high, cd_high);
}

TARGET static inline void transpose_8(__m256i *w, const uint8_t *const *data, size_t at)
{
    UNROLL
    for (unsigned half = 0; half < 2; half++) {
        __m256i lower[4], upper[4];
        transpose_half(lower, data, at + 32 * half);
        transpose_half(upper, data + 4, at + 32 * half);
        UNROLL
        for (unsigned k = 0; k < 4; k++) {
            w[8 * half + k] = _mm256_permute2x128_si256(lower[k], upper[k], 0x20);
            w[8 * half + 4 + k] = _mm256_permute2x128_si256(lower[k], upper[k], 0x31);
        }
    }
}

#endif
