/* webp_frames.c: frames of an animated WebP behind the first, spread evenly over all, each as it is shown; and the
 * thumbnail in its EXIF. */
#ifdef HAVE_WEBP
#include "decode/webp_frames.h"

#include <webp/demux.h>

#include "decode/extras.h"
#include "decode/sink.h"

static WebPAnimDecoder *open_frames(const uint8_t *data, size_t size)
{
    const WebPData bytes = {data, size};
    WebPAnimDecoderOptions options;
    if (!WebPAnimDecoderOptionsInit(&options))
        return NULL;
    options.color_mode = MODE_RGBA;
    options.use_threads = 0;
    return WebPAnimDecoderNew(&bytes, &options);
}

/** Draws up to frame `wanted`, from 0. */
static bool draw(WebPAnimDecoder *decoder, uint32_t *drawn, uint32_t wanted, uint8_t **pixels)
{
    int time;
    for (; *drawn <= wanted; ++*drawn)
        if (!WebPAnimDecoderGetNext(decoder, pixels, &time))
            return false;
    return *pixels;
}

/** Its memory: the canvas twice, and a frame. */
static bool may_draw(const struct decode_request *request, const WebPAnimInfo *info, struct decode_result *result)
{
    const struct picture picture = {.request = request};
    uint64_t pixels = (uint64_t)info->canvas_width * info->canvas_height;
    return decode_size(&picture, info->canvas_width, info->canvas_height, result) &&
           decode_memory(&picture, pixels * 12, result);
}

static void list_frames(const uint8_t *data, size_t size, uint32_t frames, struct extras *extras)
{
    uint32_t samples = extras_samples(extras, frames), drawn = 0;
    WebPAnimDecoder *decoder = NULL;
    WebPAnimInfo info = {0};
    uint8_t *pixels = NULL;
    for (uint32_t i = 1; i < samples && !extras_full(extras); i++) {
        uint32_t wanted = extras_sample(frames, samples, i);
        struct decode_extra *extra = extras_next(extras, EXTRA_FRAME, wanted + 1);
        if (!extra)
            continue;
        if (!decoder)
            decoder = open_frames(data, size);
        if (!decoder || !WebPAnimDecoderGetInfo(decoder, &info)) {
            decode_end(&extra->result, TRAWL_DAMAGED, "the animation does not open");
        } else if (!may_draw(extras->request, &info, &extra->result)) {
            continue;
        } else if (!draw(decoder, &drawn, wanted, &pixels)) {
            decode_end(&extra->result, TRAWL_DAMAGED, "corrupt data in this frame or before it");
        } else {
            struct canvas canvas = {info.canvas_width, info.canvas_height, 4, (size_t)info.canvas_width * 4, pixels};
            canvas_hash(extras->request, &canvas, &extra->result);
        }
    }
    WebPAnimDecoderDelete(decoder);
}

void webp_extras(const uint8_t *data, size_t size, struct extras *extras)
{
    const WebPData bytes = {data, size};
    WebPDemuxer *demux = WebPDemuxPartial(&bytes, NULL);
    WebPChunkIterator chunk;
    if (!demux)
        return;
    if (WebPDemuxGetChunk(demux, "EXIF", 1, &chunk)) {
        extras_exif(extras, data, size, (size_t)(chunk.chunk.bytes - data), chunk.chunk.size);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    uint32_t frames = WebPDemuxGetI(demux, WEBP_FF_FRAME_COUNT);
    bool animated = WebPDemuxGetI(demux, WEBP_FF_FORMAT_FLAGS) & ANIMATION_FLAG;
    WebPDemuxDelete(demux);
    if (animated && !extras->out)
        extras->met += frames > 1;
    else if (animated)
        list_frames(data, size, frames, extras);
}
#endif
