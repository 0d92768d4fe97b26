#include "trawl/pdq.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "hash/pdq_bits.h"
#include "hash/pdq_reference.h"
#include "hash/weights.h"
#include "simd/kernels.h"

/** Columns at a time: luma and sums of a piece stay in the first-level cache. */
enum { PIECE = 1024 };
/** Floats in a cache line: vectors that straddle two cost up to twice as much. */
enum { LINE = 16 };

struct pdq_stream {
    const struct kernels *kernels;
    /** Of the picture at full resolution. */
    uint32_t width, height;
    /** As fed. */
    uint32_t row_pixels, rows, row;
    /** NULL unless the mode is PDQ_REFERENCE; the rest is unused then. */
    struct pdq_reference *reference;
    const struct axis *across, *down;
    /** Tents of `down` that have ended, and the rows of the picture that they filled. */
    unsigned ended, filled;
    /** down->open rows of sums, each with zeros behind it for a tent's padded weights to reach; tent t has row t %
     * open. */
    float *sums;
    size_t sums_stride;
    float picture[AXIS_SAMPLES * AXIS_SAMPLES];
    /** The finished picture: this one or the reference's. */
    const float *finished;
};

typedef void luma_function(float *luma, const uint8_t *bytes, size_t n);

static float *sums_of(struct pdq_stream *stream, unsigned tent)
{
    return stream->sums + (tent % stream->down->open) * stream->sums_stride;
}

static bool banded_init(struct pdq_stream *stream, unsigned denominator)
{
    stream->across = axis_get(stream->width, stream->row_pixels, denominator);
    stream->down = axis_get(stream->height, stream->rows, denominator);
    if (!stream->across || !stream->down)
        return false;
    stream->sums_stride = size_add(stream->row_pixels, stream->across->stride + LINE - 1) / LINE * LINE;
    size_t size = size_mul(stream->down->open, size_mul(stream->sums_stride, sizeof(float)));
    stream->sums = size <= PTRDIFF_MAX ? aligned_alloc(LINE * sizeof(float), size) : NULL;
    if (stream->sums)
        memset(stream->sums, 0, size);
    return stream->sums != NULL;
}

static bool reference_init(struct pdq_stream *stream)
{
    stream->reference = pdq_reference_new(stream->width, stream->height);
    return stream->reference != NULL;
}

static struct pdq_stream *stream_new(uint32_t width, uint32_t height, uint32_t row_pixels, uint32_t rows)
{
    if (width < PDQ_MIN_SIDE || height < PDQ_MIN_SIDE || row_pixels == 0 || rows == 0)
        return NULL;
    struct pdq_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return NULL;
    stream->kernels = kernels();
    stream->width = width;
    stream->height = height;
    stream->row_pixels = row_pixels;
    stream->rows = rows;
    return stream;
}

struct pdq_stream *pdq_new(uint32_t width, uint32_t height, enum pdq_mode mode)
{
    struct pdq_stream *stream = stream_new(width, height, width, height);
    if (stream && (mode == PDQ_REFERENCE ? reference_init(stream) : banded_init(stream, 1)))
        return stream;
    pdq_free(stream);
    return NULL;
}

struct pdq_stream *pdq_new_scaled(uint32_t width, uint32_t height, uint32_t scaled_width, uint32_t scaled_height,
                                  unsigned denominator)
{
    struct pdq_stream *stream = denominator ? stream_new(width, height, scaled_width, scaled_height) : NULL;
    if (stream && banded_init(stream, denominator))
        return stream;
    pdq_free(stream);
    return NULL;
}

/** The tents from `ended` up to (not including) this one cover the row at hand. */
static unsigned tents_begun(const struct pdq_stream *stream)
{
    unsigned next = stream->ended;
    while (next < stream->down->count && stream->down->start[next] <= stream->row)
        next++;
    return next;
}

/** The finished sums of a tent become the rows of the picture that sample it. */
static void tent_end(struct pdq_stream *stream)
{
    const struct axis *across = stream->across, *down = stream->down;
    unsigned tent = stream->ended++;
    float *sums = sums_of(stream, tent), *out = stream->picture + stream->filled * AXIS_SAMPLES;
    size_t count = (across->count + KERNEL_LANES - 1) / KERNEL_LANES * KERNEL_LANES;
    stream->kernels->product(out, sums, across->start, across->weights, across->stride, count);
    /* A tent that several columns sample is spread out, from the right, for tent[j] <= j. */
    for (unsigned j = AXIS_SAMPLES; j-- > 0 && across->tent[j] != j;)
        out[j] = out[across->tent[j]];
    while (++stream->filled < AXIS_SAMPLES && down->tent[stream->filled] == tent)
        memcpy(stream->picture + stream->filled * AXIS_SAMPLES, out, AXIS_SAMPLES * sizeof(float));
    memset(sums, 0, stream->row_pixels * sizeof(float));
}

