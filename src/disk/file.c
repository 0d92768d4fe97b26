/* file.c: one name of a file system: its streams, each a member, with all that the file system knows of it. */
#include <stdio.h>
#include <string.h>

#include "disk/file.h"
#include "sandbox/mock.h"

#define SECOND INT64_C(1000000000)
/** Times far off are damage; nanoseconds of an int64 reach from 1678 to 2261. */
#define MOST_SECONDS INT64_C(9000000000)

static int64_t time_of(time_t seconds, uint32_t nano)
{
    if ((seconds == 0 && nano == 0) || seconds > MOST_SECONDS || seconds < -MOST_SECONDS || nano >= SECOND)
        return ORIGIN_NO_TIME;
    return seconds * SECOND + nano;
}

static void put_times(struct origin *origin, const TSK_FS_META *meta)
{
    origin->times[ORIGIN_CREATED] = time_of(meta->crtime, meta->crtime_nano);
    origin->times[ORIGIN_WRITTEN] = time_of(meta->mtime, meta->mtime_nano);
    origin->times[ORIGIN_ACCESSED] = time_of(meta->atime, meta->atime_nano);
    origin->times[ORIGIN_CHANGED] = time_of(meta->ctime, meta->ctime_nano);
}

/** What of a file is worth a member: its data, and data beside. */
static bool is_data(const TSK_FS_INFO *fs, const TSK_FS_ATTR *attr)
{
    if (!(attr->flags & TSK_FS_ATTR_INUSE))
        return false;
    if (TSK_FS_TYPE_ISNTFS(fs->ftype))
        return attr->type == TSK_FS_ATTR_TYPE_NTFS_DATA;
    return attr->type == TSK_FS_ATTR_TYPE_DEFAULT || attr->type == TSK_FS_ATTR_TYPE_HFS_DATA ||
           attr->type == TSK_FS_ATTR_TYPE_HFS_RSRC || attr->type == TSK_FS_ATTR_TYPE_HFS_EXT_ATTR;
}

/** The name of a stream beside the data of a file; NULL for that. */
static const char *stream_name(const TSK_FS_ATTR *attr)
{
    if (attr->type == TSK_FS_ATTR_TYPE_HFS_RSRC)
        return "rsrc";
    if (attr->type == TSK_FS_ATTR_TYPE_HFS_EXT_ATTR)
        return attr->name && *attr->name ? attr->name : "attribute";
    if (attr->type != TSK_FS_ATTR_TYPE_NTFS_DATA || !attr->name || !*attr->name || !strcmp(attr->name, "$Data"))
        return NULL;
    return attr->name;
}

/** What a file is, and where its members go. */
struct file {
    struct disk *disk;
    struct filesystem *filesystem;
    const struct volume *volume;
    const struct name *name;
    const TSK_FS_META *meta;
    char text[NAME_ROOM];
    size_t text_len;
    /** Of its first member, the next one, and the next file. */
    uint64_t first, index, end;
    /** Its data had a line, and not only what is beside. */
    bool has_data;
};

static struct origin file_origin(const struct file *file)
{
    struct origin origin = volume_origin(ORIGIN_FS, file->volume, file->filesystem);
    bool deleted = file->name->is_deleted || (file->meta && !(file->meta->flags & TSK_FS_META_FLAG_ALLOC));
    origin.inode = file->name->inode;
    origin.allocated = deleted ? ORIGIN_DELETED : ORIGIN_ALLOCATED;
    if (file->meta && !file->name->is_taken)
        put_times(&origin, file->meta);
    return origin;
}

/** Puts the stream's name behind the file's, where it has one. Returns the length of both. */
static size_t put_stream(struct file *file, const char *stream)
{
    size_t n = file->text_len;
    if (stream)
        n += (size_t)snprintf(file->text + n, sizeof(file->text) - n, ":%s", stream);
    return n < sizeof(file->text) ? n : sizeof(file->text) - 1;
}

/** Announces a member under the file's name and, where it has one, the stream's. */
static void begin(struct file *file, struct member *member, const struct origin *origin, const char *stream,
                  uint64_t size, enum file_type type)
{
    struct unpack_entry entry = {
        .index = file->index,
        .offset = origin->n_runs ? origin->runs[0].offset : UINT64_MAX,
        .size = size,
        .type = type,
        .name = (const uint8_t *)file->text,
        .name_len = put_stream(file, stream),
        .origin = origin,
    };
    file->disk->entries++;
    member_begin(member, file->disk->input, file->disk->sink, &entry);
    file->index++;
}

