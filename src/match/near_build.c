/* near_build.c: the bit permutation, and the arrays of the near index. */
#include <stdbool.h>
#include <string.h>

#include "core/alloc.h"
#include "match/near.h"

/**
 * What each value of each nibble of a hash adds to its permuted form: 32 KiB, which stays in the first cache (tables
 * for whole bytes would be 256 KiB).
 */
static uint16_t nibble_chunks[2 * PDQ_BYTES][16][NEAR_CHUNKS];
static bool prepared;

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/**
 * Neighbouring bits of a PDQ are neighbouring DCT coefficients and go together: chunks of 16 neighbours give 1.8 times
 * the candidates that a random permutation gives. Fixed for ever (or NEAR_PERMUTATION_ID changes): index files depend
 * on it.
 */
static void make_permutation(uint8_t to[8 * PDQ_BYTES])
{
    uint64_t state = 0x747261776c; /* "trawl" */
    for (unsigned i = 0; i < 256; i++)
        to[i] = (uint8_t)i;
    for (unsigned i = 255; i > 0; i--) {
        unsigned j = (unsigned)(splitmix64(&state) % (i + 1));
        uint8_t swap = to[i];
        to[i] = to[j];
        to[j] = swap;
    }
}

void near_prepare_permutation(void)
{
    if (prepared)
        return;
    uint8_t to[8 * PDQ_BYTES];
    make_permutation(to);
    for (unsigned nibble = 0; nibble < 2 * PDQ_BYTES; nibble++)
        for (unsigned value = 0; value < 16; value++)
            for (unsigned bit = 0; bit < 4; bit++)
                if (value >> bit & 1) {
                    unsigned at = to[4 * nibble + bit];
                    nibble_chunks[nibble][value][at / 16] |= (uint16_t)(1u << at % 16);
                }
    prepared = true;
}

void near_chunks(const uint8_t hash[PDQ_BYTES], uint16_t chunks[NEAR_CHUNKS])
{
    uint64_t sum[4] = {0};
    for (unsigned i = 0; i < PDQ_BYTES; i++) {
        uint64_t low[4], high[4];
        memcpy(low, nibble_chunks[2 * i][hash[i] & 15], sizeof(low));
        memcpy(high, nibble_chunks[2 * i + 1][hash[i] >> 4], sizeof(high));
        for (unsigned k = 0; k < 4; k++)
            sum[k] |= low[k] | high[k];
    }
    memcpy(chunks, sum, sizeof(sum));
}

size_t near_offsets_size(void)
{
    return NEAR_CHUNKS * (NEAR_BUCKETS + 1) * sizeof(uint32_t);
}

size_t near_sketches_size(size_t n)
{
    return size_mul(NEAR_CHUNKS * sizeof(uint16_t), size_add(n, NEAR_PAD));
}

size_t near_ids_size(size_t n)
{
    return size_mul(NEAR_CHUNKS * sizeof(uint32_t), n);
}

/** Counting sort of one chunk. Within a bucket ids ascend, so that the file depends on the hashes alone. */
void near_build_chunk(const uint16_t (*chunks)[NEAR_CHUNKS], size_t n, unsigned c, uint32_t *offsets,
                      uint16_t *sketches, uint32_t *ids)
{
    uint32_t *next = ALLOC_ARRAY(uint32_t, NEAR_BUCKETS);
    for (size_t i = 0; i < n; i++)
        next[chunks[i][c]]++;
    uint32_t sum = 0;
    for (size_t b = 0; b < NEAR_BUCKETS; b++) {
        uint32_t count = next[b];
        offsets[b] = next[b] = sum;
        sum += count;
    }
    offsets[NEAR_BUCKETS] = sum;
    for (size_t i = 0; i < n; i++) {
        uint32_t at = next[chunks[i][c]]++;
        ids[at] = (uint32_t)i;
        sketches[at] = chunks[i][(c + 1) % NEAR_CHUNKS];
    }
    memset(sketches + n, 0, NEAR_PAD * sizeof(*sketches));
    free(next);
}

void near_build(const uint8_t *keys, size_t n, uint32_t *offsets, uint16_t *sketches, uint32_t *ids)
{
    near_prepare_permutation();
    uint16_t(*chunks)[NEAR_CHUNKS] = mem_alloc(size_mul(n, sizeof(*chunks)));
    for (size_t i = 0; i < n; i++)
        near_chunks(keys + i * PDQ_BYTES, chunks[i]);
    for (unsigned c = 0; c < NEAR_CHUNKS; c++)
        near_build_chunk((const uint16_t(*)[NEAR_CHUNKS])chunks, n, c, offsets + c * (size_t)(NEAR_BUCKETS + 1),
                         sketches + c * (n + NEAR_PAD), ids + c * n);
    free(chunks);
}
