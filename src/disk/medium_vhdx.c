/* medium_vhdx.c: Hyper-V disks. */
#include <stdlib.h>
#include <string.h>

#include "disk/medium.h"

#define REGION_TABLE (192u << 10)
#define TABLE_SIZE   (64u << 10)

struct vhdx {
    uint64_t table, table_size, metadata, metadata_size;
    /** Payload blocks between two bitmap blocks in the table. */
    uint64_t block, ratio;
};

static const uint8_t guid_table[16] = {0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0x00, 0x42,
                                       0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08};
static const uint8_t guid_metadata[16] = {0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                          0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e};
static const uint8_t guid_parameters[16] = {0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d,
                                            0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b};
static const uint8_t guid_size[16] = {0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
                                      0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8};
static const uint8_t guid_sector[16] = {0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 0x09, 0x47,
                                        0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab, 0x5f};

/** The newer of the two headers has a log that was not replayed: the tables may be older than the data. */
static void check_log(struct medium *medium)
{
    uint8_t first[80], second[80];
    static const uint8_t none[16];
    const struct segment *segment = &medium->segments[0];
    if (!segment_read(segment, first, sizeof(first), 64u << 10) ||
        !segment_read(segment, second, sizeof(second), 128u << 10))
        return;
    const uint8_t *newer =
        memcmp(second, "head", 4) == 0 && get_le(second + 8, 8) > get_le(first + 8, 8) ? second : first;
    if (memcmp(newer + 48, none, 16) != 0)
        medium_note(medium, "it was not closed: what its log holds is not read");
}

static bool read_regions(struct medium *medium, uint8_t *bytes)
{
    struct vhdx *vhdx = medium->state;
    if (!segment_read(&medium->segments[0], bytes, TABLE_SIZE, REGION_TABLE) || memcmp(bytes, "regi", 4) != 0)
        return medium_fail(medium, TRAWL_DAMAGED, "its table of regions is missing");
    uint64_t n = get_le(bytes + 8, 4);
    for (uint64_t i = 0; i < n && i < (TABLE_SIZE - 16) / 32; i++) {
        const uint8_t *entry = bytes + 16 + 32 * i;
        if (memcmp(entry, guid_table, 16) == 0) {
            vhdx->table = get_le(entry + 16, 8);
            vhdx->table_size = get_le(entry + 24, 4);
        } else if (memcmp(entry, guid_metadata, 16) == 0) {
            vhdx->metadata = get_le(entry + 16, 8);
            vhdx->metadata_size = get_le(entry + 24, 4);
        }
    }
    return (vhdx->table && vhdx->metadata) || medium_fail(medium, TRAWL_DAMAGED, "a region is missing");
}

static uint64_t metadata_number(const struct medium *medium, const uint8_t *table, const uint8_t guid[16], unsigned n,
                                uint32_t *flags)
{
    const struct vhdx *vhdx = medium->state;
    uint8_t value[8] = {0};
    uint64_t entries = get_le(table + 10, 2);
    for (uint64_t i = 0; i < entries && i < (TABLE_SIZE - 32) / 32; i++) {
        const uint8_t *entry = table + 32 + 32 * i;
        if (memcmp(entry, guid, 16) != 0)
            continue;
        uint64_t at = get_le(entry + 16, 4);
        if (at >= vhdx->metadata_size || !segment_read(&medium->segments[0], value, 8, vhdx->metadata + at))
            return 0;
        *flags = (uint32_t)get_le(value + 4, 4);
        return get_le(value, n);
    }
    return 0;
}

static bool read_metadata(struct medium *medium, uint8_t *table)
{
    struct vhdx *vhdx = medium->state;
    uint32_t flags = 0, ignored = 0;
    if (!segment_read(&medium->segments[0], table, TABLE_SIZE, vhdx->metadata) || memcmp(table, "metadata", 8) != 0)
        return medium_fail(medium, TRAWL_DAMAGED, "its metadata are missing");
    vhdx->block = metadata_number(medium, table, guid_parameters, 4, &flags);
    medium->size = metadata_number(medium, table, guid_size, 8, &ignored);
    uint64_t sector = metadata_number(medium, table, guid_sector, 4, &ignored);
    if (flags & 2)
        return medium_fail(medium, TRAWL_UNSUPPORTED, "a differencing disk: needs its parent");
    if ((sector != 512 && sector != 4096) || vhdx->block < (1u << 20) || vhdx->block > (256u << 20) ||
        vhdx->block & (vhdx->block - 1) || !medium->size || medium->size > (1ull << 47))
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its metadata");
    vhdx->ratio = (sector << 23) / vhdx->block;
    return true;
}

static bool vhdx_open(struct medium *medium)
{
    medium->state = calloc(1, sizeof(struct vhdx));
    uint8_t *bytes = malloc(TABLE_SIZE);
    bool opened = medium->state && bytes ? read_regions(medium, bytes) && read_metadata(medium, bytes)
                                         : medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    if (opened)
        check_log(medium);
    free(bytes);
    return opened;
}

static void vhdx_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    const struct vhdx *vhdx = medium->state;
    uint64_t number = offset / vhdx->block, entry = number + number / vhdx->ratio;
    uint8_t bytes[8];
    *extent = (struct extent){.kind = EXTENT_MISSING, .start = number * vhdx->block, .length = vhdx->block};
    if (8 * entry + 8 > vhdx->table_size || !segment_read(&medium->segments[0], bytes, 8, vhdx->table + 8 * entry))
        return;
    uint64_t value = get_le(bytes, 8);
    extent->kind = (value & 7) >= 6 ? EXTENT_RAW : EXTENT_ZERO;
    extent->at = value >> 20 << 20;
}

static void free_state(struct medium *medium)
{
    free(medium->state);
}

const struct medium_format vhdx_medium = {"vhdx", vhdx_open, vhdx_locate, free_state};
