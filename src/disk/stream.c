/* stream.c: the bytes of one stream of a file, by its runs where they are plain, else by libtsk. */
#include <string.h>

#include "disk/file.h"

#define PIECE (256u << 10)
/** Blocks whose owner is looked up; of a larger file the rest is believed to be like these. */
#define MOST_CHECKED (1u << 20)

bool file_stream_has_places(const struct file_stream *stream)
{
    const TSK_FS_ATTR *attr = stream->attr;
    const TSK_FS_INFO *fs = stream->filesystem->fs;
    return attr->flags & TSK_FS_ATTR_NONRES && !(attr->flags & TSK_FS_ATTR_COMP) && !stream->filesystem->pool &&
           !attr->nrd.skiplen && !fs->block_pre_size && !fs->block_post_size && !attr->r &&
           !TSK_FS_TYPE_ISYAFFS2(fs->ftype);
}

bool file_stream_is_plain(const struct file_stream *stream)
{
    return file_stream_has_places(stream) && !(stream->attr->flags & TSK_FS_ATTR_ENC);
}

static bool is_hole(const TSK_FS_ATTR_RUN *run)
{
    return run->flags & (TSK_FS_ATTR_RUN_FLAG_SPARSE | TSK_FS_ATTR_RUN_FLAG_FILLER);
}

/** Where a block stands in the medium; false where that is no number. */
static bool place_of(const TSK_FS_INFO *fs, uint64_t block, uint64_t *at)
{
    return !__builtin_mul_overflow(block, (uint64_t)fs->block_size, at) &&
           !__builtin_add_overflow(*at, (uint64_t)fs->offset, at);
}

bool file_run_place(const TSK_FS_INFO *fs, const TSK_FS_ATTR_RUN *run, uint64_t *at)
{
    return !is_hole(run) && place_of(fs, run->addr, at);
}

uint64_t file_stream_valid(const struct file_stream *stream)
{
    uint64_t size = (uint64_t)stream->attr->size, there = (uint64_t)stream->attr->nrd.initsize;
    const TSK_FS_INFO *fs = stream->filesystem->fs;
    if (fs->ftype == TSK_FS_TYPE_EXFAT && stream->attr->flags & TSK_FS_ATTR_NONRES)
        return exfat_valid(stream->disk, fs, stream->origin.inode, size);
    /* 0 is a file to which nothing was ever written. */
    return TSK_FS_TYPE_ISNTFS(fs->ftype) && there < size ? there : size;
}

static void count_taken(struct file_stream *stream, const TSK_FS_ATTR_RUN *run)
{
    TSK_FS_INFO *fs = stream->filesystem->fs;
    for (uint64_t i = 0; i < run->len && stream->blocks < MOST_CHECKED; i++) {
        uint64_t block = run->addr + i;
        stream->blocks++;
        if (block <= fs->last_block && fs->block_getflags(fs, block) & TSK_FS_BLOCK_FLAG_ALLOC)
            stream->taken++;
    }
}

/**
 * FAT and exFAT forget the chain of a deleted file, and libtsk goes on at the next cluster that is free: what it steps
 * over stood in the file, or so it must be feared, and is another's now.
 */
static void count_skipped(struct file_stream *stream, const TSK_FS_ATTR_RUN *run)
{
    const TSK_FS_ATTR_RUN *next = run->next;
    if (!TSK_FS_TYPE_ISFAT(stream->filesystem->fs->ftype) || !next || is_hole(next) || next->addr < run->addr ||
        next->addr - run->addr <= run->len)
        return;
    stream->skipped += next->addr - run->addr - run->len;
}

