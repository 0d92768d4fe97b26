/*
 * video_signal.h: the frames of a video as text.
 *
 * python-threatexchange writes an array of strings, `["HEX,QUALITY,SECONDS", ...]`, and did write an object,
 * `{"FRAME": {"quality": N, "hash": "HEX", "timestamp": SECONDS}, ...}`; vPDQ's own tools write lines,
 * `FRAME,QUALITY,HEX,SECONDS`, and trawl hash writes an array of such lines.
 */
#ifndef MATCH_VIDEO_SIGNAL_H
#define MATCH_VIDEO_SIGNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/video.h"

/** Takes one frame. */
typedef void video_signal_function(void *context, const struct video_frame *frame);

/** One frame in either order of fields, blanks around it taken off. False where it is none. */
bool video_signal_frame(const uint8_t *text, size_t n, struct video_frame *frame);
/** True if the text, from its first byte on, may be an array or object of frames. */
bool video_signal_begins(const uint8_t *text, size_t n);
/** All frames of an array or an object, in its order. False where it is none, or one of them is none: then some may
 * have been taken. Frames without a number are counted. */
bool video_signal_parse(const uint8_t *text, size_t n, video_signal_function *take, void *context);

#endif
