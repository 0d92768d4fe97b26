/* zisofs.c: files that mkzftree packed block by block, and Rock Ridge marks as such. */
#include "optical/iso.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "source/bytes.h"

static const uint8_t magic_first[8] = {0x37, 0xe4, 0x53, 0x96, 0xc9, 0xdb, 0xd6, 0x07};
static const uint8_t magic_second[8] = {0xef, 0x22, 0x55, 0xa1, 0xbc, 0x1b, 0x95, 0xa0};

#define HEADER_BYTES 24u

/** A packed file, while it is unpacked. */
struct packed {
    struct optical *disc;
    const struct optical_file *file;
    struct member *member;
    uint64_t size, table;
    uint32_t block;
    /** Bytes of a number in its table of blocks: 4 or 8. */
    uint8_t width;
    /** A packed block, and what it unpacks to. */
    uint8_t *in, *out;
    size_t in_size;
    z_stream stream;
    const char *why;
};

/** What a file's own header says. False where it is none. */
static bool header_read(const uint8_t p[HEADER_BYTES], struct optical_packed *packed)
{
    if (!memcmp(p, magic_first, 8))
        *packed = (struct optical_packed){
            .size = le32(p + 8), .block_shift = p[13], .header_size = p[12] < 64 ? (uint8_t)(4 * p[12]) : 0};
    else if (!memcmp(p, magic_second, 8) && !p[8])
        *packed = (struct optical_packed){
            .size = le64(p + 16), .block_shift = p[10], .header_size = p[9] < 64 ? (uint8_t)(4 * p[9]) : 0};
    else
        return false;
    return packed->block_shift >= 15 && packed->block_shift <= 20 && packed->header_size >= 16;
}

void zisofs_check(struct optical *disc, struct optical_file *file, uint64_t place)
{
    uint8_t p[HEADER_BYTES];
    struct optical_packed told = file->packed;
    if (!told.size)
        return;
    /* Its header stands beside the data that it tells of: it is believed before the mark. */
    if (optical_read(disc, p, sizeof(p), place) && header_read(p, &file->packed) && file->packed.size)
        return;
    file->packed = (struct optical_packed){0};
}

static bool number_at(struct packed *packed, uint64_t i, uint64_t *value)
{
    uint8_t p[8] = {0};
    uint64_t at = packed->table + i * packed->width;
    if (optical_file_read(packed->disc, packed->file, p, packed->width, at) != packed->width) {
        packed->why = "its table of blocks is not whole";
        return false;
    }
    *value = packed->width == 8 ? le64(p) : le32(p);
    return true;
}

/** Unpacks `n` bytes into a block of `want`. */
static bool block_inflate(struct packed *packed, size_t n, size_t want)
{
    packed->stream.next_in = packed->in;
    packed->stream.avail_in = (uInt)n;
    packed->stream.next_out = packed->out;
    packed->stream.avail_out = (uInt)want;
    if (inflateReset(&packed->stream) == Z_OK && inflate(&packed->stream, Z_FINISH) == Z_STREAM_END &&
        !packed->stream.avail_out)
        return true;
    packed->why = "a packed block is damaged";
    return false;
}

/** One block, from `from` to before `to` in the file. False at the end of what can be read or is wanted. */
static bool block_unpack(struct packed *packed, uint64_t at, uint64_t from, uint64_t to)
{
    uint64_t left = packed->size - at;
    size_t want = left < packed->block ? (size_t)left : packed->block;
    if (to == from)
        return true;
    if (to < from || to - from > packed->in_size) {
        packed->why = "its table of blocks is damaged";
        return false;
    }
    size_t n = (size_t)(to - from);
    uint64_t holes = packed->disc->source->holes;
    if (optical_file_read(packed->disc, packed->file, packed->in, n, from) != n ||
        packed->disc->source->holes != holes) {
        packed->why = HOLES_DETAIL;
        return false;
    }
    return block_inflate(packed, n, want) && member_data(packed->member, packed->out, want, at);
}

static void blocks_unpack(struct packed *packed)
{
    uint64_t from, to, i = 0;
    if (!number_at(packed, 0, &from))
        return;
    for (uint64_t at = 0; at < packed->size; at += packed->block, from = to) {
        if (!(++i % 4096) && packed->member->sink->alive)
            packed->member->sink->alive(packed->member->sink);
        if (!number_at(packed, i, &to) || !block_unpack(packed, at, from, to))
            return;
        if (packed->size - at <= packed->block)
            return;
    }
}

enum trawl_status optical_unpack(struct optical *disc, const struct optical_file *file, struct member *member,
                                 char why[UNPACK_DETAIL])
{
    uint8_t head[8] = {0};
    struct packed packed = {.disc = disc, .file = file, .member = member, .size = file->packed.size};
    optical_file_read(disc, file, head, sizeof(head), 0);
    packed.width = memcmp(head, magic_second, 8) ? 4 : 8;
    packed.table = file->packed.header_size;
    packed.block = 1u << file->packed.block_shift;
    packed.in_size = 2 * (size_t)packed.block + 1024;
    packed.in = malloc(packed.in_size);
    packed.out = malloc(packed.block);
    if (!packed.in || !packed.out || inflateInit(&packed.stream) != Z_OK)
        packed.why = "not enough memory to unpack it";
    else
        blocks_unpack(&packed);
    inflateEnd(&packed.stream);
    free(packed.in);
    free(packed.out);
    if (packed.why)
        detail_format(why, "%s", packed.why);
    return !packed.why ? TRAWL_OK : !strcmp(packed.why, HOLES_DETAIL) ? TRAWL_IO_ERROR : TRAWL_DAMAGED;
}
