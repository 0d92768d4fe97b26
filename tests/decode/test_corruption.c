/* Valid pictures with bytes changed or cut at random: any sane end will do, as long as there is one. */
#include <criterion/criterion.h>

#include "pictures.h"

static unsigned ends[TRAWL_STATUS_COUNT];

static void decode(const struct file_bytes *file, enum file_type type, bool exact)
{
    struct decode_request request = request_for(type, exact);
    uint8_t *copy =
        malloc(file->size ? file->size : 1); /* of its exact size, so that a sanitizer sees one byte too many */
    memcpy(copy, file->data, file->size);
    struct decode_result result;
    decode_picture(&request, copy, file->size, &result);
    cr_assert(decode_result_sane(&result), "%s", result.detail);
    cr_assert(result.status == TRAWL_OK || result.detail[0]);
    ends[result.status]++;
    free(copy);
}

static void corrupt(struct file_bytes file, enum file_type type, unsigned rounds, uint32_t seed)
{
    for (unsigned round = 0; round < rounds; round++) {
        size_t at = noise(&seed) % file.size, head = noise(&seed) % 200;
        if (round & 1 && head < file.size) /* every second one among the headers, where it hurts most */
            at = head;
        uint8_t was = file.data[at];
        file.data[at] = (uint8_t)(round & 2 ? noise(&seed) : was ^ 1u << noise(&seed) % 8);
        decode(&file, type, round & 4);
        if (round % 16 == 0) {
            struct file_bytes cut = {file.data, noise(&seed) % file.size};
            decode(&cut, type, true);
        }
        file.data[at] = was;
    }
    free(file.data);
}

Test(corruption, jpeg, .timeout = 300)
{
    static const struct jpeg_kind kinds[] = {
        {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2},
        {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2, .restart_rows = 1},
        {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 1, .progressive = true},
        {.in = JCS_RGB, .file = JCS_YCbCr, .arithmetic = true},
        {.in = JCS_RGB, .file = JCS_YCbCr, .progressive = true, .arithmetic = true},
        {.in = JCS_CMYK, .file = JCS_YCCK},
        {.in = JCS_GRAYSCALE, .file = JCS_GRAYSCALE},
        {.in = JCS_RGB, .file = JCS_YCbCr, .not_interleaved = true},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        corrupt(make_photo_jpeg(61, 47, kinds[i]), TYPE_JPEG, 400, 1000 + (uint32_t)i);
    cr_assert(ends[TRAWL_OK] && ends[TRAWL_PARTIAL] && ends[TRAWL_DAMAGED] && ends[TRAWL_UNSUPPORTED],
              "the changes do nothing");
}

Test(corruption, png, .timeout = 300)
{
    static const struct png_kind kinds[] = {
        {PNG_COLOR_TYPE_RGB, 8, false, false},        {PNG_COLOR_TYPE_RGB_ALPHA, 16, true, false},
        {PNG_COLOR_TYPE_PALETTE, 4, false, true},     {PNG_COLOR_TYPE_GRAY, 1, true, true},
        {PNG_COLOR_TYPE_GRAY_ALPHA, 8, false, false}, {PNG_COLOR_TYPE_GRAY, 16, false, false},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        corrupt(make_photo_png(61, 47, kinds[i]), TYPE_PNG, 400, 2000 + (uint32_t)i);
    cr_assert(ends[TRAWL_PARTIAL] && ends[TRAWL_DAMAGED] && ends[TRAWL_LIMIT], "the changes do nothing");
}
