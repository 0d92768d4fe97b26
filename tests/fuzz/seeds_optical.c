/* seeds_optical.c: small discs: UDF with each kind of partition, and ISO 9660. Sums are set by the target. */
#include "optical_pieces.h"
#include "seeds.h"

enum kind { PHYSICAL, METADATA, VIRTUAL, SPARABLE, KINDS };

#define SECTORS   360u
#define SEQUENCE  80u
#define SPARING   90u
#define SPARE     100u
#define PARTITION 257u
#define DATA      60u
#define MOVED     8u

struct disc {
    enum kind kind;
    struct buf out;
    uint8_t piece[4 * OPTICAL_PIECE];
};

static void number(uint8_t *p, size_t n, uint64_t v)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/** The piece so far, without the zeros at its end. */
static void put(struct disc *disc, unsigned flags, unsigned sector)
{
    size_t n = sizeof(disc->piece);
    uint8_t head[5] = {(uint8_t)flags};
    while (n && !disc->piece[n - 1])
        n--;
    number(head + 1, 2, sector);
    number(head + 3, 2, n);
    buf_put(&disc->out, head, sizeof(head));
    buf_put(&disc->out, disc->piece, n);
    memset(disc->piece, 0, sizeof(disc->piece));
}

static void put_text(struct disc *disc, size_t at, const char *text)
{
    memcpy(disc->piece + at, text, strlen(text));
}

static void begin(struct disc *disc, uint16_t tag)
{
    number(disc->piece, 2, tag);
    disc->piece[2] = 3;
    number(disc->piece + 10, 2, OPTICAL_PIECE - 16);
}

/** Where a block stands in which names and entries are. */
static unsigned place(const struct disc *disc, unsigned block)
{
    static const unsigned bases[KINDS] = {PARTITION, PARTITION + MOVED, PARTITION + MOVED, SPARE};
    return bases[disc->kind] + block;
}

static unsigned reference(const struct disc *disc)
{
    return disc->kind == METADATA || disc->kind == VIRTUAL;
}

static void put_long(uint8_t *p, uint32_t length, uint32_t block, unsigned map)
{
    number(p, 4, length);
    number(p + 4, 4, block);
    number(p + 8, 2, map);
}

/** A name, at p; returns where the next one begins. */
static uint8_t *put_name(const struct disc *disc, uint8_t *p, unsigned flags, unsigned block, const char *name)
{
    size_t n = strlen(name);
    number(p, 2, 257);
    p[2] = 3;
    p[16] = 1;
    p[18] = (uint8_t)flags;
    p[19] = (uint8_t)(n ? n + 1 : 0);
    put_long(p + 20, OPTICAL_PIECE, block, reference(disc));
    if (n) {
        p[38] = 8;
        memcpy(p + 39, name, n);
    }
    return p + ((38 + p[19] + 3u) & ~3u);
}

/** The head of an entry whose descriptors, or bytes, take `n` bytes. */
static uint8_t *begin_entry(struct disc *disc, bool extended, unsigned type, unsigned how, uint64_t size, uint32_t n)
{
    begin(disc, extended ? 266 : 261);
    disc->piece[20] = 4;
    disc->piece[24] = 1;
    disc->piece[27] = (uint8_t)type;
    disc->piece[34] = (uint8_t)how;
    number(disc->piece + 56, 8, size);
    size_t head = extended ? 216 : 176;
    number(disc->piece + head - 4, 4, n);
    return disc->piece + head;
}

static void put_map(struct disc *disc, uint8_t *p)
{
    static const char *const names[KINDS] = {"", "*UDF Metadata Partition", "*UDF Virtual Partition",
                                             "*UDF Sparable Partition"};
    p[0] = 2;
    p[1] = 64;
    memcpy(p + 5, names[disc->kind], strlen(names[disc->kind]));
    if (disc->kind == METADATA) {
        number(p + 44, 4, 1);
        p[58] = 1;
    } else if (disc->kind == SPARABLE) {
        p[40] = 16;
        p[42] = 1;
        number(p + 44, 4, 64);
        number(p + 48, 4, SPARING);
    }
}

