/* coded.h: a picture, coded by a library, against the same pixels as PNG; and what becomes of it when it is broken. */
#ifndef TESTS_DECODE_CODED_H
#define TESTS_DECODE_CODED_H

#include <criterion/criterion.h>

#include "pictures.h"

static inline struct decode_result coded_decode(const uint8_t *data, size_t size, enum file_type type)
{
    struct decode_request request = request_for(type, true);
    uint8_t *copy = malloc(size ? size : 1); /* of its exact size, so that a sanitizer sees one byte too many */
    memcpy(copy, data, size);
    struct decode_result result;
    decode_picture(&request, copy, size, &result);
    cr_assert(decode_result_sane(&result), "%s", result.detail);
    cr_assert(result.status == TRAWL_OK || result.detail[0]);
    free(copy);
    return result;
}

/** What the PNG decoder makes of the pixels. */
static inline struct decode_result as_png(const uint8_t *pixels, uint32_t width, uint32_t height, unsigned channels)
{
    static const int colours[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                  PNG_COLOR_TYPE_RGB_ALPHA};
    size_t n = (size_t)width * height * channels;
    uint16_t *samples = malloc(n * sizeof(*samples));
    for (size_t i = 0; i < n; i++)
        samples[i] = pixels[i];
    struct file_bytes png =
        make_png(samples, width, height, (struct png_kind){.colour = colours[channels], .depth = 8});
    struct decode_result result = coded_decode(png.data, png.size, TYPE_PNG);
    free(png.data);
    free(samples);
    return result;
}

static inline void assert_like_png(struct file_bytes file, enum file_type type, const struct decode_result *expected,
                                   unsigned distance, const char *what)
{
    struct decode_result result = coded_decode(file.data, file.size, type);
    cr_assert_eq(result.status, TRAWL_OK, "%s: %s", what, result.detail);
    cr_assert_eq(result.width, expected->width, "%s", what);
    cr_assert_eq(result.height, expected->height, "%s", what);
    unsigned bits = (unsigned)pdq_distance(result.pdq.hash, expected->pdq.hash);
    cr_assert_leq(bits, distance, "%s: %u bits", what, bits);
}

/** Cuts and changed bytes: any sane end will do; returns how often each came. */
static inline void break_it(struct file_bytes file, enum file_type type, unsigned rounds, unsigned *ends)
{
    uint32_t seed = 4711 + (uint32_t)type;
    for (unsigned round = 0; round < rounds; round++) {
        ends[coded_decode(file.data, noise(&seed) % file.size, type).status]++;
        size_t at = round & 1 ? noise(&seed) % file.size : noise(&seed) % (file.size < 300 ? file.size : 300);
        uint8_t was = file.data[at];
        file.data[at] = (uint8_t)(round & 2 ? noise(&seed) : was ^ 1u << noise(&seed) % 8);
        ends[coded_decode(file.data, file.size, type).status]++;
        file.data[at] = was;
    }
}

/** The limit on pixels holds before anything is decoded. */
static inline void assert_pixel_limit(struct file_bytes file, enum file_type type)
{
    struct decode_request request = request_for(type, true);
    request.limits.value[LIMIT_PIXELS] = 100;
    struct decode_result result;
    decode_picture(&request, file.data, file.size, &result);
    cr_assert(decode_result_sane(&result));
    cr_assert_eq(result.status, TRAWL_LIMIT);
    cr_assert_eq(result.limit, LIMIT_PIXELS);
}

#endif
