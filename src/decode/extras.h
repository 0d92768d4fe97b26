/* extras.h: what a picture's file holds beside the picture, on its way out of a decoder. */
#ifndef DECODE_EXTRAS_H
#define DECODE_EXTRAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/decode.h"

/** Collects those that were asked for. */
struct extras {
    const struct decode_request *request;
    /** NULL: only whether there is any is asked. */
    struct decode_extras *out;
    /** How many there were, also of those that nobody asked for. */
    uint32_t met;
    /** Of each kind that is numbered as they come. */
    uint32_t numbers[EXTRA_KINDS];
};

/** True once nothing more is wanted: whoever lists them may stop. */
static inline bool extras_full(const struct extras *extras)
{
    return extras->out ? extras->out->more : extras->met;
}

/** The next one: a place for it where it was asked for, else NULL. */
struct decode_extra *extras_next(struct extras *extras, enum extra_kind kind, uint32_t number);
/** The next one of a kind that is numbered from `first` on, as they come. */
struct decode_extra *extras_count(struct extras *extras, enum extra_kind kind, uint32_t first);
/** n bytes at offset are a picture file: numbered as they come. What does not begin as a JPEG is none. */
void extras_jpeg(struct extras *extras, enum extra_kind kind, const uint8_t *data, size_t size, uint64_t offset,
                 uint64_t n);

/** A picture that is in memory as samples. */
struct canvas {
    uint32_t width, height;
    /** Of a pixel: 1 grey, 3 RGB, 4 RGBA (shown over white). */
    unsigned channels;
    /** Bytes from row to row. */
    size_t stride;
    const uint8_t *pixels;
};

/** Hashes it into `result`, which then is ok. */
void canvas_hash(const struct decode_request *request, const struct canvas *canvas, struct decode_result *result);

/** Which of n frames are hashed where `wanted` may be: the i-th, spread evenly, the first and the last among them. */
uint32_t extras_sample(uint32_t n, uint32_t wanted, uint32_t i);
/** How many of n frames that is, the first included. */
uint32_t extras_samples(const struct extras *extras, uint32_t n);

/* Parts of files that hold pictures. All offsets are of `data`; blocks are inside it. */

/** embedded_exif.c: an EXIF block, at `at`, or a whole TIFF: the thumbnail of its second directory. */
void extras_exif(struct extras *extras, const uint8_t *data, size_t size, size_t at, size_t n);
/** embedded_photoshop.c: image resources of Photoshop. */
void extras_photoshop(struct extras *extras, const uint8_t *data, size_t size, size_t at, size_t n);
/** embedded_jpeg.c: all that stands in the markers of a JPEG. */
void extras_of_jpeg(const uint8_t *data, size_t size, struct extras *extras);
/** True if there is anything. */
bool extras_any(const struct decode_request *request, const uint8_t *data, size_t size,
                void (*list)(const uint8_t *data, size_t size, struct extras *extras));

#endif
