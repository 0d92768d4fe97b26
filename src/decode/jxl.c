/*
 * jxl.c: JPEG XL by libjxl: codestreams and files, turned as they say (its orientation is part of the picture, not of
 * EXIF). Of an animation the first frame stands for the file; others are listed. Samples of any kind become 8 bits in
 * the picture's own colours.
 */
#include "decode/extras.h"
#include "decode/sink.h"

#include <stdio.h>
#include <stdlib.h>

#include <jxl/decode.h>

struct jxl_run {
    const struct picture *picture;
    struct decode_result *result;
    JxlDecoder *decoder;
    struct sink sink;
    uint32_t width, height;
    /** 3, or 4 with alpha. */
    unsigned channels;
    /** The whole picture. Owned. */
    uint8_t *pixels;
};

static bool begin(struct jxl_run *run)
{
    run->decoder = JxlDecoderCreate(NULL);
    if (!run->decoder) {
        decode_end_memory(run->result);
        return false;
    }
    JxlDecoderSetUnpremultiplyAlpha(run->decoder, JXL_TRUE);
    JxlDecoderSubscribeEvents(run->decoder, JXL_DEC_BASIC_INFO | JXL_DEC_FULL_IMAGE);
    if (JxlDecoderSetInput(run->decoder, run->picture->data, run->picture->size) == JXL_DEC_SUCCESS) {
        JxlDecoderCloseInput(run->decoder);
        return true;
    }
    decode_end(run->result, TRAWL_DAMAGED, "the decoder refuses its input");
    return false;
}

static bool on_info(struct jxl_run *run)
{
    JxlBasicInfo info;
    if (JxlDecoderGetBasicInfo(run->decoder, &info) != JXL_DEC_SUCCESS) {
        decode_end(run->result, TRAWL_DAMAGED, "no basic information");
        return false;
    }
    run->width = info.xsize;
    run->height = info.ysize;
    run->channels = info.alpha_bits ? 4 : 3;
    run->result->has_extras = info.have_animation && !run->picture->part;
    if (!run->width || !run->height) {
        decode_end(run->result, TRAWL_DAMAGED, "a picture of no size");
        return false;
    }
    /* It works in float. Where memory is short it ends the process. */
    return decode_size(run->picture, run->width, run->height, run->result) &&
           decode_memory(run->picture, (uint64_t)run->width * run->height * 16, run->result);
}

static bool on_buffer(struct jxl_run *run)
{
    JxlPixelFormat format = {.num_channels = run->channels, .data_type = JXL_TYPE_UINT8};
    size_t size, wanted = (size_t)run->width * run->height * run->channels;
    if (run->pixels || JxlDecoderImageOutBufferSize(run->decoder, &format, &size) != JXL_DEC_SUCCESS ||
        size != wanted) {
        decode_end(run->result, TRAWL_DAMAGED, "a picture of another size than declared");
        return false;
    }
    run->pixels = calloc(1, size);
    if (!run->pixels) {
        decode_end_memory(run->result);
        return false;
    }
    if (JxlDecoderSetImageOutBuffer(run->decoder, &format, run->pixels, size) == JXL_DEC_SUCCESS)
        return true;
    decode_end(run->result, TRAWL_UNSUPPORTED, "no conversion to 8 bits");
    return false;
}

static void put_rows(struct jxl_run *run)
{
    if (!sink_begin(&run->sink, run->picture, run->width, run->height, 3)) {
        decode_end_memory(run->result);
        return;
    }
    for (uint32_t y = 0; y < run->height; y++) {
        uint8_t *row = run->pixels + (size_t)y * run->width * run->channels;
        if (run->channels == 4)
            decode_flatten(row, row, run->width);
        sink_row(&run->sink, row);
    }
    sink_finish(&run->sink, run->picture, run->result);
}

/** What is there of a picture that ends early. After an error the library gives nothing more. */
static void end_early(struct jxl_run *run, JxlDecoderStatus status)
{
    if (status == JXL_DEC_ERROR) {
        decode_end(run->result, TRAWL_DAMAGED, "corrupt data");
    } else if (!run->pixels || JxlDecoderFlushImage(run->decoder) != JXL_DEC_SUCCESS) {
        decode_end(run->result, TRAWL_DAMAGED, "premature end of data before a picture was there");
    } else {
        decode_end(run->result, TRAWL_PARTIAL, "premature end of data; the picture is there in part, or coarse");
        put_rows(run);
    }
}

static void read_picture(struct jxl_run *run)
{
    for (;;) {
        JxlDecoderStatus status = JxlDecoderProcessInput(run->decoder);
        if (status == JXL_DEC_BASIC_INFO) {
            if (!on_info(run))
                return;
            JxlDecoderSkipFrames(run->decoder, run->picture->part);
        } else if (status == JXL_DEC_NEED_IMAGE_OUT_BUFFER) {
            if (!on_buffer(run))
                return;
        } else if (status == JXL_DEC_FULL_IMAGE) {
            decode_end(run->result, TRAWL_OK, "%s", "");
            put_rows(run);
            return;
        } else {
            end_early(run, status);
            return;
        }
    }
}

static void jxl_pass(const struct picture *picture, struct decode_result *result);

/** Frames of an animation, counted without their pixels; at most as many as may be counted. */
static uint32_t count_frames(const struct picture *picture)
{
    JxlDecoder *decoder = JxlDecoderCreate(NULL);
    uint32_t n = 0;
    if (decoder && JxlDecoderSubscribeEvents(decoder, JXL_DEC_FRAME) == JXL_DEC_SUCCESS &&
        JxlDecoderSetInput(decoder, picture->data, picture->size) == JXL_DEC_SUCCESS) {
        JxlDecoderCloseInput(decoder);
        while (!limit_exceeded(&picture->request->limits, LIMIT_GIF_FRAMES, n + 1) &&
               JxlDecoderProcessInput(decoder) == JXL_DEC_FRAME)
            n++;
    }
    JxlDecoderDestroy(decoder);
    return n;
}

/** The frames behind the first, as they are shown: the library draws them over each other. */
static void jxl_extras(const uint8_t *data, size_t size, struct extras *extras)
{
    const struct picture picture = {.request = extras->request, .data = data, .size = size};
    uint32_t frames = count_frames(&picture), samples = extras_samples(extras, frames);
    for (uint32_t i = 1; i < samples && !extras_full(extras); i++) {
        uint32_t wanted = extras_sample(frames, samples, i);
        struct decode_extra *extra = extras_next(extras, EXTRA_FRAME, wanted + 1);
        if (extra)
            decode_passes_part(extras->request, data, size, wanted, jxl_pass, &extra->result);
    }
}

static void jxl_pass(const struct picture *picture, struct decode_result *result)
{
    struct jxl_run run = {.picture = picture, .result = result};
    if (begin(&run))
        read_picture(&run);
    sink_free(&run.sink);
    JxlDecoderDestroy(run.decoder);
    free(run.pixels);
}

static void jxl_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                       struct decode_result *result)
{
    decode_passes(request, data, size, jxl_pass, result);
    if (result->has_extras)
        result->has_extras = extras_any(request, data, size, jxl_extras);
}

static const char *jxl_version(void)
{
    static char text[32];
    uint32_t version = JxlDecoderVersion();
    snprintf(text, sizeof(text), "%u.%u.%u", version / 1000000, version / 1000 % 1000, version % 1000);
    return text;
}

const struct decoder jxl_decoder = {.type = TYPE_JXL,
                                    .name = "jxl",
                                    .library = "libjxl",
                                    .version = jxl_version,
                                    .decode = jxl_decode,
                                    .extras = jxl_extras};
