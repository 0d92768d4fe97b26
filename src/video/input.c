/*
 * input.c: a file's bytes to FFmpeg's demuxers, and which of those, and which decoders, are used at all.
 *
 * The type that sniff() told names the one demuxer that may look at the file. None of those that open other files
 * (playlists, concat, image sequences, sessions) is on the list; a MOV's references to other files are not followed,
 * and whatever asks for another file gets none. There is no protocol: bytes come by pread from the descriptor.
 */
#include "video/video.h"

#include <libavutil/opt.h>
#include <string.h>

/** Bytes of one pread, and of FFmpeg's buffer. */
#define WINDOW (256u << 10)
#define BUFFER (32u << 10)

/** In common use in files of these types, and kept up; native ones, but for AV1. */
static const char decoders[] =
    "h264,hevc,vp8,vp9,libdav1d,mpeg4,mpeg2video,mpeg1video,mjpeg,h263,h263i,flv,vp6,vp6f,vp6a,"
    "wmv1,wmv2,wmv3,vc1,msmpeg4v1,msmpeg4v2,msmpeg4,svq1,svq3,theora,dvvideo,prores,dnxhd,"
    "cinepak,huffyuv,ffvhuff,ffv1,utvideo,rawvideo,png,qtrle,rpza,rv30,rv40,"
    "dvdsub,dvbsub,pgssub,xsub";

const char *video_decoders(void)
{
    return decoders;
}

static bool is_listed(const char *name)
{
    size_t n = strlen(name);
    for (const char *at = decoders; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == n && memcmp(at, name, n) == 0)
            return true;
    return false;
}

const AVCodec *video_decoder(enum AVCodecID id)
{
    const AVCodec *codec = id == AV_CODEC_ID_AV1 ? avcodec_find_decoder_by_name("libdav1d") : avcodec_find_decoder(id);
    return codec && is_listed(codec->name) ? codec : NULL;
}

static int read_bytes_at(void *opaque, uint8_t *to, int n)
{
    struct video *video = opaque;
    size_t got;
    if (n <= 0)
        return AVERROR(EINVAL);
    const uint8_t *from = window_at(&video->window, video->position, 1, &got);
    if (!from)
        return video->window.error ? AVERROR(EIO) : AVERROR_EOF;
    if (got > (size_t)n)
        got = (size_t)n;
    memcpy(to, from, got);
    video->position += got;
    return (int)got;
}

static int64_t seek_to(void *opaque, int64_t offset, int whence)
{
    struct video *video = opaque;
    int64_t from = whence == SEEK_CUR ? (int64_t)video->position : whence == SEEK_END ? (int64_t)video->window.size : 0;
    whence &= ~AVSEEK_FORCE;
    if (whence == AVSEEK_SIZE)
        return (int64_t)video->window.size;
    if ((whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END) ||
        __builtin_add_overflow(from, offset, &offset) || offset < 0)
        return AVERROR(EINVAL);
    video->position = (uint64_t)offset;
    return offset;
}

/** Whatever a file refers to, this is all that is opened. */
static int open_nothing(AVFormatContext *format, AVIOContext **io, const char *url, int flags, AVDictionary **options)
{
    (void)format, (void)url, (void)flags, (void)options;
    *io = NULL;
    return AVERROR(EPERM);
}

static bool prepare(struct video *video)
{
    uint8_t *buffer = av_malloc(BUFFER);
    video->packet = av_packet_alloc();
    video->frame = av_frame_alloc();
    video->format = avformat_alloc_context();
    video->io = buffer ? avio_alloc_context(buffer, BUFFER, 0, video, read_bytes_at, NULL, seek_to) : NULL;
    if (!video->io)
        av_free(buffer);
    return window_init(&video->window, video->input->fd, video->input->size, WINDOW) && video->packet && video->frame &&
           video->format && video->io;
}

static int open_format(struct video *video, const AVInputFormat *demuxer)
{
    AVFormatContext *format = video->format;
    format->pb = video->io;
    format->flags |= AVFMT_FLAG_CUSTOM_IO;
    format->io_open = open_nothing;
    format->protocol_whitelist = av_strdup("none");
    format->codec_whitelist = av_strdup(decoders);
    /* Of so many tracks of any kind: pictures of MOVs, subtitles and sound are counted too. */
    format->max_streams = 1000;
    if (!format->protocol_whitelist || !format->codec_whitelist)
        return AVERROR(ENOMEM);
    /* On failure it frees the format, but not the custom io. */
    return avformat_open_input(&video->format, "", demuxer, NULL);
}

/** Only these types need frames to be looked at before it is known what there is. */
static bool needs_probing(const struct video *video)
{
    enum file_type type = video->input->type;
    if (type == TYPE_MPEG || type == TYPE_MPEGTS || type == TYPE_FLV || type == TYPE_ASF)
        return true;
    for (unsigned i = 0; i < video->format->nb_streams; i++) {
        const AVCodecParameters *p = video->format->streams[i]->codecpar;
        if (p->codec_type == AVMEDIA_TYPE_VIDEO && (p->codec_id == AV_CODEC_ID_NONE || !p->width || !p->height))
            return true;
    }
    return false;
}

/** Sound is never read: its packets are passed over. */
static void discard_others(struct video *video, enum AVMediaType wanted)
{
    for (unsigned i = 0; i < video->format->nb_streams; i++) {
        AVStream *stream = video->format->streams[i];
        if (stream->codecpar->codec_type != wanted)
            stream->discard = AVDISCARD_ALL;
    }
}

int video_open(struct video *video, enum AVMediaType wanted)
{
    const AVInputFormat *demuxer = NULL;
    video->position = 0;
    const char *name = video_demuxer(video->input->type);
    uint8_t head[4] = {0};
    size_t got;
    if (!prepare(video))
        return AVERROR(ENOMEM);
    const uint8_t *at = window_at(&video->window, 0, sizeof(head), &got);
    if (at && got >= sizeof(head))
        memcpy(head, at, sizeof(head));
    /* A stream of MPEG-1 or MPEG-2 video without a system layer begins with its sequence header. */
    if (video->input->type == TYPE_MPEG && head[3] == 0xb3)
        name = "mpegvideo";
    demuxer = name ? av_find_input_format(name) : NULL;
    if (!demuxer)
        return AVERROR_DEMUXER_NOT_FOUND;
    int r = open_format(video, demuxer);
    if (r < 0)
        return r;
    discard_others(video, wanted);
    /* (Those of subtitles are told by the system layer; what was probed of them would be lost.) */
    if (wanted != AVMEDIA_TYPE_VIDEO || !needs_probing(video))
        return 0;
    r = avformat_find_stream_info(video->format, NULL);
    discard_others(video, wanted);
    return r == AVERROR(ENOMEM) ? r : 0;
}

void video_close(struct video *video)
{
    avformat_close_input(&video->format);
    if (video->io)
        av_freep(&video->io->buffer);
    avio_context_free(&video->io);
    av_packet_free(&video->packet);
    av_frame_free(&video->frame);
    window_free(&video->window);
    av_freep(&video->row);
    video->row_size = 0;
}
