/* make_heif.h: HEIF and AVIF by libheif; WIDTH and HEIGHT are those of the includer. */
#ifndef TESTS_DECODE_MAKE_HEIF_H
#define TESTS_DECODE_MAKE_HEIF_H

#include "pictures.h"

#include <libheif/heif.h>

static inline struct heif_error heif_append(struct heif_context *context, const void *data, size_t size, void *user)
{
    (void)context;
    struct file_bytes *file = user;
    file->data = realloc(file->data, file->size + size);
    memcpy(file->data + file->size, data, size);
    file->size += size;
    return (struct heif_error){heif_error_Ok, heif_suberror_Unspecified, ""};
}

static inline struct heif_image *heif_image_of(const uint8_t *pixels, unsigned channels)
{
    struct heif_image *image;
    int stride;
    heif_image_create(WIDTH, HEIGHT, heif_colorspace_RGB,
                      channels == 4 ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, &image);
    heif_image_add_plane(image, heif_channel_interleaved, WIDTH, HEIGHT, 8);
    uint8_t *out = heif_image_get_plane(image, heif_channel_interleaved, &stride);
    for (size_t y = 0; y < HEIGHT; y++)
        memcpy(out + y * (size_t)stride, pixels + y * WIDTH * channels, WIDTH * channels);
    return image;
}

/** NULL data where this libheif has no such encoder. */
static inline struct file_bytes make_heif(const uint8_t *pixels, unsigned channels, enum heif_compression_format format,
                                          enum heif_orientation orientation)
{
    struct file_bytes file = {NULL, 0};
    struct heif_context *context = heif_context_alloc();
    struct heif_encoder *encoder;
    struct heif_writer writer = {.writer_api_version = 1, .write = heif_append};
    if (heif_context_get_encoder_for_format(context, format, &encoder).code == heif_error_Ok) {
        struct heif_encoding_options *options = heif_encoding_options_alloc();
        struct heif_image *image = heif_image_of(pixels, channels);
        options->image_orientation = orientation;
        heif_encoder_set_lossy_quality(encoder, 95);
        struct heif_error error = heif_context_encode_image(context, image, encoder, options, NULL);
        must(error.code == heif_error_Ok);
        heif_context_write(context, &writer, &file);
        heif_image_release(image);
        heif_encoding_options_free(options);
        heif_encoder_release(encoder);
    }
    heif_context_free(context);
    return file;
}

#endif
