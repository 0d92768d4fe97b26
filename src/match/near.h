/*
 * near.h: all PDQ hashes within some bits of one, exactly: the same as comparing with each of them.
 *
 * Multi-index hashing: the 256 bits, permuted, are 16 chunks of 16 bits. Where two hashes differ in at most r bits, and
 * thresholds t[c] are chosen with sum(t[c] + 1) = r + 1, then by the pigeonhole principle some chunk differs in at most
 * t[c] bits; and (cycle lemma) for one such chunk also the next chunk is that near: the two differ in at most t[c] +
 * t[c + 1] + 1 bits together. So each chunk has an array of hashes by its value, and beside each hash the value of its
 * next chunk (the sketch), which throws out 998 of 1000 candidates without touching the hashes themselves.
 */
#ifndef MATCH_NEAR_H
#define MATCH_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/pdq.h"

#define NEAR_CHUNKS  16
#define NEAR_BUCKETS 65536
/** Fewer hashes have no index: at radius 31 the AVX-512 scan takes 9 us for 20,000, as long as the index does. */
#define NEAR_INDEX_MIN 20000
/** Sketches are compared so many at a time; so many elements are behind each array of them. A bucket of 10^6 hashes
 * has 15. */
#define NEAR_PAD 32
/** Changes with the permutation: an index file of another one is not used. */
#define NEAR_PERMUTATION_ID 1

struct near {
    /** n unique hashes. */
    const uint8_t *keys;
    size_t n;
    /** NEAR_CHUNKS times: where each of NEAR_BUCKETS values begins in ids and sketches, and n. NULL: no index, scan. */
    const uint32_t *offsets;
    /** NEAR_CHUNKS times n + NEAR_PAD: the next chunk of the same hash. */
    const uint16_t *sketches;
    /** NEAR_CHUNKS times n: number of the hash in keys. */
    const uint32_t *ids;
};

struct near_hit {
    uint32_t id;
    uint32_t distance;
};

/** A growing array; zero-initialise, free() items. */
struct near_hits {
    struct near_hit *items;
    size_t n, cap;
};

/** Makes the tables that all look-ups share. Before threads; more than once does no harm. */
void near_prepare(void);
void near_prepare_permutation(void);
/** The 16 chunks of a hash behind the permutation. */
void near_chunks(const uint8_t hash[PDQ_BYTES], uint16_t chunks[NEAR_CHUNKS]);
/** Sizes in bytes of the three arrays for n hashes; SIZE_MAX where they overflow. */
size_t near_offsets_size(void);
size_t near_sketches_size(size_t n);
size_t near_ids_size(size_t n);
/** Fills the three arrays. */
void near_build(const uint8_t *keys, size_t n, uint32_t *offsets, uint16_t *sketches, uint32_t *ids);
/** Appends every hash within radius bits (0..256), each once, by ascending id. */
void near_search(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, struct near_hits *hits);
/** Its two ways. By the index: false, and nothing appended, where that costs more than the budget (tenths of
 * nanoseconds). */
bool near_probe(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, int64_t budget,
                struct near_hits *hits);
/** By comparing with each. */
void near_scan(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, struct near_hits *hits);

#endif
