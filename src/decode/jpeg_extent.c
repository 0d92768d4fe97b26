#include "decode/jpeg_extent.h"

#include <string.h>

/** The marker at or behind `at`, past data and fill bytes; 0 at the end. *at: behind it. */
static uint8_t next_marker(const uint8_t *data, size_t size, size_t *at)
{
    while (*at < size) {
        const uint8_t *p = memchr(data + *at, 0xff, size - *at);
        if (!p)
            break;
        *at = (size_t)(p - data);
        while (*at < size && data[*at] == 0xff)
            ++*at;
        if (*at == size)
            break;
        uint8_t marker = data[(*at)++];
        if (marker && !(marker >= 0xd0 && marker <= 0xd7))
            return marker;
    }
    return 0;
}

static bool is_frame(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

bool jpeg_extent(const uint8_t *data, size_t size, struct jpeg_extent *extent)
{
    size_t at = 2;
    bool scanned = false;
    *extent = (struct jpeg_extent){0};
    if (size < 4 || data[0] != 0xff || data[1] != 0xd8 || data[2] != 0xff)
        return false;
    for (;;) {
        uint8_t marker = next_marker(data, size, &at);
        if (marker == 0xd9) {
            extent->size = at;
            return scanned && extent->width && extent->height;
        }
        if (!marker || marker == 0xd8 || size - at < 2)
            return false;
        size_t length = (size_t)data[at] << 8 | data[at + 1];
        if (length < 2 || length > size - at)
            return false;
        if (is_frame(marker) && length >= 7) {
            extent->height = (uint32_t)data[at + 3] << 8 | data[at + 4];
            extent->width = (uint32_t)data[at + 5] << 8 | data[at + 6];
            extent->lossless = (marker & 3) == 3;
        }
        scanned = scanned || marker == 0xda;
        at += length;
        /* Before the first scan one marker follows the other. */
        if (!scanned && (at == size || data[at] != 0xff))
            return false;
    }
}
