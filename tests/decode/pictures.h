/* pictures.h: pictures made in memory for the tests of the decoders. */
#ifndef TESTS_DECODE_PICTURES_H
#define TESTS_DECODE_PICTURES_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include "trawl/decode.h"

struct file_bytes {
    uint8_t *data;
    size_t size;
};

static inline uint32_t noise(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/**
 * Samples like a photo's: light and dark patches some 16 pixels wide, joined smoothly, with a little noise; values
 * 0..max, the extremes included. `samples` of them for each pixel.
 */
static inline uint16_t *photo_samples(uint32_t width, uint32_t height, unsigned samples, unsigned max, uint32_t seed)
{
    uint32_t gw = width / 16 + 2, gh = height / 16 + 2;
    double *grid = malloc(sizeof(double) * gw * gh * samples);
    uint16_t *out = malloc(sizeof(uint16_t) * width * height * samples);
    for (uint32_t i = 0; i < gw * gh * samples; i++)
        grid[i] = (double)(noise(&seed) % 1024) / 1023 * 1.3 - 0.15;
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (unsigned s = 0; s < samples; s++) {
                double fx = (x % 16) / 16.0, fy = (y % 16) / 16.0;
                const double *g = grid + ((size_t)(y / 16) * gw + x / 16) * samples + s;
                double top = g[0] * (1 - fx) + g[samples] * fx;
                double low = g[(size_t)gw * samples] * (1 - fx) + g[(size_t)(gw + 1) * samples] * fx;
                double v = top * (1 - fy) + low * fy + ((double)(noise(&seed) % 64) - 32) / 1600;
                v = v < 0 ? 0 : v > 1 ? 1 : v;
                out[((size_t)y * width + x) * samples + s] = (uint16_t)(v * max + 0.5);
            }
    free(grid);
    return out;
}

/** Pixels of 8 bits, `channels` of them: 1 grey, 3 RGB, 4 RGBA. */
static inline uint8_t *photo_bytes(uint32_t width, uint32_t height, unsigned channels, uint32_t seed)
{
    uint16_t *samples = photo_samples(width, height, channels, 255, seed);
    uint8_t *bytes = malloc((size_t)width * height * channels);
    for (size_t i = 0; i < (size_t)width * height * channels; i++)
        bytes[i] = (uint8_t)samples[i];
    free(samples);
    return bytes;
}

/** For what makes files: they are also seeds, without a test around them. */
static inline void must(bool ok)
{
    if (!ok)
        abort();
}

/* PNG */

struct png_kind {
    int colour;
    int depth;
    bool interlaced;
    /** A tRNS chunk: one colour of grey and RGB, varied alpha for a palette. */
    bool transparent;
};

static inline unsigned png_samples(int colour)
{
    switch (colour) {
    case PNG_COLOR_TYPE_GRAY_ALPHA:
        return 2;
    case PNG_COLOR_TYPE_RGB:
        return 3;
    case PNG_COLOR_TYPE_RGB_ALPHA:
        return 4;
    default:
        return 1;
    }
}

/** The palette of all test pictures. */
static inline png_color palette_colour(unsigned i)
{
    return (png_color){(png_byte)(i * 37 + 11), (png_byte)(255 - i * 13), (png_byte)(i * i + 5)};
}

static inline png_byte palette_alpha(unsigned i)
{
    return (png_byte)(i * 71);
}

/** A tRNS colour for pictures without palette: the one at this pixel of the samples. */
#define TRANSPARENT_PIXEL 40

static inline void png_append(png_structp png, png_bytep data, size_t n)
{
    struct file_bytes *out = png_get_io_ptr(png);
    out->data = realloc(out->data, out->size + n);
    memcpy(out->data + out->size, data, n);
    out->size += n;
}

static inline void png_no_flush(png_structp png)
{
    (void)png;
}

static inline void png_put_palette(png_structp png, png_infop info, int depth, bool transparent)
{
    png_color colours[256];
    png_byte alpha[256];
    int n = 1 << depth;
    for (int i = 0; i < n; i++) {
        colours[i] = palette_colour((unsigned)i);
        alpha[i] = palette_alpha((unsigned)i);
    }
    png_set_PLTE(png, info, colours, n);
    if (transparent)
        png_set_tRNS(png, info, alpha, n, NULL);
}

static inline void png_pack_row(uint8_t *row, const uint16_t *samples, size_t n, int depth)
{
    memset(row, 0, n * 2);
    for (size_t i = 0; i < n; i++)
        if (depth == 16) {
            row[2 * i] = (uint8_t)(samples[i] >> 8);
            row[2 * i + 1] = (uint8_t)samples[i];
        } else {
            size_t bit = i * (size_t)depth;
            row[bit / 8] = (uint8_t)(row[bit / 8] | samples[i] << (8 - (size_t)depth - bit % 8));
        }
}

static inline void png_put_rows(png_structp png, png_infop info, const uint16_t *samples, uint32_t width,
                                uint32_t height, struct png_kind kind)
{
    size_t row_samples = (size_t)width * png_samples(kind.colour);
    uint8_t *row = malloc(row_samples * 2 + 8);
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t y = 0; y < height; y++) {
            png_pack_row(row, samples + y * row_samples, row_samples, kind.depth);
            png_write_row(png, row);
        }
    free(row);
}

