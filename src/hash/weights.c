#include "hash/weights.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "simd/kernels.h"

/** An inclusive range of pixels. */
struct span {
    int64_t first, last;
};

/** The window of one box at pixel `at`: half of it before, and one more ahead where it is even. */
static struct span box_at(uint32_t size, int64_t at)
{
    int64_t window = axis_window(size), half = (window + 2) / 2;
    struct span span = {at + half - window, at + half - 1};
    if (span.first < 0)
        span.first = 0;
    if (span.last > (int64_t)size - 1)
        span.last = (int64_t)size - 1;
    return span;
}

static struct span tent_at(uint32_t size, int64_t at)
{
    struct span box = box_at(size, at);
    return (struct span){box_at(size, box.first).first, box_at(size, box.last).last};
}

/** One over the pixels of a span. */
static double share(struct span span)
{
    return 1.0 / (double)(span.last - span.first + 1);
}

/** The taps of the tent at `at`, one after the other from its first pixel, by prefix sums of what each inner box adds.
 */
static void tent_taps(double *taps, uint32_t size, int64_t at)
{
    struct span tent = tent_at(size, at), outer = box_at(size, at);
    size_t n = (size_t)(tent.last - tent.first + 1);
    memset(taps, 0, (n + 1) * sizeof(*taps));
    for (int64_t p = outer.first; p <= outer.last; p++) {
        struct span inner = box_at(size, p);
        double tap = share(outer) * share(inner);
        taps[inner.first - tent.first] += tap;
        taps[inner.last + 1 - tent.first] -= tap;
    }
    for (size_t k = 1; k < n; k++)
        taps[k] += taps[k - 1];
}

/** The block that a pixel of the full grid falls in. */
static uint32_t block_of(const struct axis *axis, int64_t pixel, unsigned denominator)
{
    uint64_t block = (uint64_t)pixel / denominator;
    return block < axis->size ? (uint32_t)block : axis->size - 1;
}

/** Finds the different tents and where they lie. */
static void lay_out(struct axis *axis, uint32_t full, unsigned denominator)
{
    uint32_t longest = 0, before = UINT32_MAX;
    for (unsigned i = 0; i < AXIS_SAMPLES; i++) {
        uint32_t at = axis_sample(full, i);
        if (at != before) {
            struct span tent = tent_at(full, at);
            unsigned t = axis->count++;
            axis->start[t] = block_of(axis, tent.first, denominator);
            axis->length[t] = block_of(axis, tent.last, denominator) - axis->start[t] + 1;
            longest = axis->length[t] > longest ? axis->length[t] : longest;
            before = at;
        }
        axis->tent[i] = (uint8_t)(axis->count - 1);
    }
    axis->stride = (longest + KERNEL_LANES - 1) / KERNEL_LANES * KERNEL_LANES;
}

/** How many accumulators a stream needs: the tents begun before one has ended. */
static unsigned most_open(const struct axis *axis)
{
    unsigned most = 1;
    for (unsigned first = 0; first < axis->count; first++) {
        unsigned next = first + 1;
        while (next < axis->count && axis->start[next] < axis->start[first] + axis->length[first])
            next++;
        most = next - first > most ? next - first : most;
    }
    return most;
}

/** The taps of one tent, summed over the blocks of the reduced grid. */
static void fill_tent(float *weights, const struct axis *axis, const double *taps, struct span tent,
                      unsigned denominator)
{
    uint32_t first = block_of(axis, tent.first, denominator);
    int64_t p = tent.first;
    for (uint32_t block = first; p <= tent.last; block++) {
        int64_t end = block + 1 < axis->size ? ((int64_t)block + 1) * denominator : tent.last + 1;
        double sum = 0;
        for (; p < end && p <= tent.last; p++)
            sum += taps[p - tent.first];
        weights[block - first] = (float)sum;
    }
}

