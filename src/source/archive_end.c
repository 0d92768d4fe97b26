/* archive_end.c: how many of a file's bytes the archive in it explains. */
#include "source/archive.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/bytes.h"
#include "source/ranges.h"
#include "trawl/carve.h"

/** Blocks between two members that are looked at again, at most. */
#define GAP_BLOCKS 65536u

/** A number of a RAR 5 header: seven bits a byte. */
static uint64_t rar5_number(const uint8_t **p, const uint8_t *end)
{
    uint64_t v = 0;
    for (unsigned shift = 0; *p < end && shift < 63; shift += 7) {
        uint8_t byte = *(*p)++;
        v |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128))
            break;
    }
    return v;
}

static bool rar5_volume(const uint8_t *p, size_t n)
{
    const uint8_t *at = p + 12, *end = p + n;
    rar5_number(&at, end);
    uint64_t type = rar5_number(&at, end), flags = rar5_number(&at, end);
    if (type != 1)
        return false;
    if (flags & 1)
        rar5_number(&at, end);
    if (flags & 2)
        rar5_number(&at, end);
    return rar5_number(&at, end) & 1;
}

bool archive_is_volume(enum file_type type, struct window *window)
{
    size_t n;
    const uint8_t *p = window_at(window, 0, 64, &n);
    if (n < 32)
        return false;
    switch (type) {
    case TYPE_RAR:
        return p[9] == 0x73 && le16(p + 10) & 1;
    case TYPE_RAR5:
        return rar5_volume(p, n < 64 ? n : 64);
    case TYPE_CAB:
        return n >= 36 && le16(p + 30) & 3;
    default:
        return false;
    }
}

/** Where the archive itself says that it ends; 0 where it does not say. */
static uint64_t declared_end(enum file_type type, struct window *window)
{
    size_t n;
    const uint8_t *p;
    if (type == TYPE_7Z && (p = window_at(window, 0, 32, &n)) && n >= 32) {
        uint64_t at = le64(p + 12), length = le64(p + 20);
        return at < 1ull << 62 && length < 1ull << 62 ? 32 + at + length : 0;
    }
    if (type == TYPE_CAB && (p = window_at(window, 8, 4, &n)) && n >= 4)
        return le32(p);
    return 0;
}

uint64_t archive_accounted(enum file_type type, struct window *window, uint64_t used, bool whole)
{
    uint64_t size = window->size, declared = declared_end(type, window);
    used = declared ? declared : used;
    if (used >= size)
        return size;
    /* libarchive stops inside of the block that ends a RAR 5, and does not count the checksum in the heap of a XAR. */
    if (whole && ((type == TYPE_RAR5 && size - used <= 4) || (type == TYPE_XAR && size - used <= 64)))
        return size;
    return whole && window_zeros(window, used, size) ? size : used;
}

int tar_zeros_at(int fd, uint64_t at)
{
    char block[512];
    ssize_t n = pread(fd, block, sizeof(block), (off_t)at);
    return n < 0 ? -1 : n == sizeof(block) && !*block && !memcmp(block, block + 1, sizeof(block) - 1);
}

bool tar_empty_until(int fd, uint64_t at, uint64_t to)
{
    for (unsigned i = 0; i < GAP_BLOCKS && at + 512 <= to && tar_zeros_at(fd, at) != 0; i++)
        at += 512;
    return at == to;
}

void archive_carve(const struct unpack_input *input, struct unpack_sink *sink, struct ranges *gaps,
                   struct unpack_end *end)
{
    struct carve_range *ranges = calloc(gaps->n + 1, sizeof(*ranges));
    ranges_join(gaps);
    for (size_t i = 0; ranges && i < gaps->n; i++)
        ranges[i] = (struct carve_range){gaps->items[i].start ? gaps->items[i].start : 1, gaps->items[i].end};
    if (!ranges)
        end_memory(end);
    else if (gaps->n && end->status != TRAWL_LIMIT)
        carve_rest(input, sink, ranges, gaps->n, end->entries, end);
    free(ranges);
}
