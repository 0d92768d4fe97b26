/* Every kind of samples, layout and compression against PNG of the same pixels; pages, loops, broken files. */
#ifdef HAVE_TIFF
#include "compared.h"
#include "tiffs.h"

#include "decode/tiff_pages.h"

static unsigned to8(unsigned v, unsigned bits)
{
    unsigned max = (1u << bits) - 1;
    return (v * 255 + max / 2) / max;
}

/** One pixel's RGB over white. */
static void render_pixel(uint16_t *rgb, const uint16_t *p, const struct tiff_kind *kind)
{
    unsigned colours = kind->extra >= 0 ? kind->samples - 1u : kind->samples;
    unsigned alpha = kind->extra >= 0 ? to8(p[kind->samples - 1], kind->bits) : 255;
    png_color palette = palette_colour(p[0]);
    for (unsigned c = 0; c < 3; c++) {
        unsigned v = to8(p[colours >= 3 ? c : 0], kind->bits);
        if (kind->photometric == PHOTOMETRIC_MINISWHITE)
            v = 255 - v;
        else if (kind->photometric == PHOTOMETRIC_PALETTE)
            v = c == 0 ? palette.red : c == 1 ? palette.green : palette.blue;
        else if (kind->photometric == PHOTOMETRIC_SEPARATED)
            v = ((255 - v) * (255 - to8(p[3], kind->bits)) + 127) / 255;
        rgb[c] = (uint16_t)((v * alpha + (255 - alpha) * 255 + 127) / 255);
    }
}

/** Decodes like PNG of the same pixels, at most two bits off. */
static void check(uint32_t width, uint32_t height, struct tiff_kind kind, const char *what)
{
    uint16_t *samples = photo_samples(width, height, kind.samples, (1u << kind.bits) - 1, 77);
    uint16_t *rgb = malloc((size_t)width * height * 3 * sizeof(*rgb));
    for (size_t i = 0; i < (size_t)width * height; i++)
        render_pixel(rgb + i * 3, samples + i * kind.samples, &kind);
    struct file_bytes file = make_tiff(samples, width, height, kind);
    if (file.data)
        compared_png(&file, TYPE_TIFF, rgb, width, height, 2, what);
    free(file.data), free(samples), free(rgb);
}

