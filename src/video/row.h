/* row.h: the reader of videos, for the table of readers; what of it is in trawl-readers only is declared weak. */
#ifndef VIDEO_ROW_H
#define VIDEO_ROW_H

#include "trawl/unpack.h"

extern const struct unpacker video_unpacker;

/** FFmpeg's name of the one demuxer that reads the type; NULL: none does. */
const char *video_demuxer(enum file_type type);

void video_read(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
    __attribute__((weak));
const char *video_version(void) __attribute__((weak));
void video_warm_up(void) __attribute__((weak));

#endif
