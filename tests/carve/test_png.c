/* PNGs out of noise, to the byte; and what begins but does not end. */
#include "carved.h"

Test(carve_png, every_kind_to_its_last_byte)
{
    static const struct png_kind kinds[] = {
        {PNG_COLOR_TYPE_RGB, 8, false, false},       {PNG_COLOR_TYPE_GRAY, 1, true, false},
        {PNG_COLOR_TYPE_PALETTE, 4, false, true},    {PNG_COLOR_TYPE_RGB_ALPHA, 16, false, false},
        {PNG_COLOR_TYPE_GRAY_ALPHA, 8, true, false},
    };
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        struct file_bytes file = make_photo_png(200, 150, kinds[k]);
        assert_found(file, "png");
        free(file.data);
    }
}

Test(carve_png, one_that_is_cut_is_partial_and_hides_nothing)
{
    struct file_bytes file = make_photo_png(100, 80, PHOTO_PNG);
    cr_assert_gt(assert_cuts(file, 80, true), 60u);
    free(file.data);
}

Test(carve_png, a_wrong_checksum_is_told)
{
    struct file_bytes file = make_photo_png(100, 80, PHOTO_PNG);
    struct medium medium = medium_new();
    medium_put(&medium, file.data, file.size);
    medium_noise(&medium, 1000);
    medium.bytes[file.size / 2] ^= 1;
    struct record record = carved(&medium);
    cr_assert_eq(record.n, 1u);
    assert_partial(&record, 0, 0, medium.bytes, file.size);
    record_free(&record);
    /* In its head: then it is none. */
    medium.bytes[18] ^= 1;
    record = carved(&medium);
    cr_assert_eq(record.n, 0u);
    record_free(&record);
    medium_free(&medium);
    free(file.data);
}
