/* zip_build.h: zip archives byte by byte, with whatever lies a test needs. */
#ifndef TESTS_SOURCE_ZIP_BUILD_H
#define TESTS_SOURCE_ZIP_BUILD_H

#include <string.h>
#include <zlib.h>

#include "core/buf.h"

/** What the headers of one entry say. zip_entry_of() fills it in truthfully. */
struct build_entry {
    const void *name;
    size_t name_len;
    uint16_t method, flags, host;
    uint32_t crc, attributes;
    uint64_t csize, usize;
    const void *data; /* as stored: csize_real bytes */
    size_t csize_real;
    bool zip64, descriptor;
    uint64_t offset; /* set by build_local */
};

struct build {
    struct buf bytes, central;
    uint64_t entries;
    /** Subtracted from offsets: what stands before the archive. */
    uint64_t prefix;
};

static inline void put16(struct buf *buf, uint32_t v)
{
    buf_u8(buf, (uint8_t)v);
    buf_u8(buf, (uint8_t)(v >> 8));
}

static inline struct build_entry build_stored(const char *name, const void *data, size_t n)
{
    return (struct build_entry){
        .name = name,
        .name_len = strlen(name),
        .crc = (uint32_t)crc32_z(0, data, n),
        .csize = n,
        .usize = n,
        .data = data,
        .csize_real = n,
    };
}

/** Deflated into `room`. */
static inline struct build_entry build_deflated(const char *name, const void *data, size_t n, uint8_t *room,
                                                size_t room_size)
{
    struct build_entry entry = build_stored(name, data, n);
    z_stream z = {0};
    deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (uint8_t *)(uintptr_t)data;
    z.avail_in = (unsigned)n;
    z.next_out = room;
    z.avail_out = (unsigned)room_size;
    deflate(&z, Z_FINISH);
    entry.method = 8;
    entry.csize = entry.csize_real = z.total_out;
    entry.data = room;
    deflateEnd(&z);
    return entry;
}

static inline void build_local(struct build *build, struct build_entry *entry)
{
    struct buf *out = &build->bytes;
    bool later = entry->descriptor;
    entry->offset = out->len - build->prefix;
    if (later)
        entry->flags |= 8;
    buf_u32(out, 0x04034b50);
    put16(out, entry->zip64 ? 45 : 20);
    put16(out, entry->flags);
    put16(out, entry->method);
    buf_u32(out, 0);
    buf_u32(out, later ? 0 : entry->crc);
    buf_u32(out, later ? 0 : entry->zip64 ? UINT32_MAX : (uint32_t)entry->csize);
    buf_u32(out, later ? 0 : entry->zip64 ? UINT32_MAX : (uint32_t)entry->usize);
    put16(out, (uint32_t)entry->name_len);
    put16(out, entry->zip64 ? 20 : 0);
    buf_put(out, entry->name, entry->name_len);
    if (entry->zip64) {
        put16(out, 1);
        put16(out, 16);
        buf_u64(out, entry->usize);
        buf_u64(out, entry->csize);
    }
    buf_put(out, entry->data, entry->csize_real);
    if (later) {
        buf_u32(out, 0x08074b50);
        buf_u32(out, entry->crc);
        if (entry->zip64)
            buf_u64(out, entry->csize), buf_u64(out, entry->usize);
        else
            buf_u32(out, (uint32_t)entry->csize), buf_u32(out, (uint32_t)entry->usize);
    }
}

static inline void build_central(struct build *build, const struct build_entry *entry)
{
    struct buf *out = &build->central;
    buf_u32(out, 0x02014b50);
    put16(out, 20u | (uint32_t)entry->host << 8);
    put16(out, 20);
    put16(out, entry->flags);
    put16(out, entry->method);
    buf_u32(out, 0);
    buf_u32(out, entry->crc);
    buf_u32(out, entry->zip64 ? UINT32_MAX : (uint32_t)entry->csize);
    buf_u32(out, entry->zip64 ? UINT32_MAX : (uint32_t)entry->usize);
    put16(out, (uint32_t)entry->name_len);
    put16(out, entry->zip64 ? 28 : 0);
    put16(out, 0);
    put16(out, 0);
    put16(out, 0);
    buf_u32(out, entry->attributes);
    buf_u32(out, entry->zip64 ? UINT32_MAX : (uint32_t)entry->offset);
    buf_put(out, entry->name, entry->name_len);
    if (entry->zip64) {
        put16(out, 1);
        put16(out, 24);
        buf_u64(out, entry->usize);
        buf_u64(out, entry->csize);
        buf_u64(out, entry->offset);
    }
    build->entries++;
}

static inline void build_add(struct build *build, struct build_entry entry)
{
    build_local(build, &entry);
    build_central(build, &entry);
}

/** The central directory and the records that end it. */
static inline void build_end(struct build *build, bool zip64, const char *comment)
{
    struct buf *out = &build->bytes;
    uint64_t at = out->len - build->prefix, record = at + build->central.len;
    buf_put(out, build->central.data, build->central.len);
    if (zip64) {
        buf_u32(out, 0x06064b50);
        buf_u64(out, 44);
        put16(out, 45);
        put16(out, 45);
        buf_u32(out, 0);
        buf_u32(out, 0);
        buf_u64(out, build->entries);
        buf_u64(out, build->entries);
        buf_u64(out, build->central.len);
        buf_u64(out, at);
        buf_u32(out, 0x07064b50);
        buf_u32(out, 0);
        buf_u64(out, record);
        buf_u32(out, 1);
    }
    buf_u32(out, 0x06054b50);
    put16(out, 0);
    put16(out, 0);
    put16(out, zip64 ? UINT16_MAX : (uint32_t)build->entries);
    put16(out, zip64 ? UINT16_MAX : (uint32_t)build->entries);
    buf_u32(out, zip64 ? UINT32_MAX : (uint32_t)build->central.len);
    buf_u32(out, zip64 ? UINT32_MAX : (uint32_t)at);
    put16(out, (uint32_t)strlen(comment));
    buf_puts(out, comment);
}

static inline void build_free(struct build *build)
{
    buf_free(&build->bytes);
    buf_free(&build->central);
    build->entries = 0;
    build->prefix = 0;
}

#endif
