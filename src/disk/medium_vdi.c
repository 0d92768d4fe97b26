/* medium_vdi.c: VirtualBox disks. */
#include <stdlib.h>
#include <string.h>

#include "disk/medium.h"

struct vdi {
    uint64_t map, data, block, extra;
    uint32_t blocks;
};

static bool vdi_open(struct medium *medium)
{
    struct vdi *vdi = medium->state = calloc(1, sizeof(*vdi));
    static const uint8_t none[16];
    uint8_t h[512];
    if (!vdi)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    if (!segment_read(&medium->segments[0], h, sizeof(h), 0))
        return medium_fail(medium, TRAWL_DAMAGED, "shorter than its header");
    uint64_t version = get_le(h + 0x44, 4), kind = get_le(h + 0x4c, 4);
    if (version >> 16 != 1)
        return medium_fail(medium, TRAWL_UNSUPPORTED, "version %llu of the format", (unsigned long long)version >> 16);
    if (kind == 4 || memcmp(h + 0x1b8, none, 16) != 0)
        return medium_fail(medium, TRAWL_UNSUPPORTED, "a differencing disk: needs its parent");
    vdi->map = get_le(h + 0x154, 4);
    vdi->data = get_le(h + 0x158, 4);
    medium->size = get_le(h + 0x170, 8);
    vdi->block = get_le(h + 0x178, 4);
    vdi->extra = get_le(h + 0x17c, 4);
    vdi->blocks = (uint32_t)get_le(h + 0x180, 4);
    if (vdi->block < 4096 || vdi->block & (vdi->block - 1) || medium->size > INT64_MAX)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its header");
    return true;
}

static void vdi_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    const struct vdi *vdi = medium->state;
    uint64_t number = offset / vdi->block;
    uint8_t entry[4];
    *extent = (struct extent){.kind = EXTENT_MISSING, .start = number * vdi->block, .length = vdi->block};
    if (number >= vdi->blocks || !segment_read(&medium->segments[0], entry, 4, vdi->map + 4 * number))
        return;
    uint32_t place = (uint32_t)get_le(entry, 4);
    extent->kind = place >= 0xfffffffe ? EXTENT_ZERO : EXTENT_RAW;
    extent->at = vdi->data + place * (vdi->block + vdi->extra) + vdi->extra;
}

static void vdi_close(struct medium *medium)
{
    free(medium->state);
}

const struct medium_format vdi_medium = {"vdi", vdi_open, vdi_locate, vdi_close};