static bool fill_weights(struct axis *axis, uint32_t full, unsigned denominator)
{
    double *taps = malloc(size_mul(2 * (size_t)axis_window(full) + 2, sizeof(*taps)));
    axis->weights = calloc(AXIS_SAMPLES, size_mul(axis->stride, sizeof(float)));
    bool whole = taps && axis->weights;
    for (unsigned i = 0; whole && i < AXIS_SAMPLES; i++) {
        if (i > 0 && axis->tent[i] == axis->tent[i - 1])
            continue;
        uint32_t at = axis_sample(full, i);
        tent_taps(taps, full, at);
        fill_tent(axis->weights + (size_t)axis->tent[i] * axis->stride, axis, taps, tent_at(full, at), denominator);
    }
    free(taps);
    return whole;
}

static void axis_free(struct axis *axis)
{
    if (axis)
        free(axis->weights);
    free(axis);
}

static struct axis *axis_new(uint32_t full, uint32_t reduced, unsigned denominator)
{
    struct axis *axis = calloc(1, sizeof(*axis));
    if (!axis)
        return NULL;
    axis->size = reduced;
    lay_out(axis, full, denominator);
    axis->open = most_open(axis);
    if (fill_weights(axis, full, denominator))
        return axis;
    axis_free(axis);
    return NULL;
}

/*
 * The axes of 4000 x 3000 pixels take 22 us to build: 1 % of hashing such a picture, but for one reduced to an eighth
 * 14 us on top of 30; and cameras and their folders have few sizes. A long axis is rare, big, and cheap beside its
 * picture: it is not kept.
 */
enum { CACHE_SLOTS = 16, CACHE_LONGEST = 32768 };

struct cached {
    uint32_t full, reduced;
    unsigned denominator;
    struct axis *axis;
};

/** Guarded by `lock`, with the `users` and `asked` of every axis. */
static struct cached cache[CACHE_SLOTS];
static uint64_t asked;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct axis *cache_find(uint32_t full, uint32_t reduced, unsigned denominator)
{
    struct axis *found = NULL;
    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < CACHE_SLOTS && !found; i++)
        if (cache[i].axis && cache[i].full == full && cache[i].reduced == reduced &&
            cache[i].denominator == denominator)
            found = cache[i].axis;
    if (found) {
        found->users++;
        found->asked = ++asked;
    }
    pthread_mutex_unlock(&lock);
    return found;
}

/** A free slot, or that of the axis unused for longest; NULL where all are in use. Under the lock. */
static struct cached *cache_slot(void)
{
    struct cached *oldest = NULL;
    for (unsigned i = 0; i < CACHE_SLOTS; i++) {
        if (!cache[i].axis)
            return &cache[i];
        if (!cache[i].axis->users && (!oldest || cache[i].axis->asked < oldest->axis->asked))
            oldest = &cache[i];
    }
    return oldest;
}

/** Keeps an axis that somebody uses; one that finds no slot is freed by its last axis_put. */
static void cache_keep(const struct cached *entry)
{
    pthread_mutex_lock(&lock);
    entry->axis->users = 1;
    entry->axis->asked = ++asked;
    struct cached *slot = entry->full <= CACHE_LONGEST ? cache_slot() : NULL;
    struct axis *evicted = slot ? slot->axis : NULL;
    if (slot) {
        *slot = *entry;
        entry->axis->kept = true;
    }
    pthread_mutex_unlock(&lock);
    axis_free(evicted);
}

const struct axis *axis_get(uint32_t full, uint32_t reduced, unsigned denominator)
{
    struct axis *axis = cache_find(full, reduced, denominator);
    if (axis)
        return axis;
    axis = axis_new(full, reduced, denominator);
    if (axis)
        cache_keep(&(struct cached){full, reduced, denominator, axis});
    return axis;
}

void axis_put(const struct axis *axis)
{
    if (!axis)
        return;
    struct axis *own = (struct axis *)axis;
    pthread_mutex_lock(&lock);
    own->users--;
    bool last = !own->kept;
    pthread_mutex_unlock(&lock);
    if (last)
        axis_free(own);
}
