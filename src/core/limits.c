#include "trawl/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KiB (1ull << 10)
#define MiB (1ull << 20)
#define GiB (1ull << 30)

const struct limit_info limit_table[LIMIT_COUNT] = {
    [LIMIT_NONE] = {"none", 0, 'n', ""},
    [LIMIT_DEPTH] = {"depth", 16, 'n', "containers inside containers"},
    [LIMIT_DIR_DEPTH] = {"dir-depth", 1024, 'n', "folders inside folders of a source"},
    [LIMIT_ENTRIES] = {"entries", 10000000, 'n', "members of one container"},
    [LIMIT_MEMBER_BYTES] = {"member-bytes", 256 * GiB, 'b', "size of one member"},
    [LIMIT_CONTAINER_BYTES] = {"container-bytes", 4096 * GiB, 'b', "bytes that one container may give"},
    [LIMIT_RATIO] = {"ratio", 200, 'n', "bytes out of a container for each byte in, past 1 GiB"},
    [LIMIT_DECODE_BYTES] = {"decode-bytes", 512 * MiB, 'b', "file size of one picture"},
    [LIMIT_PIXELS] = {"pixels", 268435456, 'n', "pixels of one picture"},
    /* 336 kB of scans cost 6 s of decoding without it, 0.07 s with it. */
    [LIMIT_JPEG_SCANS] = {"jpeg-scans", 500, 'n', "scans of one JPEG"},
    [LIMIT_JPEG_WARNINGS] = {"jpeg-warnings", 1000, 'n', "warnings of one JPEG"},
    [LIMIT_PNG_CHUNK_BYTES] = {"png-chunk-bytes", 8 * MiB, 'b',
                               "one ancillary chunk of a PNG (larger ones are passed over)"},
    [LIMIT_GIF_FRAMES] = {"gif-frames", 1000, 'n', "frames of one GIF"},
    [LIMIT_TIFF_DIRECTORIES] = {"tiff-directories", 1000, 'n', "pages of one TIFF"},
    [LIMIT_FRAMES] = {"animation-frames", 16, 'n', "frames of an animation that are hashed, spread evenly over it"},
    [LIMIT_PICTURES] = {"pictures", 1000, 'n', "thumbnails, frames, pages and other pictures inside one picture"},
    [LIMIT_DECODE_SECONDS] = {"decode-seconds", 30, 's',
                              "processor time for one picture (8 s + 0.5 s/MB, at most this)"},
    [LIMIT_DECODE_MEMORY] = {"decode-memory", 768 * MiB, 'b', "memory of one decoder"},
    [LIMIT_UNPACK_STALL] = {"unpack-stall", 10, 's', "processor time of an unpacker without a new byte"},
    [LIMIT_UNPACK_SECONDS] = {"unpack-seconds", 60, 's',
                              "processor time of an unpacker, and 1 s more for each MB in or out"},
    [LIMIT_UNPACK_MEMORY] = {"unpack-memory", 768 * MiB, 'b', "memory of one unpacker"},
    [LIMIT_VIDEO_SECONDS] = {"video-seconds", 86400, 'n', "seconds of one video that are read"},
    /* Their line in the inventory has 100 bytes each. */
    [LIMIT_VIDEO_FRAMES] = {"video-frames", 100000, 'n', "frames of one video that are hashed"},
    [LIMIT_VIDEO_TRACKS] = {"video-tracks", 8, 'n', "video tracks of one file that are read"},
    /* H.264 keeps 17 frames of 8192 x 4320 pixels in 900 MB. */
    [LIMIT_VIDEO_PIXELS] = {"video-pixels", 35389440, 'n', "pixels of one frame of a video"},
    [LIMIT_VIDEO_CPU] = {"video-cpu", 7200, 's', "processor time for one video"},
    [LIMIT_CARVE_WORK] = {"carve-work", 8, 'n', "bytes that carving looks at again for each byte scanned, past 1 GiB"},
    [LIMIT_CARVE_PARTIAL] = {"carve-partial", 256 * MiB, 'b', "carved file whose end is not there"},
    [LIMIT_OBJECTS] = {"objects", 4000000, 'n',
                       "objects of one PDF or property list, tables of a database, streams of an OLE file"},
};

void limits_default(struct limits *limits)
{
    for (int i = 0; i < LIMIT_COUNT; i++)
        limits->value[i] = limit_table[i].value;
}

bool limit_exceeded(const struct limits *limits, enum limit_id id, uint64_t value)
{
    return value > limits->value[id];
}

bool limit_ratio_exceeded(const struct limits *limits, uint64_t in, uint64_t out)
{
    return out > GiB && limit_exceeded(limits, LIMIT_RATIO, out / (in ? in : 1));
}

bool limit_value_parse(const char *text, char unit, uint64_t *value)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    unsigned long long v = strtoull(text, &end, 10);
    if (errno || end == text)
        return false;
    unsigned shift = 0;
    if (unit == 'b' && *end) {
        const char *units = "KMGT", *at = strchr(units, *end & ~0x20);
        /* A space without its case bit is the NUL that strchr finds too. */
        if (!at || !*at)
            return false;
        shift = 10u * (unsigned)(at - units + 1);
        end++;
    }
    if (*end || v > UINT64_MAX >> shift)
        return false;
    *value = (uint64_t)v << shift;
    return true;
}

int limits_parse(struct limits *limits, const char *text, char *why, unsigned why_size)
{
    const char *equals = strchr(text, '=');
    for (int i = 1; equals && i < LIMIT_COUNT; i++) {
        size_t n = strlen(limit_table[i].name);
        if (n != (size_t)(equals - text) || memcmp(limit_table[i].name, text, n) != 0)
            continue;
        if (limit_value_parse(equals + 1, limit_table[i].unit, &limits->value[i]))
            return 0;
        snprintf(why, why_size, "limit %s: '%s' is not a %s", limit_table[i].name, equals + 1,
                 limit_table[i].unit == 'b' ? "size (digits, then K, M, G or T)" : "number");
        return -1;
    }
    snprintf(why, why_size, equals ? "no limit is called '%.*s'" : "'%.*s' is not NAME=VALUE",
             equals ? (int)(equals - text) : 60, text);
    return -1;
}
