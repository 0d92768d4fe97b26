#include "hash/digest_state.h"

#include <string.h>

const uint32_t digest_initial[STATE_WORDS] = {
    0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,                                                 /* MD5 */
    0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,                                     /* SHA-1 */
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19, /* SHA-256 */
};

/** The length goes last, in the order of MD5: the kernels turn it round for the others. */
size_t digest_pad(uint8_t tail[2 * DIGEST_BLOCK], const uint8_t *rest, uint64_t size)
{
    size_t n = size % DIGEST_BLOCK, blocks = n + 1 + 8 <= DIGEST_BLOCK ? 1 : 2;
    memset(tail, 0, blocks * DIGEST_BLOCK);
    if (n)
        memcpy(tail, rest, n);
    tail[n] = 0x80;
    for (unsigned i = 0; i < 8; i++)
        tail[blocks * DIGEST_BLOCK - 8 + i] = (uint8_t)(size << 3 >> 8 * i);
    return blocks;
}

static void put_little(uint8_t *out, const uint32_t *state, size_t stride, unsigned words)
{
    for (unsigned i = 0; i < words; i++)
        for (unsigned byte = 0; byte < 4; byte++)
            out[4 * i + byte] = (uint8_t)(state[i * stride] >> 8 * byte);
}

static void put_big(uint8_t *out, const uint32_t *state, size_t stride, unsigned words)
{
    for (unsigned i = 0; i < words; i++)
        for (unsigned byte = 0; byte < 4; byte++)
            out[4 * i + byte] = (uint8_t)(state[i * stride] >> (24 - 8 * byte));
}

void digest_state_out(const uint32_t *state, size_t stride, enum digest_kind which, struct digests *out)
{
    if (which & DIGEST_MD5)
        put_little(out->md5, state + STATE_MD5 * stride, stride, sizeof(out->md5) / 4);
    if (which & DIGEST_SHA1)
        put_big(out->sha1, state + STATE_SHA1 * stride, stride, sizeof(out->sha1) / 4);
    if (which & DIGEST_SHA256)
        put_big(out->sha256, state + STATE_SHA256 * stride, stride, sizeof(out->sha256) / 4);
}
