/*
 * webp.c: WebP by libwebp, lossy and lossless. The first frame of an animation at its place on the canvas; what is
 * transparent shows white behind it, whatever background the file names. Further frames: webp_frames.c.
 *
 * The picture is decoded at full size in both modes: libwebp's scaling decodes every sample all the same.
 */
#include "decode/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

#include "decode/exif.h"
#include "decode/extras.h"
#include "decode/webp_frames.h"

/** One pass over one picture. */
struct webp_run {
    const struct picture *picture;
    struct decode_result *result;
    /** NULL for a file of one picture and nothing else. */
    WebPDemuxer *demux;
    WebPIDecoder *decoder;
    WebPDecoderConfig config;
    /** The chunks of the frame that is decoded, and where it stands on the canvas. */
    const uint8_t *data;
    size_t size;
    uint32_t left, top;
    uint32_t width, height;
    bool animated;
    uint32_t frames;
    /** The frame's samples; one row of the canvas. Owned. */
    uint8_t *pixels, *rgb;
    struct sink sink;
};

static const char *reason(VP8StatusCode status)
{
    return status == VP8_STATUS_SUSPENDED || status == VP8_STATUS_NOT_ENOUGH_DATA ? "premature end of data"
                                                                                  : "corrupt data";
}

/** Ends a picture of which nothing can be shown. */
static bool nothing(struct webp_run *run, VP8StatusCode status, const char *what)
{
    if (status == VP8_STATUS_OUT_OF_MEMORY)
        decode_end_memory(run->result);
    else if (status == VP8_STATUS_UNSUPPORTED_FEATURE)
        decode_end(run->result, TRAWL_UNSUPPORTED, "a feature that libwebp does not read");
    else
        decode_end(run->result, TRAWL_DAMAGED, "%s: %s", what, reason(status));
    return false;
}

static void read_exif(struct webp_run *run)
{
    WebPChunkIterator chunk;
    if (!run->demux || !WebPDemuxGetChunk(run->demux, "EXIF", 1, &chunk))
        return;
    exif_read(chunk.chunk.bytes, chunk.chunk.size, run->result);
    WebPDemuxReleaseChunkIterator(&chunk);
}

/** The first frame of an animation. */
static bool find_frame(struct webp_run *run)
{
    WebPIterator frame;
    if (!run->demux || !WebPDemuxGetFrame(run->demux, 1, &frame))
        return nothing(run, VP8_STATUS_BITSTREAM_ERROR, "no frame");
    run->frames = WebPDemuxGetI(run->demux, WEBP_FF_FRAME_COUNT);
    run->data = frame.fragment.bytes;
    run->size = frame.fragment.size;
    run->left = (uint32_t)frame.x_offset;
    run->top = (uint32_t)frame.y_offset;
    WebPDemuxReleaseIterator(&frame);
    VP8StatusCode status = WebPGetFeatures(run->data, run->size, &run->config.input);
    return status == VP8_STATUS_OK || nothing(run, status, "no frame");
}

/** Sizes and the frame to decode. False where the picture ends here, with its status set. */
static bool read_header(struct webp_run *run)
{
    WebPBitstreamFeatures *features = &run->config.input;
    WebPData all = {run->picture->data, run->picture->size};
    if (!WebPInitDecoderConfig(&run->config))
        return nothing(run, VP8_STATUS_UNSUPPORTED_FEATURE, "");
    VP8StatusCode status = WebPGetFeatures(all.bytes, all.size, features);
    if (status != VP8_STATUS_OK)
        return nothing(run, status, "no picture");
    run->width = (uint32_t)features->width;
    run->height = (uint32_t)features->height;
    if (!decode_size(run->picture, run->width, run->height, run->result))
        return false;
    if (all.size >= 16 && !memcmp(all.bytes + 12, "VP8X", 4))
        run->demux = WebPDemuxPartial(&all, NULL);
    read_exif(run);
    run->frames = 1;
    run->data = all.bytes;
    run->size = all.size;
    run->animated = features->has_animation;
    if (run->animated && !find_frame(run))
        return false;
    if (!limit_exceeded(&run->picture->request->limits, LIMIT_PIXELS,
                        (uint64_t)features->width * (uint64_t)features->height))
        return true;
    decode_end_limit(run->result, LIMIT_PIXELS, "a frame of %d x %d pixels", features->width, features->height);
    return false;
}

