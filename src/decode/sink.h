/* sink.h: what all decoders share: the pass over a picture, the words for its end, and where its rows go. */
#ifndef DECODE_SINK_H
#define DECODE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/decode.h"

extern const struct decoder jpeg_decoder, png_decoder, bmp_decoder, heif_decoder, avif_decoder, jp2_decoder,
    jxl_decoder, gif_decoder, webp_decoder, tiff_decoder, raw_decoder,
    ico_decoder;

/** One pass over one picture: plain input of a decoder, the same for both passes but for `mode`. */
struct picture {
    const struct decode_request *request;
    const uint8_t *data;
    size_t size;
    enum pdq_mode mode;
    /** Which of the file's pictures, in the decoder's own numbers; 0: the one that stands for it. */
    uint64_t part;
};

/**
 * Runs `pass`; a second time with the reference's own sums where an exact hash hangs on rounding, so that flat and
 * gradient pictures get the reference's bits too. Where the second pass lacks memory the first one's hash stays, marked
 * unstable.
 */
void decode_passes(const struct decode_request *request, const uint8_t *data, size_t size,
                   void (*pass)(const struct picture *picture, struct decode_result *result),
                   struct decode_result *result);
/** The same for another of the file's pictures. */
void decode_passes_part(const struct decode_request *request, const uint8_t *data, size_t size, uint64_t part,
                        void (*pass)(const struct picture *picture, struct decode_result *result),
                        struct decode_result *result);

/** Sets the status and the words for it; bytes that are not printable ASCII become '?', what does not fit is cut. */
void decode_end(struct decode_result *result, enum trawl_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** The same for a limit that was reached. */
void decode_end_limit(struct decode_result *result, enum limit_id limit, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Notes the size. False, with the status set, where the picture has more pixels than LIMIT_PIXELS. */
bool decode_size(const struct picture *picture, uint32_t width, uint32_t height, struct decode_result *result);
/** decode_end_limit for memory that malloc did not give. */
void decode_end_memory(struct decode_result *result);
/**
 * True if so many bytes can be had in one piece. Libraries that end the process, or call a picture damaged, where
 * memory is short: asking first (or, in doubt, afterwards) tells that apart. False: the status is set.
 */
bool decode_memory(const struct picture *picture, uint64_t bytes, struct decode_result *result);
/** n as percentage of total, rounded down. */
unsigned decode_percent(uint32_t n, uint32_t total);

/** c over white at alpha a, rounded to the nearest. */
static inline uint8_t decode_over_white(unsigned c, unsigned a)
{
    return (uint8_t)((a * c + (255 - a) * 255 + 127) / 255);
}

/** RGB of a row of RGBA over white. In and out may be the same row. */
void decode_flatten(uint8_t *rgb, const uint8_t *rgba, uint32_t width);

/** Where rows go. Zero-initialise; sink_free at the end, whatever happened. */
struct sink {
    /** NULL for pictures too small for a PDQ, whose rows are only counted. Owned. */
    struct pdq_stream *pdq;
    void (*put)(struct pdq_stream *pdq, const uint8_t *row);
    /** Rows that came, and that will come. */
    uint32_t rows, height;
    bool begun;
};

/** Rows of `channels` (1: grey, 3: RGB) bytes a pixel will follow. False where memory is missing. */
bool sink_begin(struct sink *sink, const struct picture *picture, uint32_t width, uint32_t height, unsigned channels);
/** Grey rows of a reduced decoding will follow. */
bool sink_begin_scaled(struct sink *sink, uint32_t width, uint32_t height, uint32_t scaled_width,
                       uint32_t scaled_height, unsigned denominator);
/** The next row; rows beyond the height are ignored. */
void sink_row(struct sink *sink, const uint8_t *row);
/** Puts the hash of the rows that came into a result that is ok or partial, or says why there is none. */
void sink_finish(struct sink *sink, const struct picture *picture, struct decode_result *result);
void sink_free(struct sink *sink);

#endif
