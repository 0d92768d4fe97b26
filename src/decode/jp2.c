/*
 * jp2.c: JPEG 2000 by OpenJPEG: JP2 files and bare codestreams. Samples of any depth become 8 bits; grey, RGB, YCC and
 * CMYK become RGB; a second or fourth channel is opacity, with white behind it, declared or not (as all readers take
 * it: few writers declare it). No colour management.
 */
#include "decode/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openjpeg-2.5/openjpeg.h>

struct jp2_run {
    const struct picture *picture;
    struct decode_result *result;
    opj_codec_t *codec;
    opj_stream_t *stream;
    opj_image_t *image;
    struct sink sink;
    /** Where the library reads next. */
    size_t at;
    uint32_t width, height;
    /** Four samples a pixel. Owned. */
    uint8_t *row;
    /** Its first error; or empty. */
    char fatal[96];
};

static OPJ_SIZE_T on_read(void *buffer, OPJ_SIZE_T n, void *user)
{
    struct jp2_run *run = user;
    size_t left = run->picture->size - run->at;
    if (!left)
        return (OPJ_SIZE_T)-1;
    n = n < left ? n : left;
    memcpy(buffer, run->picture->data + run->at, n);
    run->at += n;
    return n;
}

static OPJ_BOOL on_seek(OPJ_OFF_T to, void *user)
{
    struct jp2_run *run = user;
    if (to < 0 || (uint64_t)to > run->picture->size)
        return OPJ_FALSE;
    run->at = (size_t)to;
    return OPJ_TRUE;
}

static OPJ_OFF_T on_skip(OPJ_OFF_T n, void *user)
{
    struct jp2_run *run = user;
    if (n < 0 || (uint64_t)n > run->picture->size - run->at)
        return -1;
    run->at += (size_t)n;
    return n;
}

static void on_error(const char *text, void *user)
{
    struct jp2_run *run = user;
    if (*run->fatal)
        return;
    snprintf(run->fatal, sizeof(run->fatal), "%s", text);
    run->fatal[strcspn(run->fatal, "\r\n")] = 0;
}

static void on_remark(const char *text, void *user)
{
    (void)text, (void)user;
}

static bool open_codec(struct jp2_run *run, bool strict)
{
    const struct picture *picture = run->picture;
    bool stream = picture->size > 2 && picture->data[0] == 0xff && picture->data[1] == 0x4f;
    opj_dparameters_t parameters;
    run->codec = opj_create_decompress(stream ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
    run->stream = opj_stream_create(1 << 16, OPJ_TRUE);
    if (!run->codec || !run->stream)
        return false;
    opj_set_error_handler(run->codec, on_error, run);
    opj_set_warning_handler(run->codec, on_remark, run);
    opj_set_info_handler(run->codec, on_remark, run);
    opj_stream_set_read_function(run->stream, on_read);
    opj_stream_set_seek_function(run->stream, on_seek);
    opj_stream_set_skip_function(run->stream, on_skip);
    opj_stream_set_user_data(run->stream, run, NULL);
    opj_stream_set_user_data_length(run->stream, picture->size);
    opj_set_default_decoder_parameters(&parameters);
    return opj_setup_decoder(run->codec, &parameters) && opj_decoder_set_strict_mode(run->codec, strict);
}

/** Pixels are those of the first component; the others are stretched to it. */
static bool size_fits(struct jp2_run *run)
{
    const opj_image_t *image = run->image;
    uint64_t bytes = 0;
    if (!image->numcomps) {
        decode_end(run->result, TRAWL_DAMAGED, "no components");
        return false;
    }
    run->width = image->comps[0].w;
    run->height = image->comps[0].h;
    if (!run->width || !run->height || run->width > INT32_MAX || run->height > INT32_MAX) {
        decode_end(run->result, TRAWL_DAMAGED, "a picture of no size");
        return false;
    }
    /* Four bytes a sample; the tile of a picture that is one tile becomes the picture. */
    for (unsigned i = 0; i < image->numcomps; i++)
        bytes += 4ull * image->comps[i].w * image->comps[i].h;
    return decode_size(run->picture, run->width, run->height, run->result) &&
           decode_memory(run->picture, bytes, run->result);
}

/** Sample of 8 bits. */
static uint8_t sample(const opj_image_comp_t *comp, uint32_t x, uint32_t y)
{
    uint32_t prec = comp->prec < 31 ? comp->prec : 31;
    int64_t max = ((int64_t)1 << prec) - 1, v = comp->data[(size_t)y * comp->w + x];
    if (comp->sgnd)
        v += (int64_t)1 << (prec - 1);
    v = v < 0 ? 0 : v > max ? max : v;
    return (uint8_t)((v * 255 + max / 2) / max);
}

/** One channel of row y into every fourth byte. */
static void put_channel(const struct jp2_run *run, uint8_t *out, unsigned channel, uint32_t y)
{
    const opj_image_comp_t *first = &run->image->comps[0], *comp = &run->image->comps[channel];
    uint64_t line = (uint64_t)y * first->dy / comp->dy;
    line = line < comp->h ? line : comp->h - 1;
    for (uint32_t x = 0; x < run->width; x++) {
        uint64_t column = (uint64_t)x * first->dx / comp->dx;
        out[(size_t)x * 4] = sample(comp, (uint32_t)(column < comp->w ? column : comp->w - 1), (uint32_t)line);
    }
}

static uint8_t clamp(int v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static void rgb_from_ycc(uint8_t *row, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++, row += 4) {
        int luma = row[0] << 16, blue = row[1] - 128, red = row[2] - 128;
        row[0] = clamp((luma + 91881 * red + 32768) >> 16);
        row[1] = clamp((luma - 22554 * blue - 46802 * red + 32768) >> 16);
        row[2] = clamp((luma + 116130 * blue + 32768) >> 16);
    }
}

static void rgb_from_cmyk(uint8_t *row, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++, row += 4)
        for (unsigned i = 0; i < 3; i++)
            row[i] = (uint8_t)(((255u - row[i]) * (255u - row[3]) + 127) / 255);
}

