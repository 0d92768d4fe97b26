/* medium_vhd.c: dynamic Virtual PC disks. (A fixed one is a raw disk with a footer: its first bytes say so.) */
#include <stdlib.h>
#include <string.h>

#include "disk/medium.h"

#define NOWHERE 0xffffffffu

struct vhd {
    uint64_t table, block, bitmap;
    uint32_t entries;
};

static bool dynamic_header(struct medium *medium, uint64_t at)
{
    struct vhd *vhd = medium->state;
    uint8_t h[1024];
    if (!segment_read(&medium->segments[0], h, sizeof(h), at) || memcmp(h, "cxsparse", 8) != 0)
        return medium_fail(medium, TRAWL_DAMAGED, "its dynamic header is missing");
    vhd->table = get_be(h + 16, 8);
    vhd->entries = (uint32_t)get_be(h + 28, 4);
    vhd->block = get_be(h + 32, 4);
    vhd->bitmap = (vhd->block / 512 / 8 + 511) / 512 * 512;
    if (vhd->block < 4096 || vhd->block & (vhd->block - 1) || medium->size / vhd->block > vhd->entries)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its header");
    return true;
}

static bool vhd_open(struct medium *medium)
{
    uint8_t footer[512];
    medium->state = calloc(1, sizeof(struct vhd));
    if (!medium->state)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    if (!segment_read(&medium->segments[0], footer, sizeof(footer), 0))
        return medium_fail(medium, TRAWL_DAMAGED, "shorter than its header");
    medium->size = get_be(footer + 48, 8);
    if (medium->size > INT64_MAX)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible size");
    switch (get_be(footer + 60, 4)) {
    case 3:
        return dynamic_header(medium, get_be(footer + 16, 8));
    case 4:
        return medium_fail(medium, TRAWL_UNSUPPORTED, "a differencing disk: needs its parent");
    default:
        return medium_fail(medium, TRAWL_DAMAGED, "unknown kind of disk");
    }
}

static void vhd_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    const struct vhd *vhd = medium->state;
    uint64_t number = offset / vhd->block;
    uint8_t entry[4];
    *extent = (struct extent){.kind = EXTENT_MISSING, .start = number * vhd->block, .length = vhd->block};
    if (number >= vhd->entries || !segment_read(&medium->segments[0], entry, 4, vhd->table + 4 * number))
        return;
    uint64_t sector = get_be(entry, 4);
    extent->kind = sector == NOWHERE ? EXTENT_ZERO : EXTENT_RAW;
    extent->at = sector * 512 + vhd->bitmap;
}

static void free_state(struct medium *medium)
{
    free(medium->state);
}

const struct medium_format vhd_medium = {"vhd", vhd_open, vhd_locate, free_state};
