/*
 * digest_rounds.h: the steps of MD5, SHA-1 and SHA-256, for whoever includes it: of one stream or of one in each lane.
 *
 * The includer says what the words are: ADD ROL WORD(constant) PIN, F G H I of MD5 and, for SHA-1 and SHA-256, XOR ROR
 * SHR XOR3 CHOOSE MAJORITY. Everything is unrolled: the names of the state rotate instead of its values.
 *
 * PIN(x) is an empty asm that x goes through. Each step adds what is ready early first and the word that was just made
 * last; gcc and clang sort the sums otherwise, and the chain grows by an addition a step (eight lanes: 0.75 : 0.60).
 */
#ifndef SIMD_DIGEST_ROUNDS_H
#define SIMD_DIGEST_ROUNDS_H

#include <stdint.h>

/** Before a loop over an array of vectors: rolled up, gcc -O2 keeps the array in memory. */
#define UNROLL _Pragma("GCC unroll 16")

/** RFC 1321: the sine table. */
static const uint32_t md5_constants[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
/** FIPS 180-4: cube roots of primes. */
static const uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/** t: the step, w: the sixteen words of the block, of which step t takes number (t * m + p) mod 16; s: the rotation.
 * `sines` is the includer's name of md5_constants. */
#define MD5_STEP(f, a, b, c, d, w, t, m, p, s)                                                                         \
    a = ADD(a, ADD(WORD(sines[t]), (w)[((t) * (m) + (p)) & 15]));                                                      \
    PIN(a);                                                                                                            \
    a = ADD(a, f(b, c, d));                                                                                            \
    a = ADD(ROL(a, s), b)
#define MD5_FOUR(f, w, t, m, p, s0, s1, s2, s3)                                                                        \
    MD5_STEP(f, a, b, c, d, w, t, m, p, s0);                                                                           \
    MD5_STEP(f, d, a, b, c, w, (t) + 1, m, p, s1);                                                                     \
    MD5_STEP(f, c, d, a, b, w, (t) + 2, m, p, s2);                                                                     \
    MD5_STEP(f, b, c, d, a, w, (t) + 3, m, p, s3)
/** Four steps of each of the four rounds. */
#define MD5_FOUR_F(w, t) MD5_FOUR(MD5_F, w, t, 1, 0, 7, 12, 17, 22)
#define MD5_FOUR_G(w, t) MD5_FOUR(MD5_G, w, t, 5, 1, 5, 9, 14, 20)
#define MD5_FOUR_H(w, t) MD5_FOUR(MD5_H, w, t, 3, 5, 4, 11, 16, 23)
#define MD5_FOUR_I(w, t) MD5_FOUR(MD5_I, w, t, 7, 0, 6, 10, 15, 21)

/** w is a ring: from step 16 on each word is made in the place of the one sixteen before it. */
#define SHA1_STEP(f, k, a, b, c, d, e, w, t)                                                                           \
    if ((t) >= 16)                                                                                                     \
        (w)[(t)&15] = ROL(XOR(XOR3((w)[((t) + 13) & 15], (w)[((t) + 8) & 15], (w)[((t) + 2) & 15]), (w)[(t)&15]), 1);  \
    e = ADD(e, ADD(WORD(k), (w)[(t)&15]));                                                                             \
    PIN(e);                                                                                                            \
    e = ADD(e, f(b, c, d));                                                                                            \
    PIN(e);                                                                                                            \
    e = ADD(e, ROL(a, 5));                                                                                             \
    b = ROL(b, 30)
#define SHA1_FIVE(f, k, w, t)                                                                                          \
    SHA1_STEP(f, k, a, b, c, d, e, w, t);                                                                              \
    SHA1_STEP(f, k, e, a, b, c, d, w, (t) + 1);                                                                        \
    SHA1_STEP(f, k, d, e, a, b, c, w, (t) + 2);                                                                        \
    SHA1_STEP(f, k, c, d, e, a, b, w, (t) + 3);                                                                        \
    SHA1_STEP(f, k, b, c, d, e, a, w, (t) + 4)
#define SHA1_TWENTY(f, k, w, t)                                                                                        \
    SHA1_FIVE(f, k, w, t);                                                                                             \
    SHA1_FIVE(f, k, w, (t) + 5);                                                                                       \
    SHA1_FIVE(f, k, w, (t) + 10);                                                                                      \
    SHA1_FIVE(f, k, w, (t) + 15)

#define SHA256_NEXT(w, t)                                                                                              \
    ADD(ADD((w)[(t)&15], (w)[((t) + 9) & 15]),                                                                         \
        ADD(XOR3(ROR((w)[((t) + 1) & 15], 7), ROR((w)[((t) + 1) & 15], 18), SHR((w)[((t) + 1) & 15], 3)),              \
            XOR3(ROR((w)[((t) + 14) & 15], 17), ROR((w)[((t) + 14) & 15], 19), SHR((w)[((t) + 14) & 15], 10))))
/** k: the constants of these sixteen steps; the first sixteen take the words of the block as they are. */
#define SHA256_STEP(a, b, c, d, e, f, g, h, w, k, t, first)                                                            \
    if (!(first))                                                                                                      \
        (w)[t] = SHA256_NEXT(w, t);                                                                                    \
    h = ADD(h, ADD((w)[t], WORD((k)[t])));                                                                             \
    PIN(h);                                                                                                            \
    h = ADD(h, CHOOSE(e, f, g));                                                                                       \
    PIN(h);                                                                                                            \
    h = ADD(h, XOR3(ROR(e, 6), ROR(e, 11), ROR(e, 25)));                                                               \
    d = ADD(d, h);                                                                                                     \
    h = ADD(h, ADD(XOR3(ROR(a, 2), ROR(a, 13), ROR(a, 22)), MAJORITY(a, b, c)))
#define SHA256_EIGHT(w, k, t, first)                                                                                   \
    SHA256_STEP(a, b, c, d, e, f, g, h, w, k, t, first);                                                               \
    SHA256_STEP(h, a, b, c, d, e, f, g, w, k, (t) + 1, first);                                                         \
    SHA256_STEP(g, h, a, b, c, d, e, f, w, k, (t) + 2, first);                                                         \
    SHA256_STEP(f, g, h, a, b, c, d, e, w, k, (t) + 3, first);                                                         \
    SHA256_STEP(e, f, g, h, a, b, c, d, w, k, (t) + 4, first);                                                         \
    SHA256_STEP(d, e, f, g, h, a, b, c, w, k, (t) + 5, first);                                                         \
    SHA256_STEP(c, d, e, f, g, h, a, b, w, k, (t) + 6, first);                                                         \
    SHA256_STEP(b, c, d, e, f, g, h, a, w, k, (t) + 7, first)

#endif
