/* file.h (private): one stream of one file, on its way out. */
#ifndef DISK_FILE_H
#define DISK_FILE_H

#include "disk/disk.h"

struct file_stream {
    struct disk *disk;
    struct filesystem *filesystem;
    const TSK_FS_ATTR *attr;
    struct member member;
    struct origin origin;
    /** Behind its valid data a file reads as zeros, whatever its blocks hold. */
    uint64_t valid;
    /** Blocks of a deleted file: how many, and how many of them another file has now. */
    uint64_t blocks, taken;
    /** Of a deleted file whose chain is lost: blocks of other files between its own. */
    uint64_t skipped;
    /** libtsk could not read some. */
    bool has_holes;
};

/** A path, and the name of a stream behind it. */
#define NAME_ROOM (UNPACK_NAME_MAX + 1024)

/** Its runs say where its blocks stand in the medium, and each holds bytes of one place in it. */
bool file_stream_has_places(const struct file_stream *stream);
/** ... and they stand there as they are in the file. */
bool file_stream_is_plain(const struct file_stream *stream);
/** How much of it was ever written. */
uint64_t file_stream_valid(const struct file_stream *stream);
/** The same of a file of so many bytes on exFAT. */
uint64_t exfat_valid(struct disk *disk, const TSK_FS_INFO *fs, uint64_t inode, uint64_t size);
/** Where a run stands in the medium; false where it is a hole. */
bool file_run_place(const TSK_FS_INFO *fs, const TSK_FS_ATTR_RUN *run, uint64_t *at);
/** Notes its runs in the origin, and for a deleted file who has its blocks now. */
void file_stream_runs(struct file_stream *stream, bool is_deleted);
/** Hands its bytes over. */
void file_stream_read(struct file_stream *stream);
/** Carves what is behind its end in its blocks, as `index` and on, of so many files at most. Returns the index behind
 * the last. `name`: its own. */
uint64_t slack_carve(const struct file_stream *stream, const char *name, size_t name_len, uint64_t index,
                     uint64_t most);
/** The first range of the medium that is bad and belongs to it; NULL. */
const struct bad_range *file_stream_bad(const struct file_stream *stream);

#endif
