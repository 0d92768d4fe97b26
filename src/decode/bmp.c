/*
 * bmp.c: BMP, read here: no library that is linked has a reader. All depths from 1 to 32 bits, run lengths of 4 and 8,
 * masks, headers of Windows and OS/2, rows in either order. A picture of 16 or 32 bits is opaque unless it has a mask
 * for alpha and any pixel has some.
 */
#include "decode/sink.h"

#include <stdlib.h>
#include <string.h>

#include "decode/bmp_header.h"

struct bmp_run {
    const struct picture *picture;
    struct decode_result *result;
    struct bmp_header header;
    struct sink sink;
    /** One row as the file holds it, and as RGB(A); the palette indices of a whole run-length picture. Owned. */
    uint8_t *line, *pixels, *indices;
    /** Rows that the file holds whole. */
    uint32_t rows;
    bool alpha;
};

static void *run_alloc(struct bmp_run *run, uint64_t bytes)
{
    void *p = NULL;
    if (!limit_exceeded(&run->picture->request->limits, LIMIT_DECODE_MEMORY, bytes))
        p = calloc(1, bytes ? (size_t)bytes : 1);
    if (!p)
        decode_end_memory(run->result);
    return p;
}

/** Where a run-length picture is being written. */
struct bmp_pen {
    uint32_t x, y;
};

/** Row y of the file, from the first one it holds. */
static void pen_put(struct bmp_run *run, struct bmp_pen *pen, uint8_t index)
{
    const struct bmp_header *h = &run->header;
    if (pen->x < h->width && pen->y < h->height)
        run->indices[(size_t)pen->y * h->width + pen->x] = index;
    pen->x += pen->x < h->width;
}

/** The i-th index of a run or of literals: with 4 bits, two of them take turns in each byte. */
static uint8_t index_of(bool nibbles, uint8_t byte, unsigned i)
{
    if (!nibbles)
        return byte;
    return i & 1 ? byte & 15 : byte >> 4;
}

/** A code after a zero. Returns the bytes it took behind its two, or SIZE_MAX at the end of the picture. */
static size_t escape(struct bmp_run *run, struct bmp_pen *pen, uint8_t code, const uint8_t *at, size_t left)
{
    bool nibbles = run->header.bits == 4;
    if (code == 0) {
        *pen = (struct bmp_pen){0, pen->y + 1};
        return 0;
    }
    if (code == 1 || (code == 2 && left < 2))
        return SIZE_MAX;
    if (code == 2) {
        uint32_t right = run->header.width - pen->x;
        pen->x += at[0] < right ? at[0] : right;
        pen->y += at[1];
        return 2;
    }
    size_t bytes = nibbles ? (code + 1u) / 2 : code;
    for (unsigned i = 0; i < code && (nibbles ? i / 2 : i) < left; i++)
        pen_put(run, pen, index_of(nibbles, at[nibbles ? i / 2 : i], i));
    bytes += bytes & 1;
    return bytes < left ? bytes : left;
}

/** Ends where the picture, its rows or the bytes end; notes how many rows came. */
static void expand_runs(struct bmp_run *run)
{
    const struct bmp_header *h = &run->header;
    const uint8_t *data = run->picture->data;
    size_t size = run->picture->size, at = h->pixels;
    struct bmp_pen pen = {0, 0};
    bool ended = false;
    while (!ended && pen.y < h->height && at < size && size - at >= 2) {
        uint8_t count = data[at], value = data[at + 1];
        at += 2;
        for (unsigned i = 0; i < count; i++)
            pen_put(run, &pen, index_of(h->bits == 4, value, i));
        if (count)
            continue;
        size_t more = escape(run, &pen, value, data + at, size - at);
        ended = more == SIZE_MAX && value == 1;
        at = more == SIZE_MAX ? size : at + more;
    }
    bool last = pen.y + 1 == h->height && pen.x == h->width;
    run->rows = ended || last || pen.y > h->height ? h->height : pen.y;
}

static void put_index(const struct bmp_header *h, uint8_t *rgb, unsigned index)
{
    memcpy(rgb, h->palette[index], 3);
}

static void put_palette(const struct bmp_header *h, uint8_t *rgb, const uint8_t *line)
{
    unsigned bits = h->bits, per_byte = 8 / bits, mask = (1u << bits) - 1;
    for (uint32_t x = 0; x < h->width; x++)
        put_index(h, rgb + (size_t)x * 3, line[x / per_byte] >> (8 - bits - x % per_byte * bits) & mask);
}

static void put_rgb24(const struct bmp_header *h, uint8_t *rgb, const uint8_t *line)
{
    for (uint32_t x = 0; x < h->width; x++, rgb += 3, line += 3) {
        rgb[0] = line[2];
        rgb[1] = line[1];
        rgb[2] = line[0];
    }
}

static uint8_t channel(const struct bmp_mask *mask, uint32_t pixel)
{
    if (!mask->max)
        return 0;
    return (uint8_t)((((uint64_t)(pixel & mask->mask) >> mask->shift) * 255 + mask->max / 2) / mask->max);
}