static void banded_row(struct pdq_stream *stream, const uint8_t *bytes, unsigned pixel, luma_function *luma)
{
    const struct axis *down = stream->down;
    const unsigned begun = tents_begun(stream);
    float piece[PIECE] __attribute__((aligned(LINE * sizeof(float))));
    for (size_t x = 0; x < stream->row_pixels && begun > stream->ended; x += PIECE) {
        size_t n = stream->row_pixels - x < PIECE ? stream->row_pixels - x : PIECE;
        luma(piece, bytes + x * pixel, n);
        for (unsigned t = stream->ended; t < begun; t++) {
            float weight = down->weights[(size_t)t * down->stride + stream->row - down->start[t]];
            stream->kernels->accumulate(sums_of(stream, t) + x, piece, weight, n);
        }
    }
    stream->row++;
    while (stream->ended < down->count && down->start[stream->ended] + down->length[stream->ended] <= stream->row)
        tent_end(stream);
}

static void row_put(struct pdq_stream *stream, const uint8_t *bytes, unsigned pixel, luma_function *luma)
{
    if (stream->row >= stream->rows)
        return;
    if (!stream->reference) {
        banded_row(stream, bytes, pixel, luma);
        return;
    }
    luma(pdq_reference_luma(stream->reference), bytes, stream->row_pixels);
    pdq_reference_row(stream->reference);
    stream->row++;
}

void pdq_row_rgb(struct pdq_stream *stream, const uint8_t *rgb)
{
    row_put(stream, rgb, 3, stream->kernels->luma_rgb);
}

void pdq_row_gray(struct pdq_stream *stream, const uint8_t *gray)
{
    row_put(stream, gray, 1, stream->kernels->luma_gray);
}

void pdq_row_limited(struct pdq_stream *stream, const uint8_t *y)
{
    row_put(stream, y, 1, stream->kernels->luma_limited);
}

static const float *reference_finish(struct pdq_stream *stream)
{
    for (; stream->row < stream->rows; stream->row++) {
        memset(pdq_reference_luma(stream->reference), 0, stream->row_pixels * sizeof(float));
        pdq_reference_row(stream->reference);
    }
    return pdq_reference_finish(stream->reference);
}

void pdq_finish(struct pdq_stream *stream, struct pdq_result *out)
{
    const float *picture = stream->picture;
    if (stream->reference)
        picture = reference_finish(stream);
    else
        while (stream->ended < stream->down->count)
            tent_end(stream);
    stream->row = stream->rows;
    stream->finished = picture;
    pdq_from_luma(picture, stream->width, stream->height, out);
}

bool pdq_rotations(const struct pdq_stream *stream, uint8_t out[PDQ_ROTATIONS][PDQ_BYTES], int *doubtful)
{
    return pdq_rotations_from_luma(stream->finished, stream->width, stream->height, out, doubtful);
}

void pdq_thumbnail(const struct pdq_stream *stream, uint8_t out[THUMBNAIL_BYTES])
{
    for (unsigned y = 0; y < THUMBNAIL_SIDE; y++) {
        const float *upper = stream->finished + (size_t)2 * y * AXIS_SAMPLES, *lower = upper + AXIS_SAMPLES;
        for (unsigned x = 0; x < THUMBNAIL_SIDE; x++) {
            float mean = ((upper[2 * x] + upper[2 * x + 1]) + (lower[2 * x] + lower[2 * x + 1])) * 0.25f + 0.5f;
            out[y * THUMBNAIL_SIDE + x] = mean < 0 ? 0 : mean < 255 ? (uint8_t)mean : 255;
        }
    }
}

void pdq_free(struct pdq_stream *stream)
{
    if (!stream)
        return;
    pdq_reference_free(stream->reference);
    axis_put(stream->across);
    axis_put(stream->down);
    free(stream->sums);
    free(stream);
}
