/* Lossless WebP against PNG of the same pixels, lossy near it; animations, orientation, broken files. */
#ifdef HAVE_WEBP
#include "compared.h"
#include "webps.h"

/** RGB of RGBA over white. */
static uint16_t *flattened(const uint16_t *rgba, size_t pixels)
{
    uint16_t *rgb = malloc(pixels * 3 * sizeof(*rgb));
    for (size_t i = 0; i < pixels * 3; i++) {
        unsigned c = rgba[i / 3 * 4 + i % 3], a = rgba[i / 3 * 4 + 3];
        rgb[i] = (uint16_t)((a * c + (255 - a) * 255 + 127) / 255);
    }
    return rgb;
}

Test(webp, lossless_and_lossy)
{
    static const int sizes[][2] = {{90, 70}, {5, 9}, {333, 17}, {16, 16}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        int w = sizes[i][0], h = sizes[i][1];
        uint16_t *rgba = photo_samples((uint32_t)w, (uint32_t)h, 4, 255, 8);
        uint16_t *rgb = photo_samples((uint32_t)w, (uint32_t)h, 3, 255, 9);
        uint16_t *flat = flattened(rgba, (size_t)w * (size_t)h);
        struct file_bytes plain = make_webp(rgb, w, h, 3, true), alpha = make_webp(rgba, w, h, 4, true);
        compared_png(&plain, TYPE_WEBP, rgb, (uint32_t)w, (uint32_t)h, 0, "lossless");
        compared_png(&alpha, TYPE_WEBP, flat, (uint32_t)w, (uint32_t)h, 0, "lossless with alpha");
        struct file_bytes lossy = make_webp(rgb, w, h, 3, false), both = make_webp(rgba, w, h, 4, false);
        if (w > 80 && h > 60) {
            compared_png(&lossy, TYPE_WEBP, rgb, (uint32_t)w, (uint32_t)h, 24, "lossy");
            compared_png(&both, TYPE_WEBP, flat, (uint32_t)w, (uint32_t)h, 24, "lossy with alpha");
        }
        free(plain.data), free(alpha.data), free(lossy.data), free(both.data);
        free(rgba), free(rgb), free(flat);
    }
}

Test(webp, first_frame_on_its_canvas)
{
    uint16_t *rgb = photo_samples(50, 40, 3, 255, 9), *canvas = malloc(90 * 70 * 3 * sizeof(*canvas));
    for (size_t i = 0; i < (size_t)90 * 70 * 3; i++) {
        size_t x = i / 3 % 90, y = i / 3 / 90;
        bool inside = x >= 20 && x < 70 && y >= 12 && y < 52;
        canvas[i] = inside ? rgb[((y - 12) * 50 + x - 20) * 3 + i % 3] : 255;
    }
    struct file_bytes still = make_webp(rgb, 50, 40, 3, true);
    struct file_bytes file = make_animated_webp(&still, 50, 40, 90, 70, 20, 12, 4);
    compared_png(&file, TYPE_WEBP, canvas, 90, 70, 0, "animation");
    struct decode_result whole = compared_exact(&file, TYPE_WEBP);
    cr_assert_str_eq(whole.detail, "the first of 4 frames");
    file.size -= still.size / 2;
    struct decode_result cut = compared_exact(&file, TYPE_WEBP);
    cr_assert(cut.status == TRAWL_PARTIAL && !compared_bits(&whole, &cut), "%s", cut.detail);
    free(still.data), free(file.data), free(rgb), free(canvas);
}

Test(webp, orientation_is_recorded_and_not_applied)
{
    static const uint8_t tiff[] = {'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                                   3,   0,   0, 0,   1, 0, 6, 0, 0, 0, 0, 0,    0};
    uint16_t *rgb = photo_samples(50, 40, 3, 255, 9);
    struct file_bytes still = make_webp(rgb, 50, 40, 3, true), file = {NULL, 0};
    webp_extended(&file, 8, 50, 40);
    webp_bytes(&file, still.data + 12, still.size - 12);
    webp_tag(&file, "EXIF", sizeof(tiff));
    webp_bytes(&file, tiff, sizeof(tiff));
    webp_seal(&file);
    compared_png(&file, TYPE_WEBP, rgb, 50, 40, 0, "with EXIF");
    cr_assert_eq(compared_exact(&file, TYPE_WEBP).orientation, 6u);
    free(still.data), free(file.data), free(rgb);
}

Test(webp, limits)
{
    uint16_t *rgb = photo_samples(50, 40, 3, 255, 9);
    struct file_bytes file = make_webp(rgb, 50, 40, 3, false);
    struct decode_request request = request_for(TYPE_WEBP, true);
    request.limits.value[LIMIT_PIXELS] = 50 * 40 - 1;
    cr_assert_eq(compared_decode(&file, request).limit, LIMIT_PIXELS);
    request.limits.value[LIMIT_PIXELS]++;
    cr_assert_eq(compared_decode(&file, request).status, TRAWL_OK);
    request.limits.value[LIMIT_DECODE_MEMORY] = 50 * 40 * 3 - 1;
    cr_assert_eq(compared_decode(&file, request).limit, LIMIT_DECODE_MEMORY);
    free(file.data), free(rgb);
}

Test(webp, every_cut_and_every_changed_byte, .timeout = 120)
{
    uint16_t *samples = photo_samples(24, 21, 4, 255, 5);
    for (int kind = 0; kind < 4; kind++) {
        struct file_bytes file = make_webp(samples, 24, 21, kind & 1 ? 4 : 3, kind & 2);
        /* Of a lossy picture the last bytes may be filling. */
        compared_cuts(&file, TYPE_WEBP, 8);
        compared_flips(&file, TYPE_WEBP);
        free(file.data);
    }
    free(samples);
}

Test(webp, every_cut_of_an_animation, .timeout = 120)
{
    uint16_t *samples = photo_samples(24, 21, 3, 255, 5);
    for (int lossless = 0; lossless < 2; lossless++) {
        struct file_bytes still = make_webp(samples, 24, 21, 3, lossless);
        struct file_bytes moving = make_animated_webp(&still, 24, 21, 40, 40, 2, 2, 2);
        cr_assert_gt(compared_cuts(&moving, TYPE_WEBP, 8), still.size, "the first frame is there");
        compared_flips(&moving, TYPE_WEBP);
        free(still.data), free(moving.data);
    }
    free(samples);
}

/** A picture of many rows, cut in the middle, shows its upper half. */
Test(webp, rows_that_came_are_hashed)
{
    uint16_t *rgb = photo_samples(128, 400, 3, 255, 9);
    for (int lossless = 0; lossless < 2; lossless++) {
        struct file_bytes file = make_webp(rgb, 128, 400, 3, lossless);
        file.size = file.size * 3 / 4;
        struct decode_result result = compared_exact(&file, TYPE_WEBP);
        cr_assert(result.status == TRAWL_PARTIAL && result.has_pdq && strstr(result.detail, "% of the rows"), "%s",
                  result.detail);
        free(file.data);
    }
    free(rgb);
}
#endif
