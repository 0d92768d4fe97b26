/*
 * digest_fused.c: MD5, SHA-1 and SHA-256 of one message at once, and of two.
 *
 * Each is a chain in which every step waits for the one before, so that one alone leaves most of the core idle. Four
 * steps of MD5 are written beside four steps of each of the others (one instruction of the SHA extensions), near enough
 * for the core to find all three chains. Of one message, MD5 alone then sets the time; a second fills what it leaves.
 */
#include "simd/digest_kernels.h"
#include "simd/digest_rounds.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,bmi,sha")))
/** Only in line does `i` become a constant. */
#define STEP TARGET __attribute__((always_inline)) static inline

#define PIN(x)         __asm__("" : "+r"(x))
#define ADD(x, y)      ((x) + (y))
#define ROL(x, n)      ((x) << (n) | (x) >> (32 - (n)))
#define WORD(x)        (x)
#define MD5_F(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
/** A sum, not an or: b, the word just made, is in one addend only. */
#define MD5_G(b, c, d) ((~(d) & (c)) + ((d) & (b)))
#define MD5_H(b, c, d) ((b) ^ ((c) ^ (d)))
#define MD5_I(b, c, d) ((c) ^ ((b) | ~(d)))

struct fused {
    uint32_t a, b, c, d;
    /** SHA-1; `old`: what a..d were before the last four steps, out of which comes the next e. */
    __m128i abcd, e, old;
    /** SHA-256. */
    __m128i abef, cdgh;
};

/** The words to come: as they are, for SHA-1, for SHA-256. */
struct words {
    uint32_t w[16];
    __m128i u[4], v[4];
};

STEP void md5_four(struct fused *s, const uint32_t *w, unsigned i)
{
    const uint32_t *sines = md5_constants;
    uint32_t a = s->a, b = s->b, c = s->c, d = s->d;
    if (i < 4) {
        MD5_FOUR_F(w, 4 * i);
    } else if (i < 8) {
        MD5_FOUR_G(w, 4 * i);
    } else if (i < 12) {
        MD5_FOUR_H(w, 4 * i);
    } else {
        MD5_FOUR_I(w, 4 * i);
    }
    s->a = a;
    s->b = b;
    s->c = c;
    s->d = d;
}

/** Steps 4i .. 4i + 3; then the four words that come sixteen later. */
STEP void sha256_four(struct fused *s, __m128i *v, unsigned i)
{
    __m128i v3 = v[(i + 3) & 3];
    __m128i k = _mm_add_epi32(v[i & 3], _mm_loadu_si128((const __m128i *)(sha256_constants + 4 * i)));
    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, k);
    if (i < 12) {
        __m128i sum =
            _mm_add_epi32(_mm_sha256msg1_epu32(v[i & 3], v[(i + 1) & 3]), _mm_alignr_epi8(v3, v[(i + 2) & 3], 4));
        v[i & 3] = _mm_sha256msg2_epu32(sum, v3);
    }
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(k, 0x0e));
}

STEP void sha1_four(struct fused *s, __m128i *u, unsigned i)
{
    __m128i e = i ? _mm_sha1nexte_epu32(s->old, u[i & 3]) : _mm_add_epi32(s->e, u[0]);
    s->old = s->abcd;
    switch (i / 5) {
    case 0:
        s->abcd = _mm_sha1rnds4_epu32(s->abcd, e, 0);
        break;
    case 1:
        s->abcd = _mm_sha1rnds4_epu32(s->abcd, e, 1);
        break;
    case 2:
        s->abcd = _mm_sha1rnds4_epu32(s->abcd, e, 2);
        break;
    default:
        s->abcd = _mm_sha1rnds4_epu32(s->abcd, e, 3);
    }
    if (i < 16)
        u[i & 3] = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(u[i & 3], u[(i + 1) & 3]), u[(i + 2) & 3]),
                                      u[(i + 3) & 3]);
}

/** A sixteenth of a block; SHA-1 has twenty parts, of which the last four groups take two each. */
STEP void fused_group(struct fused *s, struct words *words, unsigned i)
{
    md5_four(s, words->w, i);
    sha256_four(s, words->v, i);
    sha1_four(s, words->u, i < 12 ? i : 2 * i - 12);
    if (i >= 12)
        sha1_four(s, words->u, 2 * i - 11);
    /* clang would move each chain together and put one behind the other (1.67 instead of 1.31 ns a byte). By copies: of
     * an operand that is a member gcc keeps the structure in memory (2.4 instead of 1.26). */
    uint32_t b = s->b;
    __m128i abcd = s->abcd, abef = s->abef;
    __asm__("" : "+r"(b), "+x"(abcd), "+x"(abef));
    s->b = b;
    s->abcd = abcd;
    s->abef = abef;
}

/** Spelled out: a loop gcc unrolls late (1.32 instead of 1.26). */
#define EACH_GROUP(f)                                                                                                  \
    f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15)

/** Of the last block, the two words of the length change places, in the order of bytes that they have. */
STEP void fused_load(struct words *words, const uint8_t *data, bool final)
{
    const __m128i swap = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    const __m128i ending = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 12, 13, 14, 15, 8, 9, 10, 11);
    memcpy(words->w, data, sizeof(words->w));
    UNROLL
    for (unsigned i = 0; i < 4; i++) {
        __m128i in = _mm_loadu_si128((const __m128i *)(data + 16 * i));
        words->v[i] = _mm_shuffle_epi8(in, i == 3 && final ? ending : swap);
        words->u[i] = _mm_shuffle_epi32(words->v[i], 0x1b);
    }
}