/** What the components are. */
struct jp2_layout {
    /** The components of red, green, blue and the fourth channel. */
    unsigned from[4];
    bool ycc, cmyk, alpha;
};

static struct jp2_layout layout_of(const opj_image_t *image)
{
    unsigned n = image->numcomps;
    bool grey = n < 3, halved = n >= 3 && (image->comps[1].dx != image->comps[0].dx);
    struct jp2_layout layout = {.from = {0, grey ? 0 : 1, grey ? 0 : 2, grey ? n - 1 : 3}};
    layout.cmyk = n >= 4 && image->color_space == OPJ_CLRSPC_CMYK;
    layout.alpha = (n == 2 || n == 4) && !layout.cmyk;
    layout.ycc = !grey && (image->color_space == OPJ_CLRSPC_SYCC || image->color_space == OPJ_CLRSPC_EYCC ||
                           (halved && image->color_space != OPJ_CLRSPC_SRGB));
    return layout;
}

static void put_row(struct jp2_run *run, const struct jp2_layout *layout, uint32_t y)
{
    unsigned channels = layout->alpha || layout->cmyk ? 4 : 3;
    for (unsigned i = 0; i < channels; i++)
        put_channel(run, run->row + i, layout->from[i], y);
    for (size_t x = 0; channels == 3 && x < run->width; x++)
        run->row[x * 4 + 3] = 255;
    if (layout->ycc)
        rgb_from_ycc(run->row, run->width);
    if (layout->cmyk)
        rgb_from_cmyk(run->row, run->width);
    for (size_t x = 0; layout->cmyk && x < run->width; x++)
        run->row[x * 4 + 3] = 255;
    decode_flatten(run->row, run->row, run->width);
    sink_row(&run->sink, run->row);
}

/** All components must have come. */
static bool components_sane(const struct jp2_run *run)
{
    for (unsigned i = 0; i < run->image->numcomps; i++) {
        const opj_image_comp_t *comp = &run->image->comps[i];
        if (!comp->data || !comp->w || !comp->h || !comp->dx || !comp->dy || !comp->prec)
            return false;
    }
    return run->image->comps[0].w == run->width && run->image->comps[0].h == run->height;
}

static void put_rows(struct jp2_run *run)
{
    struct jp2_layout layout = layout_of(run->image);
    run->row = malloc((size_t)run->width * 4);
    if (!run->row || !sink_begin(&run->sink, run->picture, run->width, run->height, 3)) {
        decode_end_memory(run->result);
        return;
    }
    for (uint32_t y = 0; y < run->height; y++)
        put_row(run, &layout, y);
    decode_end(run->result, TRAWL_OK, "%s", "");
    sink_finish(&run->sink, run->picture, run->result);
}

static void read_picture(struct jp2_run *run, bool strict)
{
    if (!open_codec(run, strict))
        decode_end_memory(run->result);
    else if (!opj_read_header(run->stream, run->codec, &run->image) || !run->image)
        decode_end(run->result, TRAWL_DAMAGED, "%s", *run->fatal ? run->fatal : "no header");
    else if (!size_fits(run))
        return;
    else if (!opj_decode(run->codec, run->stream, run->image))
        decode_end(run->result, TRAWL_DAMAGED, "%s", *run->fatal ? run->fatal : "no tile decodes");
    else if (!components_sane(run))
        decode_end(run->result, TRAWL_DAMAGED, "components are missing");
    else
        put_rows(run);
}

static void attempt(const struct picture *picture, bool strict, struct decode_result *result)
{
    struct jp2_run run = {.picture = picture, .result = result};
    read_picture(&run, strict);
    sink_free(&run.sink);
    free(run.row);
    opj_image_destroy(run.image);
    opj_destroy_codec(run.codec);
    opj_stream_destroy(run.stream);
}

/** Strictly first: a cut file decodes to what is there, but only so does the library tell. */
static void jp2_pass(const struct picture *picture, struct decode_result *result)
{
    attempt(picture, true, result);
    if (result->status != TRAWL_DAMAGED || !result->width)
        return;
    char why[sizeof(result->detail)];
    memcpy(why, result->detail, sizeof(why));
    attempt(picture, false, result);
    if (result->status == TRAWL_OK)
        decode_end(result, TRAWL_PARTIAL, "%s", why);
}

static void jp2_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                       struct decode_result *result)
{
    decode_passes(request, data, size, jp2_pass, result);
}

/** It would start threads where the environment says so. */
static void jp2_warm_up(void)
{
    unsetenv("OPJ_NUM_THREADS");
}

const struct decoder jp2_decoder = {.type = TYPE_JP2,
                                    .name = "jp2",
                                    .library = "OpenJPEG",
                                    .version = opj_version,
                                    .warm_up = jp2_warm_up,
                                    .decode = jp2_decode};