static inline struct file_bytes make_png(const uint16_t *samples, uint32_t width, uint32_t height, struct png_kind kind)
{
    struct file_bytes out = {NULL, 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_set_write_fn(png, &out, png_append, png_no_flush);
    png_set_IHDR(png, info, width, height, kind.depth, kind.colour,
                 kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind.colour == PNG_COLOR_TYPE_PALETTE) {
        png_put_palette(png, info, kind.depth, kind.transparent);
    } else if (kind.transparent) {
        const uint16_t *p = samples + (size_t)TRANSPARENT_PIXEL * png_samples(kind.colour);
        png_color_16 colour = {.gray = p[0]};
        if (kind.colour == PNG_COLOR_TYPE_RGB)
            colour = (png_color_16){.red = p[0], .green = p[1], .blue = p[2]};
        png_set_tRNS(png, info, NULL, 0, &colour);
    }
    png_put_rows(png, info, samples, width, height, kind);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    return out;
}

/** The offset of the first chunk of that name, or 0. */
static inline size_t png_find(const struct file_bytes *file, const char *name)
{
    size_t at = 8;
    while (at + 12 <= file->size && memcmp(file->data + at + 4, name, 4) != 0)
        at += 12 + ((size_t)file->data[at] << 24 | (size_t)file->data[at + 1] << 16 | (size_t)file->data[at + 2] << 8 |
                    file->data[at + 3]);
    return at + 12 <= file->size ? at : 0;
}

static inline void put_be32(uint8_t *out, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (24 - 8 * i));
}

/** Puts n bytes in at an offset. */
static inline void file_insert(struct file_bytes *file, size_t at, const void *bytes, size_t n)
{
    file->data = realloc(file->data, file->size + n);
    memmove(file->data + at + n, file->data + at, file->size - at);
    memcpy(file->data + at, bytes, n);
    file->size += n;
}

/** Puts a chunk in front of the one at `at`; its header claims `claimed` bytes. */
static inline void png_insert(struct file_bytes *file, size_t at, const char *name, const void *payload, size_t n,
                              uint32_t claimed)
{
    uint8_t *chunk = malloc(n + 12);
    put_be32(chunk, claimed);
    memcpy(chunk + 4, name, 4);
    if (n)
        memcpy(chunk + 8, payload, n);
    put_be32(chunk + 8 + n, (uint32_t)crc32(crc32(0, NULL, 0), chunk + 4, (uInt)(n + 4)));
    file_insert(file, at, chunk, n + 12);
    free(chunk);
}

/* JPEG */

struct jpeg_kind {
    /** As the samples are, and as the file has them. */
    J_COLOR_SPACE in, file;
    /** Sampling factors of the first component. */
    int h, v;
    bool progressive, arithmetic, no_adobe, not_interleaved;
    int restart_rows;
    int quality;
};

