/* volumes.c: the table of volumes, and the gaps that it leaves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"
#include "optical/optical.h"

enum file_type volume_sniff(struct disk *disk, uint64_t start, uint64_t length)
{
    uint8_t *head = calloc(1, SNIFF_HEAD);
    if (!head)
        return TYPE_OTHER;
    size_t n = length < SNIFF_HEAD ? (size_t)length : SNIFF_HEAD;
    n = medium_read(&disk->medium, head, n, start);
    enum file_type type = sniff(head, n, length);
    free(head);
    return type;
}

struct volume *volume_add(struct disk *disk, uint64_t start, uint64_t length)
{
    if (disk->n_volumes == MOST_VOLUMES || start >= disk->medium.size || !length)
        return NULL;
    if (length > disk->medium.size - start)
        length = disk->medium.size - start;
    struct volume *volume = &disk->volumes[disk->n_volumes++];
    *volume = (struct volume){.start = start, .length = length};
    return volume;
}

static void take_part(struct disk *disk, const TSK_VS_INFO *vs, const TSK_VS_PART_INFO *part, uint32_t *number)
{
    uint64_t start, length;
    if (part->flags & TSK_VS_PART_FLAG_META || __builtin_mul_overflow(part->start, vs->block_size, &start) ||
        __builtin_mul_overflow(part->len, vs->block_size, &length))
        return;
    bool is_gap = part->flags & TSK_VS_PART_FLAG_UNALLOC;
    uint32_t own = is_gap ? 0 : ++*number;
    struct volume *volume = volume_add(disk, start, length);
    if (!volume) {
        if (!is_gap)
            end_note(disk->end, TRAWL_DAMAGED, "volume %u lies outside the medium, or there are too many", own);
        return;
    }
    volume->is_gap = is_gap;
    volume->number = own;
    snprintf(volume->description, sizeof(volume->description), "%s", part->desc ? part->desc : "");
    if (!is_gap)
        volume->type = volume_sniff(disk, volume->start, volume->length);
    volumes_nested(disk, volume);
}

/** Of the table with the most volumes: a disk may hold an old one beside the one in use. */
static bool read_table(struct disk *disk, TSK_VS_TYPE_ENUM type)
{
    TSK_VS_INFO *vs = tsk_vs_open(&disk->image->info, 0, type);
    uint32_t number = 0;
    if (!vs)
        return false;
    for (const TSK_VS_PART_INFO *part = vs->part_list; part; part = part->next)
        take_part(disk, vs, part, &number);
    tsk_vs_close(vs);
    if (!number)
        disk->n_volumes = 0;
    volumes_whole(disk);
    return number;
}

/** True if a volume of the table begins with what a file system or a container of some begins with, and is not the
 * whole medium: UDF on sticks has such a table for systems that want one. */
static bool leads_anywhere(const struct disk *disk)
{
    for (size_t i = 1; i < disk->n_volumes; i++)
        if (!disk->volumes[i].is_gap && disk->volumes[i].start && type_class(disk->volumes[i].type) == CLASS_DISK)
            return true;
    return false;
}

/**
 * A table of volumes and a file system that both begin where the medium does: one of them is old. Both are
 * read; the space that is free is that of the volumes.
 */
static bool read_both(struct disk *disk, enum file_type type)
{
    /* libtsk chooses none where it sees tables of two kinds. */
    static const TSK_VS_TYPE_ENUM kinds[] = {TSK_VS_TYPE_DETECT, TSK_VS_TYPE_DOS};
    const struct unpack_end before = *disk->end;
    for (size_t i = 0; i < 2; i++) {
        struct volume *whole = volume_add(disk, 0, disk->medium.size);
        if (!whole)
            return false;
        whole->type = type;
        whole->is_beside = true;
        if (read_table(disk, kinds[i]) && leads_anywhere(disk)) {
            end_note(disk->end, TRAWL_OK, "a table of volumes, too: both are read");
            return true;
        }
        *disk->end = before;
        disk->n_volumes = 0;
    }
    return false;
}

/** How long the image of a disc is that the medium begins with; 0: it does not. */
static uint64_t disc_length(struct disk *disk)
{
    uint8_t p[OPTICAL_SECTOR];
    if (medium_read(&disk->medium, p, sizeof(p), 16 * OPTICAL_SECTOR) < sizeof(p) || memcmp(p, "\1CD001\1", 7) != 0)
        return 0;
    return get_le(p + 80, 4) * get_le(p + 128, 2);
}

/** Of what the table names, what is behind the disc's image, or known. */
static void keep_behind(struct disk *disk, uint64_t end)
{
    size_t kept = 1;
    for (size_t i = 1; i < disk->n_volumes; i++) {
        struct volume *volume = &disk->volumes[kept];
        *volume = disk->volumes[i];
        uint64_t behind = volume->start + volume->length;
        bool is_known = !volume->is_gap && volume->start && type_class(volume->type) == CLASS_DISK;
        if (volume->start < end && !is_known) {
            /* The image itself, and what is left of it. */
            if (behind <= end)
                continue;
            *volume = (struct volume){.start = end, .length = behind - end, .is_gap = true};
        }
        kept++;
    }
    disk->n_volumes = kept;
}

/** A stick onto which the image of a disc was written, and which has volumes of its own behind that. */
static bool read_behind(struct disk *disk, uint64_t end)
{
    /* Such a stick may have tables of two kinds. */
    static const TSK_VS_TYPE_ENUM kinds[] = {TSK_VS_TYPE_GPT, TSK_VS_TYPE_DOS};
    for (size_t i = 0; end && end < disk->medium.size && i < 2; i++) {
        struct volume *disc = volume_add(disk, 0, end);
        if (!disc)
            return false;
        disc->type = TYPE_ISO9660;
        if (read_table(disk, kinds[i])) {
            keep_behind(disk, end);
            end_note(disk->end, TRAWL_OK, "an image of a disc, and volumes behind it");
            return true;
        }
        disk->n_volumes = 0;
    }
    return false;
}

/** True for what is a file system or a volume by itself. */
static bool is_volume(enum file_type type)
{
    return type != TYPE_DISK && type_class(type) == CLASS_DISK;
}

void disk_volumes(struct disk *disk)
{
    enum file_type type = volume_sniff(disk, 0, disk->medium.size);
    if (type == TYPE_DISK && read_behind(disk, disc_length(disk)))
        return;
    if (is_volume(type) ? read_both(disk, type) : type == TYPE_DISK && read_table(disk, TSK_VS_TYPE_DETECT))
        return;
    struct volume *volume = volume_add(disk, 0, disk->medium.size);
    if (volume)
        volume->type = type;
}

void volume_prefix(const struct volume *volume, const struct filesystem *filesystem, char prefix[48])
{
    int n = volume->number ? snprintf(prefix, 48, "p%u/", volume->number) : 0;
    prefix[n] = '\0';
    if (volume->inner)
        n += snprintf(prefix + n, 48 - (size_t)n, "p%u/", volume->inner);
    if (filesystem && filesystem->in_pool >= 0)
        snprintf(prefix + n, 48 - (size_t)n, "v%d/", filesystem->in_pool + 1);
}

struct origin volume_origin(enum origin_kind kind, const struct volume *volume, const struct filesystem *filesystem)
{
    struct origin origin = origin_of(kind);
    origin.partition = volume->number;
    origin.volume = volume->start;
    if (filesystem)
        memcpy(origin.file_system, filesystem->name, sizeof(origin.file_system));
    return origin;
}
