/* embedded_photoshop.c: previews among Photoshop's image resources, in PSD, in the APP13 of JPEG and in TIFF. */
#include <string.h>

#include "decode/extras.h"

#define RESOURCE_THUMBNAIL_4 0x0409
#define RESOURCE_THUMBNAIL   0x040c
/** Format, sizes and bits before the JPEG. */
#define THUMBNAIL_HEAD 28

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
    return be16(p) << 16 | be16(p + 2);
}

void extras_photoshop(struct extras *extras, const uint8_t *data, size_t size, size_t at, size_t n)
{
    size_t end = at + n;
    while (end - at >= 12 && !extras_full(extras)) {
        const uint8_t *p = data + at;
        /* A name of one byte of length, even with it. */
        size_t name = (size_t)(p[6] | 1) + 1;
        if (memcmp(p, "8BIM", 4) != 0 || end - at < 10 + name)
            return;
        uint32_t id = be16(p + 4), bytes = be32(p + 6 + name);
        at += 10 + name;
        if (bytes > end - at)
            return;
        if ((id == RESOURCE_THUMBNAIL || id == RESOURCE_THUMBNAIL_4) && bytes > THUMBNAIL_HEAD && be32(data + at) == 1)
            extras_jpeg(extras, EXTRA_THUMBNAIL, data, size, at + THUMBNAIL_HEAD, bytes - THUMBNAIL_HEAD);
        bytes += bytes & 1;
        at = bytes > end - at ? end : at + bytes;
    }
}
