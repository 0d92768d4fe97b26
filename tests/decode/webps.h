/* webps.h: WebPs made in memory by libwebp. */
#ifndef TESTS_DECODE_WEBPS_H
#define TESTS_DECODE_WEBPS_H

#include <webp/encode.h>

#include "pictures.h"

static inline int webp_append(const uint8_t *data, size_t n, const WebPPicture *picture)
{
    struct file_bytes *out = picture->custom_ptr;
    out->data = realloc(out->data, out->size + n);
    memcpy(out->data + out->size, data, n);
    out->size += n;
    return 1;
}

/** Samples of 3 (RGB) or 4 (RGBA) values. */
static inline struct file_bytes make_webp(const uint16_t *samples, int width, int height, int channels, bool lossless)
{
    struct file_bytes out = {NULL, 0};
    size_t n = (size_t)width * (size_t)height * (size_t)channels;
    uint8_t *bytes = malloc(n);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)samples[i];
    WebPConfig config;
    WebPPicture picture;
    WebPConfigInit(&config);
    WebPPictureInit(&picture);
    config.lossless = lossless;
    config.exact = 1;
    config.quality = 90;
    picture.use_argb = lossless;
    picture.width = width;
    picture.height = height;
    picture.writer = webp_append;
    picture.custom_ptr = &out;
    if (channels == 4)
        WebPPictureImportRGBA(&picture, bytes, width * 4);
    else
        WebPPictureImportRGB(&picture, bytes, width * 3);
    WebPEncode(&config, &picture);
    WebPPictureFree(&picture);
    free(bytes);
    return out;
}

static inline void webp_le(struct file_bytes *out, uint32_t value, unsigned bytes)
{
    out->data = realloc(out->data, out->size + bytes);
    for (unsigned i = 0; i < bytes; i++)
        out->data[out->size++] = (uint8_t)(value >> 8 * i);
}

static inline void webp_tag(struct file_bytes *out, const char *name, size_t size)
{
    for (int i = 0; i < 4; i++)
        webp_le(out, (uint8_t)name[i], 1);
    webp_le(out, (uint32_t)size, 4);
}

static inline void webp_bytes(struct file_bytes *out, const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; i++)
        webp_le(out, data[i], 1);
}

/** Flags: 2 animated, 8 EXIF. */
static inline void webp_extended(struct file_bytes *out, unsigned flags, uint32_t width, uint32_t height)
{
    webp_tag(out, "RIFF", 0);
    out->size -= 4;
    webp_le(out, 0, 4);
    for (int i = 0; i < 4; i++)
        webp_le(out, (uint8_t) "WEBP"[i], 1);
    webp_tag(out, "VP8X", 10);
    webp_le(out, flags, 4);
    webp_le(out, width - 1, 3);
    webp_le(out, height - 1, 3);
}

static inline void webp_seal(struct file_bytes *out)
{
    size_t n = out->size - 8;
    for (unsigned i = 0; i < 4; i++)
        out->data[4 + i] = (uint8_t)(n >> 8 * i);
}

/** `frames` times the same still picture (simple format) at an even place on a canvas. */
static inline struct file_bytes make_animated_webp(const struct file_bytes *still, uint32_t width, uint32_t height,
                                                   uint32_t canvas_width, uint32_t canvas_height, uint32_t left,
                                                   uint32_t top, int frames)
{
    struct file_bytes out = {NULL, 0};
    webp_extended(&out, 2, canvas_width, canvas_height);
    webp_tag(&out, "ANIM", 6);
    webp_le(&out, 0xFF0000FF, 4);
    webp_le(&out, 0, 2);
    for (int i = 0; i < frames; i++) {
        webp_tag(&out, "ANMF", still->size - 12 + 16);
        webp_le(&out, left / 2, 3);
        webp_le(&out, top / 2, 3);
        webp_le(&out, width - 1, 3);
        webp_le(&out, height - 1, 3);
        webp_le(&out, 100, 3);
        webp_le(&out, 0, 1);
        webp_bytes(&out, still->data + 12, still->size - 12);
    }
    webp_seal(&out);
    return out;
}

#endif
