/* track.c: one video track, from packets to hashed frames. */
#include <string.h>

#include "source/member.h"
#include "video/pick.h"
#include "video/video.h"

/** Frames decoded, and packets passed over, before the main process is told that it goes on. */
#define FRAMES_A_SIGN  64
#define PACKETS_A_SIGN 4096

struct track {
    struct video *video;
    AVStream *stream;
    AVCodecContext *codec;
    uint8_t number;
    struct pick pick;
    double fps;
    /** Each packet is a frame by itself: those that are not wanted need no decoding; no more do key frames where
     * nothing else is wanted. */
    bool intra_only, picks_packets;
    /** Of the first frame that came. */
    int64_t start;
    bool started;
    /** Frames, or where packets are passed over, what stands for their number. */
    uint64_t count;
    uint64_t packets, signs, hashed;
    struct video_frame last;
    /** A limit, or memory: the file is done with. */
    bool ended;
};

static void end_limit(struct track *t, enum limit_id limit, const char *what, uint64_t at_ms)
{
    struct unpack_end *end = t->video->end;
    end_note(end, TRAWL_LIMIT, "limit %s reached: %s up to second %llu are hashed", limit_table[limit].name, what,
             (unsigned long long)(at_ms / 1000));
    if (end->status == TRAWL_LIMIT && end->limit == LIMIT_NONE)
        end->limit = limit;
    t->ended = true;
}

static void end_track_memory(struct track *t)
{
    end_memory(t->video->end);
    t->ended = true;
}

static void tell(struct track *t, const struct video_frame *frame)
{
    if (t->video->sink->frames)
        t->video->sink->frames(t->video->sink, frame, 1);
}

static void sign(struct track *t, uint64_t each)
{
    if (++t->signs < each)
        return;
    t->signs = 0;
    if (t->video->sink->alive)
        t->video->sink->alive(t->video->sink);
}

/** Milliseconds from the first frame; by the frame's number where the file has no times. */
static int64_t time_of(struct track *t, int64_t stamp)
{
    if (stamp == AV_NOPTS_VALUE)
        return t->fps > 0 ? (int64_t)((double)t->count * 1000 / t->fps) : (int64_t)t->count;
    if (!t->started)
        t->start = stamp;
    t->started = true;
    int64_t ms = av_rescale_q(stamp - t->start, t->stream->time_base, (AVRational){1, 1000});
    return ms < 0 ? 0 : ms;
}

