/* cover.c: pictures and files that a video carries beside its tracks, byte for byte as they are stored. */
#include <stdio.h>
#include <string.h>

#include "source/member.h"
#include "video/video.h"

#define NAME_MAX_BYTES 1024

static const char *extension(enum AVCodecID id)
{
    switch (id) {
    case AV_CODEC_ID_MJPEG:
        return "jpg";
    case AV_CODEC_ID_PNG:
        return "png";
    case AV_CODEC_ID_GIF:
        return "gif";
    case AV_CODEC_ID_BMP:
        return "bmp";
    case AV_CODEC_ID_WEBP:
        return "webp";
    case AV_CODEC_ID_TIFF:
        return "tiff";
    default:
        return "bin";
    }
}

static void give(struct video *video, uint64_t index, const char *name, const uint8_t *bytes, size_t n)
{
    struct member member;
    struct unpack_entry entry = {
        .index = index,
        .offset = UINT64_MAX,
        .size = n,
        .type = TYPE_OTHER,
        .name = (const uint8_t *)name,
        .name_len = strlen(name),
    };
    member_begin(&member, video->input, video->sink, &entry);
    if (n)
        member_data(&member, bytes, n, 0);
    member_end(&member, TRAWL_OK, n, NULL);
}

/** Its name as the file says it, behind its number so that no two are the same. */
static void give_attachment(struct video *video, const AVStream *stream, uint64_t index)
{
    char name[NAME_MAX_BYTES];
    const AVDictionaryEntry *said = av_dict_get(stream->metadata, "filename", NULL, 0);
    snprintf(name, sizeof(name), "$attachment/%llu-%s", (unsigned long long)index, said ? said->value : "");
    give(video, index, name, stream->codecpar->extradata, (size_t)stream->codecpar->extradata_size);
}

static void give_cover(struct video *video, const AVStream *stream, uint64_t index)
{
    char name[64];
    snprintf(name, sizeof(name), "$cover/%llu.%s", (unsigned long long)index, extension(stream->codecpar->codec_id));
    give(video, index, name, stream->attached_pic.data, (size_t)stream->attached_pic.size);
}

uint64_t video_covers(struct video *video)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < video->format->nb_streams; i++) {
        const AVStream *stream = video->format->streams[i];
        if (stream->disposition & AV_DISPOSITION_ATTACHED_PIC && stream->attached_pic.size > 0)
            give_cover(video, stream, n++);
        else if (stream->codecpar->codec_type == AVMEDIA_TYPE_ATTACHMENT && stream->codecpar->extradata_size > 0)
            give_attachment(video, stream, n++);
    }
    return n;
}
