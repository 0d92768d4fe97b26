/* scalar.h: the scalar forms that others use for the columns or hashes that do not fill a vector. See kernels.h. */
#ifndef SIMD_SCALAR_H
#define SIMD_SCALAR_H

#include <stddef.h>
#include <stdint.h>

void scalar_luma_rgb(float *luma, const uint8_t *rgb, size_t n);
void scalar_luma_gray(float *luma, const uint8_t *gray, size_t n);
void scalar_luma_limited(float *luma, const uint8_t *y, size_t n);
void scalar_accumulate(float *sums, const float *row, float weight, size_t n);
void scalar_box_step(float *sums, float *ring, const float *in, float *out, float count, size_t n);
void scalar_divide(float *row, float divisor, size_t n);
/** hamming_scan of the hashes from index `first` on. */
size_t scalar_hamming_tail(const uint8_t *hashes, size_t first, size_t n, const uint8_t *query, unsigned radius,
                           uint32_t *out_index, uint16_t *out_distance);

#endif
