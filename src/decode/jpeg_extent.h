/* jpeg_extent.h: where a JPEG that stands among other bytes ends. */
#ifndef DECODE_JPEG_EXTENT_H
#define DECODE_JPEG_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jpeg_extent {
    /** From its first marker to behind its last. */
    size_t size;
    uint32_t width, height;
    /** Lossless: sensor data of a camera, no picture. */
    bool lossless;
};

/** Walks the markers from the beginning of `data`. False where they lead to no end-of-image marker. */
bool jpeg_extent(const uint8_t *data, size_t size, struct jpeg_extent *extent);

#endif
