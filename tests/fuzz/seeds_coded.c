#define WIDTH  24u
#define HEIGHT 21u
#include "../decode/make_bmp.h"
#ifdef HAVE_HEIF
#include "../decode/make_heif.h"
#endif
#ifdef HAVE_JP2
#include "../decode/make_jp2.h"
#endif
#ifdef HAVE_JXL
#include "../decode/make_jxl.h"
#endif

#include "seeds.h"

static void write_file(const char *target, const char *name, struct file_bytes file)
{
    if (file.data)
        seed_write(target, name, file.data, file.size);
    free(file.data);
}

static void seed_bmps(void)
{
    for (size_t i = 0; i < sizeof(bmp_kinds) / sizeof(*bmp_kinds); i++) {
        char name[32];
        uint8_t *rgba = photo_bytes(WIDTH, HEIGHT, 4, 5);
        snprintf(name, sizeof(name), "%s", bmp_kinds[i].name);
        for (char *p = name; *p; p++)
            if (*p == ' ' || *p == '/')
                *p = '-';
        write_file("bmp", name, make_bmp(&bmp_kinds[i], rgba));
        free(rgba);
    }
}

/** What this build's libraries can write. */
void seed_coded(void)
{
    uint8_t *rgb = photo_bytes(WIDTH, HEIGHT, 3, 5), *rgba = photo_bytes(WIDTH, HEIGHT, 4, 5);
    seed_bmps();
#ifdef HAVE_HEIF
    write_file("heif", "hevc", make_heif(rgb, 3, heif_compression_HEVC, heif_orientation_normal));
    write_file("heif", "hevc-alpha-turned", make_heif(rgba, 4, heif_compression_HEVC, heif_orientation_rotate_90_cw));
    write_file("heif", "av1", make_heif(rgb, 3, heif_compression_AV1, heif_orientation_normal));
    write_file("heif", "av1-alpha-mirrored",
               make_heif(rgba, 4, heif_compression_AV1, heif_orientation_flip_horizontally));
#endif
#ifdef HAVE_JP2
    write_file("jp2", "rgb", make_jp2(rgb, &(struct jp2_kind){.channels = 3, .depth = 8}, OPJ_CODEC_J2K));
    write_file("jp2", "alpha-tiles",
               make_jp2(rgba, &(struct jp2_kind){.channels = 4, .depth = 8, .tiled = true}, OPJ_CODEC_J2K));
    write_file(
        "jp2", "signed-lossy",
        make_jp2(rgb, &(struct jp2_kind){.channels = 3, .depth = 12, .is_signed = true, .lossy = true}, OPJ_CODEC_J2K));
#endif
#ifdef HAVE_JXL
    write_file("jxl", "lossless", make_jxl(rgb, 3, true, JXL_ORIENT_IDENTITY));
    write_file("jxl", "lossy-alpha", make_jxl(rgba, 4, false, JXL_ORIENT_FLIP_VERTICAL));
#endif
    free(rgb);
    free(rgba);
}
