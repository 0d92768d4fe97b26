/* udf.c: from the anchor to the partitions and the file set of a UDF volume. */
#include "optical/udf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Descriptors of one sequence, which may go on elsewhere. */
#define MOST_DESCRIPTORS 256u
#define MOST_SESSIONS    64u

static const uint32_t block_sizes[] = {2048, 512, 4096, 1024, 8192, 16384, 32768};

/** CRC of ITU-T V.41, polynomial 0x1021, from 0. */
static uint16_t crc(const uint8_t *bytes, size_t n)
{
    static uint16_t table[256];
    uint16_t sum = 0;
    for (unsigned i = 1; !table[255] && i < 256; i++) {
        uint16_t value = (uint16_t)(i << 8);
        for (int bit = 0; bit < 8; bit++)
            value = (uint16_t)(value & 0x8000 ? value << 1 ^ 0x1021 : value << 1);
        table[i] = value;
    }
    for (size_t i = 0; i < n; i++)
        sum = (uint16_t)(sum << 8 ^ table[sum >> 8 ^ bytes[i]]);
    return sum;
}

unsigned udf_tag_id(const uint8_t *bytes)
{
    return le16(bytes);
}

bool udf_tag_ok(const uint8_t *bytes, size_t n)
{
    uint8_t sum = 0;
    if (n < 16)
        return false;
    for (size_t i = 0; i < 16; i++)
        sum = (uint8_t)(sum + (i == 4 ? 0 : bytes[i]));
    size_t length = le16(bytes + 10);
    return sum == bytes[4] && udf_tag_id(bytes) && length <= n - 16 && crc(bytes + 16, length) == le16(bytes + 8);
}

/** What the sequence of descriptors says: the newest of each kind counts. */
struct sequence {
    uint8_t logical[32768];
    uint32_t logical_number;
    bool has_logical;
    struct {
        uint16_t number;
        uint32_t start, length, sequence;
    } partitions[UDF_MAPS];
    unsigned n_partitions;
};

static void take_partition(struct sequence *sequence, const uint8_t *p)
{
    uint16_t number = le16(p + 22);
    unsigned i = 0;
    while (i < sequence->n_partitions && sequence->partitions[i].number != number)
        i++;
    if (i == UDF_MAPS || (i < sequence->n_partitions && le32(p + 16) < sequence->partitions[i].sequence))
        return;
    sequence->partitions[i].number = number;
    sequence->partitions[i].sequence = le32(p + 16);
    sequence->partitions[i].start = le32(p + 188);
    sequence->partitions[i].length = le32(p + 192);
    if (i == sequence->n_partitions)
        sequence->n_partitions++;
}

/** Takes a descriptor. False at the end of the sequence. */
static bool take(struct udf *udf, struct sequence *sequence, const uint8_t *p, uint32_t *next, uint32_t *left)
{
    switch (udf_tag_id(p)) {
    case UDF_PARTITION:
        take_partition(sequence, p);
        return true;
    case UDF_LOGICAL:
        if (!sequence->has_logical || le32(p + 16) >= sequence->logical_number) {
            memcpy(sequence->logical, p, udf->block);
            sequence->logical_number = le32(p + 16);
            sequence->has_logical = true;
        }
        return true;
    case UDF_POINTER:
        *left = le32(p + 20) / udf->block;
        *next = le32(p + 24);
        return true;
    default:
        return udf_tag_id(p) != UDF_TERMINATING;
    }
}

/** Reads a sequence. True if it names a logical volume and a partition. */
static bool read_sequence(struct udf *udf, struct sequence *sequence, uint32_t length, uint32_t sector, uint8_t *p)
{
    uint32_t left = length / udf->block;
    for (unsigned i = 0; left && i < MOST_DESCRIPTORS; i++) {
        uint64_t at = udf->disc->start + (uint64_t)sector * udf->block;
        if (!optical_read(udf->disc, p, udf->block, at) || !udf_tag_ok(p, udf->block))
            break;
        optical_claim(udf->disc, at, udf->block);
        left--;
        sector++;
        if (!take(udf, sequence, p, &sector, &left))
            break;
    }
    return sequence->has_logical && sequence->n_partitions;
}

