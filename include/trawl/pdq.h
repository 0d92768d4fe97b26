/*
 * pdq.h: PDQ, the perceptual hash of pictures, bit-identical to the reference at full resolution.
 *
 * Rows go in from top to bottom, once; nothing of the picture is kept but 64 x 64 sums. The two box filters and the
 * decimation of the reference are linear, so they are one banded matrix product on either side: out = Wy * L * Wx^T.
 * Source of the algorithm: facebook/ThreatExchange, pdq/cpp (BSD).
 */
#ifndef TRAWL_PDQ_H
#define TRAWL_PDQ_H

#include <stdbool.h>
#include <stdint.h>

#define PDQ_BYTES 32
/** Of coefficients that are some 50 from the median in the mean. */
#define PDQ_DOUBT 0.2f

/** A picture reduced to this many luma samples on a side: what it shows is blurred beyond recognition of detail. */
#define THUMBNAIL_SIDE  32
#define THUMBNAIL_BYTES (THUMBNAIL_SIDE * THUMBNAIL_SIDE)

struct pdq_result {
    /** Big-endian: byte 0 holds bits 255..248, as the 64 hex digits are written. */
    uint8_t hash[PDQ_BYTES];
    /** 0..100, as the reference computes it. */
    int quality;
    /**
     * False where a bit or the quality hangs on rounding: flat, symmetric and gradient pictures. The banded product may
     * then differ from the reference, and PDQ_REFERENCE must be asked.
     */
    bool stable;
    /**
     * Coefficients within PDQ_DOUBT of the median, 0..256: the bits that a screening hash may have wrong. What a
     * reduced decoding does to the coefficients is larger than rounding and is not bounded; see scan/picture.c.
     */
    int doubtful;
};

enum pdq_mode {
    /** Banded product: about one multiply-add a pixel. */
    PDQ_BANDED,
    /** The reference's own sums in the reference's own order, streamed: slower, exact to the last bit on every picture.
     */
    PDQ_REFERENCE,
};

/** A picture turned and mirrored, under the reference's names. Order is the journal's encoding: append only. */
enum pdq_rotation {
    PDQ_ORIGINAL,
    PDQ_ROTATE90,
    PDQ_ROTATE180,
    PDQ_ROTATE270,
    PDQ_FLIPX,
    PDQ_FLIPY,
    PDQ_FLIPPLUS1,
    PDQ_FLIPMINUS1,
    PDQ_ROTATIONS
};

/** "original", "rotate90" ... "flipMinus1". */
const char *pdq_rotation_name(enum pdq_rotation rotation);

struct pdq_stream;

/**
 * A hash of a picture of width x height pixels, both at least PDQ_MIN_SIDE (smaller ones have no PDQ).
 * NULL where memory is missing (children live under a limit).
 */
#define PDQ_MIN_SIDE 5
struct pdq_stream *pdq_new(uint32_t width, uint32_t height, enum pdq_mode mode);
/**
 * The same hash from a reduced decoding: rows of `scaled_width` pixels, `scaled_height` of them, each pixel standing
 * for a block of width/scaled_width by height/scaled_height pixels (denominator 1, 2, 4 or 8, sizes rounded up as
 * libjpeg does). The weights of the full grid are summed over the blocks. For screening only: a few bits off.
 */
struct pdq_stream *pdq_new_scaled(uint32_t width, uint32_t height, uint32_t scaled_width, uint32_t scaled_height,
                                  unsigned denominator);
/** The next row, 3 bytes a pixel. Luma is 0.299 R + 0.587 G + 0.114 B in float32, from left to right, not rounded. */
void pdq_row_rgb(struct pdq_stream *stream, const uint8_t *rgb);
/** The next row, one byte a pixel. */
void pdq_row_gray(struct pdq_stream *stream, const uint8_t *gray);
/** The next row of a video's luma, from 16 (black) to 235 (white); what lies outside is cut off. */
void pdq_row_limited(struct pdq_stream *stream, const uint8_t *y);
/** Rows that never came count as a repetition of nothing: black. Fills out; the stream can then only be freed. */
void pdq_finish(struct pdq_stream *stream, struct pdq_result *out);
/**
 * Behind pdq_finish: the hashes of all versions of the picture, from the same coefficients, as the reference derives
 * them (a picture that is really turned gives a few bits else). False where a bit of them hangs on rounding, as
 * `stable` says of the hash itself; *doubtful is the most that `doubtful` is for any of them.
 */
bool pdq_rotations(const struct pdq_stream *stream, uint8_t out[PDQ_ROTATIONS][PDQ_BYTES], int *doubtful);
/** Behind pdq_finish: the means of each 2 x 2 of the 64 x 64 luma that was hashed, row by row. */
void pdq_thumbnail(const struct pdq_stream *stream, uint8_t out[THUMBNAIL_BYTES]);
void pdq_free(struct pdq_stream *stream);

/** Distance of two hashes in bits, 0..256. */
int pdq_distance(const uint8_t a[PDQ_BYTES], const uint8_t b[PDQ_BYTES]);

#endif
