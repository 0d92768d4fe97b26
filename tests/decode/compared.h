/* compared.h: a decoder against PNG of the same pixels, and against every cut and every changed byte of a file. */
#ifndef TESTS_DECODE_COMPARED_H
#define TESTS_DECODE_COMPARED_H

#include <criterion/criterion.h>

#include "pictures.h"

static inline struct decode_result compared_decode(const struct file_bytes *file, struct decode_request request)
{
    struct decode_result result;
    memset(&result, 0xEE, sizeof(result));
    decode_picture(&request, file->data, file->size, &result);
    cr_assert(decode_result_sane(&result), "%s", result.detail);
    cr_assert(result.status == TRAWL_OK || result.detail[0]);
    return result;
}

static inline struct decode_result compared_exact(const struct file_bytes *file, enum file_type type)
{
    return compared_decode(file, request_for(type, true));
}

static inline int compared_bits(const struct decode_result *a, const struct decode_result *b)
{
    int bits = 0;
    for (int i = 0; i < PDQ_BYTES; i++)
        bits += __builtin_popcount((unsigned)(a->pdq.hash[i] ^ b->pdq.hash[i]));
    return bits;
}

/** The file decodes without loss to these RGB samples, or at most `bits` off. */
static inline void compared_png(const struct file_bytes *file, enum file_type type, const uint16_t *rgb, uint32_t width,
                                uint32_t height, int bits, const char *what)
{
    struct file_bytes png = make_png(rgb, width, height, PHOTO_PNG);
    struct decode_result want = compared_exact(&png, TYPE_PNG), got = compared_exact(file, type);
    cr_assert_eq(got.status, TRAWL_OK, "%s: %s", what, got.detail);
    cr_assert(got.width == width && got.height == height, "%s: %u x %u", what, got.width, got.height);
    cr_assert(got.has_pdq && !got.screen, "%s", what);
    cr_assert_leq(compared_bits(&want, &got), bits, "%s: %d bits off", what, compared_bits(&want, &got));
    struct decode_result fast = compared_decode(file, request_for(type, false));
    cr_assert(fast.screen && (compared_bits(&fast, &got) <= 16 || !got.pdq.stable || width < 64 || height < 64),
              "%s: screening is %d bits off", what, compared_bits(&fast, &got));
    free(png.data);
}

/** Both modes, out of memory of its exact size, so that a sanitizer sees one byte too many. */
static inline enum trawl_status compared_broken(const uint8_t *data, size_t size, enum file_type type)
{
    struct file_bytes copy = {malloc(size ? size : 1), size};
    memcpy(copy.data, data, size);
    struct decode_request request = request_for(type, false);
    request.limits.value[LIMIT_PIXELS] = 1 << 16;
    request.limits.value[LIMIT_DECODE_MEMORY] = 8 << 20;
    compared_decode(&copy, request);
    request.exact = true;
    struct decode_result result = compared_decode(&copy, request), again = compared_decode(&copy, request);
    cr_assert_eq(memcmp(&result, &again, sizeof(result)), 0, "two runs, two results: %s", result.detail);
    free(copy.data);
    return result.status;
}

/** Each beginning of the file is partial or damaged; how many are partial. */
static inline unsigned compared_cuts(const struct file_bytes *file, enum file_type type, size_t optional_end)
{
    unsigned partial = 0;
    for (size_t n = 0; n < file->size; n++) {
        enum trawl_status status = compared_broken(file->data, n, type);
        cr_assert(status == TRAWL_PARTIAL || status == TRAWL_DAMAGED || n + optional_end >= file->size,
                  "cut at %zu of %zu: %s", n, file->size, status_name(status));
        partial += status == TRAWL_PARTIAL;
    }
    return partial;
}

/** Every byte changed in two ways: any sane end will do. */
static inline void compared_flips(const struct file_bytes *file, enum file_type type)
{
    for (size_t i = 0; i < file->size; i++) {
        uint8_t was = file->data[i];
        file->data[i] = (uint8_t)(was ^ 1u << i % 8);
        compared_broken(file->data, file->size, type);
        file->data[i] = (uint8_t)~was;
        compared_broken(file->data, file->size, type);
        file->data[i] = was;
    }
}

#endif
