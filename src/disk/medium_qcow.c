/* medium_qcow.c: QEMU disks, versions 1 to 3. */
#include <stdlib.h>
#include <string.h>

#include "disk/medium.h"

#define PLACE      0x00fffffffffffe00ull
#define PACKED_V1  (1ull << 63)
#define PACKED     (1ull << 62)
#define MAX_LEVEL1 (32u << 20)

struct qcow {
    unsigned version, bits, table_bits;
    bool is_zstd;
    uint64_t level1, level1_n;
    /** The second-level table that was read last. */
    uint64_t table_at;
    uint8_t *table;
};

static bool needs_others(struct medium *medium, const uint8_t *h)
{
    char name[96] = "";
    uint64_t at = get_be(h + 8, 8), n = get_be(h + 16, 4);
    if (!at)
        return false;
    n = n < sizeof(name) ? n : sizeof(name) - 1;
    if (!segment_read(&medium->segments[0], name, n, at))
        strcpy(name, "?");
    medium_fail(medium, TRAWL_UNSUPPORTED, "needs its backing file %s", name);
    return true;
}

static void header_one(struct medium *medium, const uint8_t *h)
{
    struct qcow *qcow = medium->state;
    qcow->bits = h[32];
    qcow->table_bits = h[33];
    qcow->level1 = get_be(h + 40, 8);
    if (get_be(h + 36, 4))
        medium_fail(medium, TRAWL_ENCRYPTED, "the image is encrypted");
}

static void header_two(struct medium *medium, const uint8_t *h)
{
    struct qcow *qcow = medium->state;
    qcow->bits = (unsigned)get_be(h + 20, 4);
    qcow->table_bits = qcow->bits - 3;
    qcow->level1 = get_be(h + 40, 8);
    qcow->level1_n = get_be(h + 36, 4);
    uint64_t features = qcow->version >= 3 ? get_be(h + 72, 8) : 0;
    if (get_be(h + 32, 4))
        medium_fail(medium, TRAWL_ENCRYPTED, "the image is encrypted");
    else if (features & ~0xbull)
        medium_fail(medium, TRAWL_UNSUPPORTED, "features %llx of the format", (unsigned long long)features);
    if (features & 3)
        medium_note(medium, "it was not closed: its tables may be older than its data");
    qcow->is_zstd = features & 8 && get_be(h + 100, 4) > 104 && h[104] == 1;
}

static bool qcow_open(struct medium *medium)
{
    struct qcow *qcow = medium->state = calloc(1, sizeof(*qcow));
    uint8_t h[112] = {0};
    if (!qcow)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    if (!segment_read(&medium->segments[0], h, medium->segments[0].size < 112 ? 72 : 112, 0))
        return medium_fail(medium, TRAWL_DAMAGED, "shorter than its header");
    qcow->version = (unsigned)get_be(h + 4, 4);
    medium->size = get_be(h + 24, 8);
    if (qcow->version < 1 || qcow->version > 3)
        return medium_fail(medium, TRAWL_UNSUPPORTED, "version %u of the format", qcow->version);
    if (needs_others(medium, h))
        return false;
    qcow->version == 1 ? header_one(medium, h) : header_two(medium, h);
    if (medium->status != TRAWL_OK)
        return false;
    if (qcow->bits < 9 || qcow->bits > 21 || qcow->table_bits < 6 || qcow->table_bits > 21 || medium->size > INT64_MAX)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its header");
    medium->block = (size_t)1 << qcow->bits;
    uint64_t tables = (medium->size >> (qcow->bits + qcow->table_bits)) + 1;
    if (qcow->version == 1)
        qcow->level1_n = tables;
    if (qcow->level1_n > MAX_LEVEL1)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its header");
    qcow->table = malloc((size_t)8 << qcow->table_bits);
    return qcow->table || medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
}

/** The entry of a cluster; false where it cannot be read. */
static bool entry_of(struct medium *medium, uint64_t cluster, uint64_t *entry)
{
    struct qcow *qcow = medium->state;
    const struct segment *segment = &medium->segments[0];
    uint64_t number = cluster >> qcow->table_bits, within = cluster & (((uint64_t)1 << qcow->table_bits) - 1);
    uint8_t bytes[8];
    *entry = 0;
    if (number >= qcow->level1_n || !segment_read(segment, bytes, 8, qcow->level1 + 8 * number))
        return false;
    uint64_t at = get_be(bytes, 8) & (qcow->version == 1 ? ~PACKED_V1 : PLACE);
    if (!at)
        return true;
    if (qcow->table_at != at) {
        qcow->table_at = 0;
        if (!segment_read(segment, qcow->table, (size_t)8 << qcow->table_bits, at))
            return false;
        qcow->table_at = at;
    }
    *entry = get_be(qcow->table + 8 * within, 8);
    return true;
}

static void locate_packed(const struct qcow *qcow, uint64_t entry, struct extent *extent)
{
    extent->kind = qcow->is_zstd ? EXTENT_ZSTD : EXTENT_DEFLATE;
    if (qcow->version == 1) {
        unsigned shift = 63 - qcow->bits;
        extent->at = entry & (((uint64_t)1 << shift) - 1);
        extent->packed = (uint32_t)(entry >> shift & (((uint64_t)1 << qcow->bits) - 1));
        return;
    }
    unsigned shift = 62 - (qcow->bits - 8);
    extent->at = entry & (((uint64_t)1 << shift) - 1);
    uint64_t sectors = (entry >> shift & (((uint64_t)1 << (qcow->bits - 8)) - 1)) + 1;
    extent->packed = (uint32_t)(sectors * 512 - (extent->at & 511));
}

static void qcow_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    const struct qcow *qcow = medium->state;
    uint64_t cluster = offset >> qcow->bits, entry;
    *extent =
        (struct extent){.kind = EXTENT_MISSING, .start = cluster << qcow->bits, .length = (uint64_t)1 << qcow->bits};
    if (!entry_of(medium, cluster, &entry))
        return;
    uint64_t packed = qcow->version == 1 ? PACKED_V1 : PACKED;
    if (entry & packed) {
        locate_packed(qcow, entry & ~(packed | PACKED_V1), extent);
        return;
    }
    extent->at = qcow->version == 1 ? entry : entry & PLACE;
    extent->kind = extent->at && !(qcow->version == 3 && entry & 1) ? EXTENT_RAW : EXTENT_ZERO;
}

static void qcow_close(struct medium *medium)
{
    struct qcow *qcow = medium->state;
    if (qcow)
        free(qcow->table);
    free(qcow);
}

const struct medium_format qcow_medium = {"qcow", qcow_open, qcow_locate, qcow_close};
