/*
 * near_join.c: near look-ups of very many hashes, by the same index the other way round.
 *
 * Among 100,000 keys a look-up within 47 bits opens 2,192 buckets that hold 1.5 sketches each: nearly all of its 16 us
 * is the opening. Here not the keys but a million queries are sorted into buckets, chunk by chunk, and each key opens
 * 2,192 of them with 16 sketches each, which are compared at once: a tenth of the buckets for each pair that is
 * compared. Keys come in the order of their chunk, so that the buckets around them are in the cache already.
 */
#include "match/near_join.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "match/sieve.h"
#include "simd/kernels.h"

/** Places that passed a sieve. */
#define PASSED 512

/** Hashes, sorted by one of their chunks. */
struct sorted {
    size_t n;
    uint16_t (*chunks)[NEAR_CHUNKS];
    uint32_t *offsets;
    uint16_t *sketches;
    uint32_t *ids;
};

struct join {
    const struct near *near;
    const uint8_t (*values)[PDQ_BYTES];
    int radius;
    struct near_plan plan;
    struct sorted keys, queries;
    sieve_function *sieve;
    bool *found;
    struct bucket_span spans[NEAR_MASKS];
};

static void sorted_make(struct sorted *sorted, const uint8_t (*hashes)[PDQ_BYTES], size_t n)
{
    sorted->n = n;
    sorted->chunks = mem_alloc(size_mul(n, sizeof(*sorted->chunks)));
    sorted->offsets = ALLOC_ARRAY(uint32_t, NEAR_BUCKETS + 1);
    sorted->sketches = mem_alloc(size_mul(n + NEAR_PAD, sizeof(*sorted->sketches)));
    sorted->ids = mem_alloc(size_mul(n, sizeof(*sorted->ids)));
    for (size_t i = 0; i < n; i++)
        near_chunks(hashes[i], sorted->chunks[i]);
}

static void sorted_by(struct sorted *sorted, unsigned c)
{
    near_build_chunk((const uint16_t(*)[NEAR_CHUNKS])sorted->chunks, sorted->n, c, sorted->offsets, sorted->sketches,
                     sorted->ids);
}

static void sorted_free(struct sorted *sorted)
{
    free(sorted->chunks);
    free(sorted->offsets);
    free(sorted->sketches);
    free(sorted->ids);
}

/** The queries that a key of that bucket may be near, as far as this chunk tells. */
static size_t open_buckets(struct join *join, unsigned c, unsigned bucket)
{
    const uint32_t *offsets = join->queries.offsets;
    int together = near_together(&join->plan, c);
    size_t n = 0;
    for (int bits = 0; bits <= join->plan.threshold[c] && bits <= together; bits++) {
        unsigned n_masks;
        const uint16_t *masks = near_masks(bits, &n_masks);
        uint32_t limit = (uint32_t)(together - bits < 16 ? together - bits : 16);
        for (unsigned i = 0; i < n_masks; i++) {
            unsigned other = bucket ^ masks[i];
            uint32_t begin = offsets[other], end = offsets[other + 1];
            join->spans[n] = (struct bucket_span){begin, end, limit};
            n += begin != end;
            __builtin_prefetch(join->queries.sketches + begin);
        }
    }
    return n;
}

static void verify(struct join *join, const uint8_t *key, const uint32_t *passed, size_t n)
{
    const struct kernels *kernel = kernels();
    uint32_t ids[PASSED];
    for (size_t i = 0; i < n; i++) {
        ids[i] = join->queries.ids[passed[i]];
        __builtin_prefetch(join->values[ids[i]]);
    }
    for (size_t i = 0; i < n; i++)
        if (!join->found[ids[i]] && kernel->hamming(join->values[ids[i]], key) <= (unsigned)join->radius)
            join->found[ids[i]] = true;
}

static void join_key(struct join *join, size_t at, size_t n_spans)
{
    const uint8_t *key = join->near->keys + (size_t)join->keys.ids[at] * PDQ_BYTES;
    uint32_t passed[PASSED];
    struct sieve sieve = {.sketches = join->queries.sketches,
                          .wanted = join->keys.sketches[at],
                          .spans = join->spans,
                          .spans_end = join->spans + n_spans};
    size_t held = 0;
    while (sieve.spans < sieve.spans_end) {
        sieve.out = passed + held;
        held += join->sieve(&sieve, PASSED - held);
        if (PASSED - held < SIEVE_ROOM || sieve.spans == sieve.spans_end) {
            verify(join, key, passed, held);
            held = 0;
        }
    }
}

static void join_chunk(struct join *join, unsigned c)
{
    sorted_by(&join->keys, c);
    sorted_by(&join->queries, c);
    for (unsigned bucket = 0; bucket < NEAR_BUCKETS; bucket++) {
        uint32_t begin = join->keys.offsets[bucket], end = join->keys.offsets[bucket + 1];
        size_t n_spans = begin < end ? open_buckets(join, c, bucket) : 0;
        for (uint32_t at = begin; n_spans && at < end; at++)
            join_key(join, at, n_spans);
    }
}

static void ask_each(const struct near *keys, const uint8_t (*queries)[PDQ_BYTES], size_t n, int radius, bool *near)
{
    for (size_t at = 0; at < n; at += NEAR_TOGETHER) {
        struct near_hits hits[NEAR_TOGETHER] = {{0}};
        const uint8_t *some[NEAR_TOGETHER];
        size_t count = n - at < NEAR_TOGETHER ? n - at : NEAR_TOGETHER;
        for (size_t i = 0; i < count; i++)
            some[i] = queries[at + i];
        near_search_many(keys, some, count, radius, hits);
        for (size_t i = 0; i < count; i++) {
            near[at + i] = near[at + i] || hits[i].n;
            free(hits[i].items);
        }
    }
}

void near_join(const struct near *keys, const uint8_t (*queries)[PDQ_BYTES], size_t n, int radius, bool *near)
{
    struct join join = {.near = keys, .values = queries, .radius = radius, .found = near};
    if (!keys->n || !n)
        return;
    if (n < NEAR_JOIN_MIN || !near_plan(radius, &join.plan)) {
        ask_each(keys, queries, n, radius, near);
        return;
    }
    join.sieve = sieve_at(simd_level());
    sorted_make(&join.keys, (const uint8_t(*)[PDQ_BYTES])keys->keys, keys->n);
    sorted_make(&join.queries, queries, n);
    for (unsigned c = 0; c < NEAR_CHUNKS; c++)
        if (join.plan.threshold[c] >= 0)
            join_chunk(&join, c);
    sorted_free(&join.keys);
    sorted_free(&join.queries);
}
