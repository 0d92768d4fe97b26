/* Pictures made by the libraries that read them, out of noise, to the byte; and cut, with another behind. */
#define WIDTH  61u
#define HEIGHT 47u
#include "../decode/make_bmp.h"
#include "carved.h"
#include "source/bytes.h"
#ifdef HAVE_GIF
#include "../decode/gifs.h"
#endif
#ifdef HAVE_WEBP
#include "../decode/webps.h"
#endif
#ifdef HAVE_TIFF
#include "../decode/tiffs.h"
#endif
#ifdef HAVE_HEIF
#include "../decode/make_heif.h"
#endif
#ifdef HAVE_JP2
#include "../decode/make_jp2.h"
#endif

Test(carve_pictures, bmp)
{
    for (size_t i = 0; i < sizeof(bmp_kinds) / sizeof(*bmp_kinds); i++) {
        uint8_t *rgba = photo_bytes(WIDTH, HEIGHT, 4, 5);
        struct file_bytes file = make_bmp(&bmp_kinds[i], rgba);
        /* Its writer leaves the lengths out. */
        bmp_le(file.data + 2, (uint32_t)file.size, 4);
        if (bmp_kinds[i].header != 12)
            bmp_le(file.data + 34, (uint32_t)file.size - le32(file.data + 10), 4);
        assert_found(file, "bmp");
        assert_cuts(file, 10, false);
        free(file.data);
        free(rgba);
    }
}

#ifdef HAVE_GIF
Test(carve_pictures, gif)
{
    static const struct gif_kind kinds[] = {
        {90, 70, 0, 0, 90, 70, false, false, NO_TRANSPARENT_COLOR, 1},
        {90, 70, 5, 6, 60, 50, true, true, 3, 4},
    };
    for (size_t k = 0; k < 2; k++) {
        uint16_t *indices = photo_samples(90, 70, 1, 255, 7);
        struct file_bytes file = make_gif(indices, kinds[k]);
        assert_found(file, "gif");
        cr_assert_gt(assert_cuts(file, 20, true), 8u);
        free(file.data);
        free(indices);
    }
}
#endif

#ifdef HAVE_WEBP
Test(carve_pictures, webp)
{
    uint16_t *samples = photo_samples(80, 60, 4, 255, 7);
    for (int channels = 3; channels <= 4; channels++)
        for (int lossless = 0; lossless < 2; lossless++) {
            struct file_bytes file = make_webp(samples, 80, 60, channels, lossless);
            assert_found(file, "webp");
            assert_cuts(file, 20, false);
            free(file.data);
        }
    free(samples);
}
#endif

#ifdef HAVE_TIFF
Test(carve_pictures, tiff)
{
    uint16_t *samples = photo_samples(90, 70, 3, 255, 7);
    struct tiff_kind kind = {.photometric = PHOTOMETRIC_RGB, .bits = 8, .samples = 3, .extra = -1, .orientation = 1};
    for (unsigned i = 0; i < 16; i++) {
        kind.compression = i & 1 ? COMPRESSION_LZW : COMPRESSION_NONE;
        kind.big_endian = i & 2;
        kind.big_tiff = i & 4;
        kind.rows_per_strip = i & 8 ? 7 : 0;
        kind.pages = i % 3 ? 1 : 3;
        struct file_bytes file = make_tiff(samples, 90, 70, kind);
        assert_found(file, "tif");
        assert_cuts(file, 10, false);
        free(file.data);
    }
    free(samples);
}
#endif

#ifdef HAVE_HEIF
Test(carve_pictures, heif, .timeout = 60)
{
    static const enum heif_compression_format formats[] = {heif_compression_HEVC, heif_compression_AV1};
    uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, 3, 5);
    for (size_t i = 0; i < 2; i++) {
        struct file_bytes file = make_heif(pixels, 3, formats[i], heif_orientation_normal);
        if (!file.data)
            continue;
        assert_found(file, i ? "avif" : "heic");
        assert_cuts(file, 10, false);
        free(file.data);
    }
    free(pixels);
}
#endif

#ifdef HAVE_JP2
Test(carve_pictures, jpeg2000)
{
    static const struct jp2_kind kinds[] = {{"lossless", 3, 8, false, false, false},
                                            {"tiled", 3, 8, false, false, true}};
    uint8_t *pixels = photo_bytes(WIDTH, HEIGHT, 3, 5);
    for (size_t i = 0; i < 2; i++) {
        struct file_bytes stream = make_jp2(pixels, &kinds[i], OPJ_CODEC_J2K);
        assert_found(stream, "j2k");
        assert_cuts(stream, 20, true);
        free(stream.data);
    }
    free(pixels);
}
#endif
