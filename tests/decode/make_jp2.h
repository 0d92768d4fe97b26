/* make_jp2.h: JPEG 2000 by OpenJPEG; WIDTH and HEIGHT are those of the includer. */
#ifndef TESTS_DECODE_MAKE_JP2_H
#define TESTS_DECODE_MAKE_JP2_H

#include "pictures.h"

#include <openjpeg-2.5/openjpeg.h>

static inline OPJ_SIZE_T jp2_append(void *data, OPJ_SIZE_T n, void *user)
{
    struct file_bytes *file = user;
    file->data = realloc(file->data, file->size + n);
    memcpy(file->data + file->size, data, n);
    file->size += n;
    return n;
}

/** The encoder seeks back only to where it is. */
static inline OPJ_BOOL jp2_seek(OPJ_OFF_T to, void *user)
{
    struct file_bytes *file = user;
    return (size_t)to == file->size;
}

static inline void jp2_silent(const char *text, void *user)
{
    (void)text, (void)user;
}

struct jp2_kind {
    const char *name;
    unsigned channels, depth;
    bool is_signed, lossy, tiled;
};

static inline opj_image_t *jp2_image_of(const uint8_t *pixels, const struct jp2_kind *kind)
{
    opj_image_cmptparm_t parts[4] = {0};
    for (unsigned i = 0; i < kind->channels; i++)
        parts[i] = (opj_image_cmptparm_t){
            .dx = 1, .dy = 1, .w = WIDTH, .h = HEIGHT, .prec = kind->depth, .sgnd = kind->is_signed};
    opj_image_t *image =
        opj_image_create(kind->channels, parts, kind->channels == 1 ? OPJ_CLRSPC_GRAY : OPJ_CLRSPC_SRGB);
    image->x1 = WIDTH;
    image->y1 = HEIGHT;
    int max = (1 << kind->depth) - 1;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++)
        for (unsigned c = 0; c < kind->channels; c++)
            image->comps[c].data[i] =
                (pixels[i * kind->channels + c] * max + 127) / 255 - (kind->is_signed ? 1 << (kind->depth - 1) : 0);
    return image;
}

static inline struct file_bytes make_jp2(const uint8_t *pixels, const struct jp2_kind *kind, OPJ_CODEC_FORMAT format)
{
    struct file_bytes file = {NULL, 0};
    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.numresolution = 4;
    parameters.tcp_numlayers = 1;
    parameters.cp_disto_alloc = 1;
    parameters.tcp_rates[0] = kind->lossy ? 3 : 0;
    parameters.irreversible = kind->lossy;
    parameters.tile_size_on = kind->tiled;
    parameters.cp_tdx = parameters.cp_tdy = 32;
    opj_image_t *image = jp2_image_of(pixels, kind);
    opj_codec_t *codec = opj_create_compress(format);
    opj_stream_t *stream = opj_stream_create(1 << 20, OPJ_FALSE);
    opj_set_warning_handler(codec, jp2_silent, NULL);
    opj_stream_set_write_function(stream, jp2_append);
    opj_stream_set_seek_function(stream, jp2_seek);
    opj_stream_set_user_data(stream, &file, NULL);
    must(opj_setup_encoder(codec, &parameters, image) && opj_start_compress(codec, image, stream) &&
         opj_encode(codec, stream) && opj_end_compress(codec, stream));
    opj_stream_destroy(stream);
    opj_destroy_codec(codec);
    opj_image_destroy(image);
    return file;
}

#endif
