/*
 * subtitle.c: bitmap subtitles (DVD, Blu-ray, DVB, DivX), each rectangle of them as a member, rendered.
 *
 * They are read by a pass of their own, over the file opened anew: what it gives does not hang on which frames were
 * wanted, nor on a limit that ended a track. Files without them are not read twice.
 */
#include <stdio.h>
#include <string.h>

#include "source/member.h"
#include "video/video.h"

#define BMP_HEAD 54

/** Packets passed over before the main process is told that it goes on. */
#define PACKETS_A_SIGN 64

struct subtitles {
    struct video *video;
    /** By the number of their stream; NULL: not open. */
    AVCodecContext **codecs;
    /** Rectangles of each. */
    uint64_t *pictures;
    unsigned n;
    /** Of the whole file. */
    uint64_t index, all_pictures, packets, bad;
    int64_t start_us;
    bool ended;
};

static bool is_bitmap(const AVStream *stream)
{
    const AVCodecDescriptor *descriptor = avcodec_descriptor_get(stream->codecpar->codec_id);
    return stream->codecpar->codec_type == AVMEDIA_TYPE_SUBTITLE && descriptor &&
           descriptor->props & AV_CODEC_PROP_BITMAP_SUB;
}

static void end_limit(struct subtitles *s, enum limit_id limit)
{
    struct unpack_end *end = s->video->end;
    end_note(end, TRAWL_LIMIT, "limit %s reached by pictures of subtitles", limit_table[limit].name);
    if (end->status == TRAWL_LIMIT && end->limit == LIMIT_NONE)
        end->limit = limit;
}

static void end_subtitles_memory(struct subtitles *s)
{
    end_memory(s->video->end);
    s->ended = true;
}

