/* video.h (private): a video on its way from bytes to hashed frames. */
#ifndef VIDEO_VIDEO_H
#define VIDEO_VIDEO_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "source/window.h"
#include "trawl/unpack.h"
#include "video/row.h"

/** The file, open. */
struct video {
    const struct unpack_input *input;
    struct unpack_sink *sink;
    struct unpack_end *end;
    struct window window;
    uint64_t position;
    /** The demuxer could not read on. */
    bool cut;
    /** A track was read from the first to the last packet of the file: all streams have been met. */
    bool read_whole;
    AVIOContext *io;
    AVFormatContext *format;
    AVPacket *packet;
    AVFrame *frame;
    struct video_info info;
    /** Time of the last frame that was decoded, of any track. */
    uint64_t last_ms;
    /** Frames hashed, of all tracks. */
    uint64_t hashed;
    /** Of all tracks: packets that their decoder refused, frames that it called damaged, and those that it gave. */
    uint64_t bad_packets, bad_frames, good_frames;
    /** Room for one row of luma, or of RGB. */
    uint8_t *row;
    size_t row_size;
};

/** input.c: opens the file with the one demuxer of its type, and no other; only streams of that kind are read. Returns
 * 0 or AVERROR. May follow video_close(). */
int video_open(struct video *video, enum AVMediaType wanted);
void video_close(struct video *video);
/** The decoder of a codec, where it is one that is used here; else NULL. */
const AVCodec *video_decoder(enum AVCodecID id);
/** Names of those decoders, separated by commas. */
const char *video_decoders(void);

/** track.c: decodes and hashes one stream. False: a limit or missing memory ended it, and the end says so. */
bool video_track(struct video *video, AVStream *stream, uint8_t track);

/** luma.c: PDQ of a decoded frame. Returns 0; AVERROR(ENOMEM), or AVERROR_PATCHWELCOME for pixels of an unknown kind.
 */
int video_hash(struct video *video, const AVFrame *frame, struct video_frame *out);

/** cover.c: cover art and attachments, as members. Returns how many. */
uint64_t video_covers(struct video *video);

/** declared.c: how long the file says that it is; 0: it does not, or its type is one that is not asked. */
uint64_t video_declared_size(struct video *video);

/** subtitle.c: pictures of bitmap subtitles, as members from that index on; the file is opened anew where it may have
 * any. Returns how many. */
uint64_t video_subtitles(struct video *video, uint64_t index);

#endif
