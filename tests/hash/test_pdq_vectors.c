/* Published hashes, and those observed from the reference, of pictures decoded here as the reference's producers did.
 */
#include <criterion/criterion.h>
#include <jpeglib.h>
#include <png.h>
#include <stdio.h>

#include "oracle.h"

#define DATA "../shared/data/pdq/"

static struct picture read_jpeg(FILE *file)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&jpeg);
    jpeg_stdio_src(&jpeg, file);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_RGB;
    jpeg_start_decompress(&jpeg);
    struct picture p = {jpeg.output_width, jpeg.output_height, 3, NULL};
    p.bytes = malloc((size_t)p.width * p.height * 3);
    while (p.bytes && jpeg.output_scanline < p.height) {
        JSAMPROW row = p.bytes + (size_t)jpeg.output_scanline * p.width * 3;
        jpeg_read_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    return p;
}

/** Colours as stored, alpha ignored, as the reference's producers do. */
static struct picture read_png(FILE *file)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_read_png(png, info, PNG_TRANSFORM_STRIP_16 | PNG_TRANSFORM_EXPAND | PNG_TRANSFORM_STRIP_ALPHA, NULL);
    struct picture p = {png_get_image_width(png, info), png_get_image_height(png, info), png_get_channels(png, info),
                        NULL};
    cr_assert(p.channels == 3 || p.channels == 1);
    p.bytes = malloc((size_t)p.width * p.height * p.channels);
    png_bytepp rows = png_get_rows(png, info);
    for (uint32_t y = 0; p.bytes && y < p.height; y++)
        memcpy(p.bytes + (size_t)y * p.width * p.channels, rows[y], (size_t)p.width * p.channels);
    png_destroy_read_struct(&png, &info, NULL);
    return p;
}

/** The lists name pictures by their place in the repositories they are from. */
static struct picture read_picture(const char *name)
{
    static const char *const roots[] = {"reg-test-input/", "misc-images/"};
    char path[512];
    for (unsigned i = 0; i < 2; i++)
        if (strncmp(name, roots[i], strlen(roots[i])) == 0)
            name += strlen(roots[i]);
    snprintf(path, sizeof(path), DATA "images/%s", name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s is missing", path);
    struct picture p = strstr(name, ".png") ? read_png(file) : read_jpeg(file);
    fclose(file);
    cr_assert_not_null(p.bytes);
    return p;
}

static void to_hex(char out[65], const uint8_t hash[PDQ_BYTES])
{
    for (unsigned i = 0; i < PDQ_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static void check(const char *name, const char *hex, int quality)
{
    struct picture p = read_picture(name);
    struct pdq_result result;
    char got[65];
    cr_assert(stream_pdq(&p, PDQ_REFERENCE, &result));
    to_hex(got, result.hash);
    cr_assert_str_eq(got, hex, "%s, reference: %s", name, got);
    cr_assert(quality < 0 || result.quality == quality, "%s: quality %d, not %d", name, result.quality, quality);
    cr_assert(stream_pdq(&p, PDQ_BANDED, &result));
    to_hex(got, result.hash);
    cr_assert(!result.stable || strcmp(got, hex) == 0, "%s, banded and stable: %s", name, got);
    cr_assert(!result.stable || quality < 0 || result.quality == quality, "%s, banded: quality %d", name,
              result.quality);
    free(p.bytes);
}

/** `hex_field` and `quality_field` count from 0; -1: none. Returns how many lines were checked. */
static unsigned check_list(const char *list, int hex_field, int quality_field)
{
    char path[512], line[1024], *field[16] = {NULL};
    snprintf(path, sizeof(path), DATA "expected/%s", list);
    FILE *file = fopen(path, "r");
    if (!file) {
        fprintf(stderr, "skipped: no %s\n", path);
        return 0;
    }
    unsigned checked = 0;
    cr_assert_not_null(fgets(line, sizeof(line), file));
    while (fgets(line, sizeof(line), file)) {
        char *rest = line;
        for (unsigned i = 0; i < 16; i++)
            field[i] = strsep(&rest, ",\n");
        cr_assert(field[hex_field] && (quality_field < 0 || field[quality_field]));
        check(field[0], field[hex_field], quality_field < 0 ? -1 : atoi(field[quality_field]));
        checked++;
    }
    fclose(file);
    return checked;
}

Test(pdq_vectors, python_threatexchange, .timeout = 300)
{
    unsigned n = check_list("fullres-tx.csv", 1, -1);
    cr_assert(n == 0 || n == 14);
}

Test(pdq_vectors, rust, .timeout = 300)
{
    unsigned n = check_list("fullres-rust-darwinium.csv", 1, -1);
    cr_assert(n == 0 || n == 8);
}

Test(pdq_vectors, observed_from_the_reference, .timeout = 300)
{
    unsigned n = check_list("observed-fullres-cpp-libjpegturbo2.1.5.csv", 3, 4);
    cr_assert(n == 0 || n == 21);
}
