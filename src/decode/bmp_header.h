/* bmp_header.h: what the headers of a BMP say, in any of their sizes, with the palette and the masks. */
#ifndef DECODE_BMP_HEADER_H
#define DECODE_BMP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bmp_compression {
    BMP_RGB = 0,
    BMP_RLE8 = 1,
    BMP_RLE4 = 2,
    BMP_BITFIELDS = 3,
    BMP_JPEG = 4,
    BMP_PNG = 5,
    BMP_ALPHA_BITFIELDS = 6,
};

/** One channel of a pixel of 16 or 32 bits. */
struct bmp_mask {
    uint32_t mask;
    /** Bits below the mask, and its largest value; 0 where there is no such channel. */
    unsigned shift;
    uint32_t max;
};

struct bmp_header {
    uint32_t header_size;
    uint32_t width, height;
    /** The first row of the file is the top one. */
    bool top_down;
    unsigned bits;
    uint32_t compression;
    /** Of the first row. */
    size_t pixels;
    /** Bytes from row to row. */
    uint64_t stride;
    /** Red, green, blue, alpha. */
    struct bmp_mask masks[4];
    /** Colours that the file does not hold are black. */
    uint8_t palette[256][3];
};

/** Returns NULL, or why the headers cannot be read. */
const char *bmp_header_read(struct bmp_header *header, const uint8_t *data, size_t size);

/** Little-endian numbers of the file; bytes beyond it read as zero. */
uint32_t bmp_u16(const uint8_t *data, size_t size, size_t at);
uint32_t bmp_u32(const uint8_t *data, size_t size, size_t at);

#endif
