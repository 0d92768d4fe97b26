/*
 * units.c: a disk cut into units, and units put together to ranges that several children read.
 *
 * How many there are is a matter of the sizes of the volumes, never of the number of workers: what a child's death ends
 * is a range, and indexes are made of units; both must be the same in every run.
 */
#include "disk/disk.h"

#define MiB (1ull << 20)
/** What is smaller is read by one child: opening a file system and listing its names again costs more. */
#define LEAST_TO_SPLIT (32 * MiB)

/** Each part of the files lists all names again. */
static uint32_t file_parts(uint64_t length)
{
    return length < 32 * MiB ? 1 : length < 512 * MiB ? 2 : length < 65536 * MiB ? 4 : MOST_PARTS;
}

static uint32_t free_parts(uint64_t length)
{
    return length < 64 * MiB ? 1 : length < 512 * MiB ? 2 : length < 16384 * MiB ? 4 : MOST_PARTS;
}

static void add(struct disk *disk, enum unit_kind kind, size_t volume, uint32_t parts)
{
    for (uint32_t i = 0; i < parts && disk->n_units < MOST_UNITS; i++)
        disk->units[disk->n_units++] = (struct unit){kind, (uint32_t)volume, i, parts};
}

void disk_units(struct disk *disk)
{
    add(disk, UNIT_MEDIUM, 0, 1);
    for (size_t i = 0; i < disk->n_volumes; i++) {
        const struct volume *volume = &disk->volumes[i];
        if (volume->is_gap) {
            add(disk, UNIT_GAP, i, 1);
            continue;
        }
        if (volume->has_table) {
            add(disk, UNIT_FILES, i, 1);
            continue;
        }
        add(disk, UNIT_FILES, i, file_parts(volume->length));
        add(disk, UNIT_ORPHANS, i, 1);
        if (!volume->is_beside)
            /* Each part of an optical volume would search all of it for what no tree leads to. */
            add(disk, UNIT_UNALLOCATED, i, volume_is_optical(volume) ? 1 : free_parts(volume->length));
    }
}

/** Bytes that a unit reads, more or less. */
static uint64_t cost_of(const struct disk *disk, const struct unit *unit)
{
    if (disk->volumes[unit->volume].has_table)
        return 0;
    switch (unit->kind) {
    case UNIT_FILES:
    case UNIT_UNALLOCATED:
        return disk->volumes[unit->volume].length / 2 / unit->parts;
    case UNIT_GAP:
        return disk->volumes[unit->volume].length;
    case UNIT_MEDIUM:
        return disk->input->verify.wanted ? disk->medium.size : 0;
    default:
        return 0;
    }
}

static uint64_t index_of(size_t unit)
{
    return (uint64_t)unit << UNIT_SHIFT;
}

void disk_plan(struct disk *disk)
{
    const struct unpack_input *input = disk->input;
    struct unpack_range ranges[UNPACK_RANGES];
    uint64_t total = 0, done = 0;
    for (size_t i = 0; i < disk->n_units; i++)
        total += cost_of(disk, &disk->units[i]);
    if (!disk->sink->plan || !input->split_bytes || input->first_index || input->is_retry || input->range.end ||
        total < LEAST_TO_SPLIT || total / 2 > input->split_bytes)
        return;
    size_t n = 0;
    uint64_t least = total / (UNPACK_RANGES - 1) + 1;
    least = least < 8 * MiB ? 8 * MiB : least;
    ranges[0] = (struct unpack_range){0, 0, 0};
    for (size_t i = 0; i < disk->n_units; i++) {
        uint64_t cost = cost_of(disk, &disk->units[i]);
        if (i && done >= least && n + 1 < UNPACK_RANGES) {
            ranges[n].end = index_of(i);
            ranges[++n] = (struct unpack_range){index_of(i), 0, 0};
            done = 0;
        }
        done += cost;
    }
    ranges[n].end = index_of(disk->n_units);
    if (n + 1 < 2)
        return;
    disk->last_unit = (size_t)(ranges[0].end >> UNIT_SHIFT);
    disk->sink->plan(disk->sink, ranges, n + 1);
}
