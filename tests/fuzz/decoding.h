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

/** Both modes see the same file. */
static inline void decoding_both(enum file_type type, const uint8_t *data, size_t size)
{
    uint8_t *copy = fuzz_copy(data, size);
    struct decode_result fast = decoding_run(type, false, copy, size), exact = decoding_run(type, true, copy, size);
    CHECK(fast.width == exact.width && fast.height == exact.height && fast.orientation == exact.orientation);
    CHECK(exact.status != TRAWL_OK || fast.status == TRAWL_OK);
    free(copy);
}

#endif
