/* make_bmp.h: BMP of every kind; WIDTH (12 and more) and HEIGHT are those of the includer. */
#ifndef TESTS_DECODE_MAKE_BMP_H
#define TESTS_DECODE_MAKE_BMP_H

#include "pictures.h"

struct bmp_kind {
    const char *name;
    /** 12, 40, 56, 108. */
    unsigned header;
    unsigned bits;
    /** 0, 1: RLE8, 2: RLE4, 3: BITFIELDS. */
    unsigned compression;
    bool top_down;
    /** Red, green, blue, alpha of BITFIELDS. */
    uint32_t masks[4];
};

static const struct bmp_kind bmp_kinds[] = {
    {.name = "1", .header = 40, .bits = 1},
    {.name = "2", .header = 40, .bits = 2},
    {.name = "4", .header = 40, .bits = 4},
    {.name = "8", .header = 40, .bits = 8},
    {.name = "8 top-down", .header = 40, .bits = 8, .top_down = true},
    {.name = "16", .header = 40, .bits = 16},
    {.name = "24", .header = 40, .bits = 24},
    {.name = "24 top-down", .header = 108, .bits = 24, .top_down = true},
    {.name = "32", .header = 40, .bits = 32},
    {.name = "OS/2 1", .header = 12, .bits = 1},
    {.name = "OS/2 8", .header = 12, .bits = 8},
    {.name = "OS/2 24", .header = 12, .bits = 24},
    {.name = "OS/2 2.0", .header = 64, .bits = 8},
    {.name = "RLE8", .header = 40, .bits = 8, .compression = 1},
    {.name = "RLE4", .header = 40, .bits = 4, .compression = 2},
    {.name = "565", .header = 40, .bits = 16, .compression = 3, .masks = {0xf800, 0x7e0, 0x1f}},
    {.name = "masks 32", .header = 40, .bits = 32, .compression = 3, .masks = {0xff000000, 0xff0000, 0xff00}},
    {.name = "masks 10", .header = 56, .bits = 32, .compression = 3, .masks = {0x3ff00000, 0xffc00, 0x3ff}},
    {.name = "alpha", .header = 108, .bits = 32, .compression = 3, .masks = {0xff0000, 0xff00, 0xff, 0xff000000}},
    {.name = "alpha 4444", .header = 108, .bits = 16, .compression = 3, .masks = {0xf00, 0xf0, 0xf, 0xf000}},
};

static inline void bmp_le(uint8_t *at, uint32_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

/** Samples 0..255 of RGBA that a file of this kind holds exactly; returns the pixel's bits. */
static inline uint32_t bmp_settle(const struct bmp_kind *kind, uint8_t *rgba)
{
    static const uint32_t plain[2][4] = {{0x7c00, 0x3e0, 0x1f, 0}, {0xff0000, 0xff00, 0xff, 0}};
    const uint32_t *masks = kind->compression == 3 ? kind->masks : plain[kind->bits != 16];
    uint32_t pixel = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (!masks[i]) {
            rgba[i] = 255;
            continue;
        }
        unsigned shift = (unsigned)__builtin_ctz(masks[i]);
        uint32_t max = masks[i] >> shift, v = (rgba[i] * max + 127) / 255;
        rgba[i] = (uint8_t)((v * 255 + max / 2) / max);
        pixel |= v << shift;
    }
    return pixel;
}

/** Runs of up to 3, then literals, row by row; a jump by nothing before the end of the line. */
static inline size_t bmp_put_runs(uint8_t *out, const uint8_t *row, unsigned bits, bool last)
{
    size_t n = 0, x = 0;
    for (; x < 12; x += 3) {
        uint8_t v = row[x];
        out[n++] = 3;
        out[n++] = bits == 4 ? (uint8_t)(v << 4 | v) : v;
    }
    out[n++] = 0;
    out[n++] = (uint8_t)(WIDTH - 12);
    for (unsigned i = 0; x < WIDTH; x++, i++) {
        if (bits == 8)
            out[n++] = row[x];
        else if (i % 2 == 0)
            out[n++] = (uint8_t)(row[x] << 4);
        else
            out[n - 1] |= row[x];
    }
    n += n & 1;
    memcpy(out + n, last ? "\0\1" : "\0\2\0\0\0\0", last ? 2 : 6);
    return n + (last ? 2 : 6);
}

