/* Streams on several threads at once, over more sizes than the cache of weights holds. */
#include <criterion/criterion.h>
#include <pthread.h>

#include "oracle.h"
#include "hash/weights.h"

enum { THREADS = 4, PICTURES = 24 };

static struct picture pictures[PICTURES];
static struct pdq_result expected[PICTURES];

static void *hash_all(void *arg)
{
    const size_t first = (size_t)arg;
    for (unsigned round = 0; round < 12; round++)
        for (size_t i = 0; i < PICTURES; i++) {
            size_t which = (first * 7 + i * 5 + round) % PICTURES;
            struct pdq_result got;
            if (!stream_pdq(&pictures[which], PDQ_BANDED, &got) || !same_pdq(&got, &expected[which]))
                return arg;
        }
    return NULL;
}

Test(pdq_threads, same_results)
{
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < PICTURES; i++) {
        pictures[i] = picture_new(NOISE, 40 + i * 17, 300 - i * 11, 3);
        cr_assert(stream_pdq(&pictures[i], PDQ_BANDED, &expected[i]));
    }
    for (size_t t = 0; t < THREADS; t++)
        cr_assert_eq(pthread_create(&threads[t], NULL, hash_all, (void *)t), 0);
    for (size_t t = 0; t < THREADS; t++) {
        void *failed = NULL;
        cr_assert_eq(pthread_join(threads[t], &failed), 0);
        cr_assert_null(failed);
    }
    for (unsigned i = 0; i < PICTURES; i++)
        free(pictures[i].bytes);
}

static void check_axis(uint32_t full, unsigned denominator)
{
    const uint32_t reduced = (full - 1) / denominator + 1;
    const struct axis *axis = axis_get(full, reduced, denominator);
    cr_assert_not_null(axis);
    for (unsigned t = 0; t < axis->count; t++) {
        double sum = 0;
        for (uint32_t k = 0; k < axis->stride; k++) {
            float weight = axis->weights[(size_t)t * axis->stride + k];
            cr_assert(k < axis->length[t] ? weight > 0 : weight == 0, "axis %u/%u, tent %u", full, denominator, t);
            sum += weight;
        }
        cr_assert_float_eq(sum, 1, 1e-6, "axis %u/%u, tent %u: weights sum to %.9f", full, denominator, t, sum);
        cr_assert_leq(axis->start[t] + axis->length[t], reduced);
        cr_assert(t == 0 || axis->start[t] >= axis->start[t - 1]);
    }
    cr_assert(full < 64 || axis->count == 64);
    /* About one multiply-add a pixel: tents of full pictures hardly overlap. */
    cr_assert(denominator > 1 || axis->open <= 2, "axis %u: %u tents open", full, axis->open);
    axis_put(axis);
}

Test(weights, every_tent_sums_to_one)
{
    for (uint32_t full = 5; full < 5000; full += full < 700 ? 1 : 97)
        for (unsigned denominator = 1; denominator <= 8; denominator *= 2)
            check_axis(full, denominator);
}

/** More at once than the cache can hold: those beyond live as long as their users. */
Test(weights, all_slots_in_use)
{
    const struct axis *axes[40];
    for (uint32_t i = 0; i < 40; i++) {
        axes[i] = axis_get(1000 + i, 1000 + i, 1);
        cr_assert_not_null(axes[i]);
    }
    cr_assert_eq(axis_get(1000, 1000, 1), axes[0]);
    axis_put(axes[0]);
    for (uint32_t i = 0; i < 40; i++) {
        cr_assert_eq(axes[i]->size, 1000 + i);
        axis_put(axes[i]);
    }
}