void file_stream_runs(struct file_stream *stream, bool is_deleted)
{
    const TSK_FS_INFO *fs = stream->filesystem->fs;
    struct origin *origin = &stream->origin;
    if (!(stream->attr->flags & TSK_FS_ATTR_NONRES) || stream->filesystem->pool)
        return;
    for (const TSK_FS_ATTR_RUN *run = stream->attr->nrd.run; run; run = run->next) {
        uint64_t at = ORIGIN_UNKNOWN;
        if (!is_hole(run) && !place_of(fs, run->addr, &at))
            at = ORIGIN_UNKNOWN;
        uint64_t length;
        if (__builtin_mul_overflow(run->len, (uint64_t)fs->block_size, &length))
            length = UINT64_MAX;
        if (origin->n_runs < ORIGIN_RUNS)
            origin->runs[origin->n_runs++] = (struct origin_run){at, length};
        origin->all_runs++;
        if (!is_deleted || is_hole(run))
            continue;
        count_skipped(stream, run);
        if (fs->block_getflags)
            count_taken(stream, run);
    }
}

/** One run of blocks, as far as it belongs to the file. */
static bool read_run(struct file_stream *stream, const TSK_FS_ATTR_RUN *run, uint8_t *piece)
{
    const TSK_FS_INFO *fs = stream->filesystem->fs;
    uint64_t size = (uint64_t)stream->attr->size, end = stream->valid, at, offset, length;
    if (__builtin_mul_overflow(run->offset, (uint64_t)fs->block_size, &offset) || offset >= size)
        return false;
    if (is_hole(run)) {
        stream->has_holes |= run->flags & TSK_FS_ATTR_RUN_FLAG_FILLER;
        return true;
    }
    if (!place_of(fs, run->addr, &at) || __builtin_mul_overflow(run->len, (uint64_t)fs->block_size, &length))
        return false;
    length = offset >= end ? 0 : length < end - offset ? length : end - offset;
    while (length) {
        size_t n = length < PIECE ? (size_t)length : PIECE, got = medium_read(&stream->disk->medium, piece, n, at);
        if (got < n) {
            memset(piece + got, 0, n - got);
            stream->has_holes = true;
        }
        if (!member_data(&stream->member, piece, n, offset))
            return false;
        offset += n;
        at += n;
        length -= n;
    }
    return true;
}

static void read_by_library(struct file_stream *stream, uint8_t *piece)
{
    uint64_t size = (uint64_t)stream->attr->size;
    for (uint64_t offset = 0; offset < size;) {
        size_t n = size - offset < PIECE ? (size_t)(size - offset) : PIECE;
        ssize_t got = tsk_fs_attr_read(stream->attr, (TSK_OFF_T)offset, (char *)piece, n, TSK_FS_FILE_READ_FLAG_NONE);
        if (got <= 0) {
            stream->has_holes = true;
            tsk_error_reset();
            got = (ssize_t)n;
        } else if (!member_data(&stream->member, piece, (size_t)got, offset)) {
            return;
        }
        disk_alive(stream->disk);
        offset += (uint64_t)got;
    }
}

void file_stream_read(struct file_stream *stream)
{
    static uint8_t piece[PIECE];
    if (!file_stream_is_plain(stream)) {
        read_by_library(stream, piece);
        return;
    }
    const TSK_FS_ATTR_RUN *run = stream->attr->nrd.run;
    uint64_t covered = 0;
    for (; run && read_run(stream, run, piece); run = run->next)
        covered = (run->offset + run->len) * stream->filesystem->fs->block_size;
    if (!run && covered < stream->valid)
        stream->has_holes = true;
}

const struct bad_range *file_stream_bad(const struct file_stream *stream)
{
    const TSK_FS_INFO *fs = stream->filesystem->fs;
    if (!(stream->attr->flags & TSK_FS_ATTR_NONRES) || stream->filesystem->pool || !stream->disk->medium.n_bad)
        return NULL;
    uint64_t left = (uint64_t)stream->attr->size;
    for (const TSK_FS_ATTR_RUN *run = stream->attr->nrd.run; run && left; run = run->next) {
        uint64_t at, length;
        if (__builtin_mul_overflow(run->len, (uint64_t)fs->block_size, &length))
            return NULL;
        length = length < left ? length : left;
        left -= length;
        if (is_hole(run) || !place_of(fs, run->addr, &at))
            continue;
        const struct bad_range *bad = medium_bad_in(&stream->disk->medium, at, at + length);
        if (bad)
            return bad;
    }
    return NULL;
}
