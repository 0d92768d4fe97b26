/*
 * kernels.c: what each kernel costs at each SIMD level, and what hashing costs beside a naive reference.
 *
 * Ratios within one run are what counts; absolute times move with the machine. Every figure is the fastest of several
 * rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "simd/kernels.h"
#include "trawl/digest.h"
#include "trawl/pdq.h"

enum { ROW = 4000, WIDE = 4000, HIGH = 3000, HASHES = 16384, ROUNDS = 15 };

static uint8_t *pixels;
/* As the streams do: aligned to cache lines. */
static _Alignas(64) float row[ROW + 64], sums[ROW + 64], ring[ROW + 64];
static float picture[64 * 64], coefficients[16 * 64], half[16 * 64];
static float weights[64 * 64];
static uint32_t start[64], indices[HASHES];
static uint16_t distances[HASHES];
static int32_t terms[3];
/** Keeps results alive. */
static volatile unsigned sink;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint32_t random_next(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/* One call each of what is measured. */

static void run_luma_rgb(const struct kernels *k)
{
    k->luma_rgb(row, pixels, ROW);
}

static void run_luma_gray(const struct kernels *k)
{
    k->luma_gray(row, pixels, ROW);
}

static void run_accumulate(const struct kernels *k)
{
    k->accumulate(sums, row, 0.01f, ROW);
}

static void run_product(const struct kernels *k)
{
    k->product(half, row, start, weights, 64, 64);
}

static void run_product_small(const struct kernels *k)
{
    k->product(half, row, start, weights, 8, 64);
}

static void run_box_step(const struct kernels *k)
{
    k->box_step(sums, ring, row, row, 32, ROW);
}

static void run_divide(const struct kernels *k)
{
    k->divide(row, 1.0001f, ROW);
}

static void run_transform(const struct kernels *k)
{
    k->transform(half, coefficients, picture, 64);
    k->transform(sums, half, picture, 16);
}

static void run_gradient(const struct kernels *k)
{
    k->gradient(terms, picture, 0.001f);
}

static void run_hamming(const struct kernels *k)
{
    unsigned sum = 0;
    for (size_t i = 0; i < HASHES; i++)
        sum += k->hamming(pixels + 32 * i, pixels);
    sink = sum;
}

static void run_hamming_scan(const struct kernels *k)
{
    sink = (unsigned)k->hamming_scan(pixels, HASHES, pixels, 31, indices, distances);
}

struct measured {
    const char *name;
    void (*run)(const struct kernels *k);
    const char *unit;
    /** Units of work in one call; calls in one round. */
    double work;
    unsigned calls;
};

static const struct measured table[] = {
    {"luma_rgb", run_luma_rgb, "us/MP", ROW * 1e-3, 400},
    {"luma_gray", run_luma_gray, "us/MP", ROW * 1e-3, 400},
    {"accumulate", run_accumulate, "us/MP", ROW * 1e-3, 400},
    {"box_step", run_box_step, "us/MP", ROW * 1e-3, 400},
    {"divide", run_divide, "us/MP", ROW * 1e-3, 400},
    {"product, 63 taps", run_product, "us/picture", 1e3 / 64, 400},
    {"product, 8 taps", run_product_small, "us/picture", 1e3 / 64, 400},
    {"transform", run_transform, "us/picture", 1e3, 100},
    {"gradient", run_gradient, "us/picture", 1e3, 100},
    {"hamming", run_hamming, "ns/hash", HASHES, 4},
    {"hamming_scan", run_hamming_scan, "ns/hash", HASHES, 4},
};

static double time_kernel(const struct measured *m, const struct kernels *k)
{
    double best = 1e30;
    for (unsigned round = 0; round < ROUNDS; round++) {
        double begun = now();
        for (unsigned i = 0; i < m->calls; i++)
            m->run(k);
        double took = (now() - begun) / m->calls;
        best = took < best ? took : best;
    }
    return best / m->work;
}

static void fill_inputs(void)
{
    pixels = malloc((size_t)WIDE * HIGH * 3);
    if (!pixels)
        exit(1);
    for (size_t i = 0; i < (size_t)WIDE * HIGH * 3; i++)
        pixels[i] = (uint8_t)(random_next() >> 5);
    for (size_t i = 0; i < 64 * 64; i++) {
        picture[i] = (float)(random_next() & 255);
        weights[i] = 1.0f / 64;
    }
    for (size_t i = 0; i < 16 * 64; i++)
        coefficients[i] = (float)(random_next() & 255) / 1024;
    for (uint32_t t = 0; t < 64; t++)
        start[t] = t * 61;
}

static void report_kernels(void)
{
    printf("%-18s %-11s", "kernel", "unit");
    for (unsigned level = 0; level < SIMD_LEVEL_COUNT; level++)
        printf(" %18s", simd_level_name((enum simd_level)level));
    printf("\n");
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        double scalar = time_kernel(&table[i], kernels_at(SIMD_SCALAR));
        printf("%-18s %-11s %10.2f        ", table[i].name, table[i].unit, scalar);
        for (unsigned level = 1; level < SIMD_LEVEL_COUNT; level++) {
            const struct kernels *k = kernels_at((enum simd_level)level);
            double took = k ? time_kernel(&table[i], k) : 0;
            if (k)
                printf(" %10.2f (%4.1fx)", took, scalar / took);
            else
                printf(" %18s", "-");
        }
        printf("\n");
    }
}

