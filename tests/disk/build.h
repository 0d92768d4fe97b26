/* build.h: the smallest image of each kind, for tests and seeds: three blocks, of which the second is a hole or zeros.
 */
#ifndef TESTS_DISK_BUILD_H
#define TESTS_DISK_BUILD_H

#include <libdeflate.h>
#include <string.h>

#include "core/buf.h"

enum build_disk {
    BUILD_QCOW2,
    BUILD_VDI,
    BUILD_VHD,
    BUILD_VMDK,
    BUILD_VMDK_STREAM,
    BUILD_VMDK_TEXT,
    BUILD_EWF,
    BUILD_EWF2,
    BUILD_AFF,
    BUILD_PARALLELS,
    BUILD_SPARSE,
    BUILD_DMG,
    BUILD_DISKS
};

static inline void disk_put(struct buf *b, size_t at, const void *bytes, size_t n)
{
    if (b->len < at + n) {
        size_t more = at + n - b->len;
        memset(buf_reserve(b, more), 0, more);
        b->len += more;
    }
    if (n)
        memcpy(b->data + at, bytes, n);
}

static inline void disk_le(struct buf *b, size_t at, uint64_t v, unsigned n)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < n; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    disk_put(b, at, bytes, n);
}

static inline void disk_be(struct buf *b, size_t at, uint64_t v, unsigned n)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < n; i++)
        bytes[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
    disk_put(b, at, bytes, n);
}

/** Bytes of block 0 or 2. */
static inline void disk_block(unsigned number, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = number == 1 ? 0 : (uint8_t)(i / 16 * 7 + i % 5 + number);
}

static inline void disk_put_block(struct buf *b, size_t at, unsigned number, size_t n)
{
    uint8_t block[4096];
    disk_block(number, block, n);
    disk_put(b, at, block, n);
}

/** A packed block; returns its bytes. */
static inline size_t disk_put_packed(struct buf *b, size_t at, unsigned number, size_t n, bool zlib)
{
    uint8_t block[4096], packed[8192];
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    disk_block(number, block, n);
    size_t made = zlib ? libdeflate_zlib_compress(c, block, n, packed, sizeof(packed))
                       : libdeflate_deflate_compress(c, block, n, packed, sizeof(packed));
    libdeflate_free_compressor(c);
    disk_put(b, at, packed, made);
    return made;
}

static inline size_t build_qcow2(struct buf *b)
{
    disk_put(b, 0, "QFI\xfb", 4);
    disk_be(b, 4, 2, 4);
    disk_be(b, 20, 9, 4);
    disk_be(b, 24, 3 * 512, 8);
    disk_be(b, 36, 1, 4);
    disk_be(b, 40, 512, 8);
    disk_be(b, 512, 1024, 8);
    disk_be(b, 1024, 1536 | 1ull << 63, 8);
    disk_be(b, 1024 + 16, 2048 | 1ull << 62, 8);
    disk_put_block(b, 1536, 0, 512);
    disk_put_packed(b, 2048, 2, 512, false);
    disk_put(b, 2560, "", 0);
    return 512;
}

static inline size_t build_vdi(struct buf *b)
{
    disk_le(b, 0x40, 0xbeda107f, 4);
    disk_le(b, 0x44, 0x10001, 4);
    disk_le(b, 0x4c, 1, 4);
    disk_le(b, 0x154, 512, 4);
    disk_le(b, 0x158, 1024, 4);
    disk_le(b, 0x170, 3 * 4096, 8);
    disk_le(b, 0x178, 4096, 4);
    disk_le(b, 0x180, 3, 4);
    disk_le(b, 512, 0, 4);
    disk_le(b, 516, 0xffffffff, 4);
    disk_le(b, 520, 1, 4);
    disk_put_block(b, 1024, 0, 4096);
    disk_put_block(b, 1024 + 4096, 2, 4096);
    return 4096;
}

static inline size_t build_vhd(struct buf *b)
{
    disk_put(b, 0, "conectix", 8);
    disk_be(b, 16, 512, 8);
    disk_be(b, 48, 3 * 4096, 8);
    disk_be(b, 60, 3, 4);
    disk_put(b, 512, "cxsparse", 8);
    disk_be(b, 512 + 16, 1536, 8);
    disk_be(b, 512 + 28, 3, 4);
    disk_be(b, 512 + 32, 4096, 4);
    disk_be(b, 1536, 4, 4);
    disk_be(b, 1540, 0xffffffff, 4);
    disk_be(b, 1544, 13, 4);
    disk_put_block(b, 5 * 512, 0, 4096);
    disk_put_block(b, 14 * 512, 2, 4096);
    return 4096;
}

