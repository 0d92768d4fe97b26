/* Every variant of BMP, against the same pixels as PNG: lossless, so the hash is the same to the bit. */
#define WIDTH  61u
#define HEIGHT 47u
#include "coded.h"
#include "make_bmp.h"

Test(bmp, every_kind_is_as_its_png)
{
    for (size_t i = 0; i < sizeof(bmp_kinds) / sizeof(*bmp_kinds); i++) {
        uint8_t *rgba = photo_bytes(WIDTH, HEIGHT, 4, 5);
        struct file_bytes file = make_bmp(&bmp_kinds[i], rgba);
        struct decode_result expected = as_png(rgba, WIDTH, HEIGHT, 4);
        assert_like_png(file, TYPE_BMP, &expected, 0, bmp_kinds[i].name);
        assert_pixel_limit(file, TYPE_BMP);
        free(file.data);
        free(rgba);
    }
}

Test(bmp, broken_ones_end_sanely, .timeout = 120)
{
    unsigned ends[TRAWL_STATUS_COUNT] = {0};
    for (size_t i = 0; i < sizeof(bmp_kinds) / sizeof(*bmp_kinds); i++) {
        uint8_t *rgba = photo_bytes(WIDTH, HEIGHT, 4, 5);
        struct file_bytes file = make_bmp(&bmp_kinds[i], rgba);
        break_it(file, TYPE_BMP, 100, ends);
        free(file.data);
        free(rgba);
    }
    cr_assert(ends[TRAWL_OK] && ends[TRAWL_PARTIAL] && ends[TRAWL_DAMAGED] && ends[TRAWL_UNSUPPORTED]);
}

Test(bmp, a_cut_one_tells_how_much_is_there)
{
    uint8_t *rgba = photo_bytes(WIDTH, HEIGHT, 4, 5);
    struct file_bytes file = make_bmp(&(struct bmp_kind){.header = 40, .bits = 24}, rgba);
    size_t stride = (WIDTH * 3 + 3) / 4 * 4;
    struct decode_result result = coded_decode(file.data, file.size - 10 * stride - 5, TYPE_BMP);
    cr_assert_eq(result.status, TRAWL_PARTIAL);
    cr_assert_str_eq(result.detail, "premature end of data after 76 % of the rows");
    cr_assert_eq(coded_decode(file.data, file.size - 1, TYPE_BMP).status, TRAWL_OK, "padding of the last row");
    cr_assert_eq(coded_decode(file.data, 60, TYPE_BMP).status, TRAWL_DAMAGED);
    free(file.data);
    free(rgba);
}

/** A mask for alpha, and all of it zero: many writers leave it so. */
Test(bmp, alpha_that_is_all_zero_is_none)
{
    uint8_t *rgba = photo_bytes(WIDTH, HEIGHT, 4, 5);
    struct bmp_kind kind = {.header = 108, .bits = 32, .compression = 3, .masks = {0xff0000, 0xff00, 0xff, 0}};
    struct file_bytes file = make_bmp(&kind, rgba);
    bmp_le(file.data + 66, 0xff000000, 4);
    struct decode_result expected = as_png(rgba, WIDTH, HEIGHT, 4);
    assert_like_png(file, TYPE_BMP, &expected, 0, "no alpha");
    free(file.data);
    free(rgba);
}
