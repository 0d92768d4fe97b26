/* picture.h: photo-like pictures out of a seed, the same on every machine, and their files. */
#ifndef TOOLS_PICTURE_H
#define TOOLS_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"

/** 3 bytes a pixel, rows from the top. */
struct picture {
    unsigned width, height;
    uint8_t *rgb;
};

/** A landscape: sky, ridges and ground of fractal noise, in the seed's own shapes and colours. Integers only. */
void picture_make(struct picture *picture, uint32_t seed, unsigned width, unsigned height);
/** The same picture in another size; each pixel the mean of those it covers. Shrinks only. */
void picture_shrink(const struct picture *from, struct picture *to, unsigned width, unsigned height);
void picture_free(struct picture *picture);

enum jpeg_kind { JPEG_BASELINE, JPEG_PROGRESSIVE, JPEG_GREY };
void picture_jpeg(const struct picture *picture, int quality, enum jpeg_kind kind, struct buf *out);
void picture_png(const struct picture *picture, struct buf *out);

#endif
