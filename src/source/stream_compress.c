/*
 * stream_compress.c: the .Z of compress(1), LZW.
 *
 * Not by libarchive, whose filter reads before it is opened: appended without bidding it crashes, and bidding would
 * unpack any number of layers as one.
 */
#include "source/stream.h"

#include <stdlib.h>

enum { LZW_CLEAR = 256, LZW_CODES = 1 << 16, LZW_OUT = 2 * LZW_CODES };

struct lzw_stream {
    struct stream base;
    struct window *window;
    /** Bytes taken from the container. */
    uint64_t at;
    /** Bits read but not used, and how many. */
    uint32_t bits;
    unsigned n_bits;
    /** Width of a code now and at most; codes read in the present width (they come in groups of eight). */
    unsigned width, width_max, group;
    bool block_mode, ended;
    enum trawl_status status;
    /** Next code to be given out; the code before, -1 after a clear; the last byte written first. */
    uint32_t free_code;
    int32_t previous;
    uint8_t first;
    uint16_t prefix[LZW_CODES];
    uint8_t suffix[LZW_CODES];
    uint8_t stack[LZW_CODES];
    uint8_t out[LZW_OUT];
};

/** The next code; -1 at the end. */
static int32_t lzw_code(struct lzw_stream *lzw)
{
    while (lzw->n_bits < lzw->width) {
        size_t n;
        const uint8_t *p = window_at(lzw->window, lzw->at, 1, &n);
        if (!p)
            return -1;
        lzw->bits |= (uint32_t)*p << lzw->n_bits;
        lzw->n_bits += 8;
        lzw->at++;
    }
    uint32_t code = lzw->bits & ((1u << lzw->width) - 1);
    lzw->bits >>= lzw->width;
    lzw->n_bits -= lzw->width;
    lzw->group++;
    return (int32_t)code;
}

/** The encoder fills up its group of eight codes before it changes the width. */
static void lzw_width(struct lzw_stream *lzw, unsigned width)
{
    while (lzw->group % 8 && lzw_code(lzw) >= 0)
        ;
    lzw->width = width;
    lzw->group = 0;
}

static void lzw_fail(struct lzw_stream *lzw, const char *why)
{
    lzw->ended = true;
    lzw->status = TRAWL_DAMAGED;
    detail_format(lzw->base.why, "%s", why);
}

/** Writes what a code stands for; returns how much. */
static size_t lzw_expand(struct lzw_stream *lzw, uint32_t code, uint8_t *out)
{
    size_t depth = 0, n;
    uint32_t given = code;
    if (code == lzw->free_code) {
        lzw->stack[depth++] = lzw->first;
        code = (uint32_t)lzw->previous;
    }
    while (code >= 256 && depth < LZW_CODES - 1) {
        lzw->stack[depth++] = lzw->suffix[code];
        code = lzw->prefix[code]; /* always smaller */
    }
    lzw->first = (uint8_t)code;
    lzw->stack[depth++] = (uint8_t)code;
    n = depth;
    while (depth)
        *out++ = lzw->stack[--depth];
    if (lzw->previous >= 0 && lzw->free_code < 1u << lzw->width_max) {
        lzw->prefix[lzw->free_code] = (uint16_t)lzw->previous;
        lzw->suffix[lzw->free_code++] = lzw->first;
    }
    lzw->previous = (int32_t)given;
    return n;
}

/** One code. Returns the bytes it gave. */
static size_t lzw_step(struct lzw_stream *lzw, uint8_t *out)
{
    if (lzw->free_code > (1u << lzw->width) - 1 && lzw->width < lzw->width_max)
        lzw_width(lzw, lzw->width + 1);
    int32_t code = lzw_code(lzw);
    if (code < 0) {
        lzw->ended = true;
        if (lzw->window->error)
            lzw->status = window_failure(lzw->window, lzw->base.why);
        return 0;
    }
    if (lzw->block_mode && code == LZW_CLEAR) {
        lzw_width(lzw, 9);
        lzw->free_code = LZW_CLEAR + 1;
        lzw->previous = -1;
        return 0;
    }
    uint32_t limit = lzw->previous < 0 ? 255 : lzw->free_code;
    if ((uint32_t)code > limit || ((uint32_t)code == lzw->free_code && lzw->free_code >= 1u << lzw->width_max)) {
        lzw_fail(lzw, "the compress data is broken");
        return 0;
    }
    return lzw_expand(lzw, (uint32_t)code, out);
}

static enum trawl_status lzw_next(struct stream *stream, const uint8_t **data, size_t *n)
{
    struct lzw_stream *lzw = (struct lzw_stream *)stream;
    *data = lzw->out;
    *n = 0;
    while (!lzw->ended && *n < LZW_OUT - LZW_CODES)
        *n += lzw_step(lzw, lzw->out + *n);
    return *n ? TRAWL_OK : lzw->status;
}

static uint64_t lzw_used(struct stream *stream)
{
    return ((struct lzw_stream *)stream)->at;
}

static void lzw_close(struct stream *stream)
{
    free(stream);
}

struct stream *stream_compress(struct window *window)
{
    size_t n;
    struct lzw_stream *lzw = calloc(1, sizeof(*lzw));
    const uint8_t *p = window_at(window, 0, 3, &n);
    if (!lzw)
        return NULL;
    lzw->base = (struct stream){.next = lzw_next, .used = lzw_used, .close = lzw_close};
    lzw->window = window;
    lzw->at = 3;
    lzw->width = 9;
    lzw->previous = -1;
    if (!p || n < 3 || (p[2] & 31) < 9 || (p[2] & 31) > 16) {
        lzw_fail(lzw, "broken compress header");
        if (window->error)
            lzw->status = window_failure(window, lzw->base.why);
        return &lzw->base;
    }
    lzw->width_max = p[2] & 31;
    lzw->block_mode = p[2] & 0x80;
    lzw->free_code = lzw->block_mode ? LZW_CLEAR + 1 : LZW_CLEAR;
    return &lzw->base;
}
