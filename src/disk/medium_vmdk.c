/* medium_vmdk.c: VMware disks: sparse, flat, split, packed for streaming. */
#include <stdlib.h>
#include <string.h>

#include "disk/vmdk.h"

#define SECTOR        512u
#define FLAG_PACKED   (1u << 16)
#define AT_END        UINT64_MAX
#define COW_PER_TABLE 4096u

/** The older sparse file of ESX. */
static bool cow_header(struct medium *medium, const uint8_t *h, struct vmdk_extent *extent)
{
    extent->length = get_le(h + 12, 4) * SECTOR;
    extent->grain = get_le(h + 16, 4) * SECTOR;
    extent->directory = get_le(h + 20, 4) * SECTOR;
    extent->tables = (uint32_t)get_le(h + 24, 4);
    extent->per_table = COW_PER_TABLE;
    if (!extent->grain || extent->grain > MEDIUM_PACK_MAX)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible size of a grain");
    return true;
}

static bool sparse_numbers(struct medium *medium, const uint8_t *h, struct vmdk_extent *extent)
{
    uint64_t capacity = get_le(h + 12, 8), grain = get_le(h + 20, 8), directory = get_le(h + 56, 8);
    uint32_t per_table = (uint32_t)get_le(h + 44, 4);
    if (!grain || grain > MEDIUM_PACK_MAX / SECTOR || !per_table || per_table > 65536 ||
        capacity > INT64_MAX / SECTOR || directory > INT64_MAX / SECTOR)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its header");
    uint64_t covered = grain * per_table, tables = capacity / covered + (capacity % covered != 0);
    if (tables > UINT32_MAX)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its header");
    extent->length = capacity * SECTOR;
    extent->grain = grain * SECTOR;
    extent->directory = directory * SECTOR;
    extent->per_table = per_table;
    extent->tables = (uint32_t)tables;
    extent->is_packed = get_le(h + 8, 4) & FLAG_PACKED;
    if (extent->is_packed && extent->grain > medium->block)
        medium->block = extent->grain;
    return true;
}

bool vmdk_sparse(struct medium *medium, uint32_t number, struct vmdk_extent *extent)
{
    const struct segment *segment = &medium->segments[number];
    uint8_t h[SECTOR];
    *extent = (struct vmdk_extent){.kind = VMDK_SPARSE, .segment = number};
    if (!segment_read(segment, h, sizeof(h), 0))
        return medium_fail(medium, TRAWL_DAMAGED, "shorter than its header");
    if (memcmp(h, "COWD", 4) == 0)
        return cow_header(medium, h, extent);
    if (memcmp(h, "KDMV", 4) != 0)
        return medium_fail(medium, TRAWL_DAMAGED, "a part has no header");
    /* Written as a stream: the directory is known at the end only, where the header stands once more. */
    if (get_le(h + 56, 8) == AT_END &&
        (segment->size < 1024 || !segment_read(segment, h, sizeof(h), segment->size - 1024) ||
         memcmp(h, "KDMV", 4) != 0 || get_le(h + 56, 8) == AT_END))
        return medium_fail(medium, TRAWL_DAMAGED, "truncated: the directory at its end is missing");
    return sparse_numbers(medium, h, extent);
}

/** The text of the descriptor at a place in the first segment; NULL where there is none. */
static char *read_text(const struct medium *medium, uint64_t at, uint64_t size)
{
    const struct segment *segment = &medium->segments[0];
    if (at > segment->size)
        return NULL;
    size = size < segment->size - at ? size : segment->size - at;
    size = size < VMDK_TEXT_MAX ? size : VMDK_TEXT_MAX;
    char *text = malloc(size + 1);
    if (!text || !segment_read(segment, text, size, at)) {
        free(text);
        return NULL;
    }
    text[size] = '\0';
    return text;
}

/** One sparse file that holds all, with its descriptor inside. */
static bool open_whole(struct medium *medium, const uint8_t *h)
{
    struct vmdk *vmdk = medium->state;
    if (!vmdk_sparse(medium, 0, &vmdk->extents[0]))
        return false;
    vmdk->n = 1;
    medium->size = vmdk->extents[0].length;
    uint64_t at = get_le(h + 28, 8), size = get_le(h + 36, 8);
    if (memcmp(h, "KDMV", 4) != 0 || !at || at > INT64_MAX / SECTOR || size > VMDK_TEXT_MAX)
        return true;
    char *text = read_text(medium, at * SECTOR, size * SECTOR);
    bool orphan = text && vmdk_needs_parent(medium, text);
    free(text);
    return !orphan;
}

