#include <criterion/criterion.h>

#include <malloc.h>
#include <sys/resource.h>

#include "pictures.h"

static struct decode_result decode(const struct file_bytes *file, struct decode_request request)
{
    struct decode_result result;
    memset(&result, 0xEE, sizeof(result)); /* nothing of the caller's may shine through */
    decode_picture(&request, file->data, file->size, &result);
    cr_assert(decode_result_sane(&result), "%s", result.detail);
    return result;
}

Test(decode, table)
{
    for (const struct decoder *const *row = decode_table; *row; row++)
        cr_assert(decode_find((*row)->type) == *row && (*row)->decode && (*row)->name);
    cr_assert_str_eq(decode_find(TYPE_JPEG)->name, "jpeg");
    cr_assert_str_eq(decode_find(TYPE_PNG)->name, "png");
    cr_assert_null(decode_find(TYPE_OTHER));
    cr_assert_null(decode_find(TYPE_COUNT));
}

Test(decode, a_type_without_decoder_is_unsupported)
{
    uint8_t byte = 0;
    struct file_bytes file = {&byte, 1};
    struct decode_result result = decode(&file, request_for(TYPE_SVG, true));
    cr_assert(result.status == TRAWL_UNSUPPORTED && result.detail[0] && !result.has_pdq);
}

Test(decode, no_bytes_are_damaged)
{
    for (int type = TYPE_JPEG; type <= TYPE_PNG; type++) {
        struct file_bytes file = {(uint8_t *)"", 0};
        struct decode_result result = decode(&file, request_for((enum file_type)type, true));
        cr_assert(result.status == TRAWL_DAMAGED && result.detail[0]);
    }
}

Test(decode, limits_of_bytes_and_pixels)
{
    struct file_bytes files[2] = {make_photo_jpeg(40, 30, PHOTO_JPEG), make_photo_png(40, 30, PHOTO_PNG)};
    for (int i = 0; i < 2; i++) {
        struct decode_request request = request_for(i ? TYPE_PNG : TYPE_JPEG, true);
        request.limits.value[LIMIT_DECODE_BYTES] = files[i].size;
        request.limits.value[LIMIT_PIXELS] = 40 * 30;
        cr_assert_eq(decode(&files[i], request).status, TRAWL_OK);
        request.limits.value[LIMIT_PIXELS]--;
        struct decode_result result = decode(&files[i], request);
        cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_PIXELS && !result.has_pdq);
        cr_assert(result.width == 40 && result.height == 30, "the size is known all the same");
        request.limits.value[LIMIT_DECODE_BYTES]--;
        result = decode(&files[i], request);
        cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_DECODE_BYTES);
        free(files[i].data);
    }
}

Test(decode, pictures_under_5_x_5_have_no_hash)
{
    static const uint32_t sizes[][2] = {{1, 1}, {4, 5}, {5, 4}, {4, 400}, {400, 4}, {5, 5}};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
        for (int i = 0; i < 4; i++) {
            uint32_t w = sizes[s][0], h = sizes[s][1];
            struct file_bytes file = i & 1 ? make_photo_png(w, h, PHOTO_PNG) : make_photo_jpeg(w, h, PHOTO_JPEG);
            struct decode_result result = decode(&file, request_for(i & 1 ? TYPE_PNG : TYPE_JPEG, i & 2));
            cr_assert(result.status == TRAWL_OK && result.width == w && result.height == h, "%s", result.detail);
            cr_assert_eq(result.has_pdq, w >= 5 && h >= 5);
            cr_assert_str_eq(result.detail, result.has_pdq ? "" : "smaller than 5 x 5 pixels: no PDQ");
            free(file.data);
        }
}

/** The hash of samples fed straight into PDQ. */
static struct pdq_result hash_of(const uint16_t *samples, uint32_t width, uint32_t height, unsigned channels,
                                 enum pdq_mode mode)
{
    struct pdq_stream *stream = pdq_new(width, height, mode);
    struct pdq_result out;
    uint8_t *row = malloc((size_t)width * channels);
    for (uint32_t y = 0; y < height; y++) {
        for (size_t i = 0; i < (size_t)width * channels; i++)
            row[i] = (uint8_t)samples[(size_t)y * width * channels + i];
        if (channels == 1)
            pdq_row_gray(stream, row);
        else
            pdq_row_rgb(stream, row);
    }
    pdq_finish(stream, &out);
    pdq_free(stream);
    free(row);
    return out;
}

