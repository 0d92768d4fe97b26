/* seeds_formats.c: GIF, WebP and TIFF, as far as this build has their libraries. */
#include "seeds.h"

#ifdef HAVE_GIF
#include "../decode/gifs.h"
#endif
#ifdef HAVE_WEBP
#include "../decode/webps.h"
#endif
#ifdef HAVE_TIFF
#include "../decode/tiffs.h"
#endif

#ifdef HAVE_GIF
static void seed_gifs(void)
{
    uint16_t *indices = photo_samples(12, 11, 1, 255, 5);
    for (int i = 0; i < 4; i++) {
        struct gif_kind kind = {14, 15, 1, 2, 12, 11, i & 1, i & 2, i & 1 ? 200 : NO_TRANSPARENT_COLOR, 1 + i};
        struct file_bytes file = make_gif(indices, kind);
        char name[16];
        snprintf(name, sizeof(name), "kind%d", i);
        seed_write("gif", name, file.data, file.size);
        free(file.data);
    }
    free(indices);
}
#endif

#ifdef HAVE_WEBP
static void seed_webps(void)
{
    static const char *const names[] = {"lossy", "lossy-alpha", "lossless", "lossless-alpha"};
    uint16_t *samples = photo_samples(12, 11, 4, 255, 5);
    for (int i = 0; i < 4; i++) {
        struct file_bytes file = make_webp(samples, 12, 11, i & 1 ? 4 : 3, i & 2);
        seed_write("webp", names[i], file.data, file.size);
        if (i == 0 || i == 2) {
            struct file_bytes moving = make_animated_webp(&file, 12, 11, 20, 20, 2, 4, 2);
            seed_write("webp", i ? "animated-lossless" : "animated", moving.data, moving.size);
            free(moving.data);
        }
        free(file.data);
    }
    free(samples);
}
#endif

#ifdef HAVE_TIFF
static void write_tiff(const char *name, const uint16_t *samples, struct tiff_kind kind)
{
    struct file_bytes file = make_tiff(samples, 12, 11, kind);
    if (file.data)
        seed_write("tiff", name, file.data, file.size);
    free(file.data);
}

static void seed_tiffs(void)
{
    uint16_t *samples = photo_samples(12, 11, 5, 1, 5);
    struct tiff_kind kind = PHOTO_TIFF;
    kind.orientation = 6, kind.pages = 2;
    write_tiff("rgb", samples, kind);
    kind.compression = COMPRESSION_LZW, kind.predictor = 2, kind.big_endian = true;
    write_tiff("lzw", samples, kind);
    kind.compression = COMPRESSION_ADOBE_DEFLATE, kind.separate = true, kind.bits = 16, kind.pages = 1;
    write_tiff("deflate", samples, kind);
    kind.compression = COMPRESSION_PACKBITS, kind.predictor = 0, kind.tiled = true, kind.big_tiff = true;
    write_tiff("packbits-tiles", samples, kind);
    kind.compression = COMPRESSION_JPEG, kind.tiled = kind.separate = false, kind.bits = 8, kind.rows_per_strip = 8;
    write_tiff("jpeg", samples, kind);
    kind.compression = COMPRESSION_ZSTD, kind.photometric = PHOTOMETRIC_SEPARATED, kind.samples = 4;
    write_tiff("zstd-cmyk", samples, kind);
    kind.compression = COMPRESSION_LZMA, kind.photometric = PHOTOMETRIC_CIELAB, kind.samples = 3;
    write_tiff("lzma-lab", samples, kind);
    kind.compression = COMPRESSION_NONE, kind.photometric = PHOTOMETRIC_PALETTE, kind.samples = 2, kind.bits = 4;
    kind.extra = EXTRASAMPLE_UNASSALPHA;
    write_tiff("palette-alpha", samples, kind);
    kind =
        (struct tiff_kind){PHOTOMETRIC_MINISWHITE, 1, 1, .compression = COMPRESSION_CCITTFAX4, .extra = -1, .pages = 1};
    write_tiff("fax4", samples, kind);
    kind.compression = COMPRESSION_CCITTFAX3;
    write_tiff("fax3", samples, kind);
    free(samples);
}
#endif

void seed_formats(void)
{
#ifdef HAVE_GIF
    seed_gifs();
#endif
#ifdef HAVE_WEBP
    seed_webps();
#endif
#ifdef HAVE_TIFF
    seed_tiffs();
#endif
}
