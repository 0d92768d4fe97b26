/* deliver.c: the files of a disc, each a member, with what its tree says of it. */
#include <stdlib.h>
#include <string.h>

#include "optical/optical.h"

#define PIECE      (256u << 10)
#define NEIGHBOURS 32u

size_t optical_file_read(struct optical *disc, const struct optical_file *file, void *to, size_t n, uint64_t at)
{
    uint64_t begin = 0;
    size_t done = 0;
    for (size_t i = 0; i < file->n_runs && done < n; i++) {
        const struct origin_run *run = &disc->runs[file->first_run + i];
        uint64_t end = begin + run->length, from = at + done;
        if (from < end) {
            size_t part = end - from < n - done ? (size_t)(end - from) : n - done;
            if (run->offset == ORIGIN_UNKNOWN)
                memset((uint8_t *)to + done, 0, part);
            else
                optical_read(disc, (uint8_t *)to + done, part, run->offset + (from - begin));
            done += part;
        }
        begin = end;
    }
    return done;
}

static struct origin origin_of_file(const struct optical *disc, const struct optical_out *out,
                                    const struct optical_file *file)
{
    struct origin origin = out->origin;
    origin.inode = file->inode;
    origin.allocated = file->allocated;
    memcpy(origin.times, file->times, sizeof(origin.times));
    origin.all_runs = file->n_runs;
    origin.n_runs = file->n_runs < ORIGIN_RUNS ? (uint32_t)file->n_runs : ORIGIN_RUNS;
    if (origin.n_runs)
        memcpy(origin.runs, disc->runs + file->first_run, origin.n_runs * sizeof(*origin.runs));
    strncpy(origin.file_system, optical_tree_name(file->tree), sizeof(origin.file_system) - 1);
    return origin;
}

/** How many of n bytes the volume has. */
static uint64_t in_volume(const struct optical *disc, uint64_t from, uint64_t n)
{
    uint64_t end = disc->start + disc->size;
    return from >= end ? 0 : n < end - from ? n : end - from;
}

/** Hands over what stands in the runs, as far as the volume goes. False: some of it could not be read. */
static bool read_runs(struct optical *disc, const struct optical_file *file, struct member *member)
{
    static uint8_t piece[PIECE];
    const struct origin_run *runs = file->n_runs ? disc->runs + file->first_run : NULL;
    uint64_t at = 0;
    bool whole = true;
    for (size_t i = 0; i < file->n_runs; i++) {
        bool is_hole = runs[i].offset == ORIGIN_UNKNOWN;
        uint64_t from = runs[i].offset, left = is_hole ? 0 : in_volume(disc, from, runs[i].length), to = at;
        bool is_cut = !is_hole && left < runs[i].length;
        while (left) {
            size_t n = left < PIECE ? (size_t)left : PIECE;
            whole &= optical_read(disc, piece, n, from);
            if (!member_data(member, piece, n, to))
                return true;
            from += n;
            to += n;
            left -= n;
        }
        if (is_cut)
            return false;
        at += runs[i].length;
    }
    return whole;
}

/** Bytes of its size that it has no place for. */
static bool is_short(const struct optical *disc, const struct optical_file *file)
{
    uint64_t length = 0;
    for (size_t i = 0; i < file->n_runs; i++)
        length += disc->runs[file->first_run + i].length;
    return length < file->size;
}

static const char *bad_in(const struct optical *disc, const struct optical_out *out, const struct optical_file *file,
                          char why[UNPACK_DETAIL])
{
    for (size_t i = 0; out->why_bad && i < file->n_runs; i++) {
        const struct origin_run *run = &disc->runs[file->first_run + i];
        const char *words =
            run->offset == ORIGIN_UNKNOWN ? NULL : out->why_bad(out, run->offset, run->offset + run->length, why);
        if (words)
            return words;
    }
    return NULL;
}

/** The bytes of a file, and how that ended; *size: how long it is, as far as it came. */
static enum trawl_status read_file(struct optical *disc, const struct optical_out *out, const struct optical_file *file,
                                   struct member *member, uint64_t *size, char why[UNPACK_DETAIL])
{
    enum trawl_status status = file->status;
    uint64_t holes = disc->source->holes;
    bool whole = true;
    if (member->wanted && file->packed.size)
        status = optical_unpack(disc, file, member, why);
    else if (member->wanted)
        whole = read_runs(disc, file, member);
    *size = whole ? file->size : member->end;
    if (bad_in(disc, out, file, why))
        return TRAWL_DAMAGED;
    if (disc->source->holes != holes) {
        detail_format(why, HOLES_DETAIL);
        return out->why_bad ? TRAWL_DAMAGED : TRAWL_IO_ERROR;
    }
    if (!whole) {
        detail_format(why, "it goes on behind the end of the image");
        return TRAWL_DAMAGED;
    }
    if (status == TRAWL_OK && is_short(disc, file)) {
        detail_format(why, "its entry has no place for all of its bytes");
        return TRAWL_DAMAGED;
    }
    return status;
}

/** Only its name is known. */
static bool is_unknown(const struct optical_file *file)
{
    return !file->n_runs && file->status != TRAWL_OK && !file->size;
}

static void deliver(struct optical *disc, const struct optical_out *out, size_t number)
{
    static char name[UNPACK_NAME_MAX + 1024];
    const struct optical_file *file = &disc->files[number];
    struct origin origin = origin_of_file(disc, out, file);
    size_t head = strlen(out->prefix), n = file->path.n < sizeof(name) - head ? file->path.n : sizeof(name) - head;
    struct member member;
    char why[UNPACK_DETAIL] = "";
    memcpy(name, out->prefix, head);
    if (n)
        memcpy(name + head, disc->text + file->path.at, n);
    struct unpack_entry entry = {
        .index = out->index + number * out->stride,
        .offset = origin.n_runs && in_volume(disc, origin.runs[0].offset, 1) ? origin.runs[0].offset : UINT64_MAX,
        .size = is_unknown(file)    ? UINT64_MAX
                : file->packed.size ? file->packed.size
                                    : file->size,
        .type = (enum file_type)file->type,
        .name = (const uint8_t *)name,
        .name_len = head + n,
        .origin = &origin,
    };
    if (file->why)
        detail_format(why, "%s", file->why);
    disc->end->entries++;
    member_begin(&member, disc->input, disc->sink, &entry);
    if (file->type != TYPE_OTHER || !file->n_runs) {
        bool is_lost = file->type == TYPE_OTHER && file->size && file->status == TRAWL_OK;
        member_end(&member, is_lost ? TRAWL_DAMAGED : file->status, 0,
                   is_lost ? "its entry has no place for its bytes" : why);
        return;
    }
    uint64_t size;
    enum trawl_status status = read_file(disc, out, file, &member, &size, why);
    uint64_t unpacked = status == TRAWL_OK ? file->packed.size : member.end;
    member_end(&member, status, file->packed.size ? unpacked : size, why);
}

void optical_deliver(struct optical *disc, const struct optical_out *out, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        uint64_t index = out->index + i * out->stride;
        if ((out->parts > 1 && i / NEIGHBOURS % out->parts != out->part) || index < disc->input->first_index)
            continue;
        deliver(disc, out, i);
    }
}