Test(decode, hash_is_that_of_the_pixels)
{
    for (int grey = 0; grey < 2; grey++) {
        unsigned channels = grey ? 1 : 3;
        struct png_kind kind = {grey ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, 8, false, false};
        uint16_t *samples = photo_samples(301, 203, channels, 255, 5);
        struct file_bytes file = make_png(samples, 301, 203, kind);
        struct decode_result result = decode(&file, request_for(TYPE_PNG, true));
        struct pdq_result want = hash_of(samples, 301, 203, channels, PDQ_BANDED);
        cr_assert(want.stable && result.pdq.stable);
        cr_assert_eq(pdq_distance(result.pdq.hash, want.hash), 0);
        cr_assert_eq(result.pdq.quality, want.quality);
        free(file.data);
        free(samples);
    }
}

/** Flat and gradient pictures hang on the rounding of the reference's own sums. */
Test(decode, exact_hash_of_flat_pictures_is_the_references)
{
    for (int gradient = 0; gradient < 2; gradient++) {
        uint16_t *samples = malloc(300 * 300 * sizeof(*samples));
        for (uint32_t i = 0; i < 300 * 300; i++)
            samples[i] = (uint16_t)(gradient ? i % 300 * 255 / 299 : 90);
        struct file_bytes file = make_png(samples, 300, 300, (struct png_kind){PNG_COLOR_TYPE_GRAY, 8, false, false});
        struct pdq_result want = hash_of(samples, 300, 300, 1, PDQ_REFERENCE);
        cr_assert_not(hash_of(samples, 300, 300, 1, PDQ_BANDED).stable);
        struct decode_result result = decode(&file, request_for(TYPE_PNG, true));
        cr_assert_eq(pdq_distance(result.pdq.hash, want.hash), 0);
        cr_assert_eq(result.pdq.quality, want.quality);
        free(file.data);
        free(samples);
    }
}

Test(decode, screening_hash_is_near_the_exact_one)
{
    for (uint32_t side = 300; side < 2600; side += 700)
        for (int progressive = 0; progressive < 2; progressive++) {
            struct jpeg_kind kind = PHOTO_JPEG;
            kind.progressive = progressive;
            struct file_bytes file = make_photo_jpeg(side, side * 3 / 4 + 100, kind);
            struct decode_result exact = decode(&file, request_for(TYPE_JPEG, true));
            struct decode_result fast = decode(&file, request_for(TYPE_JPEG, false));
            cr_assert(!exact.screen && fast.screen);
            cr_assert_leq(pdq_distance(exact.pdq.hash, fast.pdq.hash), 20, "%u pixels wide, progressive %d", side,
                          progressive);
            free(file.data);
        }
}

#ifndef TRAWL_SANITIZED /* a sanitizer's shadow memory needs the address space */
/** Bytes of address space in use. */
static size_t address_space(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%lu", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * 4096;
}

/** malloc gives NULL in the middle of things: a limit, not a crash; and what needs little memory still works. */
Test(decode, little_memory)
{
    struct jpeg_kind progressive = PHOTO_JPEG;
    progressive.progressive = true;
    uint16_t *flat = calloc(2000 * 2000 * 4, sizeof(*flat));
    struct file_bytes streamed =
        make_png(flat, 2000, 2000, (struct png_kind){PNG_COLOR_TYPE_RGB_ALPHA, 16, false, false});
    struct file_bytes held = make_png(flat, 2000, 2000, (struct png_kind){PNG_COLOR_TYPE_RGB, 8, true, false});
    struct file_bytes scans = make_jpeg(flat, 2000, 1500, progressive),
                      large = make_jpeg(flat, 2000, 2000, progressive),
                      baseline = make_jpeg(flat, 2000, 2000, PHOTO_JPEG);
    free(flat);
    malloc_trim(0); /* what the samples took */
    size_t used = address_space();
    cr_assert_gt(used, 0u);
    struct rlimit memory = {used + (6 << 20), used + (6 << 20)};
    cr_assert_eq(setrlimit(RLIMIT_AS, &memory), 0);
    for (int exact = 0; exact < 2; exact++) {
        struct decode_result result = decode(&held, request_for(TYPE_PNG, exact));
        cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_DECODE_MEMORY, "%s", result.detail);
        result = decode(&scans, request_for(TYPE_JPEG, exact));
        cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_DECODE_MEMORY, "%s", result.detail);
        cr_assert_eq(decode(&streamed, request_for(TYPE_PNG, exact)).status, TRAWL_OK);
        cr_assert_eq(decode(&baseline, request_for(TYPE_JPEG, exact)).status, TRAWL_OK);
    }
    /* Of a large one the first scan is read, row by row. */
    cr_assert_eq(decode(&large, request_for(TYPE_JPEG, false)).status, TRAWL_OK);
    cr_assert_eq(decode(&large, request_for(TYPE_JPEG, true)).status, TRAWL_LIMIT);
}
#endif

