/* disk.c: the reader of disk images, file systems and what is between them. */
#include "disk/disk.h"
#include "disk/row.h"
#include "sandbox/mock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Volumes of one APFS container. */
#define MOST_IN_POOL 100
/** Inodes that stay together where the files of a volume are shared out: neighbours lie in the same chunks. */
#define NEIGHBOURS 32u
/** Place of a volume's own line among the members of its unit; files come behind. */
#define FIRST_FILE 2u
/** Its opening's line stands that far before a file: the place between the two is no member's. */
#define ENTRY 2u
/** Place of what is carved of a volume whose free space libtsk cannot tell. */
#define RAW_CARVED (1ull << (UNIT_SHIFT - 2))

void disk_alive(struct disk *disk)
{
    if (disk->sink->alive)
        disk->sink->alive(disk->sink);
}

static ssize_t image_read(TSK_IMG_INFO *info, TSK_OFF_T offset, char *to, size_t n)
{
    struct disk *disk = ((struct image *)info)->disk;
    if (offset < 0)
        return -1;
    size_t got = medium_read(&disk->medium, to, n, (uint64_t)offset);
    uint64_t start = (uint64_t)offset, first = start > disk->moved.to ? start : disk->moved.to;
    uint64_t last = start + got, end = disk->moved.to + disk->moved.length;
    last = last < end ? last : end;
    if (first < last)
        medium_read(&disk->medium, to + (first - start), (size_t)(last - first),
                    disk->moved.from + (first - disk->moved.to));
    return (ssize_t)got;
}

static void image_close(TSK_IMG_INFO *info)
{
    (void)info;
}

static void image_stat(TSK_IMG_INFO *info, FILE *file)
{
    (void)info;
    (void)file;
}

static bool image_open(struct disk *disk)
{
    disk->image = calloc(1, sizeof(*disk->image));
    if (!disk->image)
        return false;
    disk->image->disk = disk;
    return tsk_img_open_external(disk->image, (TSK_OFF_T)disk->medium.size, 512, image_read, image_close, image_stat) !=
           NULL;
}

static uint64_t unit_index(size_t number)
{
    return (uint64_t)number << UNIT_SHIFT;
}

/** The line of a volume, in which all happens that may kill its reader before a file is reached. */
static void begin_volume(struct disk *disk, const struct volume *volume, const char *name, uint64_t index,
                         struct member *member)
{
    struct origin origin = volume_origin(ORIGIN_VOLUME, volume, NULL);
    origin.allocated = ORIGIN_ALLOCATED;
    origin.n_runs = 1;
    origin.all_runs = 1;
    origin.runs[0] = (struct origin_run){volume->start, volume->length};
    struct unpack_entry entry = {
        .index = index,
        .offset = volume->start,
        .size = UINT64_MAX,
        .type = volume->type == TYPE_OTHER ? TYPE_DISK : volume->type,
        .name = (const uint8_t *)name,
        .name_len = strlen(name),
        .origin = &origin,
    };
    disk->entries++;
    member_begin(member, disk->input, disk->sink, &entry);
}

/** True where an earlier child died in the line with this index: it is told there. */
static bool died_in(const struct disk *disk, uint64_t index)
{
    return disk->input->first_index == index + 1 && !disk->input->is_retry;
}

/** True where an earlier child carved, instead of what it could not be told, and stopped there. */
static bool was_carving(const struct disk *disk, uint64_t index)
{
    return disk->input->first_index >= index + RAW_CARVED && disk->input->first_index < index + 2 * RAW_CARVED;
}

/** Says in the container's line what cannot be read of the medium where that is one volume. */
static void end_volume(struct disk *disk, const struct volume *volume, struct member *member, enum trawl_status status,
                       const char *why)
{
    if (!volume->number && status != TRAWL_OK)
        end_note(disk->end, status, "%s", why);
    member_end(member, status, UINT64_MAX, why);
}

static bool in_part(const struct unit *unit, const struct name *name)
{
    return unit->parts < 2 || name->inode / NEIGHBOURS % unit->parts == unit->part;
}

/**
 * Opening a file may kill its reader before the file has a line. The child that comes after such a death gives the
 * opening of the first file that it meets a line of its own, in front of the file's. False where that was a death, too.
 */
