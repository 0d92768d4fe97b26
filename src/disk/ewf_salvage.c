/*
 * ewf_salvage.c: chunks of an EnCase image whose table is lost, because the file was cut or the table is broken.
 *
 * They stand one behind the other, and each proves itself by its checksum: where the bytes do not unpack to a chunk,
 * nor are a chunk with its Adler-32 behind, the walk ends. What stands behind it cannot be placed.
 */
#include <libdeflate.h>
#include <stdlib.h>

#include "disk/ewf.h"

/** 128 GiB in chunks of the usual size; a table has 65,534 at most. */
#define MAX_SALVAGED (4u << 20)

struct walk {
    struct libdeflate_decompressor *inflater;
    uint8_t *in, *out;
    uint64_t *offsets;
    size_t n, cap;
};

/** Bytes that the packed chunk takes; 0: it is none. */
static size_t packed_chunk(const struct walk *walk, size_t n, size_t length)
{
    const uint8_t *in = walk->in;
    size_t used, made;
    if (n < 6 || (in[0] & 15) != 8 || (in[0] << 8 | in[1]) % 31 || in[1] & 0x20 ||
        libdeflate_deflate_decompress_ex(walk->inflater, in + 2, n - 2, walk->out, length, &used, &made) !=
            LIBDEFLATE_SUCCESS ||
        made != length || n - 2 - used < 4)
        return 0;
    return libdeflate_adler32(1, walk->out, length) == get_be(in + 2 + used, 4) ? used + 6 : 0;
}

static size_t stored_chunk(const struct walk *walk, size_t n, size_t length)
{
    return n >= length + 4 && libdeflate_adler32(1, walk->in, length) == get_le(walk->in + length, 4) ? length + 4 : 0;
}

static bool keep(struct walk *walk, uint64_t offset)
{
    if (walk->n == walk->cap) {
        size_t cap = walk->cap ? walk->cap * 2 : 1024;
        uint64_t *more = cap <= MAX_SALVAGED ? realloc(walk->offsets, cap * sizeof(*more)) : NULL;
        if (!more)
            return false;
        walk->offsets = more;
        walk->cap = cap;
    }
    walk->offsets[walk->n++] = offset;
    return true;
}

/** Returns where the chunks end that are whole. */
static uint64_t walk_chunks(const struct medium *medium, const struct segment *segment, struct walk *walk, uint64_t at,
                            uint64_t end)
{
    const struct ewf *ewf = medium->state;
    size_t room = ewf->chunk + ewf->chunk / 8 + 4096;
    while (at < end && ewf->placed + walk->n < ewf->chunks) {
        uint64_t left = medium->size - (ewf->placed + walk->n) * ewf->chunk;
        size_t length = left < ewf->chunk ? (size_t)left : ewf->chunk, n = end - at < room ? (size_t)(end - at) : room;
        if (!segment_read(segment, walk->in, n, at))
            break;
        size_t took = packed_chunk(walk, n, length);
        uint64_t packed = took ? EWF_PACKED : 0;
        if (!took)
            took = stored_chunk(walk, n, length);
        if (!took || !keep(walk, at | packed))
            break;
        at += took;
    }
    return at;
}

static bool add_found(struct medium *medium, uint32_t number, struct walk *walk, uint64_t data_end)
{
    struct ewf *ewf = medium->state;
    struct ewf_table table = {.segment = number,
                              .n = (uint32_t)walk->n,
                              .first_chunk = ewf->placed,
                              .data_end = data_end,
                              .offsets = walk->offsets};
    if (!walk->n || !ewf_table_add(medium, &table))
        return false;
    walk->offsets = NULL;
    ewf->salvaged += table.n;
    return true;
}

bool ewf_salvage(struct medium *medium, uint32_t number, uint64_t at, uint64_t end)
{
    const struct ewf *ewf = medium->state;
    const struct segment *segment = &medium->segments[number];
    struct walk walk = {.inflater = libdeflate_alloc_decompressor()};
    uint64_t there = end < segment->size ? end : segment->size, reached = at;
    walk.in = malloc(ewf->chunk + ewf->chunk / 8 + 4096);
    walk.out = malloc(ewf->chunk);
    if (ewf->has_volume && walk.inflater && walk.in && walk.out)
        reached = walk_chunks(medium, segment, &walk, at, there);
    bool all = add_found(medium, number, &walk, reached) && reached == end;
    free(walk.offsets);
    free(walk.in);
    free(walk.out);
    if (walk.inflater)
        libdeflate_free_decompressor(walk.inflater);
    return all;
}
