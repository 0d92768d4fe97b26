/* scalar.c: the specification of every kernel. */
#include <string.h>

#include "simd/kernels.h"
#include "simd/magics.h"
#include "simd/scalar.h"

void scalar_luma_rgb(float *luma, const uint8_t *rgb, size_t n)
{
    for (size_t x = 0; x < n; x++, rgb += 3)
        luma[x] = 0.299f * (float)rgb[0] + 0.587f * (float)rgb[1] + 0.114f * (float)rgb[2];
}

void scalar_luma_gray(float *luma, const uint8_t *gray, size_t n)
{
    for (size_t x = 0; x < n; x++)
        luma[x] = (float)gray[x];
}

void scalar_luma_limited(float *luma, const uint8_t *y, size_t n)
{
    for (size_t x = 0; x < n; x++)
        luma[x] = (float)((y[x] < 16 ? 16 : y[x] > 235 ? 235 : y[x]) - 16) * KERNEL_EXPAND;
}

void scalar_accumulate(float *sums, const float *row, float weight, size_t n)
{
    for (size_t x = 0; x < n; x++)
        sums[x] += weight * row[x];
}

static void product(float *out, const float *row, const uint32_t *start, const float *weights, size_t stride,
                    size_t count)
{
    for (size_t t = 0; t < count; t++) {
        const float *in = row + start[t], *w = weights + t * stride;
        float lane[KERNEL_LANES] = {0};
        for (size_t k = 0; k < stride; k += KERNEL_LANES)
            for (unsigned l = 0; l < KERNEL_LANES; l++)
                lane[l] += in[k + l] * w[k + l];
        out[t] = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
    }
}

void scalar_box_step(float *sums, float *ring, const float *in, float *out, float count, size_t n)
{
    for (size_t x = 0; x < n; x++) {
        float entering = in[x];
        sums[x] = (sums[x] + entering) - ring[x];
        ring[x] = entering;
        out[x] = sums[x] / count;
    }
}

void scalar_divide(float *row, float divisor, size_t n)
{
    for (size_t x = 0; x < n; x++)
        row[x] /= divisor;
}

static void transform(float *out, const float *left, const float *right, size_t columns)
{
    for (size_t i = 0; i < KERNEL_COEF; i++)
        for (size_t j = 0; j < columns; j++) {
            float sum = 0;
            for (size_t k = 0; k < KERNEL_SIDE; k++)
                sum += left[i * KERNEL_SIDE + k] * right[k * columns + j];
            out[i * columns + j] = sum;
        }
}

static void gradient_add(int32_t sums[3], float u, float v, float slack)
{
    /* The reference truncates the signed value and takes its magnitude: the same, for rounding is symmetric. */
    float term = (u > v ? u - v : v - u) * 100 / 255;
    sums[0] += (int32_t)term;
    sums[1] += (int32_t)(term > slack ? term - slack : 0);
    sums[2] += (int32_t)(term + slack);
}

static void gradient(int32_t sums[3], const float *luma, float slack)
{
    sums[0] = sums[1] = sums[2] = 0;
    for (size_t i = 0; i + 1 < KERNEL_SIDE; i++)
        for (size_t j = 0; j < KERNEL_SIDE; j++)
            gradient_add(sums, luma[i * KERNEL_SIDE + j], luma[(i + 1) * KERNEL_SIDE + j], slack);
    for (size_t i = 0; i < KERNEL_SIDE; i++)
        for (size_t j = 0; j + 1 < KERNEL_SIDE; j++)
            gradient_add(sums, luma[i * KERNEL_SIDE + j], luma[i * KERNEL_SIDE + j + 1], slack);
}

/** Without POPCNT in the target, the compiler's own count is a call and a table: 7.9 ns a hash against 4.1. */
static unsigned count_bits(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (unsigned)(bits * 0x0101010101010101u >> 56);
}

static unsigned hamming(const uint8_t *a, const uint8_t *b)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < 32; i += 8) {
        uint64_t left, right;
        memcpy(&left, a + i, 8);
        memcpy(&right, b + i, 8);
        sum += count_bits(left ^ right);
    }
    return sum;
}

size_t scalar_hamming_tail(const uint8_t *hashes, size_t first, size_t n, const uint8_t *query, unsigned radius,
                           uint32_t *out_index, uint16_t *out_distance)
{
    size_t found = 0;
    for (size_t i = first; i < n; i++) {
        unsigned distance = hamming(hashes + i * 32, query);
        if (distance > radius)
            continue;
        out_index[found] = (uint32_t)i;
        out_distance[found++] = (uint16_t)distance;
    }
    return found;
}

static size_t hamming_scan(const uint8_t *hashes, size_t n, const uint8_t *query, unsigned radius, uint32_t *out_index,
                           uint16_t *out_distance)
{
    return scalar_hamming_tail(hashes, 0, n, query, radius, out_index, out_distance);
}

static size_t magic_scan(const uint8_t *bytes, size_t n, uint32_t *out, size_t room)
{
    return scalar_magic_scan(bytes, n, 0, out, 0, room);
}

void kernels_scalar(struct kernels *table)
{
    magic_tables_fill();
    *table = (struct kernels){
        .luma_rgb = scalar_luma_rgb,
        .luma_gray = scalar_luma_gray,
        .luma_limited = scalar_luma_limited,
        .accumulate = scalar_accumulate,
        .product = product,
        .box_step = scalar_box_step,
        .divide = scalar_divide,
        .transform = transform,
        .gradient = gradient,
        .hamming = hamming,
        .hamming_scan = hamming_scan,
        .magic_scan = magic_scan,
    };
}