static bool open_again(struct disk *disk, struct filesystem *filesystem, const struct volume *volume,
                       const char *prefix, const char *path, const struct name *name, uint64_t at)
{
    if (died_in(disk, at - ENTRY))
        return false;
    if (disk->input->is_retry && !disk->opened_again)
        file_open_again(disk, filesystem, volume, prefix, path, name, at - ENTRY);
    disk->opened_again = true;
    return true;
}

static void read_names(struct disk *disk, struct filesystem *filesystem, const struct volume *volume,
                       const struct unit *unit, const struct name_list *list, uint64_t index)
{
    char prefix[48 + sizeof("$OrphanFiles/")];
    volume_prefix(volume, filesystem, prefix);
    if (unit->kind == UNIT_ORPHANS)
        strcat(prefix, "$OrphanFiles/");
    unsigned bits = disk->input->carve == CARVE_ALL && !filesystem->pool ? SLACK_BITS : STREAM_BITS;
    slack_start(disk, volume);
    for (size_t i = 0; i < list->n; i++) {
        uint64_t at = index + ((uint64_t)(i + FIRST_FILE) << bits), end = at + (1ull << bits) - ENTRY;
        /* All streams before where an earlier child stopped. */
        if (!in_part(unit, &list->items[i]) || end <= disk->input->first_index ||
            !open_again(disk, filesystem, volume, prefix, list->text + list->items[i].path, &list->items[i], at))
            continue;
        file_read(disk, filesystem, volume, prefix, list->text + list->items[i].path, &list->items[i], at, end);
    }
}

static const char *list_words(const struct name_list *list, const TSK_FS_INFO *fs, bool orphans)
{
    if (list->is_cut)
        return "more names than are read";
    if (list->no_memory)
        return "not enough memory for its names";
    if (list->is_unreadable)
        return orphans ? "files that no folder leads to cannot be listed" : "its root folder cannot be read";
    return fs->last_block_act < fs->last_block ? "it goes on behind the end of the medium" : "";
}

/** What a volume is called, and what is amiss with it. */
static void end_names(struct disk *disk, const struct volume *volume, const struct filesystem *filesystem,
                      struct member *line, enum trawl_status status, const char *words)
{
    if (status == TRAWL_LIMIT)
        status = TRAWL_OK;
    /* "To Go": a small FAT that anybody can read covers the rest. */
    if (status == TRAWL_OK && volume->type == TYPE_BITLOCKER) {
        status = TRAWL_ENCRYPTED;
        words = "a bitlocker volume: but for what is listed it needs its key";
    }
    end_volume(disk, volume, line, status,
               detail_format((char[UNPACK_DETAIL]){0}, "%s%s%s", filesystem->name, *words ? ": " : "", words));
}

/** One file system: its names, then, once its line has been written, its files. */
static void read_filesystem(struct disk *disk, const struct volume *volume, struct filesystem *filesystem,
                            const struct unit *unit, uint64_t index, struct member *line)
{
    struct name_list list;
    mock_step(unit->kind == UNIT_ORPHANS ? "orphans" : "names", unit->part + 1);
    if (unit->kind == UNIT_ORPHANS && !filesystem_has_orphans(filesystem)) {
        if (line)
            member_end(line, TRAWL_OK, UINT64_MAX, "");
        return;
    }
    names_read(disk, filesystem, unit->kind == UNIT_ORPHANS, &list);
    const char *words = list_words(&list, filesystem->fs, unit->kind == UNIT_ORPHANS);
    enum trawl_status status = list.is_cut || list.no_memory ? TRAWL_LIMIT : *words ? TRAWL_DAMAGED : TRAWL_OK;
    if (status == TRAWL_LIMIT)
        disk->end->limit = disk->end->limit ? disk->end->limit : LIMIT_ENTRIES;
    if (status == TRAWL_LIMIT || list.is_unreadable)
        end_note(disk->end, status, "%s: %s", filesystem->name, words);
    if (line)
        end_names(disk, volume, filesystem, line, status, words);
    read_names(disk, filesystem, volume, unit, &list, index);
    names_free(&list);
}

/** A volume of a pool, behind the first one, that cannot be read. */
static void tell_in_pool(struct disk *disk, const struct volume *volume, int number, uint64_t index)
{
    char name[48], why[UNPACK_DETAIL];
    struct member line;
    volume_prefix(volume, &(struct filesystem){.in_pool = number}, name);
    name[strlen(name) - 1] = '\0';
    begin_volume(disk, volume, name, index, &line);
    enum trawl_status status = filesystem_why(disk, volume, why);
    end_volume(disk, volume, &line, status, why);
}

