/* gif.c: where a GIF ends: its blocks, to the trailer. */
#include <string.h>

#include "carve/finders.h"

enum { EXTENSION = 0x21, IMAGE = 0x2c, TRAILER = 0x3b };

static bool gif_look(const uint8_t *p, size_t n)
{
    if (n < 14 || (memcmp(p, "GIF89a", 6) != 0 && memcmp(p, "GIF87a", 6) != 0) || !le16(p + 6) || !le16(p + 8))
        return false;
    /* Without a colour table the first block follows at once. */
    bool table = p[10] & 0x80;
    return (p[12] == 0 || p[12] == 49) && (table || p[13] == EXTENSION || p[13] == IMAGE);
}

static uint64_t table_size(uint8_t flags)
{
    return flags & 0x80 ? 3u << ((flags & 7) + 1) : 0;
}

/** Passes over blocks that tell their length, to the empty one. False where the end comes before it. */
static bool pass_blocks(struct measure *m, uint64_t *at)
{
    const uint8_t *p;
    while ((p = measure_at(m, *at, 1, NULL)) && *p)
        *at += 1 + (uint64_t)*p;
    *at += 1;
    return p != NULL;
}

static void gif_measure(struct measure *m)
{
    const uint8_t *p = measure_at(m, 0, 13, NULL);
    uint64_t at = 13 + (p ? table_size(p[10]) : 0);
    unsigned images = 0;
    while ((p = measure_at(m, at, 1, NULL)) && (*p == EXTENSION || *p == IMAGE)) {
        bool image = *p == IMAGE;
        p = measure_at(m, at, image ? 11 : 2, NULL);
        /* What stands behind an image's tables is the width of its codes. */
        at += image && p ? 10 + table_size(p[9]) : 2;
        p = p && image ? measure_at(m, at, 1, NULL) : p;
        if (!p || (image && (*p < 1 || *p > 11)))
            break;
        at += image;
        images += image;
        if (!pass_blocks(m, &at))
            break;
    }
    if (p && *p == TRAILER && images) {
        measure_whole(m, at + 1);
        return;
    }
    measure_broken(m, p ? at : UINT64_MAX, images, "what follows is no block");
}

const struct finder gif_finder = {.suffix = "gif", FINDER_MAGIC("GIF8", 0), .look = gif_look, .measure = gif_measure};