static bool vmdk_open(struct medium *medium)
{
    struct vmdk *vmdk = medium->state = calloc(1, sizeof(*vmdk));
    uint8_t h[SECTOR] = {0};
    if (!vmdk)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    segment_read(&medium->segments[0], h, sizeof(h), 0);
    if (memcmp(h, "KDMV", 4) == 0 || memcmp(h, "COWD", 4) == 0)
        return open_whole(medium, h);
    char *text = read_text(medium, 0, VMDK_TEXT_MAX);
    bool opened = text ? vmdk_descriptor(medium, text) : medium_fail(medium, TRAWL_DAMAGED, "its descriptor is cut");
    free(text);
    return opened;
}

/** Where a grain begins in its segment, in sectors; 0: nowhere; UINT32_MAX: that cannot be read. */
static uint32_t grain_sector(struct medium *medium, const struct vmdk_extent *extent, uint64_t grain)
{
    struct vmdk *vmdk = medium->state;
    const struct segment *segment = &medium->segments[extent->segment];
    uint64_t number = grain / extent->per_table;
    uint8_t entry[4];
    if (number >= extent->tables || !segment_read(segment, entry, 4, extent->directory + 4 * number))
        return UINT32_MAX;
    uint64_t at = get_le(entry, 4) * SECTOR;
    if (!at)
        return 0;
    if (!vmdk->table || vmdk->table_n != extent->per_table) {
        free(vmdk->table);
        vmdk->table = malloc(4ull * extent->per_table);
        vmdk->table_at = 0;
        vmdk->table_n = extent->per_table;
    }
    if (!vmdk->table)
        return UINT32_MAX;
    if (vmdk->table_at != at || vmdk->table_segment != extent->segment) {
        vmdk->table_at = 0;
        if (!segment_read(segment, vmdk->table, 4ull * extent->per_table, at))
            return UINT32_MAX;
        vmdk->table_at = at;
        vmdk->table_segment = extent->segment;
    }
    return (uint32_t)get_le(vmdk->table + 4 * (grain % extent->per_table), 4);
}

static void locate_sparse(struct medium *medium, const struct vmdk_extent *in, uint64_t within, struct extent *out)
{
    uint64_t grain = within / in->grain;
    uint32_t sector = grain_sector(medium, in, grain);
    out->start = in->start + grain * in->grain;
    out->length = in->grain;
    out->segment = in->segment;
    /* 1: known to be zeros. */
    out->kind = sector == UINT32_MAX ? EXTENT_MISSING : sector <= 1 ? EXTENT_ZERO : EXTENT_RAW;
    out->at = (uint64_t)sector * SECTOR;
    if (out->kind != EXTENT_RAW || !in->is_packed)
        return;
    uint8_t marker[12];
    out->kind = EXTENT_MISSING;
    if (!segment_read(&medium->segments[in->segment], marker, sizeof(marker), out->at))
        return;
    out->kind = EXTENT_ZLIB;
    out->packed = (uint32_t)get_le(marker + 8, 4);
    out->at += sizeof(marker);
}

static void vmdk_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    const struct vmdk *vmdk = medium->state;
    size_t i = 0;
    while (i + 1 < vmdk->n && vmdk->extents[i + 1].start <= offset)
        i++;
    const struct vmdk_extent *in = &vmdk->extents[i];
    *extent = (struct extent){.kind = EXTENT_MISSING, .start = in->start, .length = in->length};
    if (in->kind == VMDK_SPARSE)
        locate_sparse(medium, in, offset - in->start, extent);
    else if (in->kind == VMDK_ZEROS)
        extent->kind = EXTENT_ZERO;
    else if (in->kind == VMDK_FLAT)
        *extent = (struct extent){
            .kind = EXTENT_RAW, .segment = in->segment, .at = in->at, .start = in->start, .length = in->length};
}

static void vmdk_close(struct medium *medium)
{
    struct vmdk *vmdk = medium->state;
    if (vmdk)
        free(vmdk->table);
    free(vmdk);
}

const struct medium_format vmdk_medium = {"vmdk", vmdk_open, vmdk_locate, vmdk_close};
