/* Screening hashes: as far from libjpeg's as their pixels make them, and how they tell that they say little. */
#include <criterion/criterion.h>

#include "pictures.h"

/** libjpeg's grey picture at 1/denominator, hashed with the weights of the full one. */
static struct pdq_result plain_hash(const struct file_bytes *file, unsigned denominator)
{
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct pdq_result result;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&cinfo);
    jpeg_mem_src(&cinfo, file->data, file->size);
    jpeg_read_header(&cinfo, TRUE);
    cinfo.out_color_space = JCS_GRAYSCALE;
    cinfo.scale_denom = denominator;
    jpeg_start_decompress(&cinfo);
    struct pdq_stream *stream =
        pdq_new_scaled(cinfo.image_width, cinfo.image_height, cinfo.output_width, cinfo.output_height, denominator);
    JSAMPROW row = malloc(cinfo.output_width);
    while (cinfo.output_scanline < cinfo.output_height) {
        jpeg_read_scanlines(&cinfo, &row, 1);
        pdq_row_gray(stream, row);
    }
    pdq_finish(stream, &result);
    pdq_free(stream);
    free(row);
    jpeg_destroy_decompress(&cinfo);
    return result;
}

static struct decode_result decode(const struct file_bytes *file, bool exact)
{
    struct decode_request request = request_for(TYPE_JPEG, exact);
    struct decode_result result;
    decode_picture(&request, file->data, file->size, &result);
    cr_assert(result.status == TRAWL_OK && result.has_pdq, "%s", result.detail);
    return result;
}

Test(screen_hash, is_near_libjpegs_and_the_exact_one)
{
    static const struct {
        uint32_t width, height;
        unsigned denominator;
        int farthest;
    } sizes[] = {{401, 390, 2, 6}, {764, 900, 2, 6}, {777, 1001, 4, 8}, {1528, 1540, 4, 8}, {1603, 1531, 8, 0}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        for (int quality = 30; quality <= 95; quality += 65) {
            struct jpeg_kind kind = PHOTO_JPEG;
            kind.quality = quality;
            struct file_bytes file = make_photo_jpeg(sizes[i].width, sizes[i].height, kind);
            struct pdq_result plain = plain_hash(&file, sizes[i].denominator);
            struct decode_result screen = decode(&file, false), exact = decode(&file, true);
            int to_plain = pdq_distance(screen.pdq.hash, plain.hash);
            int to_exact = pdq_distance(screen.pdq.hash, exact.pdq.hash);
            cr_assert(to_plain <= sizes[i].farthest, "%u x %u: %d from libjpeg's", sizes[i].width, sizes[i].height,
                      to_plain);
            cr_assert(to_exact <= 24, "%u x %u: %d from the exact one", sizes[i].width, sizes[i].height, to_exact);
            cr_assert_lt(abs(screen.pdq.quality - exact.pdq.quality), 15);
            free(file.data);
        }
}

/** Flat and striped pictures have bits that any rounding turns: nothing may rest on their screening hash. */
Test(screen_hash, tells_doubtful_pictures)
{
    enum { SIDE = 400 };
    uint16_t *samples = malloc(sizeof(*samples) * SIDE * SIDE);
    for (int kind = 0; kind < 3; kind++) {
        for (unsigned i = 0; i < SIDE * SIDE; i++)
            samples[i] = (uint16_t)(kind == 0 ? 128 : kind == 1 ? i % SIDE * 255 / SIDE : i / SIDE / 20 % 2 * 200);
        struct file_bytes file =
            make_jpeg(samples, SIDE, SIDE, (struct jpeg_kind){.in = JCS_GRAYSCALE, .file = JCS_GRAYSCALE});
        struct decode_result result = decode(&file, false);
        cr_assert_gt(result.pdq.doubtful, 16, "kind %d: %d", kind, result.pdq.doubtful);
        free(file.data);
    }
    free(samples);
    struct file_bytes file = make_photo_jpeg(SIDE, SIDE, PHOTO_JPEG);
    cr_assert_leq(decode(&file, false).pdq.doubtful, 16);
    free(file.data);
}