static struct decode_result good_result(void)
{
    struct decode_result result;
    memset(&result, 0, sizeof(result));
    result.width = 640;
    result.height = 480;
    result.has_pdq = true;
    result.pdq.quality = 80;
    result.pdq.stable = true;
    snprintf(result.detail, sizeof(result.detail), "all is well ~");
    return result;
}

#define INSANE(change)                                                                                                 \
    do {                                                                                                               \
        struct decode_result r = good_result();                                                                        \
        change;                                                                                                        \
        cr_assert_not(decode_result_sane(&r), #change);                                                                \
    } while (0)
#define SANE(change)                                                                                                   \
    do {                                                                                                               \
        struct decode_result r = good_result();                                                                        \
        change;                                                                                                        \
        cr_assert(decode_result_sane(&r), #change);                                                                    \
    } while (0)

Test(decode, sane_takes_what_decode_picture_gives)
{
    SANE(r.orientation = 8);
    SANE(r.screen = true);
    SANE(r.status = TRAWL_PARTIAL);
    SANE(r.has_thumbnail = true);
    SANE((r.has_thumbnail = true, memset(r.thumbnail, 0xff, sizeof(r.thumbnail))));
    SANE(r.pdq.quality = 100);
    SANE(r.width = 4; r.has_pdq = false; memset(&r.pdq, 0, sizeof(r.pdq)));
    SANE(r.status = TRAWL_DAMAGED; r.has_pdq = false; memset(&r.pdq, 0, sizeof(r.pdq)); r.width = r.height = 0);
    SANE(r.status = TRAWL_LIMIT; r.limit = LIMIT_PIXELS; r.has_pdq = false; memset(&r.pdq, 0, sizeof(r.pdq)));
}

Test(decode, sane_refuses_everything_else)
{
    const unsigned char seven = 7;
    INSANE(memset(&r.has_thumbnail, 2, 1));
    INSANE(r.thumbnail[0] = 1);
    INSANE(r.thumbnail[THUMBNAIL_BYTES - 1] = 1);
    INSANE((r.width = 4, r.has_pdq = false, memset(&r.pdq, 0, sizeof(r.pdq)), r.has_thumbnail = true));
    INSANE(r.rotations_stable = true);
    INSANE(r.rotations[PDQ_FLIPY][5] = 1);
    INSANE((r.has_rotations = true, r.rotations[PDQ_ORIGINAL][0] = 1));
    INSANE(memset(&r.has_rotations, 2, 1));
    INSANE(memset(&r.rotations_stable, 2, 1));
    INSANE(r.status = TRAWL_STATUS_COUNT);
    INSANE(r.status = (enum trawl_status) - 1);
    INSANE(r.status = TRAWL_SUPPRESSED);
    INSANE(r.status = TRAWL_CRASHED; r.has_pdq = false; memset(&r.pdq, 0, sizeof(r.pdq)));
    INSANE(r.status = TRAWL_DAMAGED);
    INSANE(r.status = TRAWL_LIMIT; r.has_pdq = false; memset(&r.pdq, 0, sizeof(r.pdq)));
    INSANE(r.status = TRAWL_LIMIT; r.limit = LIMIT_COUNT; r.has_pdq = false; memset(&r.pdq, 0, sizeof(r.pdq)));
    INSANE(r.limit = LIMIT_PIXELS);
    INSANE(r.limit = (enum limit_id)1000);
    INSANE(r.width = 0);
    INSANE(r.width = r.height = 0);
    INSANE(r.width = UINT32_MAX);
    INSANE(r.height = 0x80000000u);
    INSANE(r.orientation = 9);
    INSANE(r.has_pdq = false);
    INSANE(r.width = 4);
    INSANE(r.width = 4; r.has_pdq = false; memset(&r.pdq, 0, sizeof(r.pdq)); r.screen = true);
    INSANE(r.width = 4; r.has_pdq = false; memset(&r.pdq, 0, sizeof(r.pdq)); r.pdq.hash[31] = 1);
    INSANE(r.pdq.quality = 101);
    INSANE(r.pdq.quality = -1);
    INSANE(memcpy(&r.has_pdq, &seven, 1));
    INSANE(memcpy(&r.screen, &seven, 1));
    INSANE(memcpy(&r.pdq.stable, &seven, 1));
    INSANE(memset(r.detail, 'x', sizeof(r.detail)));
    INSANE(r.detail[3] = '\n');
    INSANE(r.detail[3] = '\x1b');
    INSANE(r.detail[3] = '\x7f');
    INSANE(r.detail[3] = (char)0xC3);
}