static inline size_t build_vmdk(struct buf *b, bool stream)
{
    disk_put(b, 0, "KDMV", 4);
    disk_le(b, 4, stream ? 3 : 1, 4);
    disk_le(b, 8, stream ? 0x30001 : 1, 4);
    disk_le(b, 12, 24, 8);
    disk_le(b, 20, 8, 8);
    disk_le(b, 44, 512, 4);
    disk_le(b, 56, 1, 8);
    disk_le(b, 512, 2, 4);
    disk_le(b, 1024, 6, 4);
    disk_le(b, 1024 + 8, 14, 4);
    if (!stream) {
        disk_put_block(b, 6 * 512, 0, 4096);
        disk_put_block(b, 14 * 512, 2, 4096);
        return 4096;
    }
    disk_le(b, 6 * 512 + 8, disk_put_packed(b, 6 * 512 + 12, 0, 4096, true), 4);
    disk_le(b, 14 * 512 + 8, disk_put_packed(b, 14 * 512 + 12, 2, 4096, true), 4);
    return 4096;
}

/** With a second file, "d-flat.vmdk", that has the first and the third block. */
static inline size_t build_vmdk_text(struct buf *b)
{
    static const char text[] = "# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\n"
                               "RW 8 FLAT \"d-flat.vmdk\" 0\nRW 8 ZERO\nRW 8 FLAT \"d-flat.vmdk\" 8\n";
    disk_put(b, 0, text, sizeof(text) - 1);
    return 4096;
}

static inline size_t ewf_section(struct buf *b, size_t at, const char *type, uint64_t next, uint64_t size)
{
    disk_put(b, at + 72, "\0\0\0", 4);
    disk_put(b, at, type, strlen(type));
    disk_le(b, at + 16, next, 8);
    disk_le(b, at + 24, size, 8);
    disk_le(b, at + 72, libdeflate_adler32(1, b->data + at, 72), 4);
    return at + 76;
}

static inline size_t build_ewf(struct buf *b)
{
    disk_put(b, 0, "EVF\x09\r\n\xff\0\1\1\0\0\0", 13);
    size_t at = ewf_section(b, 13, "volume", 13 + 76 + 1052, 76 + 1052);
    disk_le(b, at + 4, 3, 4);
    disk_le(b, at + 8, 8, 4);
    disk_le(b, at + 12, 512, 4);
    disk_le(b, at + 16, 24, 8);
    disk_put(b, at + 1051, "", 1);
    size_t sectors = at + 1052, data = sectors + 76, places[3];
    places[0] = data;
    places[1] = data + disk_put_packed(b, data, 0, 4096, true);
    disk_put_block(b, places[1], 1, 4096);
    disk_le(b, places[1] + 4096, libdeflate_adler32(1, b->data + places[1], 4096), 4);
    places[2] = places[1] + 4100;
    size_t table = places[2] + disk_put_packed(b, places[2], 2, 4096, true);
    ewf_section(b, sectors, "sectors", table, table - sectors);
    size_t entries = ewf_section(b, table, "table", table + 76 + 24 + 16, 76 + 24 + 16) + 24;
    disk_le(b, entries, 0, 8);
    disk_le(b, table + 76, 3, 4);
    disk_le(b, table + 76 + 8, data, 8);
    disk_le(b, table + 76 + 20, libdeflate_adler32(1, b->data + table + 76, 20), 4);
    for (size_t i = 0; i < 3; i++)
        disk_le(b, entries + 4 * i, (places[i] - data) | (i == 1 ? 0 : 0x80000000u), 4);
    disk_le(b, entries + 12, libdeflate_adler32(1, b->data + entries, 12), 4);
    ewf_section(b, entries + 16, "done", entries + 16, 76);
    return 4096;
}

/** The section whose data are the bytes from `data` on; returns where the next one's begin. */
static inline size_t ewf2_section(struct buf *b, size_t data, size_t *previous, unsigned type, unsigned flags)
{
    size_t n = b->len - data, pad = (16 - b->len % 16) % 16, at = b->len + pad;
    disk_put(b, at + 63, "", 1);
    disk_le(b, at, type, 4);
    disk_le(b, at + 4, flags, 4);
    disk_le(b, at + 8, *previous, 8);
    disk_le(b, at + 16, n + pad, 8);
    disk_le(b, at + 24, 64, 4);
    disk_le(b, at + 28, pad, 4);
    disk_le(b, at + 60, libdeflate_adler32(1, b->data + at, 60), 4);
    *previous = at;
    return at + 64;
}

/** In UTF-16 with its mark; packed or not. */
static inline void ewf2_text(struct buf *b, const char *text, bool packed)
{
    uint8_t wide[1024] = {0xff, 0xfe}, out[2048];
    size_t n = 2;
    for (; *text; text++, n += 2)
        wide[n] = (uint8_t)*text;
    if (!packed) {
        disk_put(b, b->len, wide, n);
        return;
    }
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    size_t made = libdeflate_zlib_compress(c, wide, n, out, sizeof(out));
    libdeflate_free_compressor(c);
    disk_put(b, b->len, out, made);
}