/** Pools hold several file systems, each with a share of the indexes. */
static void read_pool(struct disk *disk, const struct volume *volume, const struct unit *unit, uint64_t index)
{
    struct filesystem filesystem;
    int n = filesystem_in_pool(disk, volume);
    if (n > MOST_IN_POOL)
        end_note(disk->end, TRAWL_LIMIT, "more than %d volumes in a container", MOST_IN_POOL);
    for (int i = 1; i < n && i < MOST_IN_POOL; i++) {
        uint64_t at = index + ((uint64_t)i << (UNIT_SHIFT - 7));
        if (filesystem_open(disk, volume, i, &filesystem)) {
            read_filesystem(disk, volume, &filesystem, unit, at, NULL);
            filesystem_close(&filesystem);
        } else if (unit->kind == UNIT_FILES && unit->part == 0 && disk->input->first_index <= at) {
            tell_in_pool(disk, volume, i, at);
        }
    }
}

/**
 * What a unit does before its first member may kill its reader, too, and a death outside a member ends the reading.
 * The first share of the files has the volume's line for it; others get one when an earlier child died.
 */
static bool begin_unit(struct disk *disk, const struct unit *unit, uint64_t index, struct member *line)
{
    const struct volume *volume = &disk->volumes[unit->volume];
    char name[48 + 32];
    volume_prefix(volume, NULL, name);
    size_t n = strlen(name);
    if (unit->kind == UNIT_FILES && unit->part == 0)
        snprintf(name + (n ? n - 1 : 0), 32, "%s", n ? "" : "$volume");
    else if (!disk->input->is_retry)
        return false;
    else
        snprintf(name + n, 32, "$%s-%u",
                 unit->kind == UNIT_UNALLOCATED ? "free"
                 : unit->kind == UNIT_ORPHANS   ? "orphans"
                                                : "names",
                 unit->part + 1);
    begin_volume(disk, volume, name, index, line);
    return true;
}

static void files_unit(struct disk *disk, const struct unit *unit, uint64_t index)
{
    const struct volume *volume = &disk->volumes[unit->volume];
    struct filesystem filesystem;
    struct member line;
    char why[UNPACK_DETAIL];
    if (died_in(disk, index) || was_carving(disk, index)) {
        /* While it listed the names: nobody knows which bytes are whose. */
        if (unit->kind == UNIT_FILES)
            disk_carve_raw(disk, volume, unit, index + RAW_CARVED);
        return;
    }
    bool first = begin_unit(disk, unit, index, &line);
    if (volume_is_optical(volume)) {
        optical_files(disk, volume, unit, index, first ? &line : NULL);
        return;
    }
    if (filesystem_open(disk, volume, 0, &filesystem)) {
        read_filesystem(disk, volume, &filesystem, unit, index, first ? &line : NULL);
        filesystem_close(&filesystem);
    } else if (first) {
        enum trawl_status status = filesystem_why(disk, volume, why);
        end_volume(disk, volume, &line, status, why);
    }
    if (volume->type == TYPE_APFS)
        read_pool(disk, volume, unit, index);
}

/** Free space; of a volume that nobody can read, all of it. */
static void unallocated_unit(struct disk *disk, const struct unit *unit, uint64_t index)
{
    const struct volume *volume = &disk->volumes[unit->volume];
    struct filesystem filesystem;
    struct member line;
    char prefix[48];
    if (disk->input->carve == CARVE_NONE)
        return;
    if (died_in(disk, index) || was_carving(disk, index)) {
        /* Before it knew what is free. */
        disk_carve_raw(disk, volume, unit, index + RAW_CARVED);
        return;
    }
    bool told = begin_unit(disk, unit, index, &line);
    if (volume_is_optical(volume)) {
        optical_free_space(disk, volume, unit, index, told ? &line : NULL);
        return;
    }
    if (filesystem_open(disk, volume, 0, &filesystem) && filesystem_has_root(&filesystem)) {
        volume_prefix(volume, NULL, prefix);
        unallocated_carve(disk, volume, &filesystem, prefix, unit, index + FIRST_FILE, told ? &line : NULL);
        filesystem_close(&filesystem);
        return;
    }
    filesystem_close(&filesystem);
    if (told)
        member_end(&line, TRAWL_OK, UINT64_MAX, "");
    disk_carve_raw(disk, volume, unit, index + FIRST_FILE);
}

