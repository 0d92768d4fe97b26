/* unallocated.c: bytes that no file claims, handed to the carver with the place that they have in the medium. */
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"

/** What a part reads beyond its end, so that a file that begins before it is whole. */
#define OVERLAP (64ull << 20)
/** Ranges kept in memory: 256 MiB. */
#define MOST_RANGES (16u << 20)

struct source {
    struct carve_source source;
    struct medium *medium;
};

static size_t source_read(struct carve_source *source, void *to, size_t n, uint64_t offset)
{
    struct medium *medium = ((struct source *)source)->medium;
    uint64_t before = medium->bad_reads;
    size_t got = medium_read(medium, to, n, offset);
    source->holes += medium->bad_reads - before;
    return got;
}

/** Stands between the carver and the real sink: gives each file its volume. */
struct carve_sink {
    struct unpack_sink sink;
    struct disk *disk;
    struct origin origin;
    const char *prefix;
    /** Files that begin from here on belong to the next part. */
    uint64_t end;
    bool passing;
};

static int sink_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    struct carve_sink *to = (struct carve_sink *)sink;
    char name[256];
    size_t prefix = strlen(to->prefix), n = entry->name_len < sizeof(name) - 64 ? entry->name_len : sizeof(name) - 64;
    struct unpack_entry named = *entry;
    struct origin origin = entry->origin ? *entry->origin : to->origin;
    to->passing = entry->offset != UINT64_MAX && entry->offset >= to->end;
    if (to->passing)
        return 1;
    memcpy(name, to->prefix, prefix);
    memcpy(name + prefix, entry->name, n);
    origin.partition = to->origin.partition;
    origin.volume = to->origin.volume;
    origin.allocated = ORIGIN_DELETED;
    memcpy(origin.file_system, to->origin.file_system, sizeof(origin.file_system));
    named.name = (const uint8_t *)name;
    named.name_len = prefix + n;
    named.origin = &origin;
    to->disk->entries++;
    return to->disk->sink->entry(to->disk->sink, &named);
}

static int sink_data(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset)
{
    struct carve_sink *to = (struct carve_sink *)sink;
    return to->passing ? 1 : to->disk->sink->data(to->disk->sink, data, n, offset);
}

static void sink_entry_end(struct unpack_sink *sink, enum trawl_status status, uint64_t size, const char *detail)
{
    struct carve_sink *to = (struct carve_sink *)sink;
    if (!to->passing)
        to->disk->sink->entry_end(to->disk->sink, status, size, detail);
}

static void sink_alive(struct unpack_sink *sink)
{
    disk_alive(((struct carve_sink *)sink)->disk);
}

static void carve(struct disk *disk, const struct volume *volume, const struct filesystem *filesystem,
                  const char *prefix, const struct carve_job *what, uint64_t end)
{
    struct source source = {.source = {.read = source_read}, .medium = &disk->medium};
    struct carve_sink sink = {
        .sink = {.entry = sink_entry, .data = sink_data, .entry_end = sink_entry_end, .alive = sink_alive},
        .disk = disk,
        .origin = volume_origin(ORIGIN_CARVED, volume, filesystem),
        .prefix = prefix,
        .end = end,
    };
    struct carve_job job = *what;
    struct unpack_end ignored = {.status = TRAWL_OK};
    if (disk->input->carve == CARVE_NONE || !job.n_ranges)
        return;
    job.source = &source.source;
    job.announce_from = disk->input->first_index;
    job.sink = &sink.sink;
    job.limits = &disk->input->limits;
    carve_run(&job, &ignored);
    if (ignored.status != TRAWL_OK)
        end_note(disk->end, ignored.status, "%s", ignored.detail);
    if (ignored.limit && !disk->end->limit)
        disk->end->limit = ignored.limit;
}

void disk_carve(struct disk *disk, const struct volume *volume, const struct filesystem *filesystem, const char *prefix,
                const struct carve_range *ranges, size_t n, bool joined, uint64_t index)
{
    const struct carve_job job = {.ranges = ranges, .n_ranges = n, .joined = joined, .index = index};
    carve(disk, volume, filesystem, prefix, &job, UINT64_MAX);
}

/** Free ranges, ascending. */
struct free_list {
    struct disk *disk;
    struct carve_range *ranges;
    size_t n, cap;
    uint64_t offset, block, total;
    bool no_memory;
};