static inline unsigned jpeg_samples(J_COLOR_SPACE space)
{
    return space == JCS_GRAYSCALE ? 1 : space == JCS_CMYK || space == JCS_YCCK ? 4 : 3;
}

static inline struct file_bytes make_jpeg_marked(const uint16_t *samples, uint32_t width, uint32_t height,
                                                 struct jpeg_kind kind, const void *app1, unsigned app1_size)
{
    static const jpeg_scan_info separate[3] = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long size = 0;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &data, &size);
    cinfo.image_width = width;
    cinfo.image_height = height;
    cinfo.input_components = (int)jpeg_samples(kind.in);
    cinfo.in_color_space = kind.in;
    jpeg_set_defaults(&cinfo);
    jpeg_set_colorspace(&cinfo, kind.file);
    jpeg_set_quality(&cinfo, kind.quality ? kind.quality : 85, TRUE);
    cinfo.comp_info[0].h_samp_factor = kind.h ? kind.h : 1;
    cinfo.comp_info[0].v_samp_factor = kind.v ? kind.v : 1;
    cinfo.arith_code = kind.arithmetic;
    cinfo.restart_in_rows = kind.restart_rows;
    if (kind.no_adobe)
        cinfo.write_Adobe_marker = FALSE;
    if (kind.progressive)
        jpeg_simple_progression(&cinfo);
    if (kind.not_interleaved) {
        cinfo.scan_info = separate;
        cinfo.num_scans = 3;
    }
    jpeg_start_compress(&cinfo, TRUE);
    if (app1)
        jpeg_write_marker(&cinfo, JPEG_APP0 + 1, app1, app1_size);
    size_t row_samples = (size_t)width * jpeg_samples(kind.in);
    JSAMPLE *row = malloc(row_samples);
    for (uint32_t y = 0; y < height; y++) {
        for (size_t i = 0; i < row_samples; i++)
            row[i] = (JSAMPLE)samples[y * row_samples + i];
        jpeg_write_scanlines(&cinfo, &row, 1);
    }
    free(row);
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    return (struct file_bytes){data, size};
}

static inline struct file_bytes make_jpeg(const uint16_t *samples, uint32_t width, uint32_t height,
                                          struct jpeg_kind kind)
{
    return make_jpeg_marked(samples, width, height, kind, NULL, 0);
}

static inline struct file_bytes make_photo_jpeg(uint32_t width, uint32_t height, struct jpeg_kind kind)
{
    uint16_t *samples = photo_samples(width, height, jpeg_samples(kind.in), 255, 7);
    struct file_bytes file = make_jpeg(samples, width, height, kind);
    free(samples);
    return file;
}

static inline struct file_bytes make_photo_png(uint32_t width, uint32_t height, struct png_kind kind)
{
    uint16_t *samples = photo_samples(width, height, png_samples(kind.colour), (1u << kind.depth) - 1, 7);
    struct file_bytes file = make_png(samples, width, height, kind);
    free(samples);
    return file;
}

#define PHOTO_JPEG ((struct jpeg_kind){.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2})
#define PHOTO_PNG  ((struct png_kind){.colour = PNG_COLOR_TYPE_RGB, .depth = 8})

static inline struct decode_request request_for(enum file_type type, bool exact)
{
    struct decode_request request = {.type = type, .exact = exact};
    limits_default(&request.limits);
    return request;
}

/** The whole file, or NULL data. */
static inline struct file_bytes read_whole(const char *path)
{
    struct file_bytes file = {NULL, 0};
    FILE *f = fopen(path, "rb");
    if (!f)
        return file;
    file.data = malloc(1);
    uint8_t block[65536];
    for (size_t n; (n = fread(block, 1, sizeof(block), f)) > 0;) {
        file.data = realloc(file.data, file.size + n);
        memcpy(file.data + file.size, block, n);
        file.size += n;
    }
    fclose(f);
    return file;
}

#endif
