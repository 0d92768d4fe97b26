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
    /** Blocks of a deleted file: how many, and how many of them another file has now. */
    uint64_t blocks, taken;
    /** Of a deleted file whose chain is lost: blocks of other files between its own. */
    uint64_t skipped;
    /** libtsk could not read some. */
    bool has_holes;
};

/** Bytes of the blocks stand in the medium as they are in the file. */
bool file_stream_is_plain(const struct file_stream *stream);
/** Notes its runs in the origin, and for a deleted file who has its blocks now. */
void file_stream_runs(struct file_stream *stream, bool is_deleted);
/** Hands its bytes over. */
void file_stream_read(struct file_stream *stream);
/** The first range of the medium that is bad and belongs to it; NULL. */
const struct bad_range *file_stream_bad(const struct file_stream *stream);

#endif