/** Where packets were passed over a frame's number is told by its time. */
static uint32_t number_of(const struct track *t, int64_t ms)
{
    uint64_t n = t->pick.mode == VIDEO_KEYFRAMES && !t->intra_only
                     ? (uint64_t)((double)ms * (t->fps > 0 ? t->fps : 1000) / 1000 + 0.5)
                     : t->count;
    if (t->hashed && n <= t->last.number)
        n = (uint64_t)t->last.number + 1;
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static bool within_limits(struct track *t, int64_t ms)
{
    const struct limits *limits = &t->video->input->limits;
    if (limit_exceeded(limits, LIMIT_VIDEO_SECONDS, (uint64_t)ms / 1000))
        end_limit(t, LIMIT_VIDEO_SECONDS, "frames", (uint64_t)ms);
    else if (limit_exceeded(limits, LIMIT_VIDEO_FRAMES, t->video->hashed + 1))
        end_limit(t, LIMIT_VIDEO_FRAMES, "frames", (uint64_t)ms);
    return !t->ended;
}

static void hash(struct track *t, const AVFrame *frame, uint32_t number, int64_t ms)
{
    struct video_frame out = {
        .number = number, .time_ms = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX, .track = t->number};
    int r = video_hash(t->video, frame, &out);
    if (r == AVERROR(ENOMEM)) {
        end_track_memory(t);
    } else if (r < 0) {
        end_note(t->video->end, TRAWL_UNSUPPORTED, "pixels of a kind that is not read (%d)", frame->format);
        t->ended = true;
    } else {
        tell(t, &out);
        t->last = out;
        t->hashed++;
        t->video->hashed++;
    }
}

static void take_frame(struct track *t, const AVFrame *frame)
{
    struct video *video = t->video;
    /* Where packets are left out the decoder's guess is a guess at their times, too. */
    int64_t ms = time_of(t, frame->pts != AV_NOPTS_VALUE ? frame->pts : frame->best_effort_timestamp);
    bool bad = frame->decode_error_flags || frame->flags & AV_FRAME_FLAG_CORRUPT;
    uint32_t number = number_of(t, ms);
    *(bad ? &video->bad_frames : &video->good_frames) += 1;
    if (!video->info.width) {
        video->info.width = (uint32_t)frame->width;
        video->info.height = (uint32_t)frame->height;
    }
    if (within_limits(t, ms) && (t->picks_packets || pick_take(&t->pick, number, ms, frame->key_frame)))
        hash(t, frame, number, ms);
    if (!t->intra_only)
        t->count++;
    sign(t, FRAMES_A_SIGN);
}

static void receive(struct track *t)
{
    AVFrame *frame = t->video->frame;
    int r = 0;
    while (!t->ended && (r = avcodec_receive_frame(t->codec, frame)) >= 0) {
        take_frame(t, frame);
        av_frame_unref(frame);
    }
    if (r == AVERROR(ENOMEM))
        end_track_memory(t);
    else if (r < 0 && r != AVERROR(EAGAIN) && r != AVERROR_EOF)
        t->video->bad_packets++;
}

/** Of MPEG-1 and MPEG-2: how many pictures of its group are shown before the one of the packet. */
static int shown_before(const AVPacket *packet)
{
    for (int i = 0; i + 6 <= packet->size; i++)
        if (memcmp(packet->data + i, "\0\0\1\0", 4) == 0)
            return packet->data[i + 4] << 2 | packet->data[i + 5] >> 6;
    return 0;
}

/** A stream without times of showing (MPEG without a system layer, AVI): where key frames are all that is sent, the
 * decoder, which holds one back, would give each the time of the next. */
static void complete_time(const struct track *t, AVPacket *packet)
{
    enum AVCodecID id = t->stream->codecpar->codec_id;
    if (packet->pts != AV_NOPTS_VALUE || packet->dts == AV_NOPTS_VALUE)
        return;
    packet->pts = packet->dts;
    if (id == AV_CODEC_ID_MPEG1VIDEO || id == AV_CODEC_ID_MPEG2VIDEO)
        packet->pts += shown_before(packet) * packet->duration;
}

/** True if nothing that is wanted hangs on the packet. */
static bool may_pass(struct track *t, const AVPacket *packet)
{
    if (!(packet->flags & AV_PKT_FLAG_KEY) && t->pick.mode == VIDEO_KEYFRAMES)
        return true;
    if (!t->picks_packets)
        return false;
    int64_t ms = time_of(t, packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts);
    return !pick_take(&t->pick, (uint32_t)t->count, ms, true);
}

static void send(struct track *t, const AVPacket *packet)
{
    int r = avcodec_send_packet(t->codec, packet);
    if (r == AVERROR(ENOMEM))
        end_track_memory(t);
    else if (r < 0 && r != AVERROR_EOF)
        t->video->bad_packets++;
    if (!t->ended)
        receive(t);
}

static void take_packet(struct track *t, AVPacket *packet)
{
    if (packet->stream_index != t->stream->index)
        return;
    if (t->picks_packets && packet->flags & AV_PKT_FLAG_KEY)
        complete_time(t, packet);
    t->packets++;
    if (t->started && packet->pts > t->start) {
        uint64_t ms = (uint64_t)av_rescale_q(packet->pts - t->start, t->stream->time_base, (AVRational){1, 1000});
        t->video->last_ms = ms > t->video->last_ms ? ms : t->video->last_ms;
    }
    if (packet->flags & AV_PKT_FLAG_CORRUPT)
        t->video->bad_packets++;
    if (may_pass(t, packet))
        sign(t, PACKETS_A_SIGN);
    else
        send(t, packet);
    if (t->intra_only)
        t->count++;
}

/** Reads to the end of the file. Returns AVERROR_EOF, or what else ended it. */
static int read_all(struct track *t)
{
    struct video *video = t->video;
    int r = 0;
    while (!t->ended && (r = av_read_frame(video->format, video->packet)) >= 0) {
        take_packet(t, video->packet);
        av_packet_unref(video->packet);
    }
    if (!t->ended)
        send(t, NULL);
    return r;
}

static bool open_codec(struct track *t, const AVCodec *codec)
{
    t->codec = avcodec_alloc_context3(codec);
    if (!t->codec || avcodec_parameters_to_context(t->codec, t->stream->codecpar) < 0)
        return false;
    t->codec->thread_count = 1;
    t->codec->pkt_timebase = t->stream->time_base;
    /* What decodes of a broken video is hashed. */
    t->codec->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
    t->codec->max_pixels = (int64_t)t->video->input->limits.value[LIMIT_VIDEO_PIXELS];
    if (t->pick.mode == VIDEO_KEYFRAMES)
        t->codec->skip_frame = AVDISCARD_NONKEY;
    int r = avcodec_open2(t->codec, codec, NULL);
    if (r < 0 && r != AVERROR(ENOMEM))
        end_note(t->video->end, TRAWL_DAMAGED, "the decoder of %s refuses its header", codec->name);
    return r >= 0;
}

/** Of all tracks only this one is read. */
static void discard_others(const struct track *t)
{
    AVFormatContext *format = t->video->format;
    for (unsigned i = 0; i < format->nb_streams; i++)
        format->streams[i]->discard = AVDISCARD_ALL;
    /* Not AVDISCARD_NONKEY: the MOV demuxer of FFmpeg 5.1 then gives packets the times of others. */
    t->stream->discard = AVDISCARD_DEFAULT;
}

/** The index of an MP4 names samples that are behind the end of a file that was cut. */
static uint64_t missing_samples(const struct track *t)
{
    int listed = avformat_index_get_entries_count(t->stream);
    return (uint64_t)(listed > 0 ? listed : 0) > t->packets ? (uint64_t)listed - t->packets : 0;
}

static void decode(struct track *t, const AVCodec *codec)
{
    struct video *video = t->video;
    discard_others(t);
    if (!open_codec(t, codec)) {
        if (video->end->status == TRAWL_OK)
            end_track_memory(t);
        return;
    }
    int r = read_all(t);
    avcodec_free_context(&t->codec);
    if (r == AVERROR(ENOMEM))
        end_track_memory(t);
    else if (!t->ended && r != AVERROR_EOF)
        video->cut = true;
    video->read_whole |= r == AVERROR_EOF;
    if (video->input->type == TYPE_MP4 && !t->ended)
        video->bad_packets += missing_samples(t);
}

static bool rewind_to_start(struct video *video)
{
    return avformat_seek_file(video->format, -1, INT64_MIN, 0, INT64_MAX, 0) >= 0 ||
           av_seek_frame(video->format, -1, 0, AVSEEK_FLAG_BYTE) >= 0;
}

static bool too_large(struct video *video, const AVCodecParameters *p)
{
    uint64_t pixels = (uint64_t)(p->width > 0 ? p->width : 0) * (uint64_t)(p->height > 0 ? p->height : 0);
    if (!limit_exceeded(&video->input->limits, LIMIT_VIDEO_PIXELS, pixels))
        return false;
    end_note(video->end, TRAWL_LIMIT, "limit video-pixels reached: %d x %d pixels", p->width, p->height);
    if (video->end->status == TRAWL_LIMIT && video->end->limit == LIMIT_NONE)
        video->end->limit = LIMIT_VIDEO_PIXELS;
    return true;
}

static void init(struct track *t, struct video *video, AVStream *stream, uint8_t number)
{
    AVRational rate = stream->avg_frame_rate.num > 0 ? stream->avg_frame_rate : stream->r_frame_rate;
    const AVCodecDescriptor *descriptor = avcodec_descriptor_get(stream->codecpar->codec_id);
    *t = (struct track){.video = video, .stream = stream, .number = number};
    t->fps = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
    if (t->fps > 1000)
        t->fps = 0;
    t->pick = (struct pick){.mode = video->input->frames, .every = (uint32_t)t->fps};
    t->intra_only = t->pick.mode != VIDEO_ALL && descriptor && descriptor->props & AV_CODEC_PROP_INTRA_ONLY;
    t->picks_packets = t->intra_only || t->pick.mode == VIDEO_KEYFRAMES;
}

bool video_track(struct video *video, AVStream *stream, uint8_t number)
{
    struct track t;
    const AVCodec *codec = video_decoder(stream->codecpar->codec_id);
    if (!codec) {
        end_note(video->end, TRAWL_UNSUPPORTED, "this build does not read video of the kind %.40s",
                 avcodec_get_name(stream->codecpar->codec_id));
        return true;
    }
    if (too_large(video, stream->codecpar))
        return true;
    if (number && !rewind_to_start(video))
        end_note(video->end, TRAWL_PARTIAL, "only the first video track is read: the file cannot be read twice");
    init(&t, video, stream, number);
    decode(&t, codec);
    /* Some streams refresh bit by bit and have no key frame at all. */
    if (t.pick.mode == VIDEO_KEYFRAMES && !t.hashed && t.packets && !t.ended && rewind_to_start(video)) {
        init(&t, video, stream, number);
        t.pick.mode = VIDEO_ONE_SECOND;
        t.picks_packets = t.intra_only;
        decode(&t, codec);
    }
    return !t.ended;
}
