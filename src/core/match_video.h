/* match_video.h: what a match of a video says, as the journal and the reports write it. */
#ifndef CORE_MATCH_VIDEO_H
#define CORE_MATCH_VIDEO_H

#include "core/buf.h"
#include "trawl/match.h"

/** One byte where it is no video. */
void match_video_encode(const struct match_video *video, struct buf *out);
/** What cannot be makes the reader bad. */
void match_video_read(struct reader *in, enum hash_type type, struct match_video *video);
/** Members of a JSON object, with a comma before each; nothing where it is no video. */
void match_video_json(const struct match_video *video, enum hash_type type, struct buf *out);
/** n of total in percent, with one digit behind the point. */
void match_video_percent(uint32_t n, uint32_t total, struct buf *out);

#endif
