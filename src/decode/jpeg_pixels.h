/* jpeg_pixels.h: reduced pixels out of the lowest coefficients of blocks. */
#ifndef DECODE_JPEG_PIXELS_H
#define DECODE_JPEG_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The highest coefficient, in zigzag order, that pixels are made of: the triangle of ten below the third diagonal. */
#define PIXELS_HIGHEST 9u
/** Pixels are written, and coefficients read, in groups of this many blocks: rows need room for whole groups. */
#define PIXELS_GROUP 8u
/** Larger quantization steps, which no 8-bit picture needs, could leave 32 bits. */
#define PIXELS_STEP_MAX 32767u

struct pixels {
    /** Pixels of a block's side: 1, 2 or 4. */
    unsigned side;
    int16_t dc_step;
    /** Quantization steps in zigzag order, the means of the cosines (for side 4: of none) in them. */
    float step[PIXELS_HIGHEST + 1];
};

/** The highest coefficient that pixels of that side are made of. */
unsigned pixels_highest(unsigned side);
/** `steps`: the table as libjpeg holds it, in natural order. False where one is beyond PIXELS_STEP_MAX. */
bool pixels_init(struct pixels *pixels, unsigned side, const uint16_t steps[64]);
/**
 * `side` rows of pixels, `stride` bytes apart, of n blocks of `room` coefficients each in zigzag order. False where DC
 * is so far out that libjpeg's tables would wrap around.
 */
bool pixels_row(const struct pixels *pixels, uint8_t *out, size_t stride, const int16_t *coefs, size_t room, size_t n);

#endif
