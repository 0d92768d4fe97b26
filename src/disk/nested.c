/*
 * nested.c: a table of volumes within a volume, one level deep: a BSD label in a slice of a master boot record, a table
 * on a partition that was written as if it were a disk. And the volume of a BSD label that is all of it.
 */
#include <stdio.h>
#include <string.h>

#include "disk/disk.h"

#define MOST_INNER 64

/** A volume that an inner table names. */
struct inner {
    uint32_t number;
    uint64_t start, length;
    enum file_type type;
};

struct inner_table {
    const char *kind;
    struct inner items[MOST_INNER];
    size_t n;
};

/** The label's bytes, or false where there is none. */
static bool find_label(struct disk *disk, const struct volume *outer, uint8_t label[512])
{
    static const uint8_t magic[4] = {0x57, 0x45, 0x56, 0x82};
    static const uint64_t places[] = {512, 0, 64};
    for (size_t i = 0; i < 3; i++)
        if (medium_read(&disk->medium, label, 512, outer->start + places[i]) == 512 && !memcmp(label, magic, 4) &&
            !memcmp(label + 132, magic, 4))
            return true;
    return false;
}

/** True if the volume, which is not all of the outer one, lies within it. */
static bool is_within(const struct inner *item, const struct volume *outer)
{
    return item->length && item->length < outer->length && item->start >= outer->start &&
           item->start - outer->start <= outer->length - item->length;
}

/** The volumes of a label whose places count from `base`. Returns how many of them begin with something known. */
static size_t take_label(struct disk *disk, const struct volume *outer, const uint8_t label[512], uint64_t base,
                         struct inner_table *table)
{
    uint64_t sector = get_le(label + 40, 4), n = get_le(label + 138, 2), known = 0;
    *table = (struct inner_table){.kind = "BSD label"};
    /* 22 entries are what the sector has room for. */
    for (uint64_t i = 0; i < n && i < 22; i++) {
        const uint8_t *entry = label + 148 + 16 * i;
        struct inner item = {.number = (uint32_t)i + 1, .length = get_le(entry, 4) * sector};
        item.start = get_le(entry + 4, 4) * sector + base;
        if (!is_within(&item, outer))
            continue;
        item.type = volume_sniff(disk, item.start, item.length);
        known += type_class(item.type) == CLASS_DISK;
        table->items[table->n++] = item;
    }
    return (size_t)known;
}

/** A label's third volume is all of it, more or less: not where others lie in it. */
static void drop_whole(const struct volume *outer, struct inner_table *table)
{
    size_t kept = 0;
    for (size_t i = 0; i < table->n; i++) {
        const struct inner *item = &table->items[i];
        bool holds = false;
        for (size_t j = 0; j < table->n && item->start == outer->start; j++)
            holds |= table->items[j].length < item->length &&
                     table->items[j].start + table->items[j].length <= item->start + item->length;
        if (!holds)
            table->items[kept++] = *item;
    }
    table->n = kept;
}

/**
 * OpenBSD and NetBSD count from the beginning of the disk, FreeBSD from that of the slice, old ones from where the
 * label says that the third volume, which is all of it, begins. The one is right by which most file systems are found.
 */
static bool read_label(struct disk *disk, const struct volume *outer, struct inner_table *table)
{
    uint8_t label[512];
    struct inner_table other;
    if (!find_label(disk, outer, label))
        return false;
    uint64_t sector = get_le(label + 40, 4), third = get_le(label + 148 + 2 * 16 + 4, 4) * sector;
    if (sector < 512 || sector > 65536)
        return false;
    const uint64_t bases[] = {outer->start, 0, outer->start - third};
    size_t best = take_label(disk, outer, label, bases[0], table);
    for (size_t i = 1; i < 3; i++) {
        size_t known = take_label(disk, outer, label, bases[i], &other);
        if (known > best) {
            best = known;
            *table = other;
        }
    }
    drop_whole(outer, table);
    return table->n > 0;
}

