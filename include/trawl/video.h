/* video.h: a video's frames as they cross from its reader to the main process, and as items and reports carry them. */
#ifndef TRAWL_VIDEO_H
#define TRAWL_VIDEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/pdq.h"

/** Which frames are hashed. */
enum video_frames {
    /** Key frames, and so many others that each second has one. */
    VIDEO_ONE_SECOND,
    /** Key frames only: nothing else is decoded. */
    VIDEO_KEYFRAMES,
    VIDEO_ALL,
    /** None: the same content was read before; only what else is in the file is wanted. */
    VIDEO_NONE,
    VIDEO_FRAMES_COUNT
};

/** "1s", "keyframes", "all", "none". */
const char *video_frames_name(enum video_frames frames);

/** One hashed frame. Fixed size: crosses the process border by memcpy and is checked by video_frame_sane(). */
struct video_frame {
    /** Of its track, from 0, as shown. */
    uint32_t number;
    /** Milliseconds from the track's first frame. */
    uint32_t time_ms;
    /** Track of the video that it is of, from 0. */
    uint8_t track;
    /** 0..100 */
    uint8_t quality;
    /** Zeros: no byte of the record is undefined. */
    uint8_t zero[2];
    uint8_t pdq[PDQ_BYTES];
};

/** What is known of a video beside its frames; likewise fixed. */
struct video_info {
    /** In pixels, of the first track. */
    uint32_t width, height;
    /** As the file says; 0 where it does not. */
    uint64_t duration_ms;
};

/** A growing array of frames; zero-initialise, free() items. By track, then number. */
struct video_hashes {
    struct video_frame *items;
    size_t n, cap;
};

/** Tracks of one video that are hashed at most: what `track` can hold. */
#define VIDEO_TRACKS_MAX 255

/** True if the record can follow `before` (NULL: it is the first). */
bool video_frame_sane(const struct video_frame *frame, const struct video_frame *before);

struct buf;
struct reader;
/** Appends `frame,quality,hash,timestamp` as vPDQ writes it: seconds with three digits behind the point. */
void video_frame_text(const struct video_frame *frame, struct buf *out);
/** Seconds with three digits behind the point. */
void video_seconds_text(uint64_t milliseconds, struct buf *out);
/** The journal's encoding of at least one frame; what cannot be one makes the reader bad. */
void video_hashes_encode(const struct video_hashes *hashes, struct buf *out);
void video_hashes_read(struct reader *in, struct video_hashes *hashes);
/** The inventory's members: `,"frames":["..."]`, for each further track one more. */
void video_hashes_json(const struct video_hashes *hashes, struct buf *out);

#endif
