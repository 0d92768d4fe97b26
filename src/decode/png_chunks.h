/* png_chunks.h: a PNG with only the chunks that its picture needs, as a stream of bytes for libpng. */
#ifndef DECODE_PNG_CHUNKS_H
#define DECODE_PNG_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/camera.h"
#include "trawl/limits.h"

#define PNG_SIGNATURE_BYTES 8

struct png_chunks {
    const uint8_t *data;
    size_t size;
    /** Length and name of the open chunk, and how many of these bytes were given. */
    uint8_t head[8];
    size_t head_given;
    /** Next byte to give behind the head, and the end of the bytes that may be given from there. */
    size_t at, stretch;
    /** What png_chunks_open found: Apple's variant, which is no PNG. */
    bool apple;
    /** EXIF orientation, 0..8. */
    uint32_t orientation;
    struct camera camera;
    /** Where the first EXIF stands in the file; 0 bytes: there is none. */
    size_t exif_at, exif_bytes;
    /** A critical chunk that no decoder of this build knows, or empty. */
    char unknown[5];
    /** An ancillary chunk that claims more bytes than the file has, or empty: where it stands nothing behind it can be
     * read. */
    char broken[5];
};

/** Walks the chunk headers once, to the end of the file. */
void png_chunks_open(struct png_chunks *chunks, const uint8_t *data, size_t size, const struct limits *limits);
/** The next n bytes of the reduced stream; returns fewer where it ends. */
size_t png_chunks_read(struct png_chunks *chunks, uint8_t *out, size_t n);

#endif