static inline void ewf2_head(struct buf *b, unsigned number)
{
    disk_put(b, 0, "EVF2\r\n\x81\0\2\1\1\0", 12);
    disk_le(b, 12, number, 4);
    disk_put(b, 16, "the mark of sets", 16);
}

static inline size_t ewf2_texts(struct buf *b, size_t *previous)
{
    size_t at = b->len;
    ewf2_text(b, "1\nmain\nsn\tts\tbp\tph\nS1\t24\t512\t1\n\n", true);
    at = ewf2_section(b, at, previous, 1, 0);
    ewf2_text(b,
              "1\nmain\nnm\tcn\ten\tex\tnt\tav\ttt\tat\ttb\tcp\tsb\n"
              "what\tCASE17\tEV4\tA. Examiner\tnotes\t7.04\t1343347200\t5\t3\t1\t8\n\n",
              false);
    return ewf2_section(b, at, previous, 2, 0);
}

struct ewf2_entry {
    uint64_t at;
    uint32_t size, flags;
};

static inline size_t ewf2_table(struct buf *b, size_t at, size_t *previous, uint64_t first,
                                const struct ewf2_entry *entries, size_t n)
{
    disk_put(b, at + 31, "", 1);
    disk_le(b, at, first, 8);
    disk_le(b, at + 8, n, 4);
    disk_le(b, at + 16, libdeflate_adler32(1, b->data + at, 16), 4);
    for (size_t i = 0; i < n; i++) {
        disk_le(b, at + 32 + 16 * i, entries[i].at, 8);
        disk_le(b, at + 32 + 16 * i + 8, entries[i].size, 4);
        disk_le(b, at + 32 + 16 * i + 12, entries[i].flags, 4);
    }
    disk_le(b, at + 32 + 16 * n, libdeflate_adler32(1, b->data + at + 32, 16 * n), 4);
    return ewf2_section(b, at, previous, 4, 0);
}

/** A packed chunk, one filled with a pattern, one that is stored. */
static inline size_t build_ewf2(struct buf *b)
{
    size_t previous = 0;
    ewf2_head(b, 1);
    size_t data = ewf2_texts(b, &previous);
    size_t n = disk_put_packed(b, data, 0, 4096, true), stored = (data + n + 15) / 16 * 16;
    disk_put_block(b, stored, 2, 4096);
    disk_le(b, stored + 4096, libdeflate_adler32(1, b->data + stored, 4096), 4);
    size_t at = ewf2_section(b, data, &previous, 3, 0);
    const struct ewf2_entry entries[3] = {{data, (uint32_t)n, 1}, {0, 0, 5}, {stored, 4100, 2}};
    at = ewf2_table(b, at, &previous, 0, entries, 3);
    disk_put(b, at, "0123456789abcdef", 16);
    disk_le(b, at + 16, libdeflate_adler32(1, b->data + at, 16), 4);
    at = ewf2_section(b, at, &previous, 8, 0);
    disk_put(b, at, "0123456789abcdefghij", 20);
    disk_le(b, at + 20, libdeflate_adler32(1, b->data + at, 20), 4);
    at = ewf2_section(b, at, &previous, 9, 0);
    ewf2_section(b, at, &previous, 15, 0);
    return 4096;
}

static inline void aff_segment(struct buf *b, const char *name, const void *data, size_t n, uint32_t flags)
{
    size_t at = b->len, name_len = strlen(name), end = at + 16 + name_len + n;
    disk_put(b, at, "AFF", 4);
    disk_be(b, at + 4, name_len, 4);
    disk_be(b, at + 8, n, 4);
    disk_be(b, at + 12, flags, 4);
    disk_put(b, at + 16, name, name_len);
    disk_put(b, at + 16 + name_len, data, n);
    disk_put(b, end, "ATT", 4);
    disk_be(b, end + 4, end + 8 - at, 4);
}

static inline size_t build_aff(struct buf *b)
{
    struct buf page = {0};
    uint8_t block[4096], size[8] = {0, 0, 0x30, 0};
    disk_put(b, 0, "AFF10\r\n", 8);
    aff_segment(b, "pagesize", "", 0, 4096);
    aff_segment(b, "imagesize", size, 8, 2);
    disk_block(0, block, sizeof(block));
    aff_segment(b, "page0", block, sizeof(block), 0);
    aff_segment(b, "page1", "\0\0\x10", 4, 0x33);
    size_t n = disk_put_packed(&page, 0, 2, 4096, true);
    aff_segment(b, "page2", page.data, n, 1);
    buf_free(&page);
    return 4096;
}

