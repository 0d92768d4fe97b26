/* slack.c: the bytes of a file's blocks that are not the file's: behind its end, and behind what was ever written. */
#include <string.h>

#include "disk/file.h"

/** Ranges of one stream; further ones are rare, and told. */
#define MOST_RANGES 256

void slack_start(struct disk *disk, const struct volume *volume)
{
    disk->slack.left = volume->length;
    disk->slack.credit = carve_credit(volume->length);
}

/** Unpacked blocks would say nothing of their places; those of a packed file end nowhere that is known. */
static bool has_slack(const struct file_stream *stream)
{
    return stream->disk->input->carve == CARVE_ALL && stream->origin.allocated == ORIGIN_ALLOCATED &&
           stream->attr->size >= 0 && file_stream_has_places(stream);
}

/** Blocks belong to one file each, so all slack of a volume is shorter than it: more is a lie that costs time. */
static bool pay(struct disk *disk, uint64_t length)
{
    if (length > disk->slack.left) {
        if (disk->slack.left)
            end_note(disk->end, TRAWL_LIMIT, "files claim more blocks than the volume has: no further slack is read");
        disk->slack.left = 0;
        return false;
    }
    disk->slack.left -= length;
    return true;
}

static size_t find_ranges(const struct file_stream *stream, struct carve_range ranges[MOST_RANGES])
{
    const TSK_FS_INFO *fs = stream->filesystem->fs;
    uint64_t valid = stream->valid, offset, length, at;
    size_t n = 0;
    for (const TSK_FS_ATTR_RUN *run = stream->attr->nrd.run; run; run = run->next) {
        if (!file_run_place(fs, run, &at) || __builtin_mul_overflow(run->offset, (uint64_t)fs->block_size, &offset) ||
            __builtin_mul_overflow(run->len, (uint64_t)fs->block_size, &length) || at + length < at)
            continue;
        uint64_t used = valid > offset ? valid - offset : 0;
        if (used >= length || !pay(stream->disk, length - used))
            continue;
        if (n && ranges[n - 1].end == at + used) {
            ranges[n - 1].end = at + length;
        } else if (n < MOST_RANGES) {
            ranges[n++] = (struct carve_range){at + used, at + length};
        } else {
            end_note(stream->disk->end, TRAWL_LIMIT, "slack of a file in more than %d pieces", MOST_RANGES);
            break;
        }
    }
    return n;
}

uint64_t slack_carve(const struct file_stream *stream, const char *name, size_t name_len, uint64_t index, uint64_t most)
{
    static const char layer[] = "/$slack/", carver[] = "$carved/";
    static char head[NAME_ROOM + sizeof(layer)];
    struct carve_range ranges[MOST_RANGES];
    struct origin origin = origin_of(ORIGIN_CARVED);
    size_t n = has_slack(stream) ? find_ranges(stream, ranges) : 0;
    if (!n || name_len > NAME_ROOM)
        return index;
    origin.partition = stream->origin.partition;
    origin.volume = stream->origin.volume;
    origin.inode = stream->origin.inode;
    origin.attribute_type = stream->origin.attribute_type;
    origin.attribute_id = stream->origin.attribute_id;
    origin.allocated = ORIGIN_SLACK;
    memcpy(origin.file_system, stream->origin.file_system, sizeof(origin.file_system));
    memcpy(head, name, name_len);
    memcpy(head + name_len, layer, sizeof(layer));
    const struct carve_area area = {
        .origin = &origin,
        .head = head,
        .head_len = name_len + sizeof(layer) - 1,
        .less = sizeof(carver) - 1,
        .ranges = ranges,
        .n = n,
        .index = index,
        .most = most,
        .credit = &stream->disk->slack.credit,
        .end = UINT64_MAX,
    };
    return disk_carve(stream->disk, &area);
}
