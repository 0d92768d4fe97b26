/* listed.h: what a decoder lists beside the picture, for tests. */
#ifndef TESTS_DECODE_LISTED_H
#define TESTS_DECODE_LISTED_H

#include <criterion/criterion.h>

#include "decode/extras.h"
#include "pictures.h"

/** Checked; valid until the next call. */
static inline const struct decode_extras *listed(const struct decode_request *asked, const struct file_bytes *file)
{
    static struct decode_extras extras;
    struct decode_request request = *asked;
    request.extras = true;
    if (!request.count)
        request.count = DECODE_EXTRAS;
    memset(&extras, 0xa5, sizeof(extras));
    decode_extras(&request, file->data, file->size, &extras);
    cr_assert(decode_extras_sane(&extras, file->size));
    return &extras;
}

/** The picture itself. */
static inline struct decode_result shown(const struct decode_request *request, const struct file_bytes *file)
{
    struct decode_result result;
    decode_picture(request, file->data, file->size, &result);
    cr_assert(decode_result_sane(&result));
    return result;
}

static inline void check_extra(const struct decode_extra *extra, enum extra_kind kind, uint32_t number)
{
    cr_assert_eq(extra->kind, kind, "%s, not %s", extra_kind_name(extra->kind), extra_kind_name(kind));
    cr_assert_eq(extra->number, number, "%s %u, not %u", extra_kind_name(kind), extra->number, number);
}

/** Hash and size of RGB samples are those of the extra. */
static inline void check_pixels(const struct decode_extra *extra, const uint8_t *rgb, uint32_t width, uint32_t height)
{
    struct decode_request request = request_for(TYPE_GIF, true);
    struct canvas canvas = {width, height, 3, (size_t)width * 3, rgb};
    struct decode_result wanted;
    memset(&wanted, 0, sizeof(wanted));
    canvas_hash(&request, &canvas, &wanted);
    cr_assert(extra->result.status == TRAWL_OK && extra->size == 0, "%s", extra->result.detail);
    cr_assert(extra->result.width == width && extra->result.height == height && extra->result.has_pdq);
    cr_assert_eq(memcmp(extra->result.pdq.hash, wanted.pdq.hash, PDQ_BYTES), 0, "%d bits off",
                 pdq_distance(extra->result.pdq.hash, wanted.pdq.hash));
}

#endif