static void put_volume(struct disc *disc)
{
    static const char *const words[] = {"BEA01", "NSR03", "TEA01"};
    for (unsigned i = 0; i < 3; i++) {
        put_text(disc, 1, words[i]);
        put(disc, 0, 64 + 4 * i);
    }
    begin(disc, 5);
    number(disc->piece + 188, 4, PARTITION);
    number(disc->piece + 192, 4, SECTORS - PARTITION);
    put(disc, OPTICAL_TAG, SEQUENCE);
    begin(disc, 6);
    number(disc->piece + 212, 4, OPTICAL_PIECE);
    put_long(disc->piece + 248, OPTICAL_PIECE, 0, reference(disc));
    uint8_t *maps = disc->piece + 440;
    size_t n = 0;
    if (disc->kind != SPARABLE) {
        maps[0] = 1;
        maps[1] = 6;
        n = 6;
    }
    if (disc->kind != PHYSICAL)
        put_map(disc, maps + n);
    number(disc->piece + 264, 4, n + (disc->kind != PHYSICAL ? 64 : 0));
    disc->piece[268] = (uint8_t)(reference(disc) + 1);
    put(disc, OPTICAL_TAG, SEQUENCE + 1);
    begin(disc, 8);
    put(disc, OPTICAL_TAG, SEQUENCE + 2);
    begin(disc, 2);
    number(disc->piece + 12, 4, 256);
    number(disc->piece + 16, 4, 16 * OPTICAL_PIECE);
    number(disc->piece + 20, 4, SEQUENCE);
    put(disc, OPTICAL_TAG, 256);
}

static void put_tables(struct disc *disc)
{
    if (disc->kind == METADATA)
        for (unsigned i = 0; i < 2; i++) {
            uint8_t *p = begin_entry(disc, true, 250 + i, 0, 32 * OPTICAL_PIECE, 8);
            number(p, 4, 32 * OPTICAL_PIECE);
            number(p + 4, 4, MOVED);
            put(disc, OPTICAL_TAG, PARTITION + i);
        }
    if (disc->kind == SPARABLE) {
        put_text(disc, 17, "*UDF Sparing Table");
        disc->piece[48] = 1;
        number(disc->piece + 60, 4, SPARE);
        put(disc, 0, SPARING);
    }
    if (disc->kind == VIRTUAL) {
        uint8_t *p = begin_entry(disc, false, 248, 3, 152 + 64, 152 + 64);
        number(p, 2, 152);
        for (unsigned i = 0; i < 16; i++)
            number(p + 152 + 4 * i, 4, MOVED + i);
        put(disc, OPTICAL_TAG, SECTORS - 1);
    }
}

/** A file of two extents, the second of them in a list that goes on; one within its entry, with a stream; a deleted
 * one. */
static void put_files(struct disc *disc)
{
    uint8_t *p = begin_entry(disc, false, 5, 1, 700, 32);
    put_long(p, OPTICAL_PIECE, DATA, 0);
    put_long(p + 16, 3u << 30 | OPTICAL_PIECE, DATA + 2, 0);
    put(disc, OPTICAL_TAG, place(disc, 2));
    begin(disc, 258);
    number(disc->piece + 20, 4, 16);
    put_long(disc->piece + 24, 188, DATA + 1, 0);
    put(disc, OPTICAL_TAG, PARTITION + DATA + 2);
    memcpy(begin_entry(disc, true, 5, 3, 5, 5), "bytes", 5);
    put_long(disc->piece + 152, OPTICAL_PIECE, 4, reference(disc));
    put(disc, OPTICAL_TAG, place(disc, 3));
    p = begin_entry(disc, true, 13, 3, 84, 84);
    put_name(disc, put_name(disc, p, 10, 3, ""), 0, 5, "s");
    put(disc, OPTICAL_TAG | OPTICAL_NAMES, place(disc, 4));
    memcpy(begin_entry(disc, true, 5, 3, 6, 6), "stream", 6);
    put(disc, OPTICAL_TAG, place(disc, 5));
    memcpy(begin_entry(disc, false, 5, 3, 4, 4), "gone", 4);
    put(disc, OPTICAL_TAG, place(disc, 6));
    put_text(disc, 0, "what stands in the file");
    put(disc, 0, PARTITION + DATA);
}

