/* unallocated.c: bytes that no file claims, handed to the carver with the place that they have in the medium. */
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"
#include "sandbox/mock.h"

/** What a part reads beyond its end, so that a file that begins before it is whole. */
#define OVERLAP (64ull << 20)
/** Ranges kept in memory: 256 MiB. */
#define MOST_RANGES (16u << 20)

void disk_carve_raw(struct disk *disk, const struct volume *volume, const struct unit *unit, uint64_t index)
{
    char prefix[48];
    uint64_t share = volume->length / unit->parts, from = share * unit->part;
    uint64_t to = unit->part + 1 == unit->parts ? volume->length : from + share;
    uint64_t with_overlap = volume->length - to < OVERLAP ? volume->length : to + OVERLAP;
    const struct carve_range range = {volume->start + from, volume->start + with_overlap};
    const struct origin origin = carved_origin(volume, NULL);
    volume_prefix(volume, NULL, prefix);
    const struct carve_area what = {
        .origin = &origin,
        .head = prefix,
        .head_len = strlen(prefix),
        .ranges = &range,
        .n = 1,
        .index = index,
        .end = to < volume->length ? volume->start + to : UINT64_MAX,
    };
    disk_carve(disk, &what);
}

/** Free ranges, ascending. */
struct free_list {
    struct disk *disk;
    struct carve_range *ranges;
    size_t n, cap;
    uint64_t offset, block, total;
    /** Blocks that there are. */
    uint64_t end;
    bool no_memory;
};

static TSK_WALK_RET_ENUM take_free(struct free_list *list, uint64_t first, uint64_t blocks)
{
    uint64_t start, length, end;
    if (__builtin_mul_overflow(first, list->block, &start) || __builtin_mul_overflow(blocks, list->block, &length) ||
        __builtin_add_overflow(start, list->offset, &start) || __builtin_add_overflow(start, length, &end))
        return TSK_WALK_CONT;
    list->total += length;
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

static TSK_WALK_RET_ENUM take_block(const TSK_FS_BLOCK *block, void *context)
{
    struct free_list *list = context;
    return block->flags & TSK_FS_BLOCK_FLAG_UNALLOC ? take_free(list, block->addr, 1) : TSK_WALK_CONT;
}

/** The blocks that no volume of a pool claims. */
static void read_pool_free(const TSK_POOL_INFO *pool, struct free_list *list)
{
    TSK_FS_ATTR_RUN *runs = tsk_pool_unallocated_runs(pool);
    for (const TSK_FS_ATTR_RUN *run = runs; run && take_free(list, run->addr, run->len) == TSK_WALK_CONT;)
        run = run->next;
    tsk_fs_attr_run_free(runs);
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
    const TSK_POOL_INFO *pool = filesystem->pool;
    list->offset = pool ? pool->img_offset : (uint64_t)fs->offset;
    list->block = pool ? pool->block_size : fs->block_size;
    list->end = pool ? pool->num_blocks : fs->last_block + 1;
    const int flags = TSK_FS_BLOCK_WALK_FLAG_UNALLOC | TSK_FS_BLOCK_WALK_FLAG_META | TSK_FS_BLOCK_WALK_FLAG_CONT |
                      TSK_FS_BLOCK_WALK_FLAG_AONLY;
    if (pool)
        read_pool_free(pool, list);
    else if (!TSK_FS_TYPE_ISYAFFS2(fs->ftype) && !TSK_FS_TYPE_ISISO9660(fs->ftype))
        tsk_fs_block_walk(fs, fs->first_block, fs->last_block_act, (TSK_FS_BLOCK_WALK_FLAG_ENUM)flags, take_block,
                          list);
    tsk_error_reset();
}

void free_carve(struct disk *disk, const struct origin *origin, const char *prefix, const struct unit *unit,
                uint64_t index, const struct free_ranges *all)
{
    uint64_t share = all->total / unit->parts, from = share * unit->part;
    uint64_t to = unit->part + 1 == unit->parts ? all->total : from + share;
    uint64_t with_overlap = to < all->total && to + OVERLAP < all->total ? to + OVERLAP : all->total;
    struct carve_range *part = malloc((all->n + 1) * sizeof(*part));
    if (!part) {
        end_memory(disk->end);
        return;
    }
    struct carve_area what = {.origin = origin, .head = prefix, .head_len = strlen(prefix), .joined = all->joined};
    what.ranges = part;
    what.n = cut(all->ranges, all->n, from, with_overlap, part);
    what.index = index;
    what.end = to < all->total ? place_of(all->ranges, all->n, to) : UINT64_MAX;
    disk_carve(disk, &what);
    free(part);
}

void unallocated_carve(struct disk *disk, const struct volume *volume, struct filesystem *filesystem,
                       const char *prefix, const struct unit *unit, uint64_t index, struct member *line)
{
    struct free_list list = {.disk = disk};
    mock_step("free", unit->part + 1);
    read_free(filesystem, &list);
    if (line)
        member_end(line, TRAWL_OK, UINT64_MAX, "");
    if (list.no_memory)
        end_memory(disk->end);
    mock_step("carve", unit->part + 1);
    const struct origin origin = carved_origin(volume, filesystem);
    const struct free_ranges all = {list.ranges, list.n, list.total, true};
    free_carve(disk, &origin, prefix, unit, index, &all);
    free(list.ranges);
    /* A file system may be shorter than its volume. */
    uint64_t end = list.offset + list.end * list.block, behind = volume->start + volume->length;
    if (unit->part + 1 == unit->parts && end > volume->start && end < behind) {
        const struct carve_range rest = {end, behind};
        disk_carve_range(disk, volume, prefix, &rest, index + (1ull << (UNIT_SHIFT - 1)));
    }
}
