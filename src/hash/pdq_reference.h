/*
 * pdq_reference.h: the reference's running float32 sums in its own order, streamed.
 *
 * Row box, column box, row box, column box, sampled: the same additions, subtractions and divisions as the reference
 * does on whole pictures, so the same bits, but with only the last `window` rows in memory.
 */
#ifndef HASH_PDQ_REFERENCE_H
#define HASH_PDQ_REFERENCE_H

#include <stdint.h>

struct pdq_reference;

/** NULL where memory is missing. */
struct pdq_reference *pdq_reference_new(uint32_t width, uint32_t height);
/** Where the next row's luma goes: width floats. */
float *pdq_reference_luma(struct pdq_reference *reference);
/** Takes the row that was written there. */
void pdq_reference_row(struct pdq_reference *reference);
/** After the last row: 64 x 64 samples, borrowed. */
const float *pdq_reference_finish(struct pdq_reference *reference);
void pdq_reference_free(struct pdq_reference *reference);

#endif
