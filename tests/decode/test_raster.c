#ifdef HAVE_RASTER
#include "extras.h"
#include "listed.h"

#include "decode/raster.h"

#define WIDTH  70u
#define HEIGHT 50u

/** The file's picture is these samples. */
static void check_file(enum file_type type, const struct file_bytes *file, const uint8_t *rgb)
{
    struct decode_request request = request_for(type, true);
    struct decode_extra extra;
    memset(&extra, 0, sizeof(extra));
    cr_assert_eq(sniff(file->data, file->size, file->size), type);
    extra.result = shown(&request, file);
    cr_assert(extra.result.status == TRAWL_OK, "%s: %s", type_name(type), extra.result.detail);
    extra.result.has_extras = false;
    check_pixels(&extra, rgb, WIDTH, HEIGHT);
}

Test(raster, pnm)
{
    uint8_t *rgb = photo_bytes(WIDTH, HEIGHT, 3, 5);
    struct file_bytes ppm = {NULL, 0}, pam = {NULL, 0}, plain = {NULL, 0};
    bytes_add(&ppm, "P6\n70 50\n255\n", 13);
    bytes_add(&ppm, rgb, WIDTH * HEIGHT * 3);
    check_file(TYPE_PNM, &ppm, rgb);
    bytes_add(&pam, "P7\nWIDTH 70\nHEIGHT 50\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n", 61);
    bytes_add(&pam, rgb, WIDTH * HEIGHT * 3);
    check_file(TYPE_PNM, &pam, rgb);
    bytes_add(&plain, "P3\n70 50\n255\n", 13);
    for (size_t i = 0; i < WIDTH * HEIGHT * 3; i++) {
        char text[8];
        bytes_add(&plain, text, (size_t)snprintf(text, sizeof(text), "%u\n", rgb[i]));
    }
    check_file(TYPE_PNM, &plain, rgb);
    free(rgb);
    free(ppm.data);
    free(pam.data);
    free(plain.data);
}

/** From the bottom up and from the top down; alpha that is zero throughout is none. */
Test(raster, tga)
{
    uint8_t *rgb = photo_bytes(WIDTH, HEIGHT, 3, 5);
    for (int kind = 0; kind < 4; kind++) {
        struct file_bytes file = {NULL, 0};
        bool down = kind & 1, alpha = kind & 2;
        uint8_t head[18] = {0,
                            0,
                            2,
                            [12] = WIDTH,
                            [14] = HEIGHT,
                            [16] = alpha ? 32 : 24,
                            [17] = (uint8_t)((down ? 0x20 : 0) | (alpha ? 8 : 0))};
        bytes_add(&file, head, sizeof(head));
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++) {
                const uint8_t *p = rgb + ((down ? y : HEIGHT - 1 - y) * WIDTH + x) * 3;
                const uint8_t bgra[4] = {p[2], p[1], p[0], 0};
                bytes_add(&file, bgra, alpha ? 4 : 3);
            }
        check_file(TYPE_TGA, &file, rgb);
        file.size -= 100;
        cr_assert_neq(sniff(file.data, file.size, file.size), TYPE_TGA, "bytes are missing");
        free(file.data);
    }
    free(rgb);
}

/** Three planes of 8 bits; runs are of one byte, as the format has them. */
Test(raster, pcx)
{
    uint8_t *rgb = photo_bytes(WIDTH, HEIGHT, 3, 5);
    uint8_t head[128] = {10, 5, 1, 8, [8] = WIDTH - 1, [10] = HEIGHT - 1, [65] = 3, [66] = WIDTH, [68] = 1};
    struct file_bytes file = {head, sizeof(head)};
    file.data = NULL;
    file.size = 0;
    bytes_add(&file, head, sizeof(head));
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t plane = 0; plane < 3; plane++)
            for (uint32_t x = 0; x < WIDTH; x++) {
                const uint8_t run[2] = {0xc1, rgb[(y * WIDTH + x) * 3 + plane]};
                bytes_add(&file, run, 2);
            }
    check_file(TYPE_PCX, &file, rgb);
    free(rgb);
    free(file.data);
}

/** Raw planes behind empty sections, and a preview among the resources. */
Test(raster, psd)
{
    uint8_t *rgb = photo_bytes(WIDTH, HEIGHT, 3, 5);
    struct file_bytes preview = make_photo_jpeg(64, 48, PHOTO_JPEG), resources = photoshop_block(&preview),
                      file = {NULL, 0};
    struct decode_request request = request_for(TYPE_PSD, true);
    bytes_add(&file, "8BPS\0\1\0\0\0\0\0\0\0\3", 14);
    bytes_number(&file, HEIGHT, 4, false);
    bytes_number(&file, WIDTH, 4, false);
    bytes_add(&file, "\0\x08\0\3\0\0\0\0", 8);
    bytes_number(&file, resources.size, 4, false);
    bytes_add(&file, resources.data, resources.size);
    bytes_add(&file, "\0\0\0\0\0\0", 6);
    for (uint32_t plane = 0; plane < 3; plane++)
        for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
            bytes_add(&file, rgb + i * 3 + plane, 1);
    check_file(TYPE_PSD, &file, rgb);
    const struct decode_extras *extras = listed(&request, &file);
    cr_assert(extras->n == 1 && extras->items[0].size == preview.size);
    check_extra(&extras->items[0], EXTRA_THUMBNAIL, 1);
    cr_assert_eq(memcmp(file.data + extras->items[0].offset, preview.data, preview.size), 0);
    for (size_t n = 0; n < 40 + resources.size; n += 7) {
        struct file_bytes cut = {file.data, n};
        listed(&request, &cut);
        shown(&request, &cut);
    }
    free(rgb);
    free(preview.data);
    free(resources.data);
    free(file.data);
}

/** Uncompressed, 32 bits. */
Test(raster, dds)
{
    uint8_t *rgb = photo_bytes(WIDTH, HEIGHT, 3, 5);
    struct file_bytes file = {NULL, 0};
    const uint32_t words[] = {124, 0x100f, HEIGHT, WIDTH, WIDTH * 4, 0, 0};
    bytes_add(&file, "DDS ", 4);
    for (size_t i = 0; i < 7; i++)
        bytes_number(&file, words[i], 4, true);
    for (size_t i = 0; i < 11; i++)
        bytes_number(&file, 0, 4, true);
    const uint32_t format[] = {32, 0x41, 0, 32, 0xff0000, 0xff00, 0xff, 0xff000000, 0x1000, 0, 0, 0, 0};
    for (size_t i = 0; i < 13; i++)
        bytes_number(&file, format[i], 4, true);
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        const uint8_t bgra[4] = {rgb[i * 3 + 2], rgb[i * 3 + 1], rgb[i * 3], 255};
        bytes_add(&file, bgra, 4);
    }
    check_file(TYPE_DDS, &file, rgb);
    free(rgb);
    free(file.data);
}

Test(raster, limits)
{
    struct file_bytes ppm = {NULL, 0};
    struct decode_request request = request_for(TYPE_PNM, true);
    bytes_add(&ppm, "P6\n70000 70000\n255\nxxxxxxxxxxxxxxxx", 35);
    struct decode_result result = shown(&request, &ppm);
    cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_PIXELS, "%d %s", (int)result.status, result.detail);
    free(ppm.data);
}
#endif
