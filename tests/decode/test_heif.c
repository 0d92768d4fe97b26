/* HEIF and AVIF, coded here, against the same pixels as PNG. */
#ifdef HAVE_HEIF
#define WIDTH  192u
#define HEIGHT 160u
#include "coded.h"
#include "make_heif.h"

/** x265, which codes here, keeps a little for good; nothing else may leak. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265";
}

/** Words of the sanitizer count as a failure. */
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

static const struct {
    enum heif_compression_format format;
    enum file_type type;
} formats[] = {{heif_compression_HEVC, TYPE_HEIF}, {heif_compression_AV1, TYPE_AVIF}};

static void skip(const char *name)
{
    fprintf(stderr, "skipped: this libheif cannot write %s\n", name);
}

Test(heif, is_as_its_png, .timeout = 120)
{
    for (unsigned channels = 3; channels <= 4; channels++)
        for (unsigned i = 0; i < 2; i++) {
            uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, channels, 5);
            struct file_bytes file = make_heif(pixels, channels, formats[i].format, heif_orientation_normal);
            struct decode_result expected = as_png(pixels, WIDTH, HEIGHT, channels);
            if (file.data) {
                assert_like_png(file, formats[i].type, &expected, 4, type_name(formats[i].type));
                assert_pixel_limit(file, formats[i].type);
            } else {
                skip(type_name(formats[i].type));
            }
            free(file.data);
            free(pixels);
        }
}

/** The picture is hashed as it is shown. */
Test(heif, is_turned_as_its_boxes_say, .timeout = 120)
{
    uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, 3, 5), *turned = malloc((size_t)WIDTH * HEIGHT * 3);
    for (size_t y = 0; y < HEIGHT; y++)
        for (size_t x = 0; x < WIDTH; x++)
            memcpy(turned + (x * HEIGHT + HEIGHT - 1 - y) * 3, pixels + (y * WIDTH + x) * 3, 3);
    struct decode_result expected = as_png(turned, HEIGHT, WIDTH, 3);
    for (unsigned i = 0; i < 2; i++) {
        struct file_bytes file = make_heif(pixels, 3, formats[i].format, heif_orientation_rotate_90_cw);
        if (file.data)
            assert_like_png(file, formats[i].type, &expected, 4, type_name(formats[i].type));
        else
            skip(type_name(formats[i].type));
        free(file.data);
    }
    free(pixels);
    free(turned);
}

Test(heif, broken_ones_end_sanely, .timeout = 300)
{
    uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, 3, 5);
    for (unsigned i = 0; i < 2; i++) {
        unsigned ends[TRAWL_STATUS_COUNT] = {0};
        struct file_bytes file = make_heif(pixels, 3, formats[i].format, heif_orientation_normal);
        if (file.data) {
            break_it(file, formats[i].type, 60, ends);
            cr_assert(ends[TRAWL_OK] && ends[TRAWL_DAMAGED]);
        } else {
            skip(type_name(formats[i].type));
        }
        free(file.data);
    }
    free(pixels);
}
#endif
