/* JPEG XL, coded here, against the same pixels as PNG. */
#ifdef HAVE_JXL
#define WIDTH  200u
#define HEIGHT 150u
#include "coded.h"
#include "make_jxl.h"

Test(jxl, is_as_its_png, .timeout = 120)
{
    static const unsigned channels[] = {1, 3, 4};
    for (unsigned i = 0; i < 3; i++)
        for (unsigned lossless = 0; lossless < 2; lossless++) {
            uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, channels[i], 5);
            struct decode_result expected = as_png(pixels, WIDTH, HEIGHT, channels[i]);
            struct file_bytes file = make_jxl(pixels, channels[i], lossless, JXL_ORIENT_IDENTITY);
            assert_like_png(file, TYPE_JXL, &expected, lossless ? 0 : 4, "jxl");
            assert_pixel_limit(file, TYPE_JXL);
            free(file.data);
            free(pixels);
        }
}

Test(jxl, is_turned_as_it_says, .timeout = 60)
{
    uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, 3, 5), *turned = malloc((size_t)WIDTH * HEIGHT * 3);
    for (size_t y = 0; y < HEIGHT; y++)
        for (size_t x = 0; x < WIDTH; x++)
            memcpy(turned + (x * HEIGHT + HEIGHT - 1 - y) * 3, pixels + (y * WIDTH + x) * 3, 3);
    struct decode_result expected = as_png(turned, HEIGHT, WIDTH, 3);
    struct file_bytes file = make_jxl(pixels, 3, true, JXL_ORIENT_ROTATE_90_CW);
    assert_like_png(file, TYPE_JXL, &expected, 0, "turned");
    free(file.data);
    free(pixels);
    free(turned);
}

Test(jxl, broken_ones_end_sanely, .timeout = 300)
{
    uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, 3, 5);
    unsigned ends[TRAWL_STATUS_COUNT] = {0};
    cr_assert(freopen("/dev/null", "w", stderr)); /* Debian's libjxl tells of every fault */
    for (unsigned lossless = 0; lossless < 2; lossless++) {
        struct file_bytes file = make_jxl(pixels, 3, lossless, JXL_ORIENT_IDENTITY);
        break_it(file, TYPE_JXL, 100, ends);
        free(file.data);
    }
    cr_assert(ends[TRAWL_OK] && ends[TRAWL_DAMAGED]);
    free(pixels);
}
#endif
