/* bmp.c: a BMP is as long as it says, if that is what its pixels need. */
#include "carve/finders.h"

#define HEADER 14u
/** Of a profile, or of tables between the parts. */
#define SLACK 65536u

/** Bytes of the pixels; 0 where the header is none that exists. */
static uint64_t pixel_bytes(const uint8_t *p, uint32_t header)
{
    bool core = header == 12;
    int32_t height = core ? (int16_t)le16(p + 20) : (int32_t)le32(p + 22);
    uint64_t width = core ? le16(p + 18) : le32(p + 18), rows = height < 0 ? -(uint64_t)height : (uint64_t)height;
    uint32_t planes = le16(p + (core ? 22 : 26)), bits = le16(p + (core ? 24 : 28));
    uint32_t packing = core ? 0 : le32(p + 30);
    if (planes != 1 || !width || !rows || width > 1u << 20 || rows > 1u << 20 || packing > 6)
        return 0;
    if (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
        return 0;
    return packing == 0 || packing == 3 || packing == 6 ? (width * bits + 31) / 32 * 4 * rows : le32(p + 34);
}

static bool bmp_look(const uint8_t *p, size_t n)
{
    if (n < 54 || le32(p + 6))
        return false;
    uint64_t size = le32(p + 2), pixels = le32(p + 10);
    uint32_t header = le32(p + 14);
    bool known =
        header == 12 || header == 40 || header == 52 || header == 56 || header == 64 || header == 108 || header == 124;
    if (!known || pixels < HEADER + header || pixels > HEADER + header + 1024 + 12 + SLACK)
        return false;
    uint64_t bytes = pixel_bytes(p, header);
    return bytes && pixels + bytes <= size && size <= pixels + bytes + SLACK;
}

/** Nothing in the pixels can be checked: the scan goes on in them. */
static void bmp_measure(struct measure *m)
{
    const uint8_t *p = measure_at(m, 0, 14, NULL);
    uint64_t size = p ? le32(p + 2) : 0, pixels = p ? le32(p + 10) : 0;
    if (size && size <= m->room)
        measure_whole(m, size);
    else
        measure_broken(m, size, m->room > pixels + 64, "");
}

const struct finder bmp_finder = {.suffix = "bmp", FINDER_MAGIC("BM", 0), .look = bmp_look, .measure = bmp_measure};
