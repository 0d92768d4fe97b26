/* video.h: the frames of an open video: taken from its reader, matched, and kept by content. */
#ifndef SCAN_VIDEO_H
#define SCAN_VIDEO_H

#include "sandbox/unpacker.h"
#include "scan/run.h"

/** What came of a video so far. Zero-initialise. */
struct video_taken {
    struct video_info info;
    struct video_hashes frames;
    /** The frames are another copy's, or not wanted: the reader only gives what else is in the file. */
    bool is_copy;
    /** How the reading of the frames ended, where something else is read of the file after it. */
    enum trawl_status status;
    enum limit_id limit;
    char detail[256];
};

/** Contents whose frames are kept, and frames in all: 44 bytes each. */
#define VIDEOS_SEEN        4096
#define VIDEOS_SEEN_FRAMES 1000000

struct videos_seen;

struct videos_seen *videos_seen_new(void);
/** Takes NULL. */
void videos_seen_free(struct videos_seen *seen);

/** Whether the container's frames are to be read at all: sets what the reader is asked. */
void video_begin(struct run *run, const struct item *item, struct video_taken *taken, struct unpacker_job *job);
/** A reader starts from the beginning: what an earlier one gave is forgotten. */
void video_restart(struct video_taken *taken);
/** A CHANNEL_VIDEO or CHANNEL_FRAMES. False if it makes no sense. */
bool video_take(struct video_taken *taken, const struct limits *limits, const struct channel_message *message,
                const uint8_t *payload);
/** All has come: the item gets it, is matched, and is remembered. */
void video_settle(struct run *run, struct video_taken *taken, struct item *item);

#endif