static inline size_t bmp_put_header(uint8_t *out, const struct bmp_kind *kind, size_t colours)
{
    unsigned masks = kind->header == 40 && kind->compression == 3 ? 12 : 0;
    size_t pixels = 14 + kind->header + masks + colours * (kind->header == 12 ? 3 : 4);
    memcpy(out, "BM", 2);
    bmp_le(out + 10, (uint32_t)pixels, 4);
    bmp_le(out + 14, kind->header, 4);
    if (kind->header == 12) {
        bmp_le(out + 18, WIDTH, 2);
        bmp_le(out + 20, HEIGHT, 2);
        bmp_le(out + 22, 1, 2);
        bmp_le(out + 24, kind->bits, 2);
    } else {
        bmp_le(out + 18, WIDTH, 4);
        bmp_le(out + 22, kind->top_down ? 0u - HEIGHT : HEIGHT, 4);
        bmp_le(out + 26, 1, 2);
        bmp_le(out + 28, kind->bits, 2);
        bmp_le(out + 30, kind->compression, 4);
        for (unsigned i = 0; i < 4 && kind->compression == 3; i++)
            bmp_le(out + 54 + 4 * i, i < 3 || kind->header >= 56 ? kind->masks[i] : 0, 4);
    }
    for (size_t i = 0; i < colours; i++) {
        png_color c = palette_colour((unsigned)i);
        uint8_t *entry = out + pixels - (colours - i) * (kind->header == 12 ? 3 : 4);
        memcpy(entry, (uint8_t[]){c.blue, c.green, c.red, 0}, kind->header == 12 ? 3 : 4);
    }
    return pixels;
}

/** One row of `indices` or `rgba` (which is settled); returns its bytes. */
static inline size_t bmp_put_row(uint8_t *out, const struct bmp_kind *kind, const uint8_t *indices, uint8_t *rgba,
                                 bool last)
{
    size_t stride = (WIDTH * kind->bits + 31) / 32 * 4;
    if (kind->compression == 1 || kind->compression == 2)
        return bmp_put_runs(out, indices, kind->bits, last);
    for (unsigned x = 0; x < WIDTH; x++, rgba += 4) {
        if (kind->bits <= 8)
            out[x * kind->bits / 8] |= (uint8_t)(indices[x] << (8 - kind->bits - x * kind->bits % 8));
        else
            bmp_le(out + (size_t)x * kind->bits / 8, bmp_settle(kind, rgba), kind->bits / 8);
    }
    return stride;
}

/** The file, and in `rgba` what it shows. */
static inline struct file_bytes make_bmp(const struct bmp_kind *kind, uint8_t *rgba)
{
    struct file_bytes file = {calloc(1, 1 << 16), 0};
    bool palette = kind->bits <= 8;
    file.size = bmp_put_header(file.data, kind, palette ? (size_t)1 << kind->bits : 0);
    for (uint32_t i = 0; i < HEIGHT; i++) {
        uint32_t y = kind->top_down ? i : HEIGHT - 1 - i;
        uint8_t indices[WIDTH], *row = rgba + (size_t)y * WIDTH * 4;
        for (uint32_t x = 0; x < WIDTH && palette; x++) {
            bool run = kind->compression && x < 12;
            indices[x] = row[(run ? x / 3 * 3 : x) * 4] >> (8 - kind->bits);
        }
        for (uint32_t x = 0; x < WIDTH && palette; x++) {
            png_color c = palette_colour(indices[x]);
            memcpy(row + x * 4, (uint8_t[]){c.red, c.green, c.blue, 255}, 4);
        }
        file.size += bmp_put_row(file.data + file.size, kind, indices, row, i + 1 == HEIGHT);
    }
    return file;
}

#endif
