#include "match/near.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "simd/kernels.h"

/** Chunks differing in up to this many bits are looked up; beyond it (radius 80 and more) the scan is always cheaper.
 */
#define THRESHOLD_MAX 4
/** Masks of up to THRESHOLD_MAX of 16 bits: 1 + 16 + 120 + 560 + 1820. */
#define MASKS 2517
/**
 * Costs in tenths of a nanosecond, fitted to measurements at 10^5 and 10^6 hashes and radii up to 64: opening a bucket,
 * comparing a sketch, reading a hash whose sketch passed (a cache miss each), and scanning a hash at each SIMD level.
 */
#define COST_PROBE  500
#define COST_SKETCH 10
#define COST_VERIFY 1000
static const int64_t cost_scan[SIMD_LEVEL_COUNT] = {40, 18, 10, 6};

typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));

/** All masks, those of fewer bits first: a bucket's distance is its mask's number of bits. */
static uint16_t masks[MASKS];
/** masks[0 .. mask_end[t] - 1] have up to t bits. */
static unsigned mask_end[THRESHOLD_MAX + 1];
/** Share of 16-bit values that differ from a given one in at most so many bits. */
static double pass_rate[8 * sizeof(uint16_t) + 1];
static bool prepared;

void near_prepare(void)
{
    if (prepared)
        return;
    near_prepare_permutation();
    unsigned n = 0;
    for (int bits = 0; bits <= THRESHOLD_MAX; bits++) {
        for (unsigned mask = 0; mask < NEAR_BUCKETS; mask++)
            if (__builtin_popcount(mask) == bits)
                masks[n++] = (uint16_t)mask;
        mask_end[bits] = n;
    }
    for (unsigned value = 0; value < NEAR_BUCKETS; value++)
        for (int bits = __builtin_popcount(value); bits <= 16; bits++)
            pass_rate[bits] += 1.0 / NEAR_BUCKETS;
    prepared = true;
}

/** One look-up on its way. */
struct search {
    const struct near *near;
    const uint8_t *query;
    int radius;
    uint16_t chunks[NEAR_CHUNKS];
    /** Bits in which each chunk may differ; -1: not looked at. */
    int threshold[NEAR_CHUNKS];
    /** What may still be spent before the scan is cheaper. */
    int64_t budget;
    struct near_hits *hits;
};

/** Candidates of one bucket. */
struct bucket_span {
    size_t begin, end;
};

/** Buckets looked up together. */
#define BATCH 32

static void hits_add(struct near_hits *hits, uint32_t id, uint32_t distance)
{
    RESERVE(hits->items, hits->n, hits->cap);
    hits->items[hits->n++] = (struct near_hit){id, distance};
}

/** Lanes are all ones where a sketch differs from the query in at most `limit` bits. */
static u16x8 within(const uint16_t *sketches, u16x8 query, u16x8 limit)
{
    u16x8 v;
    memcpy(&v, sketches, sizeof(v));
    v ^= query;
    v -= v >> 1 & 0x5555;
    v = (v & 0x3333) + (v >> 2 & 0x3333);
    v = (v + (v >> 4)) & 0x0f0f;
    v = (v + (v >> 8)) & 0x1f;
    return (u16x8)((i16x8)v <= (i16x8)limit);
}

static void verify(struct search *search, uint32_t id)
{
    if (id >= search->near->n)
        return;
    search->budget -= COST_VERIFY;
    int distance = pdq_distance(search->near->keys + (size_t)id * PDQ_BYTES, search->query);
    if (distance <= search->radius)
        hits_add(search->hits, id, (uint32_t)distance);
}

/** Sketches of one bucket that are within `limit` bits of the next chunk of the query. */
static void scan_bucket(struct search *search, unsigned c, struct bucket_span span, unsigned limit)
{
    const struct near *near = search->near;
    const uint16_t *sketches = near->sketches + c * (near->n + NEAR_PAD);
    const uint32_t *ids = near->ids + c * near->n;
    u16x8 query = (u16x8){0} + search->chunks[(c + 1) % NEAR_CHUNKS], most = (u16x8){0} + (uint16_t)limit;
    for (size_t at = span.begin; at < span.end; at += NEAR_PAD) {
        u16x8 pass[NEAR_PAD / 8], any = {0};
        for (size_t i = 0; i < NEAR_PAD / 8; i++)
            any |= pass[i] = within(sketches + at + 8 * i, query, most);
        uint64_t words[2];
        memcpy(words, &any, sizeof(words));
        if (!(words[0] | words[1]))
            continue;
        for (size_t i = 0; i < NEAR_PAD && at + i < span.end; i++)
            if (pass[i / 8][i % 8])
                verify(search, ids[at + i]);
    }
}

