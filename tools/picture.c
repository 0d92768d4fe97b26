#include "picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#include "core/alloc.h"

/** A random number of a lattice point: murmur3's finaliser over the coordinates. */
static uint32_t lattice(uint32_t seed, uint32_t x, uint32_t y)
{
    uint32_t h = seed ^ x * 0x9e3779b1u ^ y * 0x85ebca77u;
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return (h ^ h >> 16) & 0xffff;
}

/** 3t^2 - 2t^3 for t of 0..65536: no edges at the lattice. */
static uint32_t smooth(uint32_t t)
{
    uint64_t t2 = (uint64_t)t * t >> 16;
    return (uint32_t)(t2 * (3 * 65536u - 2 * t) >> 16);
}

static uint32_t blend(uint32_t a, uint32_t b, uint32_t t)
{
    return (uint32_t)(((uint64_t)a * (65536 - t) + (uint64_t)b * t) >> 16);
}

/** Noise of one octave, 0..65535; x and y in 1/65536 of a cell. */
static uint32_t noise(uint32_t seed, uint32_t x, uint32_t y)
{
    uint32_t cx = x >> 16, cy = y >> 16, tx = smooth(x & 0xffff), ty = smooth(y & 0xffff);
    uint32_t top = blend(lattice(seed, cx, cy), lattice(seed, cx + 1, cy), tx);
    uint32_t bottom = blend(lattice(seed, cx, cy + 1), lattice(seed, cx + 1, cy + 1), tx);
    return blend(top, bottom, ty);
}

/** Sum of octaves, each of half the size and half the weight: 0..65535. x and y in 1/65536 of the picture's height. */
static uint32_t fractal(uint32_t seed, uint32_t x, uint32_t y, unsigned octaves)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < octaves; i++)
        sum += noise(seed + i * 101, (x << i) * 3, (y << i) * 3) >> (i + 1);
    return sum;
}

/** Two colours of the seed for each of sky, far ridge, near ridge and ground. */
static void paint(uint32_t seed, unsigned zone, uint32_t shade, uint8_t rgb[3])
{
    for (unsigned c = 0; c < 3; c++) {
        uint32_t dark = lattice(seed, zone, c + 10) >> 9, light = 120 + (lattice(seed, zone, c + 20) >> 9);
        rgb[c] = (uint8_t)blend(dark, light > 255 ? 255 : light, shade);
    }
}

/** Which of the four zones a pixel is in; the borders of the ridges are noise along x. */
static unsigned zone_of(uint32_t seed, uint32_t x, uint32_t y)
{
    uint32_t far = 9000 + fractal(seed + 1, x, 0, 6) / 2, near = 24000 + fractal(seed + 2, x, 0, 7) / 2;
    uint32_t ground = 46000 + fractal(seed + 3, x / 2, 0, 4) / 8;
    return y > ground ? 3 : y > near ? 2 : y > far ? 1 : 0;
}

void picture_make(struct picture *picture, uint32_t seed, unsigned width, unsigned height)
{
    *picture = (struct picture){width, height, mem_alloc(size_mul(size_mul(width, height), 3))};
    uint8_t *rgb = picture->rgb;
    for (unsigned j = 0; j < height; j++)
        for (unsigned i = 0; i < width; i++, rgb += 3) {
            uint32_t x = (uint32_t)(((uint64_t)i << 16) / height), y = (uint32_t)(((uint64_t)j << 16) / height);
            unsigned zone = zone_of(seed, x, y);
            paint(seed, zone, fractal(seed + 50 + zone, x, zone ? y * 2 : y / 2, zone ? 8 : 5), rgb);
        }
}

/** The mean of one channel over the columns x0..x1 and rows y0..y1. */
static uint8_t mean(const struct picture *from, unsigned channel, const unsigned x[2], const unsigned y[2])
{
    uint64_t sum = 0;
    for (unsigned j = y[0]; j < y[1]; j++)
        for (unsigned i = x[0]; i < x[1]; i++)
            sum += from->rgb[((size_t)j * from->width + i) * 3 + channel];
    uint64_t n = (uint64_t)(x[1] - x[0]) * (y[1] - y[0]);
    return (uint8_t)((sum + n / 2) / n);
}

void picture_shrink(const struct picture *from, struct picture *to, unsigned width, unsigned height)
{
    *to = (struct picture){width, height, mem_alloc(size_mul(size_mul(width, height), 3))};
    uint8_t *rgb = to->rgb;
    for (unsigned j = 0; j < height; j++)
        for (unsigned i = 0; i < width; i++, rgb += 3) {
            const unsigned x[2] = {i * from->width / width, (i + 1) * from->width / width};
            const unsigned y[2] = {j * from->height / height, (j + 1) * from->height / height};
            for (unsigned c = 0; c < 3; c++)
                rgb[c] = mean(from, c, x, y);
        }
}

void picture_free(struct picture *picture)
{
    free(picture->rgb);
    *picture = (struct picture){0};
}

void picture_jpeg(const struct picture *picture, int quality, enum jpeg_kind kind, struct buf *out)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = picture->width;
    jpeg.image_height = picture->height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    if (kind == JPEG_GREY)
        jpeg_set_colorspace(&jpeg, JCS_GRAYSCALE);
    if (kind == JPEG_PROGRESSIVE)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = picture->rgb + (size_t)jpeg.next_scanline * picture->width * 3;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buf_put(out, bytes, size);
    free(bytes);
}

static void png_to_buf(png_structp png, png_bytep bytes, png_size_t n)
{
    buf_put(png_get_io_ptr(png), bytes, n);
}

void picture_png(const struct picture *picture, struct buf *out)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        fprintf(stderr, "make_evidence: libpng failed\n");
        exit(1);
    }
    png_set_write_fn(png, out, png_to_buf, NULL);
    png_set_IHDR(png, info, picture->width, picture->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (unsigned j = 0; j < picture->height; j++)
        png_write_row(png, picture->rgb + (size_t)j * picture->width * 3);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}
