/* seeds_rar.c: RAR archives, which no library writes: stored ones, and RAR 5 with the simplest of compressed blocks. */
#include "../source/zip_build.h"
#include "seeds.h"

/** A block of RAR 4: its checksum, then what it is the checksum of. */
static void rar4_block(struct buf *out, const void *bytes, size_t n)
{
    put16(out, (uint32_t)crc32_z(0, bytes, n));
    buf_put(out, bytes, n);
}

static void seed_rar4(void)
{
    struct buf out = {0}, file = {0};
    buf_put(&out, "\2\1\0Rar!\x1a\7\0", 10);
    rar4_block(&out, "\x73\0\0\x0d\0\0\0\0\0\0\0", 11);
    buf_put(&file, "\x74\0\x80\x21\0\5\0\0\0\5\0\0\0\3", 14);
    buf_u32(&file, (uint32_t)crc32_z(0, (const uint8_t *)"hello", 5));
    buf_put(&file, "\0\0\0\0\x14\x30\1\0\xa4\x81\0\0a", 13);
    rar4_block(&out, file.data, file.len);
    buf_puts(&out, "hello");
    rar4_block(&out, "\x7b\0\x40\7\0", 5);
    seed_write("archive", "rar", out.data, out.len);
    buf_free(&out);
    buf_free(&file);
}

static void rar5_block(struct buf *out, const void *bytes, size_t n)
{
    struct buf block = {0};
    buf_u8(&block, (uint8_t)n);
    buf_put(&block, bytes, n);
    buf_u32(out, (uint32_t)crc32_z(0, block.data, block.len));
    buf_put(out, block.data, block.len);
    buf_free(&block);
}

/** Bits, the highest of each byte first. */
struct bits {
    struct buf bytes;
    size_t n;
};

static void put_bits(struct bits *bits, unsigned v, unsigned n)
{
    while (n--) {
        if (bits->n++ % 8 == 0)
            buf_u8(&bits->bytes, 0);
        bits->bytes.data[bits->bytes.len - 1] |= (uint8_t)((v >> n & 1) << (7 - (bits->n - 1) % 8));
    }
}

/** Lengths of all codes of a block: two bits for each of four letters, none for anything else. */
static void put_code_lengths(struct bits *bits, const char letters[5])
{
    enum { CODES = 306 + 64 + 16 + 44 };
    /* The code of the lengths: 0, 2, a short and a long run of zeros, two bits each. */
    for (unsigned i = 0; i < 20; i++)
        put_bits(bits, i == 0 || i == 2 || i == 18 || i == 19 ? 2 : 0, 4);
    for (unsigned at = 0; at < CODES;) {
        unsigned zeros = 0;
        while (at + zeros < CODES && (at + zeros > 255 || !strchr(letters, (int)(at + zeros)) || !(at + zeros)))
            zeros++;
        unsigned taken = zeros >= 11 ? (zeros < 138 ? zeros : 138) : zeros >= 3 ? zeros : 1;
        if (zeros >= 11)
            put_bits(bits, 3u << 7 | (taken - 11), 9);
        else if (zeros >= 3)
            put_bits(bits, 2u << 3 | (taken - 3), 5);
        else
            put_bits(bits, zeros ? 0 : 1, 2);
        at += taken;
    }
}

/** A text of just these letters, which are in order, as one compressed block. */
static void put_packed(struct buf *out, const char letters[5], const char *text)
{
    struct bits bits = {0};
    put_code_lengths(&bits, letters);
    for (; *text; text++)
        put_bits(&bits, (unsigned)(strchr(letters, *text) - letters), 2);
    uint8_t flags = (uint8_t)(0xc0 | (bits.n - 1) % 8), n = (uint8_t)bits.bytes.len;
    buf_u8(out, flags);
    buf_u8(out, 0x5a ^ flags ^ n);
    buf_u8(out, n);
    buf_put(out, bits.bytes.data, bits.bytes.len);
    buf_free(&bits.bytes);
}

struct rar5_kind {
    bool solid, stored;
    /** The first file is said to be smaller than it is. */
    bool small;
    /** A number that the checksum of the first file is wrong by. */
    uint32_t wrong;
};

static void rar5_file(struct buf *out, const struct rar5_kind *kind, unsigned number, const char *text)
{
    struct buf header = {0}, data = {0};
    size_t n = strlen(text);
    if (kind->stored)
        buf_puts(&data, text);
    else
        put_packed(&data, "ehlo", text);
    const uint8_t head[] = {2, 2, (uint8_t)data.len, 4, (uint8_t)(kind->small && !number ? n / 2 : n), 0x20};
    buf_put(&header, head, sizeof(head));
    buf_u32(&header, (uint32_t)crc32_z(0, (const uint8_t *)text, n) ^ (number ? 0 : kind->wrong));
    buf_u8(&header, (uint8_t)(kind->stored            ? 0x80
                              : kind->solid && number ? 0xc0
                                                      : 0x80)); /* two bytes: method, solid */
    buf_u8(&header, kind->stored ? 0 : 1);
    buf_put(&header, "\1\1", 2);
    buf_u8(&header, (uint8_t)('a' + number));
    rar5_block(out, header.data, header.len);
    buf_put(out, data.data, data.len);
    buf_free(&header);
    buf_free(&data);
}

static void seed_rar5(const char *name, struct rar5_kind kind)
{
    struct buf out = {0};
    buf_put(&out, "\3\1\0Rar!\x1a\7\1\0", 11);
    rar5_block(&out, kind.solid ? "\1\0\4" : "\1\0\0", 3);
    rar5_file(&out, &kind, 0, "hello");
    rar5_file(&out, &kind, 1, "ollehello");
    rar5_file(&out, &kind, 2, "eleh");
    rar5_block(&out, "\5\0\0", 3);
    seed_write("archive", name, out.data, out.len);
    buf_free(&out);
}

void seed_rars(void)
{
    seed_rar4();
    seed_rar5("rar5-stored", (struct rar5_kind){.stored = true});
    seed_rar5("rar5", (struct rar5_kind){0});
    seed_rar5("rar5-solid", (struct rar5_kind){.solid = true});
    seed_rar5("bug-rar5-held", (struct rar5_kind){.wrong = 1});
    seed_rar5("bug-rar5-stale", (struct rar5_kind){.small = true});
    seed_rar5("bug-rar5-stale-solid", (struct rar5_kind){.small = true, .solid = true});
}
