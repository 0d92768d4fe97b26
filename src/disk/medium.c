#include "disk/medium.h"
#include "source/member.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

static const struct medium_format *format_of(enum file_type type)
{
    switch (type) {
    case TYPE_EWF:
        return &ewf_medium;
    case TYPE_AFF:
        return &aff_medium;
    case TYPE_VMDK:
        return &vmdk_medium;
    case TYPE_VHD:
        return &vhd_medium;
    case TYPE_VHDX:
        return &vhdx_medium;
    case TYPE_QCOW:
        return &qcow_medium;
    case TYPE_VDI:
        return &vdi_medium;
    case TYPE_PARALLELS:
        return &parallels_medium;
    case TYPE_DMG:
        return &dmg_medium;
    default:
        return &raw_medium;
    }
}

static void print(char out[UNPACK_DETAIL], const char *format, va_list args)
{
    vsnprintf(out, UNPACK_DETAIL, format, args);
    for (char *p = out; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
}

bool medium_fail(struct medium *medium, enum trawl_status status, const char *format, ...)
{
    if (medium->status != TRAWL_OK)
        return false;
    va_list args;
    va_start(args, format);
    print(medium->why, format, args);
    va_end(args);
    medium->status = status;
    return false;
}

void medium_note(struct medium *medium, const char *format, ...)
{
    if (medium->note[0])
        return;
    va_list args;
    va_start(args, format);
    print(medium->note, format, args);
    va_end(args);
}

/** How many of the bytes there are. */
static size_t segment_some(const struct segment *segment, void *to, size_t n, uint64_t at)
{
    size_t done = 0;
    if (at >= segment->size)
        return 0;
    n = n < segment->size - at ? n : (size_t)(segment->size - at);
    while (done < n) {
        ssize_t got = pread(segment->fd, (uint8_t *)to + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

bool segment_read(const struct segment *segment, void *to, size_t n, uint64_t at)
{
    return segment_some(segment, to, n, at) == n;
}

/** Room for packed bytes and for each block of the cache is taken at once: later there is nothing left to fail. */
static bool make_cache(struct medium *medium)
{
    if (!medium->block)
        return true;
    if (medium->block > MEDIUM_PACK_MAX)
        return medium_fail(medium, TRAWL_DAMAGED, "blocks of %zu bytes", medium->block);
    size_t n = medium->block > (1u << 20) ? 4 : MEDIUM_CACHE;
    medium->packed = malloc(2 * medium->block + 4096);
    medium->inflater = libdeflate_alloc_decompressor();
    bool whole = medium->packed && medium->inflater;
    for (size_t i = 0; i < n && whole; i++)
        whole = (medium->cache[i].bytes = malloc(medium->block)) != NULL;
    return whole || medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
}

bool medium_open(struct medium *medium, enum file_type type, const struct segment *segments, size_t n)
{
    memset(medium, 0, sizeof(*medium));
    medium->format = format_of(type);
    if (medium->format == &raw_medium && cdraw_is(segments, n))
        medium->format = &cdraw_medium;
    medium->segments = segments;
    medium->n_segments = n;
    return medium->format->open(medium) && make_cache(medium);
}

void medium_close(struct medium *medium)
{
    if (medium->format && medium->format->close)
        medium->format->close(medium);
    for (size_t i = 0; i < MEDIUM_CACHE; i++)
        free(medium->cache[i].bytes);
    free(medium->packed);
    if (medium->inflater)
        libdeflate_free_decompressor(medium->inflater);
    if (medium->zstd)
        ZSTD_freeDCtx(medium->zstd);
    memset(medium, 0, sizeof(*medium));
}

/** Index of the first bad range that ends behind `at`. */
static size_t bad_after(const struct medium *medium, uint64_t at)
{
    size_t low = 0, high = medium->n_bad;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (medium->bad[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void note_bad(struct medium *medium, uint64_t start, uint64_t end)
{
    medium->bad_reads++;
    size_t i = bad_after(medium, start ? start - 1 : 0);
    size_t last = i;
    while (last < medium->n_bad && medium->bad[last].start <= end) {
        start = medium->bad[last].start < start ? medium->bad[last].start : start;
        end = medium->bad[last].end > end ? medium->bad[last].end : end;
        last++;
    }
    if (last == i && medium->n_bad == MEDIUM_BAD) {
        medium->bad_overflow = true;
        return;
    }
    size_t taken = last - i;
    memmove(medium->bad + i + 1, medium->bad + last, (medium->n_bad - last) * sizeof(*medium->bad));
    medium->n_bad = medium->n_bad + 1 - taken;
    medium->bad[i] = (struct bad_range){start, end};
}

const struct bad_range *medium_bad_in(const struct medium *medium, uint64_t start, uint64_t end)
{
    size_t i = bad_after(medium, start);
    return i < medium->n_bad && medium->bad[i].start < end ? &medium->bad[i] : NULL;
}

/** Bytes in the segment that the packed block may take. */
static size_t packed_size(const struct medium *medium, const struct extent *e)
{
    const struct segment *segment = &medium->segments[e->segment];
    uint64_t there = e->at < segment->size ? segment->size - e->at : 0;
    uint64_t most = e->packed < 2 * medium->block + 4096 ? e->packed : 2 * medium->block + 4096;
    return (size_t)(most < there ? most : there);
}

/** The data itself is kept even where its checksum is wrong: it is the best that there is. */
static bool unpack_zlib(struct medium *medium, const uint8_t *in, size_t n, uint8_t *out, size_t length)
{
    size_t used, made;
    if (n < 6 || (in[0] & 15) != 8 || (in[0] << 8 | in[1]) % 31 || in[1] & 0x20)
        return false;
    enum libdeflate_result r =
        libdeflate_deflate_decompress_ex(medium->inflater, in + 2, n - 2, out, length, &used, &made);
    if (r != LIBDEFLATE_SUCCESS || made != length || n - 2 - used < 4)
        return false;
    const uint8_t *sum = in + 2 + used;
    return libdeflate_adler32(1, out, length) ==
           ((uint32_t)sum[0] << 24 | (uint32_t)sum[1] << 16 | (uint32_t)sum[2] << 8 | sum[3]);
}

static bool unpack_checked(const uint8_t *in, size_t n, uint8_t *out, size_t length)
{
    size_t data = n < length ? n : length;
    memcpy(out, in, data);
    if (n < length + 4)
        return false;
    const uint8_t *sum = in + length;
    return libdeflate_adler32(1, out, length) ==
           ((uint32_t)sum[3] << 24 | (uint32_t)sum[2] << 16 | (uint32_t)sum[1] << 8 | sum[0]);
}

static bool unpack_zstd(struct medium *medium, const uint8_t *in, size_t n, uint8_t *out, size_t length)
{
    if (!medium->zstd)
        medium->zstd = ZSTD_createDCtx();
    if (!medium->zstd)
        return false;
    /* The size of the frame is not known: what stands behind it is no part of it. */
    ZSTD_inBuffer input = {in, n, 0};
    ZSTD_outBuffer output = {out, length, 0};
    ZSTD_DCtx_reset(medium->zstd, ZSTD_reset_session_only);
    while (output.pos < length && input.pos < n) {
        size_t r = ZSTD_decompressStream(medium->zstd, &output, &input);
        if (ZSTD_isError(r) || r == 0)
            break;
    }
    return output.pos == length;
}

static bool unpack_block(struct medium *medium, const struct extent *e, uint8_t *out)
{
    const struct segment *segment = &medium->segments[e->segment];
    size_t n = packed_size(medium, e), made;
    memset(out, 0, e->length);
    if (!segment_read(segment, medium->packed, n, e->at))
        return false;
    switch (e->kind) {
    case EXTENT_CHECKED:
        return unpack_checked(medium->packed, n, out, e->length);
    case EXTENT_ZLIB:
        return unpack_zlib(medium, medium->packed, n, out, e->length);
    case EXTENT_DEFLATE:
        return libdeflate_deflate_decompress_ex(medium->inflater, medium->packed, n, out, e->length, NULL, &made) ==
                   LIBDEFLATE_SUCCESS &&
               made == e->length;
    case EXTENT_ZSTD:
        return unpack_zstd(medium, medium->packed, n, out, e->length);
    default:
        return false;
    }
}

/** The unpacked block of an extent, out of the cache or in the place of the one that was used last. */
static const struct medium_block *block_of(struct medium *medium, const struct extent *e)
{
    struct medium_block *oldest = NULL;
    for (size_t i = 0; i < MEDIUM_CACHE; i++) {
        struct medium_block *block = &medium->cache[i];
        if (!block->bytes)
            break;
        if (block->used && block->start == e->start) {
            block->used = ++medium->clock;
            return block;
        }
        if (!oldest || block->used < oldest->used)
            oldest = block;
    }
    if (!oldest || e->length > medium->block)
        return NULL;
    oldest->used = ++medium->clock;
    oldest->start = e->start;
    oldest->length = e->length;
    oldest->bad = !unpack_block(medium, e, oldest->bytes);
    return oldest;
}

/** Copies n bytes from `within` the extent; returns how many of them are what they should be, from the first one on. */
static size_t read_extent(struct medium *medium, const struct extent *e, uint8_t *to, size_t n, uint64_t within)
{
    size_t good = 0;
    if (e->kind == EXTENT_ZERO) {
        memset(to, 0, n);
        return n;
    }
    if (e->kind == EXTENT_PATTERN) {
        for (size_t i = 0; i < n; i++)
            to[i] = (uint8_t)(e->at >> 8 * ((within + i) % 8));
        return n;
    }
    if (e->kind == EXTENT_RAW && e->segment < medium->n_segments)
        good = segment_some(&medium->segments[e->segment], to, n, e->at + within);
    bool packed = e->kind != EXTENT_RAW && e->kind != EXTENT_MISSING && e->segment < medium->n_segments;
    const struct medium_block *block = packed ? block_of(medium, e) : NULL;
    if (!block) {
        memset(to + good, 0, n - good);
        return good;
    }
    memcpy(to, block->bytes + within, n);
    return block->bad ? 0 : n;
}

size_t medium_read(struct medium *medium, void *to, size_t n, uint64_t offset)
{
    uint8_t *p = to;
    if (offset >= medium->size)
        return 0;
    if (n > medium->size - offset)
        n = (size_t)(medium->size - offset);
    for (size_t done = 0; done < n;) {
        struct extent e = {.kind = EXTENT_MISSING, .start = offset, .length = 1};
        medium->format->locate(medium, offset, &e);
        if (offset < e.start || offset - e.start >= e.length)
            e = (struct extent){.kind = EXTENT_MISSING, .start = offset, .length = n - done};
        uint64_t within = offset - e.start, left = e.length - within;
        size_t part = n - done < left ? n - done : (size_t)left;
        size_t good = read_extent(medium, &e, p + done, part, within);
        if (good < part) {
            bool whole = e.kind != EXTENT_RAW && e.kind != EXTENT_MISSING;
            note_bad(medium, whole ? e.start : offset + good, whole ? e.start + e.length : offset + part);
        }
        done += part;
        offset += part;
    }
    return n;
}

const char *bad_words(const struct bad_range *bad, char why[UNPACK_DETAIL])
{
    return detail_format(why, "sectors %llu to %llu of the medium are missing or fail their checksum",
                         (unsigned long long)bad->start / 512, (unsigned long long)(bad->end - 1) / 512);
}
