/* reader.c: a video as a container: what it carries are members, and its frames go the same way, hashed. */
#include <libavutil/cpu.h>
#include <libavutil/log.h>
#include <string.h>

#include "source/member.h"
#include "video/row.h"
#include "video/video.h"

static bool is_track(const AVStream *stream)
{
    return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
           !(stream->disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS));
}

/** Says what the video is, as far as its headers do. */
static void describe(struct video *video, const AVStream *first)
{
    int64_t duration = video->format->duration;
    if (duration > 0)
        video->info.duration_ms = (uint64_t)duration / (AV_TIME_BASE / 1000);
    else if (first && first->duration > 0)
        video->info.duration_ms = (uint64_t)av_rescale_q(first->duration, first->time_base, (AVRational){1, 1000});
    if (first && first->codecpar->width > 0 && first->codecpar->height > 0) {
        video->info.width = (uint32_t)first->codecpar->width;
        video->info.height = (uint32_t)first->codecpar->height;
    }
    if (video->sink->video)
        video->sink->video(video->sink, &video->info);
}

static void read_tracks(struct video *video, uint64_t *tracks)
{
    const struct limits *limits = &video->input->limits;
    bool more = true;
    *tracks = 0;
    for (unsigned i = 0; i < video->format->nb_streams && more; i++) {
        AVStream *stream = video->format->streams[i];
        if (!is_track(stream))
            continue;
        if (*tracks >= VIDEO_TRACKS_MAX || limit_exceeded(limits, LIMIT_VIDEO_TRACKS, *tracks + 1)) {
            end_note(video->end, TRAWL_LIMIT, "limit video-tracks reached");
            if (video->end->status == TRAWL_LIMIT)
                video->end->limit = LIMIT_VIDEO_TRACKS;
            return;
        }
        more = video_track(video, stream, (uint8_t)(*tracks)++);
    }
}

/** Of a file that is cut the header still tells the length (an MP4 has an index). Pictures may end some seconds before
 * the sound does. */
static bool ends_early(const struct video *video)
{
    uint64_t duration = video->info.duration_ms;
    bool told = video->format->duration_estimation_method == AVFMT_DURATION_FROM_STREAM &&
                video->input->type != TYPE_MP4 && video->input->type != TYPE_MPEG && video->input->type != TYPE_MPEGTS;
    return told && duration > video->last_ms + 2000 && video->last_ms < duration / 10 * 9;
}

/** What the packets and frames of all tracks came to. */
static void conclude(struct video *video, uint64_t tracks)
{
    struct unpack_end *end = video->end;
    uint64_t declared = video_declared_size(video);
    bool is_short = declared > video->window.size;
    uint64_t frames = video->good_frames + video->bad_frames;
    if (video->window.holes)
        end_note(end, TRAWL_IO_ERROR, HOLES_DETAIL);
    if (!tracks)
        end_note(end, is_short ? TRAWL_DAMAGED : TRAWL_OK, is_short ? "cut: no video track is left" : "no video track");
    else if (!frames)
        end_note(end, TRAWL_DAMAGED, "no frame could be decoded");
    else if (video->bad_packets || video->bad_frames)
        end_note(end, TRAWL_PARTIAL, "%llu frames decoded, %llu of them damaged; %llu packets could not be read",
                 (unsigned long long)frames, (unsigned long long)video->bad_frames,
                 (unsigned long long)video->bad_packets);
    else if (video->cut)
        end_note(end, TRAWL_PARTIAL, "the rest cannot be read: %llu frames decoded", (unsigned long long)frames);
    else if (is_short)
        end_note(end, TRAWL_PARTIAL, "cut: it has %llu of %llu bytes; %llu frames decoded",
                 (unsigned long long)video->window.size, (unsigned long long)declared, (unsigned long long)frames);
    else if (ends_early(video))
        end_note(end, TRAWL_PARTIAL, "its frames end at second %llu of %llu", (unsigned long long)video->last_ms / 1000,
                 (unsigned long long)video->info.duration_ms / 1000);
}

static void fail_open(struct unpack_end *end, int error)
{
    if (error == AVERROR(ENOMEM))
        end_memory(end);
    else if (error == AVERROR_DEMUXER_NOT_FOUND)
        end_note(end, TRAWL_UNSUPPORTED, "the FFmpeg of this build does not read it");
    else
        end_note(end, TRAWL_DAMAGED, "its headers cannot be read");
}

static const AVStream *first_track(const struct video *video)
{
    for (unsigned i = 0; i < video->format->nb_streams; i++)
        if (is_track(video->format->streams[i]))
            return video->format->streams[i];
    return NULL;
}

void video_read(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct video video = {.input = input, .sink = sink, .end = end};
    uint64_t tracks = 0;
    *end = (struct unpack_end){.status = TRAWL_OK, .accounted = input->size};
    int r = video_open(&video, AVMEDIA_TYPE_VIDEO);
    if (r < 0) {
        fail_open(end, r);
    } else {
        describe(&video, first_track(&video));
        end->entries = video_covers(&video);
        if (input->frames != VIDEO_NONE) {
            read_tracks(&video, &tracks);
            conclude(&video, tracks);
        }
        end->entries += video_subtitles(&video, end->entries);
    }
    video_close(&video);
}

void video_warm_up(void)
{
    av_log_set_level(AV_LOG_QUIET);
    /* Asks the processor, and the system how many there are. */
    av_get_cpu_flags();
    av_cpu_count();
}

const char *video_version(void)
{
    return av_version_info();
}
