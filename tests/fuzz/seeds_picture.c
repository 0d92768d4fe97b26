#include "../decode/make_ico.h"
#include "seeds.h"

#define WIDTH  24u
#define HEIGHT 21u

static void write_jpeg(const char *name, struct jpeg_kind kind)
{
    kind.quality = 40;
    struct file_bytes file = make_photo_jpeg(WIDTH, HEIGHT, kind);
    seed_write("jpeg", name, file.data, file.size);
    if (kind.file == JCS_YCbCr || kind.file == JCS_GRAYSCALE)
        seed_write("screen", name, file.data, file.size);
    free(file.data);
}

/** One picture with another in each of its places: EXIF, Photoshop, MPF. */
static void seed_embedded(void)
{
    struct file_bytes thumbnail = make_photo_jpeg(40, 32, PHOTO_JPEG), photo = make_photo_jpeg(96, 64, PHOTO_JPEG);
    struct file_bytes exif = exif_block(&thumbnail, 0, 0, true), resources = photoshop_block(&thumbnail);
    struct file_bytes block = {NULL, 0}, raw = exif_block(&thumbnail, 8, 6, false);
    bytes_add(&block, "Photoshop 3.0\0", 14);
    bytes_add(&block, resources.data, resources.size);
    uint32_t kinds[] = {0x010002, 0x020002}, sizes[] = {(uint32_t)thumbnail.size, (uint32_t)photo.size};
    uint32_t offsets[] = {(uint32_t)photo.size + 90 - 6, (uint32_t)(photo.size + 90 - 6 + thumbnail.size)};
    struct file_bytes mpf = mpf_block(kinds, sizes, offsets, 2), whole = {NULL, 0};
    bytes_add(&whole, photo.data, photo.size);
    jpeg_insert(&whole, 2, 0xe2, mpf.data, mpf.size);
    bytes_add(&whole, thumbnail.data, thumbnail.size);
    bytes_add(&whole, photo.data, photo.size);
    jpeg_insert(&whole, 2, 0xed, block.data, block.size);
    jpeg_insert(&whole, 2, 0xe1, exif.data, exif.size);
    seed_write("jpeg", "embedded", whole.data, whole.size);
    jpeg_insert(&photo, 2, 0xe1, raw.data, raw.size);
    seed_write("jpeg", "embedded-samples", photo.data, photo.size);
    free(whole.data);
    free(photo.data);
    free(thumbnail.data);
    free(exif.data);
    free(resources.data);
    free(block.data);
    free(raw.data);
    free(mpf.data);
}

static void seed_jpegs(void)
{
    static const char exif[] = "Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0";
    write_jpeg("photo", PHOTO_JPEG);
    write_jpeg("grey", (struct jpeg_kind){.in = JCS_GRAYSCALE, .file = JCS_GRAYSCALE});
    write_jpeg("rgb", (struct jpeg_kind){.in = JCS_RGB, .file = JCS_RGB});
    write_jpeg("cmyk", (struct jpeg_kind){.in = JCS_CMYK, .file = JCS_YCCK, .no_adobe = false});
    write_jpeg("cmyk-plain", (struct jpeg_kind){.in = JCS_CMYK, .file = JCS_CMYK, .no_adobe = true});
    write_jpeg("progressive",
               (struct jpeg_kind){.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2, .progressive = true});
    write_jpeg("arithmetic", (struct jpeg_kind){.in = JCS_RGB, .file = JCS_YCbCr, .arithmetic = true});
    write_jpeg("scans", (struct jpeg_kind){.in = JCS_RGB, .file = JCS_YCbCr, .not_interleaved = true});
    write_jpeg("grey-progressive", (struct jpeg_kind){.in = JCS_GRAYSCALE, .file = JCS_GRAYSCALE, .progressive = true});
    write_jpeg("4-1-1", (struct jpeg_kind){.in = JCS_RGB, .file = JCS_YCbCr, .h = 4, .v = 1});
    write_jpeg("restarts", (struct jpeg_kind){.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 1, .restart_rows = 1});
    uint16_t *samples = photo_samples(WIDTH, HEIGHT, 3, 255, 7);
    struct file_bytes file = make_jpeg_marked(samples, WIDTH, HEIGHT, PHOTO_JPEG, exif, sizeof(exif) - 1);
    seed_write("jpeg", "exif", file.data, file.size);
    seed_write("jpeg", "cut", file.data, file.size * 3 / 4);
    free(file.data);
    file = make_jpeg(samples, 3, 3, PHOTO_JPEG);
    seed_write("jpeg", "tiny", file.data, file.size);
    free(file.data);
    free(samples);
}

static void write_png(const char *name, struct png_kind kind)
{
    struct file_bytes file = make_photo_png(WIDTH, HEIGHT, kind);
    seed_write("png", name, file.data, file.size);
    free(file.data);
}

static void seed_pngs(void)
{
    write_png("rgb", PHOTO_PNG);
    write_png("rgba16", (struct png_kind){.colour = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 16});
    write_png("grey1", (struct png_kind){.colour = PNG_COLOR_TYPE_GRAY, .depth = 1, .transparent = true});
    write_png("grey-alpha", (struct png_kind){.colour = PNG_COLOR_TYPE_GRAY_ALPHA, .depth = 8, .interlaced = true});
    write_png("palette", (struct png_kind){.colour = PNG_COLOR_TYPE_PALETTE, .depth = 4, .transparent = true});
    write_png("interlaced",
              (struct png_kind){.colour = PNG_COLOR_TYPE_RGB, .depth = 8, .interlaced = true, .transparent = true});
    struct file_bytes file = make_photo_png(8, 8, PHOTO_PNG);
    seed_write("png", "cut", file.data, file.size * 2 / 3);
    png_insert(&file, png_find(&file, "IDAT"), "eXIf", "II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\3\0\0\0\0\0\0\0", 26, 26);
    seed_write("png", "exif", file.data, file.size);
    png_insert(&file, png_find(&file, "IDAT"), "sCAL", "\1", 1, 0x40000000);
    seed_write("png", "huge-scal", file.data, file.size);
    png_insert(&file, 8, "CgBI", "\0\0\0\0", 4, 4);
    seed_write("png", "apple", file.data, file.size);
    free(file.data);
}

static void seed_icons(void)
{
    uint8_t *rgba = photo_bytes(12, 10, 4, 3);
    struct file_bytes png = make_photo_png(16, 16, PHOTO_PNG), raw = {NULL, 0},
                      jpeg = make_photo_jpeg(24, 16, PHOTO_JPEG);
    const struct icon_kind kinds[] = {{12, 10, 1, rgba, NULL},  {12, 10, 4, rgba, NULL},  {12, 10, 8, rgba, NULL},
                                      {12, 10, 24, rgba, NULL}, {12, 10, 32, rgba, NULL}, {16, 16, 0, NULL, &png}};
    for (uint32_t n = 1; n <= 6; n += 5) {
        struct file_bytes file = make_ico(kinds + 6 - n, n);
        seed_write("ico", n == 1 ? "png" : "all", file.data, file.size);
        free(file.data);
    }
    bytes_add(&raw, "FUJIFILMCCD-RAW 0201\xff\xd8\xff\xe1", 24);
    bytes_add(&raw, jpeg.data, jpeg.size);
    bytes_add(&raw, jpeg.data, jpeg.size);
    seed_write("raw", "two", raw.data, raw.size);
    free(rgba);
    free(png.data);
    free(raw.data);
    free(jpeg.data);
}

void seed_pictures(void)
{
    seed_icons();
    seed_jpegs();
    seed_embedded();
    seed_pngs();
}