/** A line without bytes. */
static void only_line(struct file *file, enum file_type type, enum trawl_status status, uint64_t size, const char *why)
{
    struct member member;
    struct origin origin = file_origin(file);
    begin(file, &member, &origin, NULL, size, type);
    member_end(&member, status, 0, why);
}

static void end_stream(struct file_stream *stream)
{
    char why[UNPACK_DETAIL];
    uint64_t size = (uint64_t)stream->attr->size;
    const struct bad_range *bad = file_stream_bad(stream);
    if (bad)
        member_end(&stream->member, TRAWL_DAMAGED, size, bad_words(bad, why));
    else if (stream->has_holes)
        member_end(&stream->member, TRAWL_DAMAGED, size, HOLES_DETAIL);
    else if (stream->taken)
        member_end(&stream->member, TRAWL_PARTIAL, size,
                   detail_format(why, "deleted: %llu of its %llu blocks belong to other files now",
                                 (unsigned long long)stream->taken, (unsigned long long)stream->blocks));
    else if (stream->skipped)
        member_end(&stream->member, TRAWL_PARTIAL, size,
                   detail_format(why, "deleted: pieced together around %llu blocks that belong to other files now",
                                 (unsigned long long)stream->skipped));
    else
        member_end(&stream->member, TRAWL_OK, size, "");
}

/** True if there is nothing to be read of the stream: it has its line. */
static bool is_bare(struct file *file, struct file_stream *stream)
{
    const TSK_FS_ATTR *attr = stream->attr;
    const char *why = NULL;
    enum trawl_status status = TRAWL_OK;
    if (attr->flags & TSK_FS_ATTR_ENC) {
        status = TRAWL_ENCRYPTED;
        why = "encrypted by the file system";
    } else if (attr->name && !strcmp(attr->name, "$Bad") && file->name->inode == 8) {
        status = TRAWL_PARTIAL;
        why = "the list of bad clusters: it has no bytes";
    } else if (stream->blocks && stream->taken == stream->blocks) {
        status = TRAWL_PARTIAL;
        why = TSK_FS_TYPE_ISFAT(file->filesystem->fs->ftype) ? "deleted: its first blocks belong to other files now"
                                                             : "deleted: all its blocks belong to other files now";
    }
    if (!why)
        return false;
    begin(file, &stream->member, &stream->origin, stream_name(attr), (uint64_t)attr->size, TYPE_OTHER);
    member_end(&stream->member, status, 0, why);
    return true;
}

/** What stands in its blocks behind its end; not where an earlier child died on it, so that the other files are read.
 */
static void read_slack(struct file *file, const struct file_stream *stream)
{
    const struct unpack_input *input = file->disk->input;
    if (input->carve != CARVE_ALL || file->index >= file->end)
        return;
    if (input->is_retry && input->first_index > file->first && input->first_index < file->end) {
        end_note(file->disk->end, TRAWL_DAMAGED, "the slack of inode %llu could not be read",
                 (unsigned long long)file->name->inode);
        return;
    }
    size_t n = put_stream(file, stream_name(stream->attr));
    file->index = slack_carve(stream, file->text, n, file->index, file->end - file->index);
}

static void read_stream(struct file *file, const TSK_FS_ATTR *attr)
{
    struct file_stream stream = {.disk = file->disk, .filesystem = file->filesystem, .attr = attr};
    stream.origin = file_origin(file);
    if (TSK_FS_TYPE_ISNTFS(file->filesystem->fs->ftype)) {
        stream.origin.attribute_type = (uint32_t)attr->type;
        stream.origin.attribute_id = attr->id;
    }
    stream.valid = attr->size < 0 ? 0 : file_stream_valid(&stream);
    file_stream_runs(&stream, stream.origin.allocated == ORIGIN_DELETED);
    if (attr->size < 0)
        return;
    if (!is_bare(file, &stream)) {
        begin(file, &stream.member, &stream.origin, stream_name(attr), (uint64_t)attr->size, TYPE_OTHER);
        if (stream.member.wanted)
            file_stream_read(&stream);
        end_stream(&stream);
    }
    read_slack(file, &stream);
}

/** All streams of a file that is open. Returns how many there were. */
static unsigned read_streams(struct file *file, TSK_FS_FILE *open)
{
    unsigned n = 0;
    int count = tsk_fs_file_attr_getsize(open);
    for (int i = 0; i < count; i++) {
        const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(open, i);
        if (!attr || !is_data(file->filesystem->fs, attr))
            continue;
        /* A folder has an index, no data: only what has a name of its own. */
        if (file->name->type == TYPE_DIRECTORY && !stream_name(attr))
            continue;
        if (attr->type == TSK_FS_ATTR_TYPE_HFS_RSRC && !attr->size)
            continue;
        if (file->index + 1 >= file->end) {
            end_note(file->disk->end, TRAWL_LIMIT, "more streams of inode %llu than are read",
                     (unsigned long long)file->name->inode);
            break;
        }
        read_stream(file, attr);
        file->has_data |= !stream_name(attr);
        n++;
    }
    tsk_error_reset();
    return n;
}