/* The reference as its authors wrote it: whole float pictures, a box at a time, columns strided. */

static void naive_box(const float *in, float *out, size_t n, size_t stride, size_t window)
{
    size_t ahead = (window + 2) / 2 - 1;
    float sum = 0;
    for (size_t newest = 0; newest < n + ahead; newest++) {
        size_t count = newest < window ? newest + 1 : newest < n ? window : n + window - 1 - newest;
        if (newest < n)
            sum += in[newest * stride];
        if (newest >= window)
            sum -= in[(newest - window) * stride];
        if (newest >= ahead)
            out[(newest - ahead) * stride] = sum / (float)(int)count;
    }
}

static void naive_filter(float *a, float *b, size_t width, size_t height)
{
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t y = 0; y < height; y++)
            naive_box(a + y * width, b + y * width, width, 1, (width + 127) / 128);
        for (size_t x = 0; x < width; x++)
            naive_box(b + x, a + x, height, width, (height + 127) / 128);
    }
}

/** Luma, filter, samples: the stage that the banded product replaces (the transform is not counted). */
static double time_naive(size_t width, size_t height)
{
    double begun = now();
    float *a = malloc(width * height * sizeof(float)), *b = malloc(width * height * sizeof(float));
    if (!a || !b)
        exit(1);
    kernels_at(SIMD_SCALAR)->luma_rgb(a, pixels, width * height);
    naive_filter(a, b, width, height);
    sink = (unsigned)a[width * height / 2];
    free(a);
    free(b);
    return now() - begun;
}

/** Sixteen rows over and over: a decoder hands each row over while it is in the cache. */
static void feed(struct pdq_stream *stream, uint32_t width, uint32_t height, unsigned channels)
{
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *at = pixels + (size_t)(y % 16) * width * channels;
        if (channels == 3)
            pdq_row_rgb(stream, at);
        else
            pdq_row_gray(stream, at);
    }
}

static double time_pdq(uint32_t width, uint32_t height, unsigned denominator, enum pdq_mode mode, unsigned channels)
{
    uint32_t w = (width - 1) / denominator + 1, h = (height - 1) / denominator + 1;
    struct pdq_result result;
    double best = 1e30;
    for (unsigned round = 0; round < ROUNDS; round++) {
        double begun = now();
        struct pdq_stream *stream =
            denominator == 1 ? pdq_new(width, height, mode) : pdq_new_scaled(width, height, w, h, denominator);
        if (!stream)
            exit(1);
        feed(stream, w, h, channels);
        pdq_finish(stream, &result);
        pdq_free(stream);
        double took = now() - begun;
        best = took < best ? took : best;
    }
    sink = result.hash[0];
    return best;
}

static void report_size(uint32_t width, uint32_t height)
{
    double naive = 1e30;
    for (unsigned round = 0; round < 3; round++) {
        double took = time_naive(width, height);
        naive = took < naive ? took : naive;
    }
    printf("\n%u x %u RGB, whole hash: naive reference %.0f us\n", width, height, naive / 1e3);
    for (unsigned level = 0; level < SIMD_LEVEL_COUNT && level <= simd_level_best(); level++) {
        simd_level_set((enum simd_level)level);
        double rgb = time_pdq(width, height, 1, PDQ_BANDED, 3), gray = time_pdq(width, height, 1, PDQ_BANDED, 1);
        double eighth = time_pdq(width, height, 8, PDQ_BANDED, 1), exact = time_pdq(width, height, 1, PDQ_REFERENCE, 3);
        printf("  %-7s banded rgb %8.1f us (%6.1fx)  gray %8.1f us (%6.1fx)  gray 1/8 %6.1f us  reference %8.1f us "
               "(%4.1fx)\n",
               simd_level_name((enum simd_level)level), rgb / 1e3, naive / rgb, gray / 1e3, naive / gray, eighth / 1e3,
               exact / 1e3, naive / exact);
    }
    simd_level_set(simd_level_best());
}

static void report_digests(void)
{
    size_t n = 4 << 20;
    struct digests digests;
    double best = 1e30;
    for (unsigned round = 0; round < 5; round++) {
        double begun = now();
        digest_buffer(pixels, n, &digests);
        double took = now() - begun;
        best = took < best ? took : best;
    }
    sink = digests.md5[0];
    printf("\nMD5 + SHA-1 + SHA-256: %.2f ns/byte\n", best / (double)n);
}

int main(void)
{
    fill_inputs();
    report_kernels();
    report_size(160, 120);
    report_size(640, 480);
    report_size(1000, 1000);
    report_size(WIDE, HIGH);
    report_digests();
    free(pixels);
    return 0;
}
