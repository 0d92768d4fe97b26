/* The first frame as it stands on its screen, against PNG of the same pixels; and what becomes of broken files. */
#ifdef HAVE_GIF
#include "compared.h"
#include "gifs.h"

/** What the screen shows: white, and the frame where it is on the screen and not transparent. */
static uint16_t *render(const uint16_t *indices, struct gif_kind kind)
{
    size_t n = (size_t)kind.screen_width * (size_t)kind.screen_height * 3;
    uint16_t *rgb = malloc(n * sizeof(*rgb));
    for (size_t i = 0; i < n; i++)
        rgb[i] = 255;
    for (int y = 0; y < kind.height && kind.top + y < kind.screen_height; y++)
        for (int x = 0; x < kind.width && kind.left + x < kind.screen_width; x++) {
            unsigned index = indices[y * kind.width + x];
            GifColorType c = gif_colour(index);
            uint16_t *p = rgb + ((size_t)(kind.top + y) * (size_t)kind.screen_width + (size_t)(kind.left + x)) * 3;
            if ((int)index != kind.transparent)
                p[0] = c.Red, p[1] = c.Green, p[2] = c.Blue;
        }
    return rgb;
}

Test(gif, first_frame_on_its_screen)
{
    static const int places[][6] = {{90, 70, 0, 0, 90, 70}, {90, 70, 20, 13, 50, 40}, {90, 70, 60, 50, 50, 40},
                                    {90, 70, 95, 75, 9, 9}, {90, 70, 0, 0, 120, 100}, {7, 130, 1, 0, 5, 130}};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        for (int bits = 0; bits < 8; bits++) {
            const int *p = places[i];
            struct gif_kind kind = {p[0], p[1], p[2], p[3], p[4], p[5], bits & 1, bits & 2, bits & 4 ? 200 : -1, 1};
            uint16_t *indices = photo_samples((uint32_t)p[4], (uint32_t)p[5], 1, 255, 5);
            uint16_t *rgb = render(indices, kind);
            struct file_bytes file = make_gif(indices, kind);
            char what[40];
            snprintf(what, sizeof(what), "place %zu, kind %d", i, bits);
            compared_png(&file, TYPE_GIF, rgb, (uint32_t)p[0], (uint32_t)p[1], 0, what);
            free(file.data);
            free(rgb);
            free(indices);
        }
}

Test(gif, a_screen_without_size_is_as_large_as_the_frame)
{
    struct gif_kind kind = PHOTO_GIF(40, 30);
    uint16_t *indices = photo_samples(40, 30, 1, 255, 5), *rgb = render(indices, kind);
    struct file_bytes file = make_gif(indices, kind);
    memset(file.data + 6, 0, 4);
    compared_png(&file, TYPE_GIF, rgb, 40, 30, 0, "no screen");
    free(file.data);
    free(rgb);
    free(indices);
}

Test(gif, further_frames_are_counted)
{
    struct gif_kind kind = PHOTO_GIF(20, 20);
    kind.frames = 5;
    uint16_t *indices = photo_samples(20, 20, 1, 255, 5);
    struct file_bytes file = make_gif(indices, kind);
    struct decode_request request = request_for(TYPE_GIF, true);
    request.limits.value[LIMIT_GIF_FRAMES] = 5;
    struct decode_result whole = compared_decode(&file, request);
    cr_assert(whole.status == TRAWL_OK && !strcmp(whole.detail, "the first of 5 frames"), "%s", whole.detail);
    request.limits.value[LIMIT_GIF_FRAMES]--;
    struct decode_result many = compared_decode(&file, request);
    cr_assert(many.status == TRAWL_PARTIAL && strstr(many.detail, "gif-frames"), "%s", many.detail);
    cr_assert_eq(compared_bits(&whole, &many), 0);
    file.size -= 40;
    struct decode_result cut = compared_decode(&file, request_for(TYPE_GIF, true));
    cr_assert(cut.status == TRAWL_PARTIAL && compared_bits(&whole, &cut) == 0, "%s", cut.detail);
    free(file.data);
    free(indices);
}

Test(gif, limits)
{
    struct gif_kind kind = PHOTO_GIF(40, 30);
    kind.width = 41;
    kind.interlaced = true;
    uint16_t *indices = photo_samples(41, 30, 1, 255, 5);
    struct file_bytes file = make_gif(indices, kind);
    struct decode_request request = request_for(TYPE_GIF, true);
    for (uint64_t pixels = 40 * 30 - 1; pixels <= 41 * 30; pixels++) {
        request.limits.value[LIMIT_PIXELS] = pixels;
        struct decode_result result = compared_decode(&file, request);
        cr_assert(pixels == 41 * 30 ? result.status == TRAWL_OK : result.limit == LIMIT_PIXELS);
    }
    request.limits.value[LIMIT_DECODE_MEMORY] = 41 * 30 - 1;
    cr_assert_eq(compared_decode(&file, request).limit, LIMIT_DECODE_MEMORY);
    free(file.data);
    free(indices);
}

Test(gif, stray_bytes_and_missing_ends_are_told)
{
    uint16_t *indices = photo_samples(40, 30, 1, 255, 5);
    struct file_bytes file = make_gif(indices, PHOTO_GIF(40, 30));
    struct decode_result whole = compared_exact(&file, TYPE_GIF);
    file.size--;
    struct decode_result cut = compared_exact(&file, TYPE_GIF);
    cr_assert(cut.status == TRAWL_OK && strstr(cut.detail, "trailer") && !compared_bits(&whole, &cut), "%s",
              cut.detail);
    file.size++;
    file_insert(&file, 13 + 768, "\0\0", 2);
    struct decode_result stray = compared_exact(&file, TYPE_GIF);
    cr_assert(stray.status == TRAWL_OK && strstr(stray.detail, "stray") && !compared_bits(&whole, &stray), "%s",
              stray.detail);
    free(file.data);
    free(indices);
}

Test(gif, every_cut_and_every_changed_byte, .timeout = 120)
{
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        struct gif_kind kind = PHOTO_GIF(24, 21);
        kind.interlaced = interlaced;
        uint16_t *indices = photo_samples(24, 21, 1, 255, 5);
        struct file_bytes file = make_gif(indices, kind);
        unsigned partial = compared_cuts(&file, TYPE_GIF, 2);
        cr_assert_gt(partial, 200u, "%u", partial);
        compared_flips(&file, TYPE_GIF);
        free(file.data);
        free(indices);
    }
}
#endif