static void put_masked(const struct bmp_run *run, uint8_t *out, const uint8_t *line)
{
    const struct bmp_header *h = &run->header;
    unsigned bytes = h->bits / 8, channels = run->alpha ? 4 : 3;
    for (uint32_t x = 0; x < h->width; x++, line += bytes) {
        uint32_t pixel = bytes == 4 ? bmp_u32(line, 4, 0) : bmp_u16(line, 2, 0);
        for (unsigned i = 0; i < channels; i++)
            *out++ = channel(&h->masks[i], pixel);
    }
}

/** True if any pixel has alpha: many writers leave the whole channel zero. */
static bool any_alpha(const struct bmp_run *run)
{
    const struct bmp_header *h = &run->header;
    const struct picture *picture = run->picture;
    uint32_t mask = h->masks[3].mask;
    size_t bytes = h->bits / 8;
    if (!mask || run->indices || bytes < 2)
        return false;
    mask &= bytes == 2 ? 0xffff : ~0u;
    for (uint32_t y = 0; y < run->rows; y++)
        for (uint32_t x = 0; x < h->width; x++)
            if (bmp_u32(picture->data, picture->size, (size_t)(h->pixels + y * h->stride + x * bytes)) & mask)
                return true;
    return false;
}

/** Row y of the file into run->pixels; bytes it lacks are zero. */
static void make_row(struct bmp_run *run, uint32_t y)
{
    const struct bmp_header *h = &run->header;
    const struct picture *picture = run->picture;
    if (run->indices) {
        for (uint32_t x = 0; x < h->width; x++)
            put_index(h, run->pixels + (size_t)x * 3, run->indices[(size_t)y * h->width + x]);
        return;
    }
    uint64_t at = h->pixels + y * h->stride, left = at < picture->size ? picture->size - at : 0;
    size_t n = (size_t)(left < h->stride ? left : h->stride);
    memcpy(run->line, picture->data + (n ? at : 0), n);
    memset(run->line + n, 0, (size_t)h->stride - n);
    if (h->bits <= 8)
        put_palette(h, run->pixels, run->line);
    else if (h->bits == 24)
        put_rgb24(h, run->pixels, run->line);
    else
        put_masked(run, run->pixels, run->line);
    if (run->alpha)
        decode_flatten(run->pixels, run->pixels, h->width);
}

/** Padding of the last row may be missing. */
static void count_rows(struct bmp_run *run)
{
    const struct bmp_header *h = &run->header;
    uint64_t row = ((uint64_t)h->width * h->bits + 7) / 8;
    uint64_t left = h->pixels < run->picture->size ? run->picture->size - h->pixels : 0;
    uint64_t rows = left >= row ? (left - row) / h->stride + 1 : 0;
    run->rows = rows < h->height ? (uint32_t)rows : h->height;
}

static void put_rows(struct bmp_run *run)
{
    const struct bmp_header *h = &run->header;
    if (!sink_begin(&run->sink, run->picture, h->width, h->height, 3)) {
        decode_end_memory(run->result);
        return;
    }
    for (uint32_t y = 0; y < h->height; y++) {
        make_row(run, h->top_down ? y : h->height - 1 - y);
        sink_row(&run->sink, run->pixels);
    }
    if (run->rows < h->height)
        decode_end(run->result, TRAWL_PARTIAL, "premature end of data after %u %% of the rows",
                   decode_percent(run->rows, h->height));
    else
        decode_end(run->result, TRAWL_OK, "%s", "");
    sink_finish(&run->sink, run->picture, run->result);
}

static void read_picture(struct bmp_run *run)
{
    const struct bmp_header *h = &run->header;
    bool runs = h->compression == BMP_RLE4 || h->compression == BMP_RLE8;
    if (runs && !(run->indices = run_alloc(run, (uint64_t)h->width * h->height)))
        return;
    if (runs)
        expand_runs(run);
    else
        count_rows(run);
    if (!run->rows) {
        decode_end(run->result, TRAWL_DAMAGED, "premature end of data before the first row");
        return;
    }
    run->alpha = any_alpha(run);
    run->line = run_alloc(run, h->stride);
    run->pixels = run->line ? run_alloc(run, (uint64_t)h->width * 4) : NULL;
    if (run->pixels)
        put_rows(run);
}

static void bmp_pass(const struct picture *picture, struct decode_result *result)
{
    struct bmp_run run = {.picture = picture, .result = result};
    const char *why = bmp_header_read(&run.header, picture->data, picture->size);
    const struct bmp_header *h = &run.header;
    if (why)
        decode_end(result, TRAWL_UNSUPPORTED, "%s", why);
    else if (!h->width || !h->height || h->width > INT32_MAX || h->height > INT32_MAX)
        decode_end(result, TRAWL_DAMAGED, "a picture of no size");
    else if (decode_size(picture, h->width, h->height, result))
        read_picture(&run);
    sink_free(&run.sink);
    free(run.line);
    free(run.pixels);
    free(run.indices);
}

static void bmp_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                       struct decode_result *result)
{
    decode_passes(request, data, size, bmp_pass, result);
}

const struct decoder bmp_decoder = {.type = TYPE_BMP, .name = "bmp", .library = "trawl", .decode = bmp_decode};
