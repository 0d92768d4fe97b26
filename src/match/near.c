#include "match/near.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/** Chunks differing in up to this many bits are looked up; beyond it (radius 80 and more) the scan is always cheaper. */
#define THRESHOLD_MAX 4
/** Masks of up to THRESHOLD_MAX of 16 bits: 1 + 16 + 120 + 560 + 1820. */
#define MASKS 2517
/** Costs in units of one sketch compared (0.4 ns): opening a bucket, reading a hash, and scanning one. */
#define COST_PROBE  20
#define COST_VERIFY 30
#define COST_SCAN   3

typedef uint16_t u16x8 __attribute__((vector_size(16)));

/** All masks, those of fewer bits first: a bucket's distance is its mask's number of bits. */
static uint16_t masks[MASKS];
/** masks[0 .. mask_end[t] - 1] have up to t bits. */
static unsigned mask_end[THRESHOLD_MAX + 1];
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

static void hits_add(struct near_hits *hits, uint32_t id, uint32_t distance)
{
    RESERVE(hits->items, hits->n, hits->cap);
    hits->items[hits->n++] = (struct near_hit){id, distance};
}

/** Eight sketches at once: lanes are all ones where a sketch differs from the query in at most `limit` bits. */
static bool sketches_pass(const uint16_t *sketches, u16x8 query, u16x8 limit, uint16_t pass[8])
{
    u16x8 v;
    memcpy(&v, sketches, sizeof(v));
    v ^= query;
    v -= v >> 1 & 0x5555;
    v = (v & 0x3333) + (v >> 2 & 0x3333);
    v = (v + (v >> 4)) & 0x0f0f;
    v = (v + (v >> 8)) & 0x1f;
    v = (u16x8)((__typeof__((v > v)))v <= (__typeof__((v > v)))limit);
    uint64_t any[2];
    memcpy(any, &v, sizeof(any));
    memcpy(pass, &v, sizeof(v));
    return any[0] | any[1];
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

/** One bucket of chunk c; a candidate's next chunk may differ in `limit` bits. */
static void probe_bucket(struct search *search, unsigned c, uint16_t bucket, unsigned limit)
{
    const struct near *near = search->near;
    const uint32_t *offsets = near->offsets + (size_t)c * (NEAR_BUCKETS + 1) + bucket;
    size_t at = offsets[0], end = offsets[1];
    if (end > near->n)
        end = near->n;
    const uint16_t *sketches = near->sketches + c * (near->n + NEAR_PAD);
    const uint32_t *ids = near->ids + c * near->n;
    u16x8 query = (u16x8){0} + search->chunks[(c + 1) % NEAR_CHUNKS], most = (u16x8){0} + (uint16_t)limit;
    search->budget -= COST_PROBE + (int64_t)(end > at ? end - at : 0);
    for (; at < end; at += 8) {
        uint16_t pass[8];
        if (!sketches_pass(sketches + at, query, most, pass))
            continue;
        for (size_t i = 0; i < 8 && at + i < end; i++)
            if (pass[i])
                verify(search, ids[at + i]);
    }
}

/** All buckets of chunk c. */
static void probe_chunk(struct search *search, unsigned c)
{
    int most = search->threshold[c];
    if (most < 0)
        return;
    int together = most + search->threshold[(c + 1) % NEAR_CHUNKS] + 1;
    for (unsigned i = 0; i < mask_end[most] && search->budget > 0; i++) {
        int bits = __builtin_popcount(masks[i]);
        if (together >= bits)
            probe_bucket(search, c, search->chunks[c] ^ masks[i], (unsigned)(together - bits));
    }
}

/** Thresholds with sum(t + 1) = radius + 1, as even as can be. Returns how many buckets they open. */
static size_t plan(struct search *search)
{
    int base = (search->radius + 1) / NEAR_CHUNKS, extra = (search->radius + 1) % NEAR_CHUNKS;
    size_t probes = 0;
    for (int c = 0; c < NEAR_CHUNKS; c++) {
        int t = c < extra ? base : base - 1;
        if (t > THRESHOLD_MAX)
            return SIZE_MAX;
        search->threshold[c] = t;
        probes += t < 0 ? 0 : mask_end[t];
    }
    return probes;
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

/** False where the scan is cheaper, foreseen or found out on the way (hashes crowded into a few buckets). */
static bool search_index(struct search *search)
{
    search->budget = (int64_t)search->near->n * COST_SCAN;
    size_t probes = plan(search);
    if (probes == SIZE_MAX || (int64_t)(probes * (COST_PROBE + search->near->n / NEAR_BUCKETS)) > search->budget)
        return false;
    near_chunks(search->query, search->chunks);
    for (unsigned c = 0; c < NEAR_CHUNKS && search->budget > 0; c++)
        probe_chunk(search, c);
    return search->budget > 0;
}

void near_search(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, struct near_hits *hits)
{
    struct search search = {.near = near, .query = query, .radius = radius, .hits = hits};
    size_t begin = hits->n;
    if (radius < 0)
        return;
    if (near->offsets && search_index(&search)) {
        make_unique(hits, begin);
        return;
    }
    hits->n = begin;
    near_scan(near, query, radius, hits);
}

void near_scan(const struct near *near, const uint8_t query[PDQ_BYTES], int radius, struct near_hits *hits)
{
    for (size_t i = 0; i < near->n; i++) {
        int distance = pdq_distance(near->keys + i * PDQ_BYTES, query);
        if (distance <= radius)
            hits_add(hits, (uint32_t)i, (uint32_t)distance);
    }
}
