/* gifs.h: GIFs made in memory by giflib. */
#ifndef TESTS_DECODE_GIFS_H
#define TESTS_DECODE_GIFS_H

#include <gif_lib.h>

#include "pictures.h"

struct gif_kind {
    int screen_width, screen_height;
    int left, top, width, height;
    bool interlaced, local_palette;
    /** NO_TRANSPARENT_COLOR: none. */
    int transparent;
    int frames;
};

static inline GifColorType gif_colour(unsigned i)
{
    return (GifColorType){(GifByteType)(i * 37 + 11), (GifByteType)(255 - i), (GifByteType)(i * i + 5)};
}

static inline int gif_append(GifFileType *gif, const GifByteType *data, int n)
{
    struct file_bytes *out = gif->UserData;
    out->data = realloc(out->data, out->size + (size_t)n);
    memcpy(out->data + out->size, data, (size_t)n);
    out->size += (size_t)n;
    return n;
}

static inline void gif_put_frame(GifFileType *gif, const struct gif_kind *kind, ColorMapObject *map,
                                 const uint16_t *indices)
{
    static const int first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    GraphicsControlBlock control = {.TransparentColor = kind->transparent};
    GifByteType extension[4], line[1024];
    EGifGCBToExtension(&control, extension);
    EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, extension);
    EGifPutImageDesc(gif, kind->left, kind->top, kind->width, kind->height, kind->interlaced,
                     kind->local_palette ? map : NULL);
    for (int pass = 0; pass < (kind->interlaced ? 4 : 1); pass++)
        for (int y = kind->interlaced ? first[pass] : 0; y < kind->height; y += kind->interlaced ? step[pass] : 1) {
            for (int x = 0; x < kind->width; x++)
                line[x] = (GifByteType)indices[y * kind->width + x];
            EGifPutLine(gif, line, kind->width);
        }
}

/** Indices of the first frame; those that follow are the same. */
static inline struct file_bytes make_gif(const uint16_t *indices, struct gif_kind kind)
{
    struct file_bytes out = {NULL, 0};
    GifColorType colours[256];
    for (unsigned i = 0; i < 256; i++)
        colours[i] = gif_colour(i);
    ColorMapObject *map = GifMakeMapObject(256, colours);
    GifFileType *gif = EGifOpen(&out, gif_append, NULL);
    EGifSetGifVersion(gif, true);
    EGifPutScreenDesc(gif, kind.screen_width, kind.screen_height, 8, 3, kind.local_palette ? NULL : map);
    for (int i = 0; i < kind.frames; i++)
        gif_put_frame(gif, &kind, map, indices);
    GifFreeMapObject(map);
    EGifCloseFile(gif, NULL);
    return out;
}

#define PHOTO_GIF(w, h)                                                                                                \
    (struct gif_kind)                                                                                                  \
    {                                                                                                                  \
        .screen_width = (w), .screen_height = (h), .width = (w), .height = (h), .transparent = NO_TRANSPARENT_COLOR,   \
        .frames = 1                                                                                                    \
    }

#endif