/** Any other table that libtsk knows. */
static bool read_other(struct disk *disk, const struct volume *outer, struct inner_table *table)
{
    TSK_VS_INFO *vs = tsk_vs_open(&disk->image->info, (TSK_OFF_T)outer->start, TSK_VS_TYPE_DETECT);
    uint32_t number = 0;
    bool known = false;
    *table = (struct inner_table){.kind = "table of volumes"};
    for (const TSK_VS_PART_INFO *part = vs ? vs->part_list : NULL; part && table->n < MOST_INNER; part = part->next) {
        struct inner item = {.start = outer->start};
        uint64_t start;
        if (part->flags & (TSK_VS_PART_FLAG_META | TSK_VS_PART_FLAG_UNALLOC))
            continue;
        item.number = ++number;
        if (__builtin_mul_overflow(part->start, vs->block_size, &start) ||
            __builtin_mul_overflow(part->len, vs->block_size, &item.length) ||
            __builtin_add_overflow(item.start, start, &item.start) || !is_within(&item, outer))
            continue;
        item.type = volume_sniff(disk, item.start, item.length);
        known |= type_class(item.type) == CLASS_DISK && item.start != outer->start;
        table->items[table->n++] = item;
    }
    if (vs)
        tsk_vs_close(vs);
    tsk_error_reset();
    return known;
}

/** True for what has a reader or a line of its own, and is not a table or all of another. */
static bool covers(const struct volume *volume)
{
    return !volume->is_gap && !volume->has_table && !volume->is_beside;
}

/** Where the next volume begins that is not before `at`, and lies within the outer; or, where one covers `at`, its end.
 */
static uint64_t next_border(const struct disk *disk, size_t first, size_t end, uint64_t at, uint64_t last,
                            bool *covered)
{
    uint64_t next = last;
    *covered = false;
    for (size_t i = first; i < end; i++) {
        const struct volume *volume = &disk->volumes[i];
        uint64_t behind = volume->start + volume->length;
        if (!covers(volume) || behind <= at)
            continue;
        if (volume->start <= at) {
            *covered = true;
            return behind;
        }
        next = volume->start < next ? volume->start : next;
    }
    return next;
}

/** What of the outer volume none of those from `first` on claims. */
static void add_gaps(struct disk *disk, const struct volume *outer, size_t first)
{
    size_t end = disk->n_volumes;
    uint64_t last = outer->start + outer->length;
    for (uint64_t at = outer->start; at < last;) {
        bool covered;
        uint64_t next = next_border(disk, first, end, at, last, &covered);
        struct volume *gap = covered ? NULL : volume_add(disk, at, next - at);
        if (gap)
            gap->is_gap = true;
        at = next;
    }
}

void volumes_nested(struct disk *disk, struct volume *outer)
{
    static struct inner_table table;
    size_t first = disk->n_volumes;
    if (outer->type != TYPE_DISK || !outer->start ||
        (!read_label(disk, outer, &table) && !read_other(disk, outer, &table)))
        return;
    for (size_t i = 0; i < table.n; i++) {
        struct volume *volume = volume_add(disk, table.items[i].start, table.items[i].length);
        if (!volume) {
            end_note(disk->end, TRAWL_DAMAGED, "more volumes than are read");
            break;
        }
        volume->number = outer->number;
        volume->inner = table.items[i].number;
        volume->type = table.items[i].type;
    }
    outer->has_table = true;
    snprintf(outer->description, sizeof(outer->description), "%s", table.kind);
    add_gaps(disk, outer, first);
}

void volumes_whole(struct disk *disk)
{
    for (size_t i = 0; i < disk->n_volumes; i++) {
        struct volume *outer = &disk->volumes[i];
        bool any = false;
        if (outer->type != TYPE_DISK || outer->start || outer->is_gap)
            continue;
        for (size_t j = 0; j < disk->n_volumes && !any; j++) {
            const struct volume *other = &disk->volumes[j];
            any = j != i && covers(other) && type_class(other->type) == CLASS_DISK && other->type != TYPE_DISK &&
                  other->start + other->length <= outer->start + outer->length;
        }
        if (!any)
            continue;
        outer->has_table = true;
        snprintf(outer->description, sizeof(outer->description), "all of a BSD label");
        add_gaps(disk, outer, 0);
    }
}