/** The places of a batch of buckets, all fetched before the first is scanned: misses then overlap. */
static void find_buckets(struct search *search, unsigned c, const uint16_t *mask, size_t n, struct bucket_span *spans)
{
    const struct near *near = search->near;
    const uint32_t *offsets = near->offsets + (size_t)c * (NEAR_BUCKETS + 1);
    for (size_t i = 0; i < n; i++) {
        uint16_t bucket = search->chunks[c] ^ mask[i];
        size_t begin = offsets[bucket], end = offsets[bucket + 1];
        if (end > near->n)
            end = near->n;
        spans[i] = (struct bucket_span){begin < end ? begin : end, end};
        __builtin_prefetch(near->sketches + c * (near->n + NEAR_PAD) + spans[i].begin);
        search->budget -= COST_PROBE + COST_SKETCH * (int64_t)(end - spans[i].begin);
    }
}

/** All buckets of chunk c. */
static void probe_chunk(struct search *search, unsigned c)
{
    int most = search->threshold[c];
    if (most < 0)
        return;
    int together = most + search->threshold[(c + 1) % NEAR_CHUNKS] + 1;
    for (unsigned at = 0; at < mask_end[most] && search->budget > 0; at += BATCH) {
        struct bucket_span spans[BATCH];
        unsigned n = mask_end[most] - at < BATCH ? mask_end[most] - at : BATCH;
        find_buckets(search, c, masks + at, n, spans);
        for (unsigned i = 0; i < n; i++) {
            int bits = __builtin_popcount(masks[at + i]);
            if (together >= bits)
                scan_bucket(search, c, spans[i], (unsigned)(together - bits));
        }
    }
}

/** Thresholds with sum(t + 1) = radius + 1, as even as can be. False where one is more than THRESHOLD_MAX. */
static bool plan(struct search *search)
{
    int base = (search->radius + 1) / NEAR_CHUNKS, extra = (search->radius + 1) % NEAR_CHUNKS;
    for (int c = 0; c < NEAR_CHUNKS; c++)
        search->threshold[c] = c < extra ? base : base - 1;
    return search->threshold[0] <= THRESHOLD_MAX;
}

/** What the plan costs if the hashes are spread evenly. */
static double expected_cost(const struct search *search)
{
    double cost = 0, bucket = (double)search->near->n / NEAR_BUCKETS;
    for (int c = 0; c < NEAR_CHUNKS; c++) {
        int most = search->threshold[c], together = most + search->threshold[(c + 1) % NEAR_CHUNKS] + 1;
        for (int bits = 0; bits <= most; bits++) {
            double buckets = mask_end[bits] - (bits ? mask_end[bits - 1] : 0);
            int limit = together < bits ? 0 : together - bits > 16 ? 16 : together - bits;
            cost += buckets * (COST_PROBE + bucket * (COST_SKETCH + COST_VERIFY * pass_rate[limit]));
        }
    }
    return cost;
}

static int hit_order(const void *a, const void *b)
{
    const struct near_hit *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/** A hash near in several chunks was found several times. */
static void make_unique(struct near_hits *hits, size_t begin)
{
    if (hits->n - begin < 2)
        return;
    qsort(hits->items + begin, hits->n - begin, sizeof(*hits->items), hit_order);
    size_t kept = begin + 1;
    for (size_t i = begin + 1; i < hits->n; i++)
        if (hits->items[i].id != hits->items[kept - 1].id)
            hits->items[kept++] = hits->items[i];
    hits->n = kept;
}

bool near_probe(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, int64_t budget,
                struct near_hits *hits)
{
    struct search search = {.near = near, .query = query, .radius = radius, .budget = budget, .hits = hits};
    size_t begin = hits->n;
    if (!near->offsets || !plan(&search) || expected_cost(&search) > (double)budget)
        return false;
    near_chunks(query, search.chunks);
    for (unsigned c = 0; c < NEAR_CHUNKS && search.budget > 0; c++)
        probe_chunk(&search, c);
    if (search.budget <= 0) {
        hits->n = begin;
        return false;
    }
    make_unique(hits, begin);
    return true;
}

void near_search(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, struct near_hits *hits)
{
    int64_t scan = (int64_t)near->n * cost_scan[simd_level()];
    if (radius >= 0 && !near_probe(near, query, radius, scan, hits))
        near_scan(near, query, radius, hits);
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
            hits_add(hits, (uint32_t)(at + index[i]), distance[i]);
    }
}
