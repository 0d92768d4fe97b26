#include "match/sieve.h"

#include <string.h>

typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));

/** Places whose bit is set, from `base` on. */
static inline size_t put_places(uint32_t *out, uint32_t base, uint32_t lanes)
{
    size_t n = 0;
    for (; lanes; lanes &= lanes - 1)
        out[n++] = base + (uint32_t)__builtin_ctz(lanes);
    return n;
}

/** The lanes of what is left of a bucket. */
static inline uint32_t lanes_left(uint32_t n)
{
    return n < SIEVE_LANES ? ((uint32_t)1 << n) - 1 : UINT32_MAX;
}

/**
 * The loop of all forms: 32 sketches at a time, whose `compare(sketches, limit)` gives a bit each. A macro, for a
 * function of one target cannot be inlined into one of another.
 */
#define SIEVE_LOOP(sieve, room, compare)                                                                               \
    size_t found = 0;                                                                                                  \
    for (; sieve->spans < sieve->spans_end; sieve->spans++, sieve->done = 0) {                                         \
        const struct bucket_span *span = sieve->spans;                                                                 \
        for (size_t at = span->begin + sieve->done; at < span->end; at += SIEVE_LANES) {                               \
            if (found + SIEVE_ROOM > room) {                                                                           \
                sieve->done = (uint32_t)at - span->begin;                                                              \
                return found;                                                                                          \
            }                                                                                                          \
            uint32_t lanes = compare(sieve->sketches + at, span->limit) & lanes_left(span->end - (uint32_t)at);        \
            found += put_places(sieve->out + found, (uint32_t)at, lanes);                                              \
        }                                                                                                              \
    }                                                                                                                  \
    return found;

/** Lanes are all ones where a sketch differs from the wanted one in at most `limit` bits. */
static inline u16x8 within(const uint16_t *sketches, u16x8 wanted, u16x8 limit)
{
    u16x8 v;
    memcpy(&v, sketches, sizeof(v));
    v ^= wanted;
    v -= v >> 1 & 0x5555;
    v = (v & 0x3333) + (v >> 2 & 0x3333);
    v = (v + (v >> 4)) & 0x0f0f;
    v = (v + (v >> 8)) & 0x1f;
    return (u16x8)((i16x8)v <= (i16x8)limit);
}

static inline uint32_t compare_plain(const uint16_t *sketches, u16x8 wanted, uint32_t limit)
{
    u16x8 most = (u16x8){0} + (uint16_t)limit, pass[SIEVE_LANES / 8], any = {0};
    uint64_t words[2];
    uint32_t lanes = 0;
    for (size_t i = 0; i < SIEVE_LANES / 8; i++)
        any |= pass[i] = within(sketches + 8 * i, wanted, most);
    memcpy(words, &any, sizeof(words));
    if (words[0] | words[1])
        for (size_t i = 0; i < SIEVE_LANES; i++)
            lanes |= (uint32_t)(pass[i / 8][i % 8] & 1) << i;
    return lanes;
}

static size_t sieve_plain(struct sieve *sieve, size_t room)
{
    const u16x8 wanted = (u16x8){0} + sieve->wanted;
#define COMPARE(sketches, limit) compare_plain(sketches, wanted, limit)
    SIEVE_LOOP(sieve, room, COMPARE)
#undef COMPARE
}

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>

#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512bitalg")))

/** All ones in the lanes of 16 sketches within `limit` bits. */
AVX2 static inline __m256i sixteen_within(const uint16_t *sketches, __m256i wanted, __m256i limit)
{
    const __m256i ones = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m256i low = _mm256_set1_epi8(15);
    __m256i v = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)sketches), wanted);
    __m256i bytes = _mm256_add_epi8(_mm256_shuffle_epi8(ones, _mm256_and_si256(v, low)),
                                    _mm256_shuffle_epi8(ones, _mm256_and_si256(_mm256_srli_epi16(v, 4), low)));
    return _mm256_cmpgt_epi16(limit, _mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1)));
}

AVX2 static inline uint32_t compare_avx2(const uint16_t *sketches, __m256i wanted, uint32_t limit)
{
    const __m256i beyond = _mm256_set1_epi16((short)(limit + 1));
    __m256i low = sixteen_within(sketches, wanted, beyond), high = sixteen_within(sketches + 16, wanted, beyond);
    /* Packing works on halves of the register: its quarters come out as 0, 2, 1, 3. */
    __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xd8);
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

AVX2 static size_t sieve_avx2(struct sieve *sieve, size_t room)
{
    const __m256i wanted = _mm256_set1_epi16((short)sieve->wanted);
#define COMPARE(sketches, limit) compare_avx2(sketches, wanted, limit)
    SIEVE_LOOP(sieve, room, COMPARE)
#undef COMPARE
}

AVX512 static inline uint32_t compare_avx512(const uint16_t *sketches, __m512i wanted, uint32_t limit)
{
    __m512i bits = _mm512_popcnt_epi16(_mm512_xor_si512(_mm512_loadu_si512(sketches), wanted));
    return _mm512_cmple_epu16_mask(bits, _mm512_set1_epi16((short)limit));
}

AVX512 static size_t sieve_avx512(struct sieve *sieve, size_t room)
{
    const __m512i wanted = _mm512_set1_epi16((short)sieve->wanted);
#define COMPARE(sketches, limit) compare_avx512(sketches, wanted, limit)
    SIEVE_LOOP(sieve, room, COMPARE)
#undef COMPARE
}

sieve_function *sieve_at(enum simd_level level)
{
    return level >= SIMD_AVX512 ? sieve_avx512 : level >= SIMD_AVX2 ? sieve_avx2 : sieve_plain;
}

#else

sieve_function *sieve_at(enum simd_level level)
{
    (void)level;
    return sieve_plain;
}

#endif
