#include "trawl/video.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"

/** Of one frame in the journal. */
#define FRAME_BYTES (4 + 4 + 1 + 1 + PDQ_BYTES)

const char *video_frames_name(enum video_frames frames)
{
    static const char *const names[VIDEO_FRAMES_COUNT] = {
        [VIDEO_ONE_SECOND] = "1s", [VIDEO_KEYFRAMES] = "keyframes", [VIDEO_ALL] = "all", [VIDEO_NONE] = "none"};
    return (unsigned)frames < VIDEO_FRAMES_COUNT ? names[frames] : "invalid";
}

bool video_frame_sane(const struct video_frame *frame, const struct video_frame *before)
{
    if (frame->quality > 100 || frame->zero[0] || frame->zero[1])
        return false;
    if (!before || frame->track > before->track)
        return true;
    return frame->track == before->track && frame->number > before->number;
}

void video_seconds_text(uint64_t milliseconds, struct buf *out)
{
    buf_printf(out, "%llu.%03u", (unsigned long long)(milliseconds / 1000), (unsigned)(milliseconds % 1000));
}

void video_frame_text(const struct video_frame *frame, struct buf *out)
{
    buf_printf(out, "%u,%u,", frame->number, frame->quality);
    buf_hex(out, frame->pdq, PDQ_BYTES);
    buf_byte(out, ',');
    video_seconds_text(frame->time_ms, out);
}

void video_hashes_encode(const struct video_hashes *hashes, struct buf *out)
{
    buf_u32(out, (uint32_t)hashes->n);
    for (size_t i = 0; i < hashes->n; i++) {
        const struct video_frame *frame = &hashes->items[i];
        buf_u32(out, frame->number);
        buf_u32(out, frame->time_ms);
        buf_u8(out, frame->track);
        buf_u8(out, frame->quality);
        buf_put(out, frame->pdq, PDQ_BYTES);
    }
}

static void read_frame(struct reader *in, struct video_frame *frame)
{
    *frame = (struct video_frame){.number = read_u32(in), .time_ms = 0};
    frame->time_ms = read_u32(in);
    frame->track = read_u8(in);
    frame->quality = read_u8(in);
    const uint8_t *pdq = read_raw(in, PDQ_BYTES);
    if (pdq)
        memcpy(frame->pdq, pdq, PDQ_BYTES);
}

void video_hashes_read(struct reader *in, struct video_hashes *hashes)
{
    size_t n = read_u32(in);
    if (in->bad || !n || n > (size_t)(in->end - in->p) / FRAME_BYTES) {
        in->bad = true;
        return;
    }
    hashes->items = mem_alloc(size_mul(n, sizeof(*hashes->items)));
    hashes->cap = n;
    for (size_t i = 0; i < n && !in->bad; i++) {
        read_frame(in, &hashes->items[i]);
        in->bad = in->bad || !video_frame_sane(&hashes->items[i], i ? &hashes->items[i - 1] : NULL);
        hashes->n++;
    }
}

void video_hashes_json(const struct video_hashes *hashes, struct buf *out)
{
    for (size_t i = 0; i < hashes->n; i++) {
        const struct video_frame *frame = &hashes->items[i];
        bool first = !i || hashes->items[i - 1].track != frame->track;
        /* Tracks behind the first one are rare; what reads "frames" need not know of them. */
        if (first && !frame->track)
            buf_puts(out, ",\"frames\":[\"");
        else if (first)
            buf_printf(out, ",\"frames_track%u\":[\"", frame->track + 1u);
        else
            buf_puts(out, ",\"");
        video_frame_text(frame, out);
        bool last = i + 1 == hashes->n || hashes->items[i + 1].track != frame->track;
        buf_puts(out, last ? "\"]" : "\"");
    }
}
