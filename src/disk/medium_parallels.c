/* medium_parallels.c: the disks of Parallels (files .hds), of both versions. */
#include <stdlib.h>
#include <string.h>

#include "disk/medium.h"

#define HEADER 64

struct parallels {
    uint64_t block, blocks;
    /** Sectors that an entry of the table counts in. */
    uint64_t unit;
};

static bool parallels_open(struct medium *medium)
{
    struct parallels *disk = medium->state = calloc(1, sizeof(*disk));
    uint8_t h[HEADER];
    if (!disk)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    if (!segment_read(&medium->segments[0], h, sizeof(h), 0))
        return medium_fail(medium, TRAWL_DAMAGED, "shorter than its header");
    bool is_new = !memcmp(h, "WithouFreSpacExt", 16);
    uint64_t tracks = get_le(h + 28, 4), sectors = get_le(h + 36, is_new ? 8 : 4);
    if (!tracks || tracks > (1u << 20) || !sectors || sectors > INT64_MAX / 512)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its header");
    disk->block = tracks * 512;
    disk->blocks = get_le(h + 32, 4);
    disk->unit = is_new ? tracks : 1;
    medium->size = sectors * 512;
    return true;
}

static void parallels_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    const struct parallels *disk = medium->state;
    uint64_t number = offset / disk->block;
    uint8_t entry[4];
    *extent = (struct extent){.kind = EXTENT_MISSING, .start = number * disk->block, .length = disk->block};
    if (number >= disk->blocks || !segment_read(&medium->segments[0], entry, 4, HEADER + 4 * number))
        return;
    uint64_t place = get_le(entry, 4);
    extent->kind = place ? EXTENT_RAW : EXTENT_ZERO;
    extent->at = place * disk->unit * 512;
}

static void parallels_close(struct medium *medium)
{
    free(medium->state);
}

const struct medium_format parallels_medium = {"parallels", parallels_open, parallels_locate, parallels_close};
