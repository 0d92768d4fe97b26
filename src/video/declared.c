/*
 * declared.c: how long a file says that it is. A video that is cut between two frames decodes without a fault, and with
 * key frames only most of it is not decoded at all; but its headers were written for the whole.
 */
#include <string.h>

#include "source/bytes.h"
#include "video/video.h"

/** Objects of a header, or boxes, that are gone through: each may cost a read. */
#define STEPS 1000

static const uint8_t *at(struct video *video, uint64_t offset, size_t n)
{
    size_t got;
    const uint8_t *p = window_at(&video->window, offset, n, &got);
    return p && got >= n ? p : NULL;
}

/** The file's properties are an object of the header; those of a live stream do not know its size. */
static uint64_t asf_size(struct video *video)
{
    static const uint8_t properties[16] = {0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9, 0xcf, 0x11,
                                           0x8e, 0xe4, 0x00, 0xc0, 0x0c, 0x20, 0x53, 0x65};
    uint64_t offset = 30;
    for (unsigned i = 0; i < STEPS && offset < video->window.size; i++) {
        const uint8_t *p = at(video, offset, 92);
        if (!p)
            return 0;
        if (memcmp(p, properties, 16) == 0)
            return p[88] & 1 ? 0 : le64(p + 40);
        uint64_t size = le64(p + 16);
        if (size < 24 || size > video->window.size)
            return 0;
        offset += size;
    }
    return 0;
}

/** EBML's numbers: as many bytes as the first one has zeros in front. All ones: unknown, here as 0. */
static uint64_t ebml_number(const uint8_t *p, unsigned *n)
{
    *n = 1;
    while (*n < 8 && !(p[0] & 0x80 >> (*n - 1)))
        *n += 1;
    uint64_t ones = (1ull << 7 * *n) - 1, v = 0;
    for (unsigned i = 0; i < *n; i++)
        v = v << 8 | p[i];
    v &= ones;
    return v == ones ? 0 : v;
}

/** A header, and a segment. */
static uint64_t mkv_size(struct video *video)
{
    unsigned n;
    const uint8_t *p = at(video, 0, 12);
    uint64_t offset = p ? ebml_number(p + 4, &n) : 0;
    if (!offset || offset > video->window.size)
        return 0;
    offset += 4 + n;
    p = at(video, offset, 12);
    if (!p || memcmp(p, "\x18\x53\x80\x67", 4) != 0)
        return 0;
    uint64_t size = ebml_number(p + 4, &n);
    return size ? offset + 4 + n + size : 0;
}

static uint64_t be32(const uint8_t *p)
{
    return __builtin_bswap32(le32(p));
}

/** The end of its last box, of those that are large; what is behind them may be anything. */
static uint64_t mp4_size(struct video *video)
{
    uint64_t offset = 0, size;
    const uint8_t *p;
    for (unsigned i = 0; i < STEPS && (p = at(video, offset, 16)); i++) {
        bool large = memcmp(p + 4, "mdat", 4) == 0 || memcmp(p + 4, "moov", 4) == 0 || memcmp(p + 4, "moof", 4) == 0;
        if (!large && memcmp(p + 4, "ftyp", 4) != 0 && memcmp(p + 4, "free", 4) != 0 && memcmp(p + 4, "skip", 4) != 0 &&
            memcmp(p + 4, "wide", 4) != 0 && memcmp(p + 4, "uuid", 4) != 0)
            return 0;
        size = be32(p) == 1 ? be32(p + 8) << 32 | be32(p + 12) : be32(p);
        if (size < 8)
            return 0;
        if (size > video->window.size - offset)
            return large && size < UINT64_MAX - offset ? offset + size : 0;
        offset += size;
    }
    return 0;
}

uint64_t video_declared_size(struct video *video)
{
    switch (video->input->type) {
    case TYPE_ASF:
        return asf_size(video);
    case TYPE_MKV:
        return mkv_size(video);
    case TYPE_MP4:
        return mp4_size(video);
    default:
        return 0;
    }
}
