/*
 * raster.c: PSD (its merged picture), DDS (its largest level), PCX, TGA and PNM (PBM, PGM, PPM, PAM) by FFmpeg's
 * libavcodec, which also fixes what is turned upside down or stored in planes. Everything becomes 8-bit RGBA, shown
 * over white; alpha that is zero throughout is none: many writers leave it so.
 */
#ifdef HAVE_RASTER
#include "decode/raster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
#include <libswscale/swscale.h>

#include "decode/extras.h"
#include "decode/sink.h"

static enum AVCodecID codec_of(enum file_type type, const uint8_t *data)
{
    switch (type) {
    case TYPE_PSD:
        return AV_CODEC_ID_PSD;
    case TYPE_DDS:
        return AV_CODEC_ID_DDS;
    case TYPE_PCX:
        return AV_CODEC_ID_PCX;
    case TYPE_TGA:
        return AV_CODEC_ID_TARGA;
    default:
        /* The digit behind the P. */
        return data[1] == '7'                     ? AV_CODEC_ID_PAM
               : data[1] == '1' || data[1] == '4' ? AV_CODEC_ID_PBM
               : data[1] == '2' || data[1] == '5' ? AV_CODEC_ID_PGM
                                                  : AV_CODEC_ID_PPM;
    }
}

static uint32_t number(const uint8_t *p, unsigned n, bool little)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < n; i++)
        v = v << 8 | p[little ? n - 1 - i : i];
    return v;
}

/** The next number of a text header, past words and comments; 0 where there is none. */
static uint32_t next_number(const uint8_t *data, size_t size, size_t *at)
{
    uint64_t v = 0;
    while (*at < size && (data[*at] < '0' || data[*at] > '9')) {
        const uint8_t *line = data[*at] == '#' ? memchr(data + *at, '\n', size - *at) : NULL;
        *at = data[*at] != '#' ? *at + 1 : line ? (size_t)(line - data) : size;
    }
    for (; *at < size && data[*at] >= '0' && data[*at] <= '9'; ++*at)
        v = v < UINT32_MAX ? v * 10 + (data[*at] - '0') : v;
    return v < INT32_MAX ? (uint32_t)v : INT32_MAX;
}

/** What the header says, so that a picture that is too large is known as such: the library calls it damaged. */
static void header_size(enum file_type type, const uint8_t *data, size_t size, uint32_t *width, uint32_t *height)
{
    size_t at = 2;
    *width = *height = 0;
    if (type == TYPE_PSD && size >= 22) {
        *height = number(data + 14, 4, false);
        *width = number(data + 18, 4, false);
    } else if (type == TYPE_DDS && size >= 20) {
        *height = number(data + 12, 4, true);
        *width = number(data + 16, 4, true);
    } else if (type == TYPE_PNM) {
        *width = next_number(data, size < 4096 ? size : 4096, &at);
        *height = next_number(data, size < 4096 ? size : 4096, &at);
    }
    *width = *width < INT32_MAX ? *width : INT32_MAX;
    *height = *height < INT32_MAX ? *height : INT32_MAX;
}

static void end_failed(int error, const char *what, struct decode_result *result)
{
    if (error == AVERROR(ENOMEM))
        decode_end_memory(result);
    else if (error == AVERROR_PATCHWELCOME || error == AVERROR(ENOSYS))
        decode_end(result, TRAWL_UNSUPPORTED, "%s: a kind that libavcodec does not read", what);
    else
        decode_end(result, TRAWL_DAMAGED, "%s: corrupt data or premature end", what);
}

/** The library wants zeros behind the bytes. */
static AVPacket *packet_of(const uint8_t *data, size_t size)
{
    AVPacket *packet = size < INT32_MAX ? av_packet_alloc() : NULL;
    if (packet && av_new_packet(packet, (int)size) == 0)
        memcpy(packet->data, data, size);
    else
        av_packet_free(&packet);
    return packet;
}

static bool has_alpha(const uint8_t *rgba, size_t pixels)
{
    for (size_t i = 0; i < pixels; i++)
        if (rgba[i * 4 + 3])
            return true;
    return false;
}

static void hash_frame(const struct picture *picture, const AVFrame *frame, struct decode_result *result)
{
    uint32_t width = (uint32_t)frame->width, height = (uint32_t)frame->height;
    size_t pixels = (size_t)width * height;
    if (!decode_size(picture, width, height, result))
        return;
    uint8_t *rgba = decode_memory(picture, pixels * 4, result) ? calloc(pixels, 4) : NULL;
    struct SwsContext *sws =
        rgba ? sws_getContext(frame->width, frame->height, frame->format, frame->width, frame->height, AV_PIX_FMT_RGBA,
                              SWS_POINT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL)
             : NULL;
    uint8_t *to[4] = {rgba};
    int stride[4] = {frame->width * 4};
    if (rgba && sws &&
        sws_scale(sws, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, to, stride) > 0) {
        struct canvas canvas = {width, height, 4, (size_t)width * 4, rgba};
        if (!has_alpha(rgba, pixels))
            for (size_t i = 0; i < pixels; i++)
                rgba[i * 4 + 3] = 255;
        canvas_hash(picture->request, &canvas, result);
    } else if (result->status == TRAWL_OK) {
        decode_end(result, TRAWL_UNSUPPORTED, "samples of a kind that are not converted");
    }
    sws_freeContext(sws);
    free(rgba);
}

static int decode_frame(const struct picture *picture, AVCodecContext *codec, AVFrame *frame)
{
    AVPacket *packet = packet_of(picture->data, picture->size);
    int r = packet ? avcodec_send_packet(codec, packet) : AVERROR(ENOMEM);
    if (!r)
        r = avcodec_send_packet(codec, NULL);
    if (!r)
        r = avcodec_receive_frame(codec, frame);
    av_packet_free(&packet);
    return r;
}

void raster_decode(const struct decode_request *request, const uint8_t *data, size_t size, struct decode_result *result)
{
    const struct picture picture = {.request = request, .data = data, .size = size};
    uint32_t width, height;
    header_size(request->type, data, size, &width, &height);
    if (width && height && !decode_size(&picture, width, height, result))
        return;
    result->width = result->height = 0;
    const AVCodec *found = size >= 16 ? avcodec_find_decoder(codec_of(request->type, data)) : NULL;
    AVCodecContext *codec = found ? avcodec_alloc_context3(found) : NULL;
    AVFrame *frame = av_frame_alloc();
    int r = frame ? AVERROR_INVALIDDATA : AVERROR(ENOMEM);
    av_log_set_level(AV_LOG_QUIET);
    if (codec && frame) {
        codec->thread_count = 1;
        codec->max_pixels = (int64_t)request->limits.value[LIMIT_PIXELS];
        r = avcodec_open2(codec, found, NULL);
        if (!r)
            r = decode_frame(&picture, codec, frame);
    }
    if (!r)
        hash_frame(&picture, frame, result);
    else if (r < 0)
        end_failed(r, type_name(request->type), result);
    result->has_extras = request->type == TYPE_PSD && extras_any(request, data, size, psd_decoder.extras);
    av_frame_free(&frame);
    avcodec_free_context(&codec);
}

const char *raster_version(void)
{
    static char text[24];
    unsigned v = avcodec_version();
    snprintf(text, sizeof(text), "%u.%u.%u", v >> 16, v >> 8 & 255, v & 255);
    return text;
}
#endif