static bool begin(struct webp_run *run)
{
    WebPDecBuffer *output = &run->config.output;
    unsigned channels = run->config.input.has_alpha ? 4 : 3;
    size_t stride = (size_t)run->config.input.width * channels, bytes = stride * (size_t)run->config.input.height;
    if (!limit_exceeded(&run->picture->request->limits, LIMIT_DECODE_MEMORY, bytes))
        run->pixels = calloc(1, bytes);
    run->rgb = malloc((size_t)run->width * 3);
    output->colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
    output->is_external_memory = 1;
    output->u.RGBA = (WebPRGBABuffer){.rgba = run->pixels, .stride = (int)stride, .size = bytes};
    if (run->pixels && run->rgb && sink_begin(&run->sink, run->picture, run->width, run->height, 3))
        run->decoder = WebPIDecode(NULL, 0, &run->config);
    if (!run->decoder)
        decode_end_memory(run->result);
    return run->decoder;
}

static void put_row(struct webp_run *run, const uint8_t *pixels)
{
    uint32_t frame_width = (uint32_t)run->config.input.width;
    uint32_t room = run->left < run->width ? run->width - run->left : 0;
    uint32_t n = !pixels ? 0 : frame_width < room ? frame_width : room;
    uint8_t *at = run->rgb + (size_t)(n ? run->left : 0) * 3;
    if (n < run->width)
        memset(run->rgb, 255, (size_t)run->width * 3);
    if (n && run->config.input.has_alpha)
        decode_flatten(at, pixels, n);
    else if (n)
        memcpy(at, pixels, (size_t)n * 3);
    sink_row(&run->sink, run->rgb);
}

/** The first `rows` rows of the frame, and the canvas around it as far as it is known. */
static void put_rows(struct webp_run *run, uint32_t rows)
{
    size_t stride = (size_t)run->config.output.u.RGBA.stride;
    for (uint32_t y = 0; y < run->top && rows; y++)
        put_row(run, NULL);
    for (uint32_t y = 0; y < rows; y++)
        put_row(run, run->pixels + y * stride);
    while (rows == (uint32_t)run->config.input.height && run->sink.rows < run->sink.height)
        put_row(run, NULL);
}

/** True if the file has as many bytes as its first chunk says. */
static bool file_complete(const struct picture *picture)
{
    const uint8_t *p = picture->data + 4;
    uint64_t riff = (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
    return riff + 8 <= picture->size;
}

static void end_whole(struct webp_run *run)
{
    bool complete = file_complete(run->picture);
    if (run->animated && !complete)
        decode_end(run->result, TRAWL_PARTIAL, "premature end of data behind the first frame (of %u or more)",
                   run->frames);
    else if (run->frames > 1)
        decode_end(run->result, TRAWL_OK, "the first of %u frames", run->frames);
    else
        decode_end(run->result, TRAWL_OK, "%s", complete ? "" : "the file ends before its RIFF chunk does");
}

static void read_rows(struct webp_run *run)
{
    int last = 0;
    uint32_t height = (uint32_t)run->config.input.height;
    VP8StatusCode status = WebPIUpdate(run->decoder, run->data, run->size);
    uint32_t rows = WebPIDecGetRGB(run->decoder, &last, NULL, NULL, NULL) && last > 0 ? (uint32_t)last : 0;
    if (status == VP8_STATUS_OK)
        rows = height;
    if (!rows || status == VP8_STATUS_OUT_OF_MEMORY) {
        nothing(run, status, "no row decodes");
        return;
    }
    put_rows(run, rows < height ? rows : height);
    if (status == VP8_STATUS_OK)
        end_whole(run);
    else
        decode_end(run->result, TRAWL_PARTIAL, "%s after %u %% of the rows", reason(status),
                   decode_percent(rows, height));
}

static void webp_pass(const struct picture *picture, struct decode_result *result)
{
    struct webp_run run;
    memset(&run, 0, sizeof(run));
    run.picture = picture;
    run.result = result;
    if (read_header(&run) && begin(&run))
        read_rows(&run);
    sink_finish(&run.sink, picture, result);
    WebPIDelete(run.decoder);
    WebPDemuxDelete(run.demux);
    sink_free(&run.sink);
    free(run.pixels);
    free(run.rgb);
}

static void webp_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                        struct decode_result *result)
{
    decode_passes(request, data, size, webp_pass, result);
    /* Only a file in the extended layout has room for anything else. */
    if (size >= 16 && !memcmp(data + 12, "VP8X", 4))
        result->has_extras = extras_any(request, data, size, webp_extras);
}

static const char *webp_version(void)
{
    static char text[24];
    int v = WebPGetDecoderVersion();
    snprintf(text, sizeof(text), "%d.%d.%d", v >> 16, v >> 8 & 255, v & 255);
    return text;
}

const struct decoder webp_decoder = {.type = TYPE_WEBP,
                                     .name = "webp",
                                     .library = "libwebp",
                                     .version = webp_version,
                                     .decode = webp_decode,
                                     .extras = webp_extras};