static void use_partitions(struct udf *udf, const struct sequence *sequence)
{
    for (unsigned i = 0; i < udf->n_maps; i++) {
        struct udf_map *map = &udf->maps[i];
        for (unsigned k = 0; k < sequence->n_partitions; k++) {
            if (sequence->partitions[k].number != map->number)
                continue;
            map->start = udf->disc->start + (uint64_t)sequence->partitions[k].start * udf->block;
            map->length = sequence->partitions[k].length;
            uint64_t end = ((uint64_t)sequence->partitions[k].start + map->length) * udf->block;
            if (end > udf->disc->declared)
                udf->disc->declared = end;
        }
    }
}

/** The volume by the anchor at that sector. */
static bool open_at(struct udf *udf, struct sequence *sequence, uint64_t sector, uint8_t *p)
{
    struct optical *disc = udf->disc;
    uint64_t at;
    if (__builtin_mul_overflow(sector, (uint64_t)udf->block, &at) || at >= disc->size ||
        !optical_read(disc, p, udf->block, disc->start + at) || !udf_tag_ok(p, udf->block) ||
        udf_tag_id(p) != UDF_ANCHOR || le32(p + 12) != sector)
        return false;
    const uint32_t extents[2][2] = {{le32(p + 16), le32(p + 20)}, {le32(p + 24), le32(p + 28)}};
    optical_claim(disc, disc->start + at, udf->block);
    udf->sequence = extents[0][1];
    memset(sequence, 0, sizeof(*sequence));
    if (!read_sequence(udf, sequence, extents[0][0], extents[0][1], p) &&
        !read_sequence(udf, sequence, extents[1][0], extents[1][1], p))
        return false;
    const uint8_t *logical = sequence->logical;
    uint32_t size = le32(logical + 212), table = le32(logical + 264);
    if (size != udf->block)
        end_note(disc->end, TRAWL_UNSUPPORTED, "udf: blocks of %u bytes in sectors of %u", size, udf->block);
    udf->file_set = udf_long_extent(logical + 248);
    udf_maps_read(udf, logical + 440, table < udf->block - 440 ? table : udf->block - 440, le32(logical + 268));
    use_partitions(udf, sequence);
    return true;
}

static bool open_size(struct udf *udf, uint8_t *p)
{
    uint64_t last = udf->disc->size / udf->block;
    const uint64_t places[] = {256, last - 1, last - 257, last - 256, 512, last - 513};
    struct sequence *sequence = calloc(1, sizeof(*sequence));
    bool opened = false;
    for (size_t i = 0; sequence && i < sizeof(places) / sizeof(*places) && !opened; i++)
        opened = places[i] < last && open_at(udf, sequence, places[i], p);
    free(sequence);
    return opened;
}

/** Finds the volume's descriptors. False: there are none, or `end` says why not. */
static bool open_volume(struct udf *udf)
{
    bool opened = false;
    for (size_t i = 0; i < sizeof(block_sizes) / sizeof(*block_sizes) && !opened; i++) {
        udf->block = block_sizes[i];
        uint8_t *p = malloc(udf->block);
        if (!p) {
            end_memory(udf->disc->end);
            return false;
        }
        opened = open_size(udf, p);
        free(p);
    }
    if (opened)
        udf_maps_load(udf);
    return opened;
}

/** The volume recognition sequence: from byte 32,768 on a descriptor in each sector of 2,048 bytes, or of a block where
 * that is larger. */
