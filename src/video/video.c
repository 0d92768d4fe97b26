#include "video/row.h"

static const struct {
    enum file_type type;
    const char *demuxer;
} demuxers[] = {
    {TYPE_MP4, "mov"}, {TYPE_MKV, "matroska"}, {TYPE_AVI, "avi"},       {TYPE_ASF, "asf"},
    {TYPE_FLV, "flv"}, {TYPE_MPEG, "mpeg"},    {TYPE_MPEGTS, "mpegts"},
};

const char *video_demuxer(enum file_type type)
{
    for (size_t i = 0; i < sizeof(demuxers) / sizeof(*demuxers); i++)
        if (demuxers[i].type == type)
            return demuxers[i].demuxer;
    return NULL;
}

static bool handles(enum file_type type)
{
    return video_demuxer(type) != NULL;
}

const struct unpacker video_unpacker = {
    .name = "video",
    .handles = handles,
    .run = video_read,
    .heavy = true,
    .library = "FFmpeg",
    .version = video_version,
    .warm_up = video_warm_up,
};
