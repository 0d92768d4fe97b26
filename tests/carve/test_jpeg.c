/* JPEGs of all kinds out of noise, to the byte; and what begins but does not end. */
#include "carved.h"

static const struct jpeg_kind kinds[] = {
    {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2},
    {.in = JCS_GRAYSCALE, .file = JCS_GRAYSCALE},
    {.in = JCS_CMYK, .file = JCS_YCCK},
    {.in = JCS_RGB, .file = JCS_RGB, .quality = 100},
    {.in = JCS_RGB, .file = JCS_YCbCr, .h = 1, .v = 1, .progressive = true},
    {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 1, .restart_rows = 1},
    {.in = JCS_RGB, .file = JCS_YCbCr, .not_interleaved = true},
    {.in = JCS_RGB, .file = JCS_YCbCr, .arithmetic = true},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

Test(carve_jpeg, every_kind_to_its_last_byte)
{
    for (size_t k = 0; k < KINDS; k++) {
        struct file_bytes file = make_photo_jpeg(301, 200, kinds[k]);
        assert_found(file, "jpg");
        free(file.data);
    }
}

Test(carve_jpeg, a_thumbnail_inside_is_part_of_it)
{
    struct file_bytes thumbnail = make_photo_jpeg(60, 40, PHOTO_JPEG);
    uint8_t *exif = malloc(thumbnail.size + 6);
    uint16_t *samples = photo_samples(200, 150, 3, 255, 3);
    memcpy(exif, "Exif\0", 6);
    memcpy(exif + 6, thumbnail.data, thumbnail.size);
    struct file_bytes file = make_jpeg_marked(samples, 200, 150, PHOTO_JPEG, exif, (unsigned)thumbnail.size + 6);
    assert_found(file, "jpg");
    /* Where the picture around it is broken, it is found by itself. */
    struct medium medium = medium_new();
    size_t inside = (size_t)((uint8_t *)memmem(file.data, file.size, thumbnail.data, thumbnail.size) - file.data);
    medium_put(&medium, file.data, inside + thumbnail.size + 40);
    medium_noise(&medium, 9000);
    struct record record = carved(&medium);
    cr_assert_eq(record.n, 1u);
    assert_carved(&record, 0, inside, thumbnail.data, thumbnail.size, "jpg");
    record_free(&record);
    medium_free(&medium);
    free(thumbnail.data);
    free(exif);
    free(samples);
    free(file.data);
}

Test(carve_jpeg, one_that_is_cut_is_partial_and_hides_nothing)
{
    for (size_t k = 0; k < KINDS; k++) {
        struct file_bytes file = make_photo_jpeg(160, 120, kinds[k]);
        unsigned partial = assert_cuts(file, 60, true);
        cr_assert_gt(partial, 25u, "kind %zu: of 60 cuts %u leave a fragment", k, partial);
        free(file.data);
    }
}

Test(carve_jpeg, a_fragment_ends_where_its_data_does)
{
    struct file_bytes file = make_photo_jpeg(200, 200, PHOTO_JPEG);
    struct medium medium = medium_new();
    size_t cut = file.size / 2;
    while (file.data[cut - 1] == 0xff)
        cut--;
    medium_put(&medium, file.data, cut);
    medium_put(&medium, "\xff\xb7 not a marker of any kind", 26);
    medium_noise(&medium, 5000);
    struct record record = carved(&medium);
    cr_assert_eq(record.n, 1u);
    assert_partial(&record, 0, 0, file.data, cut);
    record_free(&record);
    /* At the end of the medium. */
    medium.n = cut;
    record = carved(&medium);
    assert_partial(&record, 0, 0, file.data, cut);
    record_free(&record);
    /* Before very much without an 0xff: text, zeros. */
    medium_put(&medium, NULL, 3 << 20);
    record = carved(&medium);
    cr_assert_eq(record.n, 1u);
    cr_assert_eq(record.members[0].status, TRAWL_PARTIAL);
    cr_assert_leq(record.members[0].size, cut);
    record_free(&record);
    medium_free(&medium);
    free(file.data);
}

Test(carve_jpeg, beginnings_alone_are_nothing)
{
    static const char *const heads[] = {
        "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0",
        "\xff\xd8\xff\xdb\0\x43\0",
        ("\xff\xd8\xff\xe1\0\x20"
         "Exif\0\0"),
        "\xff\xd8\xff\xd9",
    };
    struct medium medium = medium_new();
    for (unsigned round = 0; round < 400; round++) {
        size_t k = round % 4;
        medium_put(&medium, heads[k], (const size_t[]){20, 7, 12, 4}[k]);
        if (round % 5 == 0)
            medium_noise(&medium, round);
    }
    struct record record = carved(&medium);
    cr_assert_eq(record.n, 0u);
    record_free(&record);
    medium_free(&medium);
}