static void put_tree(struct disc *disc)
{
    begin(disc, 256);
    put_long(disc->piece + 400, OPTICAL_PIECE, 1, reference(disc));
    put(disc, OPTICAL_TAG, place(disc, 0));
    uint8_t *p = begin_entry(disc, false, 4, 3, 0, 0), *begins = p;
    p = put_name(disc, p, 10, 1, "");
    p = put_name(disc, p, 0, 2, "pieces");
    p = put_name(disc, p, 0, 3, "inside");
    p = put_name(disc, p, 4, 6, "gone");
    p = put_name(disc, p, 2, 7, "sub");
    number(disc->piece + 56, 4, (size_t)(p - begins));
    number(disc->piece + 172, 4, (size_t)(p - begins));
    put(disc, OPTICAL_TAG | OPTICAL_NAMES, place(disc, 1));
    p = begin_entry(disc, false, 4, 0, 96, 8);
    number(p, 4, 96);
    number(p + 4, 4, disc->kind == PHYSICAL ? DATA + 3 : 8);
    put(disc, OPTICAL_TAG, place(disc, 7));
    put_name(disc, put_name(disc, disc->piece, 10, 1, ""), 0, 2, "another name");
    put(disc, OPTICAL_NAMES, disc->kind == PHYSICAL ? PARTITION + DATA + 3 : place(disc, 8));
}

static void put_both(uint8_t *p, uint32_t v)
{
    number(p, 4, v);
    for (int i = 0; i < 4; i++)
        p[4 + i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint8_t *put_record(uint8_t *p, const char *name, size_t n, uint32_t sector, uint32_t size, unsigned flags)
{
    p[0] = (uint8_t)(33 + n + (n % 2 == 0));
    put_both(p + 2, sector);
    put_both(p + 10, size);
    p[25] = (uint8_t)flags;
    p[28] = 1;
    p[31] = 1;
    p[32] = (uint8_t)n;
    memcpy(p + 33, name, n);
    return p + p[0];
}

/** The primary tree, and a Joliet one with another file. */
static void put_iso(struct disc *disc)
{
    for (unsigned tree = 0; tree < 2; tree++) {
        uint8_t *p = disc->piece;
        p[0] = (uint8_t)(1 + tree);
        p[6] = 1;
        put_text(disc, 1, "CD001");
        if (tree)
            put_text(disc, 88, "%/E");
        put_both(p + 80, SECTORS / 4);
        p[128] = p[131] = 0;
        p[129] = p[130] = 8;
        put_record(p + 156, "\0", 1, 20 + tree, 2048, 2);
        put(disc, 0, 4 * (16 + tree));
        p = put_record(disc->piece, "\0", 1, 20 + tree, 2048, 2);
        p = put_record(p, "\1", 1, 20 + tree, 2048, 2);
        put_record(p, tree ? "\0J\0j" : "FILE.;1", tree ? 4 : 7, 22 + tree, 100, 0);
        put(disc, 0, 4 * (20 + tree));
        put_text(disc, 0, tree ? "only in the second tree" : "only in the first tree");
        put(disc, 0, 4 * (22 + tree));
    }
    put_text(disc, 1, "CD001");
    disc->piece[0] = 255;
    put(disc, 0, 4 * 18);
}

void seed_optical(void)
{
    static const char *const names[KINDS] = {"physical", "metadata", "virtual", "sparable"};
    static const char head[4] = {(char)((SECTORS - 1) & 255), (SECTORS - 1) >> 8, 3, 5};
    struct disc disc = {0};
    for (unsigned kind = 0; kind < KINDS; kind++) {
        disc.kind = (enum kind)kind;
        put_volume(&disc);
        put_tables(&disc);
        put_tree(&disc);
        put_files(&disc);
        seed_prefixed("optical", names[kind], head, sizeof(head), disc.out.data, disc.out.len);
        buf_free(&disc.out);
        disc.out = (struct buf){0};
    }
    put_iso(&disc);
    seed_prefixed("optical", "iso", head, sizeof(head), disc.out.data, disc.out.len);
    buf_free(&disc.out);
}