STEP void fused_add(struct fused *s, const struct fused *before)
{
    s->a += before->a;
    s->b += before->b;
    s->c += before->c;
    s->d += before->d;
    s->e = _mm_sha1nexte_epu32(s->old, before->e);
    s->abcd = _mm_add_epi32(s->abcd, before->abcd);
    s->abef = _mm_add_epi32(s->abef, before->abef);
    s->cdgh = _mm_add_epi32(s->cdgh, before->cdgh);
}

STEP void fused_block(struct fused *s, const uint8_t *data, bool final)
{
    const struct fused before = *s;
    struct words words;
    fused_load(&words, data, final);
#define GROUP(i) fused_group(s, &words, i)
    EACH_GROUP(GROUP);
#undef GROUP
    fused_add(s, &before);
}

STEP void fused_two_blocks(struct fused *s, struct fused *t, const uint8_t *data, const uint8_t *other, unsigned final)
{
    const struct fused before = *s, before_t = *t;
    struct words words, words_t;
    fused_load(&words, data, final & 1);
    fused_load(&words_t, other, final & 2);
#define GROUP(i) fused_group(s, &words, i), fused_group(t, &words_t, i)
    EACH_GROUP(GROUP);
#undef GROUP
    fused_add(s, &before);
    fused_add(t, &before_t);
}

/* Word k of a state is state[k * stride]. */

TARGET static void fused_get(struct fused *s, const uint32_t *state, size_t stride)
{
    int32_t k[STATE_WORDS];
    for (unsigned i = 0; i < STATE_WORDS; i++)
        k[i] = (int32_t)state[i * stride];
    s->a = (uint32_t)k[0];
    s->b = (uint32_t)k[1];
    s->c = (uint32_t)k[2];
    s->d = (uint32_t)k[3];
    s->abcd = _mm_set_epi32(k[4], k[5], k[6], k[7]);
    s->e = _mm_set_epi32(k[8], 0, 0, 0);
    s->abef = _mm_set_epi32(k[9], k[10], k[13], k[14]);
    s->cdgh = _mm_set_epi32(k[11], k[12], k[15], k[16]);
}

TARGET static void fused_put(const struct fused *s, uint32_t *state, size_t stride)
{
    uint32_t md5[4] = {s->a, s->b, s->c, s->d}, abcd[4], e[4], abef[4], cdgh[4];
    _mm_storeu_si128((__m128i *)abcd, s->abcd);
    _mm_storeu_si128((__m128i *)e, s->e);
    _mm_storeu_si128((__m128i *)abef, s->abef);
    _mm_storeu_si128((__m128i *)cdgh, s->cdgh);
    for (unsigned i = 0; i < 4; i++) {
        state[(STATE_MD5 + i) * stride] = md5[i];
        state[(STATE_SHA1 + i) * stride] = abcd[3 - i];
    }
    state[(STATE_SHA1 + 4) * stride] = e[3];
    for (unsigned i = 0; i < 2; i++) {
        state[(STATE_SHA256 + i) * stride] = abef[3 - i];
        state[(STATE_SHA256 + 2 + i) * stride] = cdgh[3 - i];
        state[(STATE_SHA256 + 4 + i) * stride] = abef[1 - i];
        state[(STATE_SHA256 + 6 + i) * stride] = cdgh[1 - i];
    }
}

bool digest_fused_present(void)
{
    const unsigned need = 1u << 29 | 1u << 3; /* SHA, BMI1 */
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & need) == need;
}

TARGET void digest_fused(uint32_t *state, size_t stride, const uint8_t *data, size_t blocks, bool final)
{
    struct fused s;
    fused_get(&s, state, stride);
    for (size_t i = 0; i < blocks; i++)
        fused_block(&s, data + i * DIGEST_BLOCK, final && i + 1 == blocks);
    fused_put(&s, state, stride);
}

void digest_lanes_one(struct digest_lanes *lanes, size_t blocks, uint32_t final, enum digest_kind which)
{
    (void)which;
    digest_fused(&lanes->state[0][0], DIGEST_LANES, lanes->data[0], blocks, final & 1);
}

TARGET void digest_lanes_two(struct digest_lanes *lanes, size_t blocks, uint32_t final, enum digest_kind which)
{
    struct fused s, t;
    (void)which;
    fused_get(&s, &lanes->state[0][0], DIGEST_LANES);
    fused_get(&t, &lanes->state[0][1], DIGEST_LANES);
    for (size_t at = 0; blocks; blocks--, at += DIGEST_BLOCK)
        fused_two_blocks(&s, &t, lanes->data[0] + at, lanes->data[1] + at, blocks == 1 ? final : 0);
    fused_put(&s, &lanes->state[0][0], DIGEST_LANES);
    fused_put(&t, &lanes->state[0][1], DIGEST_LANES);
}

#else

bool digest_fused_present(void)
{
    return false;
}

void digest_fused(uint32_t *state, size_t stride, const uint8_t *data, size_t blocks, bool final)
{
    (void)state, (void)stride, (void)data, (void)blocks, (void) final;
}

void digest_lanes_one(struct digest_lanes *lanes, size_t blocks, uint32_t final, enum digest_kind which)
{
    (void)lanes, (void)blocks, (void) final, (void)which;
}

void digest_lanes_two(struct digest_lanes *lanes, size_t blocks, uint32_t final, enum digest_kind which)
{
    (void)lanes, (void)blocks, (void) final, (void)which;
}

#endif