Test(tiff, every_kind_of_samples_and_layout, .timeout = 60)
{
    static const struct tiff_kind kinds[] = {
        {PHOTOMETRIC_MINISBLACK, 1, 1, .extra = -1},
        {PHOTOMETRIC_MINISBLACK, 2, 1, .extra = -1},
        {PHOTOMETRIC_MINISBLACK, 4, 1, .extra = -1},
        {PHOTOMETRIC_MINISBLACK, 8, 1, .extra = -1},
        {PHOTOMETRIC_MINISBLACK, 16, 1, .extra = -1},
        {PHOTOMETRIC_MINISWHITE, 1, 1, .extra = -1},
        {PHOTOMETRIC_MINISWHITE, 2, 1, .extra = -1},
        {PHOTOMETRIC_MINISWHITE, 4, 1, .extra = -1},
        {PHOTOMETRIC_MINISWHITE, 8, 1, .extra = -1},
        {PHOTOMETRIC_MINISWHITE, 16, 1, .extra = -1},
        {PHOTOMETRIC_PALETTE, 1, 1, .extra = -1},
        {PHOTOMETRIC_PALETTE, 2, 1, .extra = -1},
        {PHOTOMETRIC_PALETTE, 4, 1, .extra = -1},
        {PHOTOMETRIC_PALETTE, 8, 1, .extra = -1},
        {PHOTOMETRIC_RGB, 8, 3, .extra = -1},
        {PHOTOMETRIC_RGB, 16, 3, .extra = -1},
        {PHOTOMETRIC_RGB, 8, 4, .extra = EXTRASAMPLE_UNASSALPHA},
        {PHOTOMETRIC_RGB, 16, 4, .extra = EXTRASAMPLE_UNASSALPHA},
        {PHOTOMETRIC_MINISBLACK, 8, 2, .extra = EXTRASAMPLE_UNASSALPHA},
        {PHOTOMETRIC_SEPARATED, 8, 4, .extra = -1},
        {PHOTOMETRIC_SEPARATED, 16, 4, .extra = -1},
        {PHOTOMETRIC_MINISBLACK, 12, 1, .extra = -1},
        {PHOTOMETRIC_RGB, 10, 3, .extra = -1},
        {PHOTOMETRIC_RGB, 4, 3, .extra = -1},
        {PHOTOMETRIC_PALETTE, 8, 2, .extra = EXTRASAMPLE_UNASSALPHA},
        {PHOTOMETRIC_MINISWHITE, 4, 2, .extra = EXTRASAMPLE_UNASSALPHA},
        {PHOTOMETRIC_SEPARATED, 8, 5, .extra = EXTRASAMPLE_UNASSALPHA},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        for (unsigned layout = 0; layout < 32; layout++) {
            struct tiff_kind kind = kinds[i];
            kind.compression = layout & 16 ? COMPRESSION_LZW : COMPRESSION_NONE;
            kind.tiled = layout & 1, kind.big_endian = layout & 2, kind.separate = layout & 4;
            kind.big_tiff = layout & 8, kind.rows_per_strip = layout & 8 ? 0 : 7, kind.pages = 1;
            char what[64];
            snprintf(what, sizeof(what), "kind %zu layout %u", i, layout);
            if (!kind.separate || kind.samples >= 3)
                check(90, 70, kind, what);
        }
}

Test(tiff, every_lossless_compression, .timeout = 60)
{
    static const uint16_t compressions[] = {COMPRESSION_NONE, COMPRESSION_LZW,           COMPRESSION_PACKBITS,
                                            COMPRESSION_LZMA, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE,
                                            COMPRESSION_ZSTD};
    for (size_t i = 0; i < sizeof(compressions) / sizeof(*compressions); i++)
        for (uint16_t predictor = 0; predictor < 3; predictor++) {
            struct tiff_kind kind = PHOTO_TIFF;
            bool predicts = compressions[i] != COMPRESSION_NONE && compressions[i] != COMPRESSION_PACKBITS;
            kind.compression = compressions[i];
            kind.predictor = predicts ? predictor : 0;
            char what[40];
            snprintf(what, sizeof(what), "compression %u predictor %u", compressions[i], predictor);
            check(90, 70, kind, what);
            kind.bits = 16;
            check(90, 70, kind, what);
        }
    static const uint16_t fax[] = {COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4};
    for (size_t i = 0; i < sizeof(fax) / sizeof(*fax); i++) {
        struct tiff_kind kind = {PHOTOMETRIC_MINISWHITE, 1, 1, .extra = -1, .compression = fax[i], .pages = 1};
        check(90, 70, kind, "fax");
    }
}

Test(tiff, orientation_is_recorded_and_not_applied)
{
    for (uint16_t orientation = 1; orientation <= 8; orientation++) {
        struct tiff_kind kind = PHOTO_TIFF;
        kind.orientation = orientation;
        check(90, 70, kind, "turned");
        uint16_t *samples = photo_samples(90, 70, 3, 255, 77);
        struct file_bytes file = make_tiff(samples, 90, 70, kind);
        cr_assert_eq(compared_exact(&file, TYPE_TIFF).orientation, orientation);
        free(file.data), free(samples);
    }
}

Test(tiff, pages_are_counted_and_loops_end)
{
    uint16_t *samples = photo_samples(20, 20, 3, 255, 77);
    for (int big = 0; big < 2; big++) {
        struct tiff_kind kind = PHOTO_TIFF;
        kind.pages = 5, kind.big_tiff = big;
        struct file_bytes file = make_tiff(samples, 20, 20, kind);
        struct decode_request request = request_for(TYPE_TIFF, true);
        request.limits.value[LIMIT_TIFF_DIRECTORIES] = 5;
        struct decode_result whole = compared_decode(&file, request);
        cr_assert(whole.status == TRAWL_OK && !strcmp(whole.detail, "the first of 5 pages"), "%s", whole.detail);
        request.limits.value[LIMIT_TIFF_DIRECTORIES]--;
        struct decode_result many = compared_decode(&file, request);
        cr_assert(many.status == TRAWL_PARTIAL && strstr(many.detail, "tiff-directories"), "%s", many.detail);
        cr_assert(many.has_pdq && !compared_bits(&whole, &many));
        free(file.data);
    }
    free(samples);
}

Test(tiff, chains)
{
    /* Four empty directories of 6 bytes at 8, 14, 20, 26. */
    uint8_t data[32] = {'I', 'I', 42, 0, 8};
    struct limits limits;
    limits_default(&limits);
    uint64_t pages;
    for (unsigned last = 0; last < 4; last++)
        for (unsigned back = 0; back <= last; back++) {
            for (unsigned i = 0; i < 4; i++)
                data[8 + 6 * i + 2] = (uint8_t)(i < last ? 14 + 6 * i : 8 + 6 * back);
            cr_assert_eq(tiff_pages(data, sizeof(data), &limits, &pages), CHAIN_LOOP);
            cr_assert_leq(pages, 20u);
            data[8 + 6 * last + 2] = 0;
            cr_assert(tiff_pages(data, sizeof(data), &limits, &pages) == CHAIN_END && pages == last + 1);
            data[8 + 6 * last + 2] = 31;
            cr_assert(tiff_pages(data, sizeof(data), &limits, &pages) == CHAIN_CUT && pages == last + 1);
        }
    for (size_t n = 0; n < sizeof(data); n++)
        cr_assert_eq(tiff_pages(data, n, &limits, &pages), CHAIN_CUT);
}

Test(tiff, limits)
{
    uint16_t *samples = photo_samples(50, 40, 3, 255, 9);
    struct tiff_kind kind = PHOTO_TIFF;
    kind.rows_per_strip = 0;
    struct file_bytes file = make_tiff(samples, 50, 40, kind);
    struct decode_request request = request_for(TYPE_TIFF, true);
    request.limits.value[LIMIT_PIXELS] = 50 * 40 - 1;
    cr_assert_eq(compared_decode(&file, request).limit, LIMIT_PIXELS);
    request.limits.value[LIMIT_PIXELS]++;
    cr_assert_eq(compared_decode(&file, request).status, TRAWL_OK);
    /* The strip, and as much for what it is read from. */
    request.limits.value[LIMIT_DECODE_MEMORY] = 50 * 40 * 3 * 2 - 1;
    cr_assert_eq(compared_decode(&file, request).limit, LIMIT_DECODE_MEMORY);
    request.limits.value[LIMIT_DECODE_MEMORY]++;
    cr_assert_eq(compared_decode(&file, request).status, TRAWL_OK);
    free(file.data), free(samples);
}

Test(tiff, rows_that_came_are_hashed)
{
    static const uint16_t compressions[] = {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                            COMPRESSION_PACKBITS};
    uint16_t *samples = photo_samples(128, 200, 3, 255, 9);
    for (size_t i = 0; i < 8; i++) {
        struct tiff_kind kind = PHOTO_TIFF;
        kind.compression = compressions[i % 4];
        kind.rows_per_strip = i < 4 ? 0 : 16;
        struct file_bytes file = make_tiff(samples, 128, 200, kind);
        /* libtiff writes the directory behind the samples: what is lost is in the middle of the strips. */
        uint8_t *hole = file.data + file.size / 2;
        memset(hole, 0, file.size / 4);
        struct decode_result result = compared_exact(&file, TYPE_TIFF);
        cr_assert(result.has_pdq, "compression %u: %s", kind.compression, result.detail);
        free(file.data);
    }
    free(samples);
}

Test(tiff, every_cut_and_every_changed_byte, .timeout = 120)
{
    static const uint16_t compressions[] = {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE,
                                            COMPRESSION_PACKBITS};
    uint16_t *samples = photo_samples(12, 11, 3, 255, 5);
    for (unsigned i = 0; i < 8; i++) {
        struct tiff_kind kind = PHOTO_TIFF;
        kind.compression = compressions[i % 4];
        kind.separate = i & 2, kind.tiled = i & 4, kind.big_endian = i & 1;
        struct file_bytes file = make_tiff(samples, 12, 11, kind);
        compared_cuts(&file, TYPE_TIFF, 0);
        compared_flips(&file, TYPE_TIFF);
        free(file.data);
    }
    free(samples);
}
#endif
