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

#include "match/sieve.h"
#include "trawl/pdq.h"

#define NEAR_CHUNKS  16
#define NEAR_BUCKETS 65536
/** Fewer hashes have no index: at radius 31 the AVX-512 scan takes 4 us for 10,000, as long as the index does. */
#define NEAR_INDEX_MIN 10000
/** So many elements are behind each array of sketches, for they are compared that many at a time. */
#define NEAR_PAD SIEVE_LANES
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

/** Bits in which each chunk may differ; -1: it is not looked at. */
struct near_plan {
    int threshold[NEAR_CHUNKS];
};
/** Masks of up to 4 of 16 bits: 1 + 16 + 120 + 560 + 1820. */
#define NEAR_MASKS 2517

struct near_hit {
    uint32_t id;
    uint32_t distance;
};

/** A growing array; zero-initialise, free() items. */
struct near_hits {
    struct near_hit *items;
    size_t n, cap;
};

void near_hits_add(struct near_hits *hits, uint32_t id, uint32_t distance);

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
/** Queries that are looked up together at the most. */
#define NEAR_TOGETHER 16
/** Appends every hash within radius bits (0..256), each once, by ascending id. */
void near_search(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, struct near_hits *hits);
/** The same for n queries, to hits[0 .. n - 1]: up to a quarter faster, for the cache misses of several overlap. */
void near_search_many(const struct near *near, const uint8_t *const *queries, size_t n, int radius,
                      struct near_hits *hits);
/** Thresholds with sum(t + 1) = radius + 1, as even as can be. False where one is so large that the scan is always
 * cheaper. */
bool near_plan(int radius, struct near_plan *plan);
/** Bits in which a chunk and its next may differ together. */
int near_together(const struct near_plan *plan, unsigned c);
/** All masks of so many bits. */
const uint16_t *near_masks(int bits, unsigned *n);
/** One chunk's offsets (NEAR_BUCKETS + 1), sketches (n + NEAR_PAD) and ids. */
void near_build_chunk(const uint16_t (*chunks)[NEAR_CHUNKS], size_t n, unsigned c, uint32_t *offsets,
                      uint16_t *sketches, uint32_t *ids);
/** Its two ways. By the index, up to NEAR_TOGETHER queries: !done[i], and nothing appended, where that costs more than
 * the budget (tenths of nanoseconds a query). */
void near_probe(const struct near *near, const uint8_t *const *queries, size_t n, int radius, int64_t budget,
                struct near_hits *hits, bool *done);
/** By comparing with each. */
void near_scan(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, struct near_hits *hits);

#endif
