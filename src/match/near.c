#include "match/near.h"

#include "core/alloc.h"
#include "match/near_cost.h"
#include "simd/kernels.h"

/**
 * Fitted to measurements at 20,000 to 3,000,000 hashes and radii from 8 to 70, pages of 2 MiB (with pages of 4 KiB, as
 * of a mapped index, the index costs up to twice that). At radius 31 the index wins from some 10,000 hashes on with
 * AVX-512, from some 2,000 without SIMD; at 10^6 hashes up to radius 63 and 79.
 */
static const struct near_cost costs[SIMD_LEVEL_COUNT] = {
    [SIMD_SCALAR] = {220, 10, 800, 41},
    [SIMD_SSE41] = {220, 10, 800, 20},
    [SIMD_AVX2] = {180, 8, 350, 12},
    [SIMD_AVX512] = {150, 5, 300, 8},
};

const struct near_cost *near_cost(void)
{
    return &costs[simd_level()];
}

void near_hits_add(struct near_hits *hits, uint32_t id, uint32_t distance)
{
    RESERVE(hits->items, hits->n, hits->cap);
    hits->items[hits->n++] = (struct near_hit){id, distance};
}

void near_search_many(const struct near *near, const uint8_t *const *queries, size_t n, int radius,
                      struct near_hits *hits)
{
    int64_t scan = (int64_t)near->n * near_cost()->scan;
    for (size_t at = 0; radius >= 0 && at < n; at += NEAR_TOGETHER) {
        size_t some = n - at < NEAR_TOGETHER ? n - at : NEAR_TOGETHER;
        bool done[NEAR_TOGETHER];
        near_probe(near, queries + at, some, radius, scan, hits + at, done);
        for (size_t i = at; i < at + some; i++)
            if (!done[i - at])
                near_scan(near, queries[i], radius, &hits[i]);
    }
}

void near_search(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, struct near_hits *hits)
{
    near_search_many(near, &query, 1, radius, hits);
}

/** Hashes that one call of the kernel compares; its results are on the stack. */
#define SCAN_BLOCK 1024

void near_scan(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, struct near_hits *hits)
{
    uint32_t index[SCAN_BLOCK];
    uint16_t distance[SCAN_BLOCK];
    const struct kernels *kernel = kernels();
    for (size_t at = 0; at < near->n; at += SCAN_BLOCK) {
        size_t n = near->n - at < SCAN_BLOCK ? near->n - at : SCAN_BLOCK;
        size_t found = kernel->hamming_scan(near->keys + at * PDQ_BYTES, n, query, (unsigned)radius, index, distance);
        for (size_t i = 0; i < found; i++)
            near_hits_add(hits, (uint32_t)(at + index[i]), distance[i]);
    }
}