void disk_unit(struct disk *disk, size_t number)
{
    const struct unit *unit = &disk->units[number];
    uint64_t index = unit_index(number);
    switch (unit->kind) {
    case UNIT_MEDIUM:
        disk_whole(disk, index);
        break;
    case UNIT_FILES:
    case UNIT_ORPHANS:
        files_unit(disk, unit, index);
        break;
    case UNIT_UNALLOCATED:
        unallocated_unit(disk, unit, index);
        break;
    case UNIT_GAP:
        disk_carve_raw(disk, &disk->volumes[unit->volume], unit, index);
        break;
    }
}

static void choose_units(struct disk *disk)
{
    const struct unpack_range *range = &disk->input->range;
    disk->first_unit = (size_t)(disk->input->first_index >> UNIT_SHIFT);
    disk->last_unit = disk->n_units;
    if (range->end)
        disk->last_unit = (size_t)(range->end >> UNIT_SHIFT);
    if (disk->last_unit > disk->n_units)
        disk->last_unit = disk->n_units;
}

/** Finds the volumes. A child that died over their table is told in a line, and then all of the medium is carved. */
static bool find_volumes(struct disk *disk)
{
    static const uint64_t index = 1;
    const struct volume all = {.length = disk->medium.size, .type = TYPE_DISK};
    struct member line;
    bool told = disk->input->is_retry && disk->input->first_index <= index;
    if (died_in(disk, index) || was_carving(disk, 0)) {
        disk_carve_raw(disk, &all, &(struct unit){.parts = 1}, RAW_CARVED);
        return false;
    }
    if (told)
        begin_volume(disk, &all, "$volumes", index, &line);
    mock_step("table", 1);
    disk_volumes(disk);
    if (told)
        member_end(&line, TRAWL_OK, UINT64_MAX, "");
    return true;
}

static void read_disk(struct disk *disk)
{
    if (!find_volumes(disk))
        return;
    disk_units(disk);
    choose_units(disk);
    disk_plan(disk);
    for (size_t i = disk->first_unit; i < disk->last_unit; i++)
        disk_unit(disk, i);
}

/** What is amiss with the image stands in its line, whatever became of its files. */
static void settle(struct disk *disk)
{
    const struct medium *medium = &disk->medium;
    if (medium->status != TRAWL_OK)
        end_note(disk->end, medium->status, "%s", medium->why);
    else if (medium->note[0])
        end_note(disk->end, TRAWL_DAMAGED, "%s", medium->note);
    else if (medium->n_bad)
        end_note(disk->end, TRAWL_DAMAGED, "sectors %llu to %llu%s are missing or fail their checksum",
                 (unsigned long long)medium->bad[0].start / 512, (unsigned long long)(medium->bad[0].end - 1) / 512,
                 medium->n_bad > 1 ? " and others" : "");
    else if (medium->n_segments > 1)
        end_note(disk->end, TRAWL_OK, "%zu files, up to %s", medium->n_segments,
                 medium->segments[medium->n_segments - 1].name);
}

void disk_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    /* Several hundred kilobytes: not on the stack. */
    static struct disk disk;
    size_t n_segments = input->n_segments + 1;
    struct segment *segments = calloc(n_segments, sizeof(*segments));
    disk.input = input;
    disk.sink = sink;
    disk.end = end;
    *end = (struct unpack_end){.status = TRAWL_OK, .accounted = input->size};
    if (!segments) {
        end_memory(end);
        return;
    }
    segments[0] = (struct segment){.fd = input->fd, .size = input->size};
    for (size_t i = 1; i < n_segments; i++)
        segments[i] =
            (struct segment){input->segments[i - 1].fd, input->segments[i - 1].size, input->segments[i - 1].name};
    if (medium_open(&disk.medium, input->type, segments, n_segments)) {
        if (image_open(&disk))
            read_disk(&disk);
        else
            end_memory(end);
    }
    settle(&disk);
    end->entries = disk.entries;
    optical_close(&disk);
    medium_close(&disk.medium);
    free(segments);
    if (disk.image)
        tsk_img_close(&disk.image->info);
    free(disk.image);
    disk.image = NULL;
    disk.n_volumes = disk.n_units = 0;
    disk.entries = 0;
    disk.opened_again = false;
}

const char *disk_version(void)
{
    return tsk_version_get_str();
}