static void put32(uint8_t *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

/** Of 24 bits, rows from the top down. */
static void bmp_head(uint8_t head[BMP_HEAD], const AVSubtitleRect *rect, uint64_t size)
{
    memset(head, 0, BMP_HEAD);
    head[0] = 'B';
    head[1] = 'M';
    put32(head + 2, (uint32_t)size);
    put32(head + 10, BMP_HEAD);
    put32(head + 14, 40);
    put32(head + 18, (uint32_t)rect->w);
    put32(head + 22, (uint32_t)-rect->h);
    head[26] = 1;
    head[28] = 24;
}

/** Blue, green, red of one row, over black. */
static void render_row(const AVSubtitleRect *rect, int y, uint8_t *to)
{
    const uint8_t *from = rect->data[0] + (ptrdiff_t)y * rect->linesize[0];
    for (int x = 0; x < rect->w; x++, to += 3) {
        uint32_t color = 0;
        memcpy(&color, rect->data[1] + 4 * from[x], 4);
        for (int c = 0; c < 3; c++)
            to[c] = (uint8_t)(((color >> 8 * c & 255) * (color >> 24) + 127) / 255);
    }
}

static void render(struct subtitles *s, const AVSubtitleRect *rect, struct unpack_entry *entry, const char *detail)
{
    struct member member;
    uint8_t head[BMP_HEAD];
    uint64_t stride = (3 * (uint64_t)rect->w + 3) & ~3ull;
    uint8_t *row = av_mallocz((size_t)stride);
    if (!row) {
        end_subtitles_memory(s);
        return;
    }
    entry->size = BMP_HEAD + stride * (uint64_t)rect->h;
    bmp_head(head, rect, entry->size);
    member_begin(&member, s->video->input, s->video->sink, entry);
    bool wanted = member_data(&member, head, BMP_HEAD, 0);
    for (int y = 0; wanted && y < rect->h; y++) {
        render_row(rect, y, row);
        wanted = member_data(&member, row, (size_t)stride, BMP_HEAD + stride * (uint64_t)y);
    }
    member_end(&member, TRAWL_OK, entry->size, detail);
    av_free(row);
}

static void take_rect(struct subtitles *s, unsigned stream, const AVSubtitleRect *rect, int64_t second)
{
    const struct limits *limits = &s->video->input->limits;
    char name[64], detail[UNPACK_DETAIL];
    if (rect->type != SUBTITLE_BITMAP || rect->w <= 0 || rect->h <= 0 || !rect->data[0] || !rect->data[1])
        return;
    if (limit_exceeded(limits, LIMIT_VIDEO_PIXELS, (uint64_t)rect->w * (uint64_t)rect->h)) {
        end_limit(s, LIMIT_VIDEO_PIXELS);
        return;
    }
    s->ended = end_at_entry_limit(s->video->end, s->video->input, s->index);
    if (!s->ended && limit_exceeded(limits, LIMIT_VIDEO_FRAMES, s->all_pictures + 1)) {
        end_limit(s, LIMIT_VIDEO_FRAMES);
        s->ended = true;
    }
    if (s->ended)
        return;
    snprintf(name, sizeof(name), "$subtitle/%u/%05llu.bmp", stream, (unsigned long long)s->pictures[stream]++);
    detail_format(detail, "rendered out of a subtitle of second %lld: its digests are those of no stored file",
                  (long long)second);
    struct unpack_entry entry = {.index = s->index++,
                                 .offset = UINT64_MAX,
                                 .type = TYPE_OTHER,
                                 .name = (const uint8_t *)name,
                                 .name_len = strlen(name)};
    s->all_pictures++;
    render(s, rect, &entry, detail);
}

static void decode(struct subtitles *s, AVPacket *packet)
{
    const AVStream *stream = s->video->format->streams[packet->stream_index];
    AVSubtitle subtitle = {0};
    int got = 0;
    int64_t us =
        packet->pts == AV_NOPTS_VALUE ? s->start_us : av_rescale_q(packet->pts, stream->time_base, AV_TIME_BASE_Q);
    int r = avcodec_decode_subtitle2(s->codecs[packet->stream_index], &subtitle, &got, packet);
    if (r == AVERROR(ENOMEM))
        end_subtitles_memory(s);
    else if (r < 0)
        s->bad++;
    for (unsigned i = 0; r >= 0 && got && i < subtitle.num_rects && !s->ended; i++)
        take_rect(s, (unsigned)packet->stream_index, subtitle.rects[i],
                  us > s->start_us ? (us - s->start_us) / AV_TIME_BASE : 0);
    if (got)
        avsubtitle_free(&subtitle);
}

/** Streams may turn up while the file is read. */
static bool have_streams(struct subtitles *s)
{
    unsigned n = s->video->format->nb_streams;
    if (n <= s->n)
        return true;
    AVCodecContext **codecs = av_realloc_array(s->codecs, n, sizeof(*codecs));
    if (codecs)
        s->codecs = codecs;
    uint64_t *pictures = codecs ? av_realloc_array(s->pictures, n, sizeof(*pictures)) : NULL;
    if (!pictures)
        return false;
    s->pictures = pictures;
    memset(codecs + s->n, 0, (n - s->n) * sizeof(*codecs));
    memset(pictures + s->n, 0, (n - s->n) * sizeof(*pictures));
    s->n = n;
    return true;
}

/** False where its packets are of no use; memory may have been missing. */
static bool open_stream(struct subtitles *s, unsigned i)
{
    AVStream *stream = s->video->format->streams[i];
    const AVCodec *codec = video_decoder(stream->codecpar->codec_id);
    if (s->codecs[i])
        return true;
    if (!is_bitmap(stream) || !codec) {
        stream->discard = AVDISCARD_ALL;
        return false;
    }
    s->codecs[i] = avcodec_alloc_context3(codec);
    int r = s->codecs[i] ? avcodec_parameters_to_context(s->codecs[i], stream->codecpar) : AVERROR(ENOMEM);
    if (r >= 0) {
        s->codecs[i]->thread_count = 1;
        s->codecs[i]->pkt_timebase = stream->time_base;
        r = avcodec_open2(s->codecs[i], codec, NULL);
    }
    if (r >= 0)
        return true;
    avcodec_free_context(&s->codecs[i]);
    stream->discard = AVDISCARD_ALL;
    if (r == AVERROR(ENOMEM))
        end_subtitles_memory(s);
    else
        end_note(s->video->end, TRAWL_DAMAGED, "the decoder of %s refuses its header", codec->name);
    return false;
}

static void read_all(struct subtitles *s)
{
    struct video *video = s->video;
    while (!s->ended && av_read_frame(video->format, video->packet) >= 0) {
        if (!have_streams(s))
            end_subtitles_memory(s);
        else if (open_stream(s, (unsigned)video->packet->stream_index))
            decode(s, video->packet);
        av_packet_unref(video->packet);
        if (++s->packets % PACKETS_A_SIGN == 0 && video->sink->alive)
            video->sink->alive(video->sink);
    }
    for (unsigned i = 0; i < s->n; i++)
        avcodec_free_context(&s->codecs[i]);
    av_freep(&s->codecs);
    av_freep(&s->pictures);
}

/** MPEG's streams are known once they have been met. */
static bool has_any(const struct video *video)
{
    enum file_type type = video->input->type;
    bool unknown = (type == TYPE_MPEG || type == TYPE_MPEGTS) && !video->read_whole;
    for (unsigned i = 0; i < video->format->nb_streams && !unknown; i++)
        unknown = is_bitmap(video->format->streams[i]);
    return unknown;
}

uint64_t video_subtitles(struct video *video, uint64_t index)
{
    struct subtitles s = {.video = video, .index = index};
    if (!has_any(video))
        return 0;
    s.start_us = video->format->start_time == AV_NOPTS_VALUE ? 0 : video->format->start_time;
    video_close(video);
    int r = video_open(video, AVMEDIA_TYPE_SUBTITLE);
    if (r == AVERROR(ENOMEM))
        end_memory(video->end);
    if (r < 0)
        return 0;
    read_all(&s);
    if (s.bad)
        end_note(video->end, TRAWL_PARTIAL, "%llu packets of subtitles could not be read", (unsigned long long)s.bad);
    return s.index - index;
}
