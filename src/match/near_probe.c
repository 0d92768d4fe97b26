/*
 * near_probe.c: near look-up by the index.
 *
 * A look-up at radius 31 reads 272 buckets from all over the arrays, so it is made of cache misses: of the buckets'
 * places, of their sketches, and of the few hashes whose sketch passed. Buckets are therefore taken in batches, and the
 * batches in a line of three stages: fetch the places of one while the sketches of the batch before it are fetched and
 * those of the batch before that are compared.
 */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "match/near.h"
#include "match/near_cost.h"
#include "match/sieve.h"
#include "simd/kernels.h"

/** Chunks differing in up to this many bits are looked up; beyond it (radius 80 and more) the scan is always cheaper.
 */
#define THRESHOLD_MAX 4
/** Buckets of one batch: all of a chunk at radius 31 are 17. */
#define BATCH 32
/** Hashes to be read at the end of a batch of their ids; each id and each hash is a cache miss. */
#define CANDIDATES 128

/** All masks, those of fewer bits first: a bucket's distance is its mask's number of bits. */
static uint16_t masks[NEAR_MASKS];
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
    const uint8_t *query;
    uint16_t chunks[NEAR_CHUNKS];
    /** The next batch: its chunk, and its first mask. */
    unsigned chunk, mask;
    /** What may still be spent before the scan is cheaper. */
    int64_t budget;
    struct near_hits *hits;
};

/** Buckets of one chunk on their way through the stages. */
struct batch {
    struct search *search;
    unsigned chunk;
    const uint16_t *mask;
    unsigned n;
    struct bucket_span spans[BATCH];
};

/** A hash to be read. */
struct candidate {
    const uint32_t *id;
    struct search *search;
};

/** Look-ups that share the line of batches. */
struct probe {
    const struct near *near;
    int radius;
    sieve_function *sieve;
    const struct near_cost *cost;
    struct near_plan plan;
    /** Those that still have batches to give. */
    struct search *next, *end;
    struct candidate candidates[CANDIDATES];
    size_t n_candidates;
};

bool near_plan(int radius, struct near_plan *plan)
{
    int base = (radius + 1) / NEAR_CHUNKS, extra = (radius + 1) % NEAR_CHUNKS;
    for (int c = 0; c < NEAR_CHUNKS; c++)
        plan->threshold[c] = c < extra ? base : base - 1;
    return radius >= 0 && plan->threshold[0] <= THRESHOLD_MAX;
}

int near_together(const struct near_plan *plan, unsigned c)
{
    return plan->threshold[c] + plan->threshold[(c + 1) % NEAR_CHUNKS] + 1;
}

const uint16_t *near_masks(int bits, unsigned *n)
{
    unsigned begin = bits ? mask_end[bits - 1] : 0;
    *n = mask_end[bits] - begin;
    return masks + begin;
}

/** What the plan costs if the hashes are spread evenly. */
static double expected_cost(const struct probe *probe)
{
    const struct near_cost *each = probe->cost;
    double cost = 0, bucket = (double)probe->near->n / NEAR_BUCKETS;
    for (unsigned c = 0; c < NEAR_CHUNKS; c++)
        for (int bits = 0; bits <= probe->plan.threshold[c]; bits++) {
            double buckets = mask_end[bits] - (bits ? mask_end[bits - 1] : 0);
            int limit = near_together(&probe->plan, c) - bits;
            limit = limit < 0 ? 0 : limit > 16 ? 16 : limit;
            cost += buckets *
                    ((double)each->probe + bucket * ((double)each->sketch + (double)each->verify * pass_rate[limit]));
        }
    return cost;
}

static void verify(struct probe *probe)
{
    const struct near *near = probe->near;
    const struct kernels *kernel = kernels();
    uint32_t ids[CANDIDATES];
    for (size_t i = 0; i < probe->n_candidates; i++) {
        ids[i] = *probe->candidates[i].id;
        __builtin_prefetch(near->keys + (size_t)ids[i] * PDQ_BYTES);
    }
    for (size_t i = 0; i < probe->n_candidates; i++) {
        struct search *search = probe->candidates[i].search;
        if (ids[i] >= near->n)
            continue;
        unsigned distance = kernel->hamming(near->keys + (size_t)ids[i] * PDQ_BYTES, search->query);
        if (distance <= (unsigned)probe->radius)
            near_hits_add(search->hits, ids[i], distance);
        search->budget -= probe->cost->verify;
    }
    probe->n_candidates = 0;
}

/** The next batch of a look-up; false where it has no more. */
static bool search_next(const struct probe *probe, struct search *search, struct batch *batch)
{
    while (search->chunk < NEAR_CHUNKS && (probe->plan.threshold[search->chunk] < 0 ||
                                           search->mask == mask_end[probe->plan.threshold[search->chunk]])) {
        search->chunk++;
        search->mask = 0;
    }
    if (search->chunk == NEAR_CHUNKS || search->budget <= 0)
        return false;
    unsigned left = mask_end[probe->plan.threshold[search->chunk]] - search->mask;
    batch->search = search;
    batch->chunk = search->chunk;
    batch->mask = masks + search->mask;
    batch->n = left < BATCH ? left : BATCH;
    search->mask += batch->n;
    return true;
}

