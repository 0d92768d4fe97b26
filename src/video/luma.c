/*
 * luma.c: a decoded frame to its PDQ.
 *
 * The reference scales frames to RGB by BT.601 and takes BT.601's luma of that: which is, but for rounding and for
 * colours outside RGB, the luma that was coded, stretched to the full range. So its rows go straight into the hash.
 */
#include "video/video.h"

#include <libavutil/pixdesc.h>
#include <string.h>

/** How the samples of a frame's luma lie. */
struct layout {
    const AVPixFmtDescriptor *desc;
    /** Luma is stored from 16 to 235. */
    bool limited;
    /** Bytes from one sample to the next; the first one's offset; bits to drop from the right to have 8. */
    int step, offset, drop;
    /** More than 8 bits: two bytes, the high one last or first. */
    bool wide, big_endian;
};

static bool is_full_range(const AVFrame *frame, const AVPixFmtDescriptor *desc)
{
    if (frame->color_range != AVCOL_RANGE_UNSPECIFIED)
        return frame->color_range == AVCOL_RANGE_JPEG;
    /* yuvj420p and its kin say it by their name; grey has no other range. */
    return desc->nb_components < 3 || strncmp(desc->name, "yuvj", 4) == 0;
}

static bool layout_of(const AVFrame *frame, struct layout *layout)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(frame->format);
    *layout = (struct layout){.desc = desc};
    if (!desc || desc->flags & (AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_BAYER |
                                AV_PIX_FMT_FLAG_FLOAT))
        return false;
    const AVComponentDescriptor *luma = &desc->comp[0];
    layout->limited = !is_full_range(frame, desc);
    layout->step = luma->step;
    layout->offset = luma->offset;
    layout->wide = luma->depth > 8;
    layout->big_endian = desc->flags & AV_PIX_FMT_FLAG_BE;
    layout->drop = luma->shift + luma->depth - 8;
    return luma->depth >= 8 && luma->depth <= 16;
}

/** The samples of a row, 8 bits each. */
static void gather(const struct layout *layout, uint8_t *to, const uint8_t *from, size_t n)
{
    unsigned half = layout->drop > 0 ? 1u << (layout->drop - 1) : 0;
    from += layout->offset;
    for (size_t i = 0; i < n; i++, from += layout->step) {
        unsigned v = !layout->wide ? from[0] : layout->big_endian ? from[0] * 256u + from[1] : from[0] + from[1] * 256u;
        v = (v + half) >> layout->drop;
        to[i] = (uint8_t)(v > 255 ? 255 : v);
    }
}

static bool have_row(struct video *video, size_t size)
{
    if (video->row_size >= size)
        return true;
    av_freep(&video->row);
    video->row = av_malloc(size);
    video->row_size = video->row ? size : 0;
    return video->row;
}

static void put_luma(struct video *video, const AVFrame *frame, const struct layout *layout, struct pdq_stream *pdq)
{
    size_t n = (size_t)frame->width;
    bool plain = layout->step == 1 && !layout->offset && !layout->drop;
    for (int y = 0; y < frame->height; y++) {
        const uint8_t *from = frame->data[0] + (ptrdiff_t)y * frame->linesize[0];
        if (!plain) {
            gather(layout, video->row, from, n);
            from = video->row;
        }
        if (layout->limited)
            pdq_row_limited(pdq, from);
        else
            pdq_row_gray(pdq, from);
    }
}

/** RGB in whatever order, packed or planar, or by a palette. */
static void put_rgb(struct video *video, const AVFrame *frame, const struct layout *layout, struct pdq_stream *pdq)
{
    size_t n = (size_t)frame->width;
    uint16_t *samples = (uint16_t *)(video->row + 4 * n);
    bool palette = layout->desc->flags & AV_PIX_FMT_FLAG_PAL;
    for (int y = 0; y < frame->height; y++) {
        for (int c = 0; c < 3; c++) {
            int depth = palette ? 8 : layout->desc->comp[c].depth;
            av_read_image_line2(samples, (const uint8_t **)frame->data, frame->linesize, layout->desc, 0, y, c,
                                frame->width, palette, 2);
            for (size_t x = 0; x < n; x++) {
                unsigned v = samples[x];
                video->row[3 * x + (size_t)c] = (uint8_t)(depth > 8 ? v >> (depth - 8) : v * 255 / ((1u << depth) - 1));
            }
        }
        pdq_row_rgb(pdq, video->row);
    }
}

int video_hash(struct video *video, const AVFrame *frame, struct video_frame *out)
{
    struct layout layout;
    struct pdq_result result;
    bool known = layout_of(frame, &layout);
    if (!layout.desc || layout.desc->flags & AV_PIX_FMT_FLAG_HWACCEL || !frame->data[0])
        return AVERROR_PATCHWELCOME;
    bool rgb = layout.desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
    if (!known && !rgb)
        return AVERROR_PATCHWELCOME;
    if (frame->width < PDQ_MIN_SIDE || frame->height < PDQ_MIN_SIDE)
        return 0;
    struct pdq_stream *pdq = pdq_new((uint32_t)frame->width, (uint32_t)frame->height, PDQ_BANDED);
    if (!pdq || !have_row(video, 8 * (size_t)frame->width)) {
        pdq_free(pdq);
        return AVERROR(ENOMEM);
    }
    if (rgb)
        put_rgb(video, frame, &layout, pdq);
    else
        put_luma(video, frame, &layout, pdq);
    pdq_finish(pdq, &result);
    pdq_free(pdq);
    memcpy(out->pdq, result.hash, PDQ_BYTES);
    out->quality = (uint8_t)result.quality;
    return 0;
}
