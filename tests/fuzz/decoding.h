/* decoding.h: decodes bytes in both modes and checks that the results can be told. */
#ifndef TESTS_FUZZ_DECODING_H
#define TESTS_FUZZ_DECODING_H

#include "fuzz.h"
#include "trawl/decode.h"

static inline struct decode_request decoding_request(enum file_type type, bool exact)
{
    struct decode_request request = {.type = type, .exact = exact};
    limits_default(&request.limits);
    request.limits.value[LIMIT_PIXELS] = 1 << 18;
    request.limits.value[LIMIT_DECODE_BYTES] = 1 << 20;
    request.limits.value[LIMIT_DECODE_MEMORY] = 16 << 20;
    request.limits.value[LIMIT_JPEG_SCANS] = 20;
    request.limits.value[LIMIT_JPEG_WARNINGS] = 50;
    request.limits.value[LIMIT_GIF_FRAMES] = 20;
    request.limits.value[LIMIT_TIFF_DIRECTORIES] = 20;
    return request;
}

/** Twice, into memory of different contents: what was not written shows. */
static inline struct decode_result decoding_run(enum file_type type, bool exact, const uint8_t *data, size_t size)
{
    struct decode_request request = decoding_request(type, exact);
    struct decode_result result, again;
    memset(&result, 0xa5, sizeof(result));
    memset(&again, 0x5a, sizeof(again));
    decode_picture(&request, data, size, &result);
    CHECK(decode_result_sane(&result));
    CHECK(result.status == TRAWL_OK || *result.detail);
    CHECK((uint64_t)result.width * result.height <= 1 << 18 || !result.has_pdq);
    CHECK(!result.has_pdq || result.screen == !exact);
    decode_picture(&request, data, size, &again);
    CHECK(memcmp(&result, &again, sizeof(result)) == 0);
    return result;
}

/** What is beside the picture: the same whether it is asked for at once or one by one, and told of by has_extras. */
static inline void decoding_extras(enum file_type type, const struct decode_result *whole, const uint8_t *data,
                                   size_t size)
{
    struct decode_request request = decoding_request(type, true);
    struct decode_extras *all = malloc(sizeof(*all)), *one = malloc(sizeof(*one));
    CHECK(all && one);
    memset(all, 0xa5, sizeof(*all));
    request.extras = true;
    request.count = DECODE_EXTRAS;
    decode_extras(&request, data, size, all);
    CHECK(decode_extras_sane(all, size));
    CHECK(type != TYPE_JPEG || whole->has_extras || !all->n);
    for (uint32_t i = 0; i < all->n && i < 3; i++) {
        request.first = i;
        request.count = 1;
        memset(one, 0x5a, sizeof(*one));
        decode_extras(&request, data, size, one);
        CHECK(one->n == 1 && one->more == (all->more || i + 1 < all->n));
        CHECK(memcmp(&one->items[0], &all->items[i], sizeof(one->items[0])) == 0);
    }
    free(all);
    free(one);
}

/** Both modes see the same file. */
static inline void decoding_both(enum file_type type, const uint8_t *data, size_t size)
{
    uint8_t *copy = fuzz_copy(data, size);
    struct decode_result fast = decoding_run(type, false, copy, size), exact = decoding_run(type, true, copy, size);
    CHECK(fast.width == exact.width && fast.height == exact.height && fast.orientation == exact.orientation);
    CHECK(exact.status != TRAWL_OK || fast.status == TRAWL_OK);
    decoding_extras(type, &exact, copy, size);
    free(copy);
}

#endif
