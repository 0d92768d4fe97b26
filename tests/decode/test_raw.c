#include "decode/jpeg_extent.h"
#include "extras.h"
#include "listed.h"

static void add_noise(struct file_bytes *to, size_t n)
{
    uint32_t seed = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)noise(&seed);
        bytes_add(to, &byte, 1);
    }
}

/** The JPEGs in it, with all their bytes and no others; not a thumbnail inside one, nor what the sensor gave. */
Test(raw, jpegs_in_it)
{
    struct file_bytes preview = make_photo_jpeg(640, 480, PHOTO_JPEG),
                      thumbnail = make_photo_jpeg(160, 120, PHOTO_JPEG);
    struct file_bytes exif = exif_block(&thumbnail, 0, 0, true), file = {NULL, 0}, sensor = {NULL, 0};
    struct decode_request request = request_for(TYPE_RAW_PHOTO, true);
    struct jpeg_extent extent;
    jpeg_insert(&preview, 2, 0xe1, exif.data, exif.size);
    cr_assert(jpeg_extent(preview.data, preview.size, &extent));
    cr_assert(extent.size == preview.size && extent.width == 640 && extent.height == 480 && !extent.lossless);
    bytes_add(&file, "FUJIFILMCCD-RAW 0201", 20);
    add_noise(&file, 3000);
    size_t small_at = file.size;
    bytes_add(&file, thumbnail.data, thumbnail.size);
    bytes_add(&file, "\xff\xd8\xff\xe1\0", 5);
    /* A lossless frame is what a sensor gave. */
    bytes_add(&sensor, thumbnail.data, thumbnail.size);
    for (size_t i = 0; i + 1 < sensor.size; i++)
        if (sensor.data[i] == 0xff && sensor.data[i + 1] == 0xc0)
            sensor.data[i + 1] = 0xc3;
    bytes_add(&file, sensor.data, sensor.size);
    size_t large_at = file.size;
    bytes_add(&file, preview.data, preview.size);
    add_noise(&file, 5000);
    struct decode_result result = shown(&request, &file);
    cr_assert(result.status == TRAWL_OK && result.has_extras && !result.has_pdq, "%s", result.detail);
    const struct decode_extras *extras = listed(&request, &file);
    cr_assert_eq(extras->n, 2);
    check_extra(&extras->items[0], EXTRA_THUMBNAIL, 1);
    check_extra(&extras->items[1], EXTRA_PREVIEW, 1);
    cr_assert(extras->items[0].offset == small_at && extras->items[1].offset == large_at);
    cr_assert(extras->items[0].size == thumbnail.size && extras->items[1].size == preview.size);
    file.size = small_at;
    result = shown(&request, &file);
    cr_assert(result.status == TRAWL_UNSUPPORTED && !result.has_extras);
    free(preview.data);
    free(thumbnail.data);
    free(exif.data);
    free(sensor.data);
    free(file.data);
}

/** However a JPEG is cut, nothing is read behind it, and no end is invented. */
Test(raw, extent_of_cut_ones)
{
    struct file_bytes file = make_photo_jpeg(64, 48, PHOTO_JPEG);
    for (size_t n = 0; n < file.size; n++) {
        struct jpeg_extent extent;
        uint8_t *copy = malloc(n + 1);
        memcpy(copy, file.data, n);
        cr_assert_not(jpeg_extent(copy, n, &extent), "%zu bytes", n);
        free(copy);
    }
    free(file.data);
}
