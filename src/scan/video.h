/* video.h: the frames of an open video: taken from its reader, kept by content, matched. */
#ifndef SCAN_VIDEO_H
#define SCAN_VIDEO_H

#include "sandbox/channel.h"
#include "scan/run.h"

/** What came of a video so far. Zero-initialise. */
struct video_taken {
    struct video_info info;
    struct video_hashes frames;
};

/** A reader starts from the beginning: what an earlier one gave is forgotten. */
void video_restart(struct video_taken *taken);
/** A CHANNEL_VIDEO or CHANNEL_FRAMES. False if it makes no sense. */
bool video_take(struct video_taken *taken, const struct limits *limits, const struct channel_message *message,
                const uint8_t *payload);
/** All has come: the item gets it, and is matched. */
void video_settle(struct run *run, struct video_taken *taken, struct item *item);

#endif