static TSK_WALK_RET_ENUM take_block(const TSK_FS_BLOCK *block, void *context)
{
    struct free_list *list = context;
    uint64_t start, end;
    if (!(block->flags & TSK_FS_BLOCK_FLAG_UNALLOC) || __builtin_mul_overflow(block->addr, list->block, &start) ||
        __builtin_add_overflow(start, list->offset, &start) || __builtin_add_overflow(start, list->block, &end))
        return TSK_WALK_CONT;
    list->total += list->block;
    if (list->n && list->ranges[list->n - 1].end == start) {
        list->ranges[list->n - 1].end = end;
        return TSK_WALK_CONT;
    }
    if (list->n && list->ranges[list->n - 1].end > start)
        return TSK_WALK_CONT;
    disk_alive(list->disk);
    if (list->n == list->cap) {
        size_t cap = list->cap ? 2 * list->cap : 1024;
        struct carve_range *more = cap > MOST_RANGES ? NULL : realloc(list->ranges, cap * sizeof(*more));
        if (!more) {
            list->no_memory = true;
            return TSK_WALK_STOP;
        }
        list->ranges = more;
        list->cap = cap;
    }
    list->ranges[list->n++] = (struct carve_range){start, end};
    return TSK_WALK_CONT;
}

/** What of the ranges lies between two numbers, counted in free bytes. */
static size_t cut(const struct carve_range *ranges, size_t n, uint64_t from, uint64_t to, struct carve_range *out)
{
    uint64_t passed = 0;
    size_t made = 0;
    for (size_t i = 0; i < n && passed < to; i++) {
        uint64_t length = ranges[i].end - ranges[i].start;
        uint64_t first = from > passed ? from - passed : 0, last = to - passed < length ? to - passed : length;
        if (first < last)
            out[made++] = (struct carve_range){ranges[i].start + first, ranges[i].start + last};
        passed += length;
    }
    return made;
}

/** Where the free byte of that number stands in the medium. */
static uint64_t place_of(const struct carve_range *ranges, size_t n, uint64_t number)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t length = ranges[i].end - ranges[i].start;
        if (number < length)
            return ranges[i].start + number;
        number -= length;
    }
    return UINT64_MAX;
}

static void read_free(struct filesystem *filesystem, struct free_list *list)
{
    TSK_FS_INFO *fs = filesystem->fs;
    list->offset = (uint64_t)fs->offset;
    list->block = fs->block_size;
    const int flags = TSK_FS_BLOCK_WALK_FLAG_UNALLOC | TSK_FS_BLOCK_WALK_FLAG_META | TSK_FS_BLOCK_WALK_FLAG_CONT |
                      TSK_FS_BLOCK_WALK_FLAG_AONLY;
    if (!filesystem->pool && !TSK_FS_TYPE_ISYAFFS2(fs->ftype) && !TSK_FS_TYPE_ISISO9660(fs->ftype))
        tsk_fs_block_walk(fs, fs->first_block, fs->last_block_act, (TSK_FS_BLOCK_WALK_FLAG_ENUM)flags, take_block,
                          list);
    tsk_error_reset();
}

void unallocated_carve(struct disk *disk, const struct volume *volume, struct filesystem *filesystem,
                       const char *prefix, const struct unit *unit, uint64_t index, struct member *line)
{
    struct free_list list = {.disk = disk};
    const TSK_FS_INFO *fs = filesystem->fs;
    read_free(filesystem, &list);
    if (line)
        member_end(line, TRAWL_OK, UINT64_MAX, "");
    if (list.no_memory)
        end_memory(disk->end);
    uint64_t share = list.total / unit->parts, from = share * unit->part;
    uint64_t to = unit->part + 1 == unit->parts ? list.total : from + share;
    uint64_t with_overlap = to < list.total && to + OVERLAP < list.total ? to + OVERLAP : list.total;
    struct carve_range *part = malloc((list.n + 1) * sizeof(*part));
    if (part) {
        struct carve_job job = {.ranges = part, .joined = true, .index = index};
        job.n_ranges = cut(list.ranges, list.n, from, with_overlap, part);
        carve(disk, volume, filesystem, prefix, &job, to < list.total ? place_of(list.ranges, list.n, to) : UINT64_MAX);
    } else {
        end_memory(disk->end);
    }
    free(part);
    free(list.ranges);
    /* A file system may be shorter than its volume. */
    uint64_t end = list.offset + (fs->last_block + 1) * list.block, behind = volume->start + volume->length;
    if (unit->part + 1 == unit->parts && !filesystem->pool && end > volume->start && end < behind) {
        const struct carve_range rest = {end, behind};
        disk_carve(disk, volume, NULL, prefix, &rest, 1, false, index + (1ull << (UNIT_SHIFT - 1)));
    }
}