static bool is_announced(struct optical *disc)
{
    uint8_t p[8];
    for (uint32_t step = 2048; step <= 32768; step *= 2)
        for (uint32_t i = 0; i < 64; i++) {
            if (!optical_read(disc, p, sizeof(p), disc->start + 32768 + (uint64_t)i * step))
                break;
            if (!memcmp(p + 1, "NSR02", 5) || !memcmp(p + 1, "NSR03", 5))
                return true;
            if (memcmp(p + 1, "CD001", 5) && memcmp(p + 1, "BEA01", 5) && memcmp(p + 1, "BOOT2", 5) &&
                memcmp(p + 1, "CDW02", 5))
                break;
        }
    return false;
}

bool udf_list(struct optical *disc)
{
    if (!is_announced(disc))
        return false;
    struct udf *udf = calloc(1, sizeof(*udf));
    if (!udf) {
        end_memory(disc->end);
        return false;
    }
    udf->disc = disc;
    udf->met = &udf->entries;
    if (!open_volume(udf)) {
        end_note(disc->end, TRAWL_DAMAGED, "udf: its volume descriptors cannot be read");
        udf_free(udf);
        return false;
    }
    disc->udf = udf;
    disc->trees |= 1u << TREE_UDF;
    if (udf->block < disc->block)
        disc->block = udf->block;
    udf_tree_list(udf, (struct optical_path){0, 0});
    return true;
}

static void free_one(struct udf *udf)
{
    for (unsigned i = 0; i < udf->n_maps; i++) {
        free(udf->maps[i].table);
        free(udf->maps[i].spared);
        for (unsigned copy = 0; copy < 2; copy++) {
            free(udf->maps[i].pieces[copy].runs);
            free(udf->maps[i].pieces[copy].ends);
        }
    }
    free(udf->entries.items);
    free(udf);
}

void udf_free(struct udf *udf)
{
    while (udf) {
        struct udf *next = udf->next;
        free_one(udf);
        udf = next;
    }
}

bool udf_is_anchor(const uint8_t *block, size_t n)
{
    return n >= 512 && udf_tag_id(block) == UDF_ANCHOR && udf_tag_ok(block, n);
}

/** The session's volume; NULL: it was read, or there is none. */
static struct udf *open_session(struct optical *disc, uint64_t sector, uint32_t main)
{
    struct udf *last = disc->udf;
    for (;; last = last->next) {
        if (last->sequence == main)
            return NULL;
        if (!last->next)
            break;
    }
    struct udf *udf = calloc(1, sizeof(*udf));
    struct sequence *sequence = calloc(1, sizeof(*sequence));
    uint8_t *p = malloc(disc->udf->block);
    bool opened = false;
    if (udf && sequence && p) {
        *udf = (struct udf){.disc = disc, .block = disc->udf->block, .met = disc->udf->met};
        opened = open_at(udf, sequence, sector, p);
    }
    free(sequence);
    free(p);
    if (!opened) {
        free(udf);
        return NULL;
    }
    udf_maps_load(udf);
    return last->next = udf;
}

uint32_t udf_block(const struct udf *udf)
{
    return udf->block;
}

void udf_list_sessions(struct optical *disc, const struct optical_found *anchors)
{
    uint32_t block = disc->udf->block;
    for (size_t i = 0, read = 0; i < anchors->n && !disc->is_cut; i++) {
        uint8_t p[24];
        char name[48];
        struct optical_path folder;
        uint64_t sector = (anchors->at[i] - disc->start) / block;
        if (!optical_read(disc, p, sizeof(p), anchors->at[i]))
            continue;
        if (read == MOST_SESSIONS) {
            end_note(disc->end, TRAWL_LIMIT, "more sessions than are read");
            break;
        }
        /* Also where it is one more copy of an anchor that is known. */
        optical_claim(disc, anchors->at[i], block);
        struct udf *udf = open_session(disc, sector, le32(p + 20));
        int len = snprintf(name, sizeof(name), "$session-%llu", (unsigned long long)sector);
        if (!udf)
            continue;
        read++;
        if (optical_path_add(disc, (struct optical_path){0, 0}, name, (size_t)len, &folder))
            udf_tree_list(udf, folder);
    }
}
