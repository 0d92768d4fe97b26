/* asf.c: where ASF (WMV) and FLV end: objects that tell their length; tags that tell that of the one before. */
#include <string.h>

#include "carve/finders.h"

/** Objects at the top: header, data, and the kinds of index. */
static const char asf_objects[] = "\x30\x26\xb2\x75\x36\x26\xb2\x75\x90\x08\x00\x33\xd3\x29\xe2\xd6\xfe\xb1\x03\xf8"
                                  "\x3c\xb7\x3f\xd0";
#define ASF_DATA 1

static int asf_object(const uint8_t *p)
{
    for (int i = 0; i < 6; i++)
        if (memcmp(p, asf_objects + 4 * i, 4) == 0)
            return i;
    return -1;
}

static bool asf_look(const uint8_t *p, size_t n)
{
    return n >= 30 && memcmp(p + 4, "\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", 12) == 0 && le64(p + 16) >= 30 &&
           le64(p + 16) < 1u << 24 && le32(p + 24) <= 256;
}

static void asf_measure(struct measure *m)
{
    const uint8_t *p;
    uint64_t at = 0;
    bool has_data = false, chain = true;
    while (chain && (p = measure_at(m, at, 24, NULL)) && asf_object(p) >= 0) {
        uint64_t size = le64(p + 16);
        has_data |= asf_object(p) == ASF_DATA;
        chain = size >= 24 && size < INT64_MAX - at;
        at += chain ? size : 0;
        chain &= at < m->room;
    }
    /* The packets of the data are not looked at: the scan goes on in them. */
    if (has_data && at <= m->room)
        measure_whole(m, at);
    else
        measure_broken(m, at, has_data, "what follows is no part of it");
}

static bool flv_look(const uint8_t *p, size_t n)
{
    return n >= 24 && !(p[4] & 0xfa) && be32(p + 5) == 9 && !be32(p + 9) && (p[13] == 8 || p[13] == 9 || p[13] == 18);
}

static void flv_measure(struct measure *m)
{
    const uint8_t *p;
    uint64_t at = 13;
    unsigned tags = 0;
    bool right = true;
    while (right && (p = measure_at(m, at, 11, NULL)) && (p[0] == 8 || p[0] == 9 || p[0] == 18)) {
        uint32_t size = be32(p) & 0xffffff;
        p = measure_at(m, at + 11 + size, 4, NULL);
        right = p && be32(p) == 11 + size;
        tags += right;
        at += right ? 15 + (uint64_t)size : 0;
    }
    if (right && tags > 1) {
        measure_whole(m, at);
        m->solid = true;
        return;
    }
    measure_broken(m, p || at > m->room ? at : UINT64_MAX, tags > 1, "what follows is no tag");
}

const struct finder asf_finder = {
    .suffix = "wmv", FINDER_MAGIC("\x30\x26\xb2\x75", 0), .look = asf_look, .measure = asf_measure};
const struct finder flv_finder = {
    .suffix = "flv", FINDER_MAGIC("FLV\x01", 0), .look = flv_look, .measure = flv_measure};
