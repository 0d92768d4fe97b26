#include "core/match_video.h"

#include "trawl/video.h"

/** The first byte. */
enum { NO_VIDEO, FRAME, WHOLE };

void match_video_encode(const struct match_video *video, struct buf *out)
{
    buf_u8(out, !video->is_video ? NO_VIDEO : video->list_frames ? WHOLE : FRAME);
    if (!video->is_video)
        return;
    buf_u8(out, video->track);
    buf_u8(out, video->quality);
    buf_u32(out, video->number);
    buf_u32(out, video->time_ms);
    if (!video->list_frames)
        return;
    buf_u32(out, video->file_near);
    buf_u32(out, video->file_frames);
    buf_u32(out, video->list_near);
    buf_u32(out, video->list_frames);
}

void match_video_read(struct reader *in, enum hash_type type, struct match_video *video)
{
    uint8_t kind = read_u8(in);
    *video = (struct match_video){.is_video = kind != NO_VIDEO};
    in->bad = in->bad || kind > WHOLE || (kind == WHOLE) != (type == HASH_VPDQ) || (kind == FRAME && type != HASH_PDQ);
    if (in->bad || kind == NO_VIDEO)
        return;
    video->track = read_u8(in);
    video->quality = read_u8(in);
    video->number = read_u32(in);
    video->time_ms = read_u32(in);
    in->bad = in->bad || video->quality > 100;
    if (kind == FRAME)
        return;
    video->file_near = read_u32(in);
    video->file_frames = read_u32(in);
    video->list_near = read_u32(in);
    video->list_frames = read_u32(in);
    in->bad = in->bad || !video->list_frames || video->file_near > video->file_frames ||
              video->list_near > video->list_frames;
}

void match_video_percent(uint32_t n, uint32_t total, struct buf *out)
{
    /* Rounded down: what is shown as 80.0 has reached 80. */
    uint64_t tenths = total ? (uint64_t)n * 1000 / total : 0;
    buf_printf(out, "%u.%u", (unsigned)(tenths / 10), (unsigned)(tenths % 10));
}

static void percent(struct buf *out, const char *name, uint32_t n, uint32_t total)
{
    buf_puts(out, name);
    match_video_percent(n, total, out);
}

void match_video_json(const struct match_video *video, enum hash_type type, struct buf *out)
{
    if (!video->is_video)
        return;
    if (type == HASH_VPDQ) {
        percent(out, ",\"file_percent\":", video->file_near, video->file_frames);
        percent(out, ",\"list_percent\":", video->list_near, video->list_frames);
        buf_printf(out, ",\"file_frames\":%u,\"list_frames\":%u", video->file_frames, video->list_frames);
    }
    buf_printf(out, ",\"frame\":%u,\"time\":", video->number);
    video_seconds_text(video->time_ms, out);
    if (video->track)
        buf_printf(out, ",\"track\":%u", video->track + 1u);
    buf_printf(out, ",\"frame_quality\":%u", video->quality);
}