/** First stage: which buckets, and their places on the way. False where no more are to be looked at. */
static bool batch_fetch(struct probe *probe, struct batch *batch)
{
    while (probe->next < probe->end && !search_next(probe, probe->next, batch))
        probe->next++;
    if (probe->next == probe->end)
        return false;
    const uint32_t *offsets = probe->near->offsets + (size_t)batch->chunk * (NEAR_BUCKETS + 1);
    for (unsigned i = 0; i < batch->n; i++)
        __builtin_prefetch(offsets + (batch->search->chunks[batch->chunk] ^ batch->mask[i]));
    return true;
}

/** Second stage: the buckets' places, and their sketches on the way. */
static void batch_open(struct probe *probe, struct batch *batch)
{
    const struct near *near = probe->near;
    const uint32_t *offsets = near->offsets + (size_t)batch->chunk * (NEAR_BUCKETS + 1), n = (uint32_t)near->n;
    const uint16_t *sketches = near->sketches + batch->chunk * (near->n + NEAR_PAD);
    int most = near_together(&probe->plan, batch->chunk);
    int64_t sum = 0;
    for (unsigned i = 0; i < batch->n; i++) {
        unsigned bucket = batch->search->chunks[batch->chunk] ^ batch->mask[i];
        uint32_t begin = offsets[bucket], end = offsets[bucket + 1];
        int limit = most - __builtin_popcount(batch->mask[i]);
        end = end < n ? end : n;
        begin = begin < end && limit >= 0 ? begin : end;
        batch->spans[i] = (struct bucket_span){begin, end, (uint32_t)(limit < 16 ? limit : 16)};
        sum += end - begin;
        __builtin_prefetch(sketches + begin);
        __builtin_prefetch(sketches + begin + SIEVE_LANES - 1);
    }
    batch->search->budget -= probe->cost->probe * batch->n + probe->cost->sketch * sum;
}

/** Third stage: compares the sketches; what passes is fetched and, once that is many, read. */
static void batch_sieve(struct probe *probe, struct batch *batch)
{
    const struct near *near = probe->near;
    const uint32_t *ids = near->ids + batch->chunk * near->n;
    uint32_t passed[CANDIDATES];
    struct sieve sieve = {.sketches = near->sketches + batch->chunk * (near->n + NEAR_PAD),
                          .wanted = batch->search->chunks[(batch->chunk + 1) % NEAR_CHUNKS],
                          .spans = batch->spans,
                          .spans_end = batch->spans + batch->n,
                          .out = passed};
    while (sieve.spans < sieve.spans_end && batch->search->budget > 0) {
        if (CANDIDATES - probe->n_candidates < SIEVE_ROOM)
            verify(probe);
        size_t n = probe->sieve(&sieve, CANDIDATES - probe->n_candidates);
        for (size_t i = 0; i < n; i++) {
            probe->candidates[probe->n_candidates++] = (struct candidate){ids + passed[i], batch->search};
            __builtin_prefetch(ids + passed[i]);
        }
    }
}

/** All batches of all look-ups, up to three of them in the line. */
static void run(struct probe *probe)
{
    struct batch line[3];
    unsigned fetched = 0, opened = 0;
    bool more = true;
    for (unsigned sieved = 0; more || sieved < fetched;) {
        if (more && (more = batch_fetch(probe, &line[fetched % 3])))
            fetched++;
        if (opened < fetched && (!more || fetched - opened >= 2)) {
            batch_open(probe, &line[opened % 3]);
            opened++;
        }
        if (sieved < opened && (!more || fetched - sieved == 3)) {
            batch_sieve(probe, &line[sieved % 3]);
            sieved++;
        }
    }
    verify(probe);
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

void near_probe(const struct near *near, const uint8_t *const *queries, size_t n, int radius, int64_t budget,
                struct near_hits *hits, bool *done)
{
    struct search searches[NEAR_TOGETHER];
    struct probe probe = {.near = near,
                          .radius = radius,
                          .sieve = sieve_at(simd_level()),
                          .cost = near_cost(),
                          .next = searches,
                          .end = searches + n};
    size_t begin[NEAR_TOGETHER];
    memset(done, 0, n * sizeof(*done));
    if (!near->offsets || !near_plan(radius, &probe.plan) || expected_cost(&probe) > (double)budget)
        return;
    for (size_t i = 0; i < n; i++) {
        begin[i] = hits[i].n;
        searches[i] = (struct search){.query = queries[i], .budget = budget, .hits = &hits[i]};
        near_chunks(queries[i], searches[i].chunks);
    }
    run(&probe);
    for (size_t i = 0; i < n; i++) {
        done[i] = searches[i].budget > 0;
        if (done[i])
            make_unique(&hits[i], begin[i]);
        else
            hits[i].n = begin[i];
    }
}