static inline size_t build_parallels(struct buf *b)
{
    disk_put(b, 0, "WithouFreSpacExt\2\0\0", 20);
    disk_le(b, 28, 8, 4);
    disk_le(b, 32, 3, 4);
    disk_le(b, 36, 24, 8);
    disk_le(b, 64, 1, 4);
    disk_le(b, 72, 2, 4);
    disk_put_block(b, 4096, 0, 4096);
    disk_put_block(b, 8192, 2, 4096);
    return 4096;
}

/** The third block stands before the first. */
static inline size_t build_sparse(struct buf *b)
{
    disk_put(b, 0, "sprs\0\0\0\3", 8);
    disk_be(b, 8, 8, 4);
    disk_be(b, 16, 24, 4);
    disk_be(b, 64, 3, 4);
    disk_be(b, 68, 1, 4);
    disk_put_block(b, 4096, 2, 4096);
    disk_put_block(b, 8192, 0, 4096);
    return 4096;
}

static inline void disk_put_base64(struct buf *b, const struct buf *bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i + 3 <= bytes->len; i += 3) {
        const uint8_t *p = bytes->data + i;
        uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        char four[5] = {digits[v >> 18], digits[v >> 12 & 63], digits[v >> 6 & 63], digits[v & 63], '\n'};
        disk_put(b, b->len, four, i % 57 ? 4 : 5);
    }
}

static inline void dmg_run(struct buf *table, uint32_t kind, uint64_t start, uint64_t at, uint64_t n)
{
    size_t to = table->len;
    disk_be(table, to, kind, 4);
    disk_be(table, to + 4, 0, 4);
    disk_be(table, to + 8, start, 8);
    disk_be(table, to + 16, 8, 8);
    disk_be(table, to + 24, at, 8);
    disk_be(table, to + 32, n, 8);
}

/** Two volumes: a packed block and a hole; a block as it stands. The data begins behind 16 bytes of something. */
static inline size_t build_dmg(struct buf *b)
{
    struct buf first = {0}, second = {0};
    static const char head[] = "<plist><dict><key>resource-fork</key><dict><key>blkx</key><array><dict><data>";
    static const char between[] = "</data></dict><dict><data>";
    static const char rest[] = "</data></dict></array></dict></dict></plist>";
    disk_put(b, 0, "0123456789abcdef", 16);
    size_t n = disk_put_packed(b, 16, 0, 4096, true), raw = b->len;
    disk_put_block(b, raw, 2, 4096);
    disk_be(&first, 0, 0x6d697368, 4);
    disk_be(&first, 200, 3, 4);
    dmg_run(&first, 0x80000005, 0, 0, n);
    dmg_run(&first, 2, 8, n, 0);
    dmg_run(&first, 0xffffffff, 16, n, 0);
    disk_be(&second, 0, 0x6d697368, 4);
    disk_be(&second, 8, 16, 8);
    disk_be(&second, 200, 1, 4);
    dmg_run(&second, 1, 0, raw - 16, 4096);
    disk_put(&second, second.len, "\0\0", 3 - second.len % 3);
    size_t list = b->len;
    disk_put(b, b->len, head, sizeof(head) - 1);
    disk_put_base64(b, &first);
    disk_put(b, b->len, between, sizeof(between) - 1);
    disk_put_base64(b, &second);
    disk_put(b, b->len, rest, sizeof(rest) - 1);
    size_t trailer = b->len;
    disk_put(b, trailer, "koly\0\0\0\4\0\0\2\0", 12);
    disk_be(b, trailer + 24, 16, 8);
    disk_be(b, trailer + 216, list, 8);
    disk_be(b, trailer + 224, trailer - list, 8);
    disk_be(b, trailer + 504, 0, 8);
    buf_free(&first);
    buf_free(&second);
    return 4096;
}

/** Appends an image; returns the size of its blocks. */
static inline size_t build_disk(enum build_disk kind, struct buf *b)
{
    switch (kind) {
    case BUILD_QCOW2:
        return build_qcow2(b);
    case BUILD_VDI:
        return build_vdi(b);
    case BUILD_VHD:
        return build_vhd(b);
    case BUILD_VMDK:
        return build_vmdk(b, false);
    case BUILD_VMDK_STREAM:
        return build_vmdk(b, true);
    case BUILD_VMDK_TEXT:
        return build_vmdk_text(b);
    case BUILD_EWF:
        return build_ewf(b);
    case BUILD_EWF2:
        return build_ewf2(b);
    case BUILD_PARALLELS:
        return build_parallels(b);
    case BUILD_SPARSE:
        return build_sparse(b);
    case BUILD_DMG:
        return build_dmg(b);
    default:
        return build_aff(b);
    }
}

#endif
