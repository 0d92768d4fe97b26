/* pdq_bits.h: from the decimated picture to the hash: cosine transform, median, bits, quality, stability. */
#ifndef HASH_PDQ_BITS_H
#define HASH_PDQ_BITS_H

#include <stdint.h>

#include "trawl/pdq.h"

/** Of 64 x 64 luma out of a picture of width x height pixels at full resolution. */
void pdq_from_luma(const float *luma, uint32_t width, uint32_t height, struct pdq_result *out);
/** See pdq_rotations(). */
bool pdq_rotations_from_luma(const float *luma, uint32_t width, uint32_t height, uint8_t out[PDQ_ROTATIONS][PDQ_BYTES],
                             int *doubtful);

#endif
