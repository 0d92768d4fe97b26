#include "hash/pdq_reference.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "hash/weights.h"
#include "simd/kernels.h"

/** One column box: a running sum per column, and the rows still in the window. */
struct column_box {
    size_t columns;
    uint32_t rows, window;
    /** Rows taken, the imaginary ones behind the last included. */
    uint64_t taken;
    float *sums;
    /** `window` rows; row r is at r % window. Zeros until written, so that subtracting them changes nothing. */
    float *ring;
};

struct pdq_reference {
    uint32_t width, height;
    uint32_t window;
    struct column_box first, second;
    /** One row each: what came in, the first row box's and column box's output, zeros. */
    float *luma, *boxed, *zeros;
    /** Rows that the second column box has given. */
    uint64_t given;
    /** Samples already in the picture, in rows. */
    unsigned sampled;
    float samples[AXIS_SAMPLES];
    float picture[AXIS_SAMPLES * AXIS_SAMPLES];
};

/** How far ahead of its output a box reads: the reference's half window, less one. */
static uint32_t lead(uint32_t window)
{
    return (window + 2) / 2 - 1;
}

/** Pixels in the window once pixel `newest` (or an imaginary one behind the last) has entered. */
static float count_at(uint64_t newest, uint32_t size, uint32_t window)
{
    if (newest < window)
        return (float)(newest + 1);
    return newest < size ? (float)window : (float)((uint64_t)size + window - 1 - newest);
}

static bool column_box_init(struct column_box *box, size_t columns, uint32_t rows)
{
    box->columns = columns;
    box->rows = rows;
    box->window = axis_window(rows);
    box->sums = calloc(columns, sizeof(float));
    box->ring = calloc(box->window, size_mul(columns, sizeof(float)));
    return box->sums && box->ring;
}

/** Takes one row; true if it gave one. Behind the last row, zeros are fed: the window only shrinks. */
static bool column_box_step(struct column_box *box, const float *in, float *out)
{
    uint64_t newest = box->taken++;
    float *leaving = box->ring + (size_t)(newest % box->window) * box->columns;
    kernels()->box_step(box->sums, leaving, in, out, count_at(newest, box->rows, box->window), box->columns);
    return newest >= lead(box->window);
}

/** The sums of the row box, not yet divided. */
static void row_sums(float *out, const float *in, size_t n, uint32_t window)
{
    float sum = 0;
    size_t ahead = lead(window);
    for (size_t x = 0; x < ahead; x++)
        sum += in[x];
    for (size_t x = ahead; x < window; x++)
        out[x - ahead] = sum += in[x];
    for (size_t x = window; x < n; x++) {
        sum += in[x];
        out[x - ahead] = sum -= in[x - window];
    }
    for (size_t x = n; x < n + ahead; x++)
        out[x - ahead] = sum -= in[x - window];
}

static void row_box(float *out, const float *in, uint32_t n, uint32_t window)
{
    uint32_t ahead = lead(window), full = window - ahead;
    row_sums(out, in, n, window);
    for (uint32_t x = 0; x < full; x++)
        out[x] /= count_at((uint64_t)x + ahead, n, window);
    kernels()->divide(out + full, (float)window, n - window);
    for (uint32_t x = n - ahead; x < n; x++)
        out[x] /= count_at((uint64_t)x + ahead, n, window);
}

/** A row out of the second column box: the reference decimates here. */
static void take_samples(struct pdq_reference *reference)
{
    uint64_t row = reference->given++;
    while (reference->sampled < AXIS_SAMPLES && axis_sample(reference->height, reference->sampled) == row)
        memcpy(reference->picture + (size_t)reference->sampled++ * AXIS_SAMPLES, reference->samples,
               sizeof(reference->samples));
}

/** A row out of the first column box. Of the second row box, only the sampled columns are divided and go on. */
static void second_pass(struct pdq_reference *reference)
{
    const uint32_t width = reference->width, window = reference->window;
    float sampled[AXIS_SAMPLES];
    row_sums(reference->luma, reference->boxed, width, window);
    for (unsigned j = 0; j < AXIS_SAMPLES; j++) {
        uint32_t x = axis_sample(width, j);
        sampled[j] = reference->luma[x] / count_at((uint64_t)x + lead(window), width, window);
    }
    if (column_box_step(&reference->second, sampled, reference->samples))
        take_samples(reference);
}

/** The reference neither filters nor decimates a picture of 64 x 64. */
static bool as_it_is(const struct pdq_reference *reference)
{
    return reference->width == AXIS_SAMPLES && reference->height == AXIS_SAMPLES;
}

float *pdq_reference_luma(struct pdq_reference *reference)
{
    return reference->luma;
}

void pdq_reference_row(struct pdq_reference *reference)
{
    if (as_it_is(reference)) {
        memcpy(reference->samples, reference->luma, sizeof(reference->samples));
        take_samples(reference);
        return;
    }
    row_box(reference->boxed, reference->luma, reference->width, reference->window);
    if (column_box_step(&reference->first, reference->boxed, reference->boxed))
        second_pass(reference);
}

const float *pdq_reference_finish(struct pdq_reference *reference)
{
    const uint32_t behind = as_it_is(reference) ? 0 : lead(reference->first.window);
    for (uint32_t i = 0; i < behind; i++)
        if (column_box_step(&reference->first, reference->zeros, reference->boxed))
            second_pass(reference);
    for (uint32_t i = 0; i < behind; i++)
        if (column_box_step(&reference->second, reference->zeros, reference->samples))
            take_samples(reference);
    return reference->picture;
}

struct pdq_reference *pdq_reference_new(uint32_t width, uint32_t height)
{
    struct pdq_reference *reference = calloc(1, sizeof(*reference));
    if (!reference)
        return NULL;
    /* The zeros also stand in for a row of the second column box. */
    size_t row = width > AXIS_SAMPLES ? width : AXIS_SAMPLES;
    reference->width = width;
    reference->height = height;
    reference->window = axis_window(width);
    reference->luma = calloc(row, sizeof(float));
    reference->boxed = calloc(row, sizeof(float));
    reference->zeros = calloc(row, sizeof(float));
    bool whole = column_box_init(&reference->first, width, height);
    whole &= column_box_init(&reference->second, AXIS_SAMPLES, height);
    if (whole && reference->luma && reference->boxed && reference->zeros)
        return reference;
    pdq_reference_free(reference);
    return NULL;
}

void pdq_reference_free(struct pdq_reference *reference)
{
    if (!reference)
        return;
    free(reference->first.sums);
    free(reference->first.ring);
    free(reference->second.sums);
    free(reference->second.ring);
    free(reference->luma);
    free(reference->boxed);
    free(reference->zeros);
    free(reference);
}
