/* JPEG 2000, coded here, against the same pixels as PNG: lossless, so the hash is the same to the bit. */
#ifdef HAVE_JP2
#define WIDTH  129u
#define HEIGHT 97u
#include "coded.h"
#include "make_jp2.h"

static const struct jp2_kind kinds[] = {
    {"RGB", 3, 8, false, false, false},      {"grey", 1, 8, false, false, false},
    {"RGBA", 4, 8, false, false, false},     {"grey and alpha", 2, 8, false, false, false},
    {"12 bits", 3, 12, false, false, false}, {"16 bits, signed", 3, 16, true, false, false},
    {"tiles", 3, 8, false, false, true},     {"lossy", 3, 8, false, true, false},
};

Test(jp2, is_as_its_png, .timeout = 60)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, kinds[i].channels, 5);
        struct decode_result expected = as_png(pixels, WIDTH, HEIGHT, kinds[i].channels);
        struct file_bytes stream = make_jp2(pixels, &kinds[i], OPJ_CODEC_J2K);
        assert_like_png(stream, TYPE_JP2, &expected, kinds[i].lossy ? 4 : 0, kinds[i].name);
        assert_pixel_limit(stream, TYPE_JP2);
        free(stream.data);
        free(pixels);
    }
}

Test(jp2, a_cut_one_shows_what_is_there)
{
    uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, 3, 5);
    struct file_bytes file = make_jp2(pixels, &kinds[0], OPJ_CODEC_J2K);
    cr_assert_eq(coded_decode(file.data, file.size * 3 / 4, TYPE_JP2).status, TRAWL_PARTIAL);
    cr_assert_eq(coded_decode(file.data, 50, TYPE_JP2).status, TRAWL_DAMAGED);
    free(file.data);
    free(pixels);
}

Test(jp2, broken_ones_end_sanely, .timeout = 120)
{
    unsigned ends[TRAWL_STATUS_COUNT] = {0};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, kinds[i].channels, 5);
        struct file_bytes file = make_jp2(pixels, &kinds[i], OPJ_CODEC_J2K);
        break_it(file, TYPE_JP2, 40, ends);
        free(file.data);
        free(pixels);
    }
    cr_assert(ends[TRAWL_OK] && ends[TRAWL_PARTIAL] && ends[TRAWL_DAMAGED]);
}
#endif
