/*
 * kernels.h: the inner loops that have SIMD forms, as one table of function pointers.
 *
 * scalar.c is the specification: every other form gives the same bytes (memcmp), so the order of every sum is fixed,
 * and no multiply-add is fused. A table is filled with scalar forms first, then each level up to its own lays what it
 * does faster over it. No alignment is asked of any pointer; nothing outside the given lengths is read or written.
 */
#ifndef SIMD_KERNELS_H
#define SIMD_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "simd/level.h"

/** Side of the decimated picture, and of the part of its cosine transform that PDQ keeps. */
#define KERNEL_SIDE 64
#define KERNEL_COEF 16
/** `product` takes strides and counts that are multiples of this. */
#define KERNEL_LANES 8
/** Before a short loop over an array of vectors: rolled up, gcc -O2 keeps the array in memory (transform 2.5 times
 * slower). */
#define UNROLL _Pragma("GCC unroll 8")

/** From 16..235 to 0..255. */
#define KERNEL_EXPAND (255.0f / 219.0f)

struct kernels {
    /** luma[x] = (0.299f R + 0.587f G) + 0.114f B of n pixels of three bytes. */
    void (*luma_rgb)(float *luma, const uint8_t *rgb, size_t n);
    /** luma[x] = gray[x]. */
    void (*luma_gray)(float *luma, const uint8_t *gray, size_t n);
    /** luma[x] = (y[x] - 16) * KERNEL_EXPAND, where y[x] is cut off below 16 and above 235: a video's luma. */
    void (*luma_limited)(float *luma, const uint8_t *y, size_t n);
    /** sums[x] += weight * row[x]. */
    void (*accumulate)(float *sums, const float *row, float weight, size_t n);
    /**
     * out[t] = the sum over k < stride of row[start[t] + k] * weights[t * stride + k], for t < count: lane l of 8 takes
     * every k with k % 8 == l in ascending order; the lanes are added as ((0+1)+(2+3)) + ((4+5)+(6+7)).
     */
    void (*product)(float *out, const float *row, const uint32_t *start, const float *weights, size_t stride,
                    size_t count);
    /**
     * One step of a running box over n columns: sums[x] = (sums[x] + in[x]) - ring[x]; out[x] = sums[x] / count;
     * ring[x] = in[x]. `in` and `out` may be the same.
     */
    void (*box_step)(float *sums, float *ring, const float *in, float *out, float count, size_t n);
    /** row[x] = row[x] / divisor. */
    void (*divide)(float *row, float divisor, size_t n);
    /** out (16 x columns) = left (16 x 64) * right (64 x columns), each sum from 0 upwards; columns a multiple of 16.
     */
    void (*transform)(float *out, const float *left, const float *right, size_t columns);
    /**
     * The gradient sum of the quality, of 64 x 64 luma: over all neighbours, |u - v| * 100 / 255 truncated. sums[0] as
     * it is, sums[1] with each term lowered by slack (not below 0) before it is cut, sums[2] raised by it. 0 <= slack
     * < 1.
     */
    void (*gradient)(int32_t sums[3], const float *luma, float slack);
    /** Bits that differ in two hashes of 32 bytes. */
    unsigned (*hamming)(const uint8_t *a, const uint8_t *b);
    /**
     * Of n hashes of 32 bytes, those within `radius` of the query: index and distance, in ascending index order, to
     * arrays with room for n. Returns how many.
     */
    size_t (*hamming_scan)(const uint8_t *hashes, size_t n, const uint8_t *query, unsigned radius, uint32_t *out_index,
                           uint16_t *out_distance);
    /**
     * Of n bytes (4 at least, under 4 GiB) the places where a magic of magics.h stands whole, in ascending order, to an
     * array with `room`. Returns how many; where that is `room`, there may be more behind the last one.
     */
    size_t (*magic_scan)(const uint8_t *bytes, size_t n, uint32_t *out, size_t room);
};

/** The table of the level in force. */
const struct kernels *kernels(void);
/** The table of one level, for tests and benchmarks; NULL where this CPU lacks it. */
const struct kernels *kernels_at(enum simd_level level);

/** Lay the level's forms over the table. They do nothing on CPUs of another make. */
void kernels_scalar(struct kernels *table);
void kernels_sse41(struct kernels *table);
void kernels_avx2(struct kernels *table);
void kernels_avx512(struct kernels *table);

#endif
