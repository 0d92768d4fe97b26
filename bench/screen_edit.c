#include "screen_edit.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

/** Larger pictures are decoded at a half, and again. */
enum { PIXELS_MOST = 5000000 };

struct guard {
    struct jpeg_error_mgr errors;
    jmp_buf failed;
};

static _Noreturn void fail(j_common_ptr cinfo)
{
    longjmp(((struct guard *)cinfo->err)->failed, 1);
}

static void say_nothing(j_common_ptr cinfo)
{
    (void)cinfo;
}

bool edit_read(const char *path, struct bytes *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    out->data = size > 0 ? malloc((size_t)size) : NULL;
    out->size = out->data ? fread(out->data, 1, (size_t)size, file) : 0;
    fclose(file);
    return out->size > 0;
}

bool edit_open(const struct bytes *file, struct picture_rgb *out)
{
    struct jpeg_decompress_struct cinfo;
    struct guard guard;
    cinfo.err = jpeg_std_error(&guard.errors);
    guard.errors.error_exit = fail;
    guard.errors.output_message = say_nothing;
    out->rgb = NULL;
    if (setjmp(guard.failed)) {
        jpeg_destroy_decompress(&cinfo);
        return false;
    }
    jpeg_create_decompress(&cinfo);
    jpeg_mem_src(&cinfo, file->data, file->size);
    jpeg_read_header(&cinfo, TRUE);
    cinfo.out_color_space = JCS_RGB;
    while ((uint64_t)cinfo.image_width * cinfo.image_height / (cinfo.scale_denom * cinfo.scale_denom) > PIXELS_MOST)
        cinfo.scale_denom *= 2;
    jpeg_start_decompress(&cinfo);
    out->width = cinfo.output_width;
    out->height = cinfo.output_height;
    out->rgb = malloc((size_t)out->width * out->height * 3);
    while (out->rgb && cinfo.output_scanline < cinfo.output_height) {
        JSAMPROW row = out->rgb + (size_t)cinfo.output_scanline * out->width * 3;
        jpeg_read_scanlines(&cinfo, &row, 1);
    }
    jpeg_destroy_decompress(&cinfo);
    return out->rgb;
}

static struct bytes encode(const struct picture_rgb *picture, int quality, bool full_colour, bool progressive)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long size = 0;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &data, &size);
    cinfo.image_width = picture->width;
    cinfo.image_height = picture->height;
    cinfo.input_components = 3;
    cinfo.in_color_space = JCS_RGB;
    jpeg_set_defaults(&cinfo);
    jpeg_set_quality(&cinfo, quality, TRUE);
    if (full_colour)
        cinfo.comp_info[0].h_samp_factor = cinfo.comp_info[0].v_samp_factor = 1;
    if (progressive)
        jpeg_simple_progression(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    while (cinfo.next_scanline < cinfo.image_height) {
        JSAMPROW row = picture->rgb + (size_t)cinfo.next_scanline * picture->width * 3;
        jpeg_write_scanlines(&cinfo, &row, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    return (struct bytes){data, size};
}

/** A part of the picture (in thousandths, left off on each side), resized by linear interpolation. */
static bool resample(struct picture_rgb *picture, unsigned crop, double scale)
{
    double left = picture->width * crop / 1000.0, top = picture->height * crop / 1000.0;
    uint32_t width = (uint32_t)((picture->width - 2 * left) * scale),
             height = (uint32_t)((picture->height - 2 * top) * scale);
    if (width < 16 || height < 16)
        return false;
    uint8_t *out = malloc((size_t)width * height * 3);
    if (!out)
        return false;
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            double sx = left + (x + 0.5) / scale - 0.5, sy = top + (y + 0.5) / scale - 0.5;
            sx = sx < 0 ? 0 : sx > picture->width - 1.001 ? picture->width - 1.001 : sx;
            sy = sy < 0 ? 0 : sy > picture->height - 1.001 ? picture->height - 1.001 : sy;
            uint32_t ix = (uint32_t)sx, iy = (uint32_t)sy;
            const uint8_t *p = picture->rgb + ((size_t)iy * picture->width + ix) * 3;
            const uint8_t *q = p + (size_t)picture->width * 3;
            for (unsigned c = 0; c < 3; c++) {
                double upper = p[c] + (sx - ix) * (p[c + 3] - p[c]), lower = q[c] + (sx - ix) * (q[c + 3] - q[c]);
                out[((size_t)y * width + x) * 3 + c] = (uint8_t)(upper + (sy - iy) * (lower - upper) + 0.5);
            }
        }
    free(picture->rgb);
    *picture = (struct picture_rgb){width, height, out};
    return true;
}

static void tone(struct picture_rgb *picture, double contrast, double shift)
{
    for (size_t i = 0; i < (size_t)picture->width * picture->height * 3; i++) {
        double v = (picture->rgb[i] - 128) * contrast + 128 + shift;
        picture->rgb[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

/** A light bar with dark strokes over the lowest twelfth. */
static void caption(struct picture_rgb *picture)
{
    for (uint32_t y = picture->height - picture->height / 12; y < picture->height; y++)
        for (uint32_t x = 0; x < picture->width * 3; x++)
            picture->rgb[(size_t)y * picture->width * 3 + x] = x / 3 * 40 / picture->width % 3 == 1 ? 30 : 235;
}

struct bytes edit_make(const struct picture_rgb *original, unsigned edit)
{
    static const struct {
        unsigned crop;
        double scale, contrast, shift;
        int quality;
        bool caption, full_colour, progressive;
    } edits[EDITS] = {
        {0, 1, 1, 0, 50, false, false, false},    {0, 1, 1, 0, 20, false, true, false},
        {0, 0.5, 1, 0, 85, false, false, false},  {0, 0.73, 1, 0, 90, false, true, false},
        {0, 1, 1.2, 15, 80, false, false, false}, {0, 1, 0.8, -20, 75, false, false, true},
        {15, 1, 1, 0, 85, false, false, false},   {30, 0.9, 1, 0, 75, false, false, false},
        {0, 1, 1, 0, 80, true, false, false},     {0, 1.5, 1, 0, 75, false, false, true},
    };
    struct picture_rgb picture = *original;
    struct bytes out = {NULL, 0};
    size_t size = (size_t)picture.width * picture.height * 3;
    picture.rgb = malloc(size);
    if (!picture.rgb)
        return out;
    memcpy(picture.rgb, original->rgb, size);
    bool resized = edits[edit].crop || edits[edit].scale < 1 || edits[edit].scale > 1;
    bool good = !resized || resample(&picture, edits[edit].crop, edits[edit].scale);
    if (edits[edit].caption)
        caption(&picture);
    if (edits[edit].contrast < 1 || edits[edit].contrast > 1)
        tone(&picture, edits[edit].contrast, edits[edit].shift);
    if (good)
        out = encode(&picture, edits[edit].quality, edits[edit].full_colour, edits[edit].progressive);
    free(picture.rgb);
    return out;
}
