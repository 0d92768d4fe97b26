/* png.c: where a PNG ends: its chunks, with their checksums. */
#include <libdeflate.h>
#include <string.h>

#include "carve/finders.h"

#define LARGEST_CHUNK 0x7fffffffu

static bool is_chunk(const uint8_t *p)
{
    return be32(p) <= LARGEST_CHUNK && is_letter(p[4]) && is_letter(p[5]) && is_letter(p[6]) && is_letter(p[7]);
}

static bool png_look(const uint8_t *p, size_t n)
{
    return n >= 33 && memcmp(p, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) == 0 && be32(p + 16) && be32(p + 20) &&
           p[24] <= 16 && p[25] <= 6 && p[28] <= 1 && be32(p + 29) == libdeflate_crc32(0, p + 12, 17);
}

/** The checksum over n bytes at `at`. False where they are not all there. */
static bool sum_bytes(struct measure *m, uint64_t at, uint64_t n, uint32_t *sum)
{
    *sum = 0;
    while (n) {
        size_t here;
        const uint8_t *p = measure_at(m, at, 1, &here);
        here = here < n ? here : (size_t)n;
        if (!p || !measure_walk(m, here))
            return false;
        *sum = libdeflate_crc32(*sum, p, here);
        at += here;
        n -= here;
    }
    return true;
}

static void png_measure(struct measure *m)
{
    uint64_t at = 8;
    bool has_data = false, flawed = false;
    const uint8_t *p;
    while ((p = measure_at(m, at, 12, NULL)) && is_chunk(p)) {
        uint64_t length = be32(p), behind = at + 12 + length;
        uint32_t sum;
        bool last = memcmp(p + 4, "IEND", 4) == 0;
        has_data |= memcmp(p + 4, "IDAT", 4) == 0;
        bool right =
            sum_bytes(m, at + 4, length + 4, &sum) && (p = measure_at(m, behind - 4, 4, NULL)) && be32(p) == sum;
        /* A wrong sum before another chunk is damage; before anything else the rest of the picture is elsewhere. */
        if (!right && (last || !(p = measure_at(m, behind, 12, NULL)) || !is_chunk(p))) {
            measure_broken(m, behind, has_data, "a chunk of it is not whole");
            return;
        }
        flawed |= !right;
        at = behind;
        if (!last)
            continue;
        measure_whole(m, at);
        m->solid = !flawed;
        if (flawed)
            measure_broken(m, at, has_data, "the checksum of a chunk is wrong");
        return;
    }
    measure_broken(m, p ? at : UINT64_MAX, has_data, "what follows is no chunk");
}

const struct finder png_finder = {
    .suffix = "png", FINDER_MAGIC("\x89PNG", 0), .look = png_look, .measure = png_measure};
