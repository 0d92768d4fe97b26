#include "make_ico.h"
#include "listed.h"

static void over_white(const uint8_t *rgba, uint32_t pixels, uint32_t bits, uint8_t *rgb)
{
    uint32_t most = bits <= 8 ? (1u << bits) - 1 : 255;
    for (uint32_t i = 0; i < pixels; i++)
        for (int k = 0; k < 3; k++) {
            unsigned v = bits <= 8 ? rgba[i * 4] * most / 255 * 255 / most : rgba[i * 4 + k], a = rgba[i * 4 + 3];
            a = bits == 32 ? a : a ? 255 : 0;
            rgb[i * 3 + k] = (uint8_t)((v * a + 255 * (255 - a) + 127) / 255);
        }
}

/** Bitmaps of all depths, and a PNG, each with its own bytes' picture. */
Test(ico, all_depths)
{
    static const uint32_t bits[] = {1, 4, 8, 24, 32};
    uint8_t *rgba[5], *rgb = malloc(40 * 40 * 3);
    struct file_bytes png = make_photo_png(64, 64, PHOTO_PNG);
    struct icon_kind kinds[6];
    struct decode_request request = request_for(TYPE_ICO, true);
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t side = 24 + 3 * i;
        rgba[i] = photo_bytes(side, side, 4, i + 2);
        for (uint32_t k = 0; bits[i] != 32 && k < side * side; k++)
            rgba[i][k * 4 + 3] = rgba[i][k * 4 + 3] > 100 ? 255 : 0;
        kinds[i] = (struct icon_kind){side, side, bits[i], rgba[i], NULL};
    }
    kinds[5] = (struct icon_kind){.width = 64, .height = 64, .png = &png};
    struct file_bytes file = make_ico(kinds, 6);
    struct decode_result whole = shown(&request, &file);
    cr_assert(whole.status == TRAWL_OK && whole.width == 64 && whole.has_extras, "%s", whole.detail);
    const struct decode_extras *extras = listed(&request, &file);
    cr_assert_eq(extras->n, 6);
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t side = kinds[i].width;
        over_white(rgba[i], side * side, bits[i], rgb);
        check_extra(&extras->items[i], EXTRA_PICTURE, i + 2);
        check_pixels(&extras->items[i], rgb, side, side);
        free(rgba[i]);
    }
    check_extra(&extras->items[5], EXTRA_PICTURE, 1);
    cr_assert_eq(extras->items[5].size, png.size);
    cr_assert_eq(memcmp(file.data + extras->items[5].offset, png.data, png.size), 0);
    free(rgb);
    free(png.data);
    free(file.data);
}

Test(ico, cut_anywhere)
{
    uint8_t *rgba = photo_bytes(20, 20, 4, 3);
    const struct icon_kind kinds[] = {{20, 20, 32, rgba, NULL}, {20, 20, 4, rgba, NULL}};
    struct file_bytes file = make_ico(kinds, 2);
    struct decode_request request = request_for(TYPE_ICO, true);
    for (size_t n = 6; n < file.size; n++) {
        struct file_bytes cut = {malloc(n), n};
        memcpy(cut.data, file.data, n);
        struct decode_result result = shown(&request, &cut);
        const struct decode_extras *extras = listed(&request, &cut);
        cr_assert(result.status != TRAWL_OK || extras->items[0].result.status != TRAWL_OK || n > file.size - 80,
                  "%zu bytes", n);
        free(cut.data);
    }
    free(rgba);
    free(file.data);
}