static void read_open(struct file *file, TSK_FS_FILE *open)
{
    file->meta = open->meta;
    /* An empty file of APFS may have an attribute and no data. */
    bool is_told = read_streams(file, open) && (!file->filesystem->pool || file->has_data);
    if (is_told || file->name->type == TYPE_DIRECTORY)
        return;
    uint64_t size = open->meta && open->meta->size > 0 ? (uint64_t)open->meta->size : 0;
    bool deleted = file_origin(file).allocated == ORIGIN_DELETED;
    if (deleted)
        only_line(file, TYPE_OTHER, TRAWL_PARTIAL, UINT64_MAX, "deleted: only its name is left");
    else if (size)
        only_line(file, TYPE_OTHER, TRAWL_DAMAGED, size, "where its bytes are cannot be told");
    else
        only_line(file, TYPE_OTHER, TRAWL_OK, 0, "");
}

/** Static, and set piece by piece: its text is 66 kB. */
static struct file *file_set(struct disk *disk, struct filesystem *filesystem, const struct volume *volume,
                             const char *prefix, const char *path, const struct name *name, uint64_t index)
{
    static struct file file;
    file.disk = disk;
    file.filesystem = filesystem;
    file.volume = volume;
    file.name = name;
    file.meta = NULL;
    file.has_data = false;
    file.first = file.index = index;
    file.end = index + 1;
    int n = snprintf(file.text, sizeof(file.text) - 1024, "%s%s", prefix, path);
    file.text_len = n < 0 ? 0 : (size_t)n < sizeof(file.text) - 1024 ? (size_t)n : sizeof(file.text) - 1025;
    return &file;
}

void file_open_again(struct disk *disk, struct filesystem *filesystem, const struct volume *volume, const char *prefix,
                     const char *path, const struct name *name, uint64_t index)
{
    struct file *file = file_set(disk, filesystem, volume, prefix, path, name, index);
    struct origin origin = file_origin(file);
    struct member line;
    begin(file, &line, &origin, "$entry", UINT64_MAX, TYPE_OTHER);
    mock_step("open", (unsigned)name->inode);
    TSK_FS_FILE *open = tsk_fs_file_open_meta(filesystem->fs, NULL, name->inode);
    if (open)
        tsk_fs_file_attr_getsize(open);
    tsk_fs_file_close(open);
    tsk_error_reset();
    member_end(&line, TRAWL_OK, 0, "read once more, since a reader died before it");
}

void file_read(struct disk *disk, struct filesystem *filesystem, const struct volume *volume, const char *prefix,
               const char *path, const struct name *name, uint64_t index, uint64_t end)
{
    struct file *file = file_set(disk, filesystem, volume, prefix, path, name, index);
    file->end = end;
    mock_step("open", (unsigned)name->inode);
    if (name->why_unread) {
        only_line(file, TYPE_OTHER, TRAWL_DAMAGED, UINT64_MAX, name->why_unread);
        return;
    }
    if (TSK_FS_TYPE_ISNTFS(filesystem->fs->ftype) && name->inode == 7) {
        only_line(file, TYPE_OTHER, TRAWL_PARTIAL, UINT64_MAX, "the boot sectors of the volume");
        return;
    }
    if (name->is_taken) {
        only_line(file, TYPE_OTHER, TRAWL_PARTIAL, UINT64_MAX, "deleted: its entry belongs to another file now");
        return;
    }
    if (name->type == TYPE_HARDLINK) {
        only_line(file, TYPE_HARDLINK, TRAWL_OK, 0, "one more name of a file");
        return;
    }
    TSK_FS_FILE *open = tsk_fs_file_open_meta(filesystem->fs, NULL, name->inode);
    if (open && open->meta && (name->type == TYPE_OTHER || name->type == TYPE_DIRECTORY)) {
        read_open(file, open);
    } else if (name->type == TYPE_OTHER) {
        only_line(file, TYPE_OTHER, name->is_deleted ? TRAWL_PARTIAL : TRAWL_DAMAGED, UINT64_MAX,
                  name->is_deleted ? "deleted: only its name is left" : "its entry cannot be read");
    } else if (name->type != TYPE_DIRECTORY) {
        file->meta = open ? open->meta : NULL;
        only_line(file, (enum file_type)name->type, TRAWL_OK, 0, "");
    }
    if (open)
        tsk_fs_file_close(open);
    tsk_error_reset();
}
