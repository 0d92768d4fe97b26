/* Hashes of reduced pictures, with the weights of the full grid: few bits off. */
#include <criterion/criterion.h>

#include "oracle.h"

enum { OCTAVES = 7 };

/** A value in 0..1 at each lattice point, the same whenever asked. */
static double lattice(uint32_t x, uint32_t y, uint32_t seed)
{
    uint32_t h = x * 2654435761u ^ y * 2246822519u ^ seed * 3266489917u;
    h = (h ^ h >> 15) * 2246822519u;
    h = (h ^ h >> 13) * 3266489917u;
    return (double)(h >> 8) / 16777216;
}

static double octave(double x, double y, uint32_t seed)
{
    uint32_t i = (uint32_t)x, j = (uint32_t)y;
    double u = x - i, v = y - j;
    double above = lattice(i, j, seed) * (1 - u) + lattice(i + 1, j, seed) * u;
    double below = lattice(i, j + 1, seed) * (1 - u) + lattice(i + 1, j + 1, seed) * u;
    return above * (1 - v) + below * v;
}

/** A texture with the spectrum of a photograph: each octave twice as fine, and weaker. */
static struct picture texture(uint32_t width, uint32_t height, uint32_t seed)
{
    struct picture p = {width, height, 1, malloc((size_t)width * height)};
    cr_assert_not_null(p.bytes);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            double value = 0, size = width / 3.0, weight = 0.42;
            for (unsigned o = 0; o < OCTAVES; o++, size /= 2, weight *= 0.6)
                value += weight * octave(x / size, y / size, seed + o);
            p.bytes[(size_t)y * width + x] = (uint8_t)(value * 255);
        }
    return p;
}

/** Each pixel the rounded mean of a block, the last ones of fewer pixels: what a scaled decoding stands for. */
static struct picture reduce(const struct picture *p, unsigned denominator)
{
    struct picture r = {(p->width - 1) / denominator + 1, (p->height - 1) / denominator + 1, 1, NULL};
    r.bytes = malloc((size_t)r.width * r.height);
    cr_assert_not_null(r.bytes);
    for (uint32_t y = 0; y < r.height; y++)
        for (uint32_t x = 0; x < r.width; x++) {
            unsigned sum = 0, n = 0;
            for (uint32_t j = y * denominator; j < (y + 1) * denominator && j < p->height; j++)
                for (uint32_t i = x * denominator; i < (x + 1) * denominator && i < p->width; i++, n++)
                    sum += p->bytes[(size_t)j * p->width + i];
            r.bytes[(size_t)y * r.width + x] = (uint8_t)((sum + n / 2) / n);
        }
    return r;
}

static void hash_scaled(const struct picture *full, const struct picture *reduced, unsigned denominator,
                        struct pdq_result *out)
{
    struct pdq_stream *stream = pdq_new_scaled(full->width, full->height, reduced->width, reduced->height, denominator);
    cr_assert_not_null(stream);
    for (uint32_t y = 0; y < reduced->height; y++)
        pdq_row_gray(stream, reduced->bytes + (size_t)y * reduced->width);
    pdq_finish(stream, out);
    pdq_free(stream);
}

static const uint32_t sizes[][2] = {{1024, 768}, {1000, 1500}, {1025, 777}, {1100, 1031}, {2049, 1030}};
enum { SIZES = sizeof(sizes) / sizeof(*sizes) };

Test(pdq_scaled, few_bits_off, .timeout = 300)
{
    for (unsigned i = 0; i < SIZES; i++) {
        struct picture p = texture(sizes[i][0], sizes[i][1], i * 100);
        struct pdq_result exact, scaled;
        cr_assert(stream_pdq(&p, PDQ_BANDED, &exact));
        for (unsigned denominator = 1; denominator <= 8; denominator *= 2) {
            struct picture r = reduce(&p, denominator);
            hash_scaled(&p, &r, denominator, &scaled);
            int distance = pdq_distance(exact.hash, scaled.hash);
            cr_assert_leq(distance, denominator == 1 ? 0 : 20, "%u x %u, 1/%u: %d bits off", p.width, p.height,
                          denominator, distance);
            cr_assert_leq(abs(exact.quality - scaled.quality), denominator == 1 ? 0 : 13);
            free(r.bytes);
        }
        free(p.bytes);
    }
}

/** Sizes that no decoder gives must not lead out of the buffers. */
Test(pdq_scaled, sizes_that_do_not_fit_are_survived)
{
    struct picture p = picture_new(NOISE, 300, 300, 1);
    for (uint32_t side = 1; side <= 300; side += 13)
        for (unsigned denominator = 1; denominator <= 8; denominator *= 2) {
            struct picture part = {side, 301 - side, 1, p.bytes};
            struct pdq_result out;
            hash_scaled(&p, &part, denominator, &out);
        }
    free(p.bytes);
}
