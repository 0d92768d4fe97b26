#include "decode/exif.h"

#include <stdbool.h>
#include <string.h>

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT      3
#define TYPE_LONG       4
#define ENTRY_BYTES     12

struct tiff {
    const uint8_t *data;
    size_t size;
    bool big_endian;
};

/** The callers have checked that the bytes are there. */
static uint32_t tiff_u16(const struct tiff *tiff, size_t at)
{
    const uint8_t *p = tiff->data + at;
    return tiff->big_endian ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t tiff_u32(const struct tiff *tiff, size_t at)
{
    uint32_t a = tiff_u16(tiff, at), b = tiff_u16(tiff, at + 2);
    return tiff->big_endian ? a << 16 | b : b << 16 | a;
}

static bool tiff_open(struct tiff *tiff, const uint8_t *block, size_t n)
{
    if (n >= 6 && memcmp(block, "Exif\0", 5) == 0) {
        block += 6;
        n -= 6;
    }
    if (n < 8)
        return false;
    *tiff = (struct tiff){.data = block, .size = n, .big_endian = block[0] == 'M'};
    return (memcmp(block, "II*\0", 4) == 0) || (memcmp(block, "MM\0*", 4) == 0);
}

/** A SHORT, or a LONG as some writers have it; its value stands in the entry itself. */
static uint32_t entry_orientation(const struct tiff *tiff, size_t at)
{
    uint32_t type = tiff_u16(tiff, at + 2), count = tiff_u32(tiff, at + 4), value = 0;
    if (count == 1 && type == TYPE_SHORT)
        value = tiff_u16(tiff, at + 8);
    else if (count == 1 && type == TYPE_LONG)
        value = tiff_u32(tiff, at + 8);
    return value <= 8 ? value : 0;
}

uint32_t exif_orientation(const uint8_t *block, size_t n)
{
    struct tiff tiff;
    if (!tiff_open(&tiff, block, n))
        return 0;
    size_t ifd = tiff_u32(&tiff, 4);
    if (ifd < 8 || ifd > tiff.size - 2)
        return 0;
    size_t entries = tiff_u16(&tiff, ifd), room = (tiff.size - ifd - 2) / ENTRY_BYTES;
    for (size_t i = 0; i < entries && i < room; i++) {
        size_t at = ifd + 2 + i * ENTRY_BYTES;
        if (tiff_u16(&tiff, at) == TAG_ORIENTATION)
            return entry_orientation(&tiff, at);
    }
    return 0;
}
