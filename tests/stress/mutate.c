/*
 * mutate.c: hostile files in numbers out of sound ones, the same for the same seed: bits and lengths changed, blocks
 * cut, moved, doubled and blanked, files joined and put into each other. Half of what is changed gets its checksums
 * made good again, or no reader would look behind the first one.
 */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

#include "../../tools/pack.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "faults.h"

/** Of larger seeds only the beginning is taken; what nesting makes of it may be larger. */
#define SEED_MOST 98304
#define FILE_MOST 262144

struct pool {
    char **paths;
    size_t n, cap;
    uint64_t random;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "faults: mutate: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t next(struct pool *pool)
{
    pool->random += 0x9e3779b97f4a7c15;
    uint64_t v = pool->random;
    v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9;
    v = (v ^ (v >> 27)) * 0x94d049bb133111eb;
    return v ^ (v >> 31);
}

static size_t below(struct pool *pool, size_t n)
{
    return n ? (size_t)(next(pool) % n) : 0;
}

/** A place in the bytes: headers are at the ends, and small. */
static size_t place(struct pool *pool, const struct buf *b)
{
    size_t ends = b->len < 256 ? b->len : 256;
    switch (below(pool, 4)) {
    case 0:
        return below(pool, ends);
    case 1:
        return b->len - 1 - below(pool, ends);
    default:
        return below(pool, b->len);
    }
}

/** A length from there on, of any order of magnitude. */
static size_t stretch(struct pool *pool, const struct buf *b, size_t at)
{
    size_t most = b->len - at, n = (size_t)1 << below(pool, 17);
    n = 1 + below(pool, n);
    return n < most ? n : most;
}

static void load(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail(path);
    out->len = fread(buf_reserve(out, SEED_MOST), 1, SEED_MOST, file);
    fclose(file);
    /* Every change needs a byte to change. */
    if (out->len == 0)
        buf_byte(out, 0);
}

static void load_any(struct pool *pool, struct buf *out)
{
    load(pool->paths[below(pool, pool->n)], out);
}

static void replace(struct buf *b, struct buf *with)
{
    buf_free(b);
    *b = *with;
    memset(with, 0, sizeof(*with));
}

static void do_flip(struct pool *pool, struct buf *b)
{
    for (size_t k = 1 + below(pool, (size_t)1 << below(pool, 5)); k; k--) {
        size_t at = place(pool, b);
        b->data[at] = (uint8_t)(below(pool, 2) ? b->data[at] ^ (1U << below(pool, 8)) : next(pool));
    }
}

/** Writes what lengths are misread by, in each byte order. */
static void do_length(struct pool *pool, struct buf *b)
{
    const uint64_t values[] = {0,          1,          0x7f,       0x80,       0xff,      0x7fff,     0x8000,
                               0xffff,     0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX, UINT64_MAX, b->len,
                               b->len + 1, b->len - 1, b->len / 2, 0x10000,    0xfffffffe};
    for (size_t k = 1 + below(pool, 3); k; k--) {
        size_t width = (size_t)1 << below(pool, 4), at = place(pool, b);
        bool big = below(pool, 2);
        uint64_t value = values[below(pool, sizeof(values) / sizeof(*values))];
        for (size_t i = 0; i < width && at + i < b->len; i++)
            b->data[at + i] = (uint8_t)(value >> (8 * (big ? width - 1 - i : i)));
    }
}

static void do_cut(struct pool *pool, struct buf *b)
{
    b->len = 1 + place(pool, b);
}

static void do_behead(struct pool *pool, struct buf *b)
{
    size_t n = below(pool, stretch(pool, b, 0));
    memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
}

static void do_remove(struct pool *pool, struct buf *b)
{
    size_t at = place(pool, b), n = stretch(pool, b, at);
    if (n == b->len)
        return;
    memmove(b->data + at, b->data + at + n, b->len - at - n);
    b->len -= n;
}

static void do_double(struct pool *pool, struct buf *b)
{
    size_t at = place(pool, b), n = stretch(pool, b, at), times = 1 + below(pool, (size_t)1 << below(pool, 8));
    struct buf out = {0};
    buf_put(&out, b->data, at);
    for (size_t i = 0; i <= times && out.len + n < FILE_MOST; i++)
        buf_put(&out, b->data + at, n);
    buf_put(&out, b->data + at, b->len - at);
    replace(b, &out);
}

static void do_swap(struct pool *pool, struct buf *b)
{
    size_t from = place(pool, b), to = place(pool, b), n = stretch(pool, b, from > to ? from : to);
    for (size_t i = 0; i < n; i++) {
        uint8_t held = b->data[from + i];
        b->data[from + i] = b->data[to + i];
        b->data[to + i] = held;
    }
}

static void do_blank(struct pool *pool, struct buf *b)
{
    size_t at = place(pool, b);
    memset(b->data + at, below(pool, 2) ? 0 : 0xff, stretch(pool, b, at));
}

static void do_noise(struct pool *pool, struct buf *b)
{
    size_t at = place(pool, b), n = stretch(pool, b, at);
    for (size_t i = 0; i < n; i++)
        b->data[at + i] = (uint8_t)next(pool);
}

static void do_tail(struct pool *pool, struct buf *b)
{
    size_t n = (size_t)1 << below(pool, 14);
    memset(buf_reserve(b, n), below(pool, 2) ? 0 : (int)below(pool, 256), n);
    b->len += n;
}

/** The beginning of this and the end of another one. */
static void do_splice(struct pool *pool, struct buf *b)
{
    struct buf other = {0};
    load_any(pool, &other);
    size_t from = place(pool, &other);
    b->len = 1 + place(pool, b);
    buf_put(b, other.data + from, other.len - from);
    buf_free(&other);
}

static void do_join(struct pool *pool, struct buf *b)
{
    struct buf other = {0};
    load_any(pool, &other);
    buf_put(b, other.data, other.len);
    buf_free(&other);
}

static void do_gzip(struct pool *pool, struct buf *b)
{
    z_stream z = {0};
    struct buf out = {0};
    if (deflateInit2(&z, (int)below(pool, 10), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        fail("deflateInit2");
    size_t room = deflateBound(&z, b->len);
    z.next_in = b->data;
    z.avail_in = (uInt)b->len;
    z.next_out = buf_reserve(&out, room);
    z.avail_out = (uInt)room;
    deflate(&z, Z_FINISH);
    out.len = z.total_out;
    deflateEnd(&z);
    replace(b, &out);
}

static void do_pack(struct pool *pool, struct buf *b)
{
    const char *const names[] = {"a", "a/b.jpg", "../../x", "/etc/passwd", "a", "=1+1.png", "\xff\xfe\x1b[2J", "c.zip"};
    struct buf other = {0}, out = {0};
    load_any(pool, &other);
    size_t kinds = sizeof(names) / sizeof(*names);
    struct member members[] = {
        {names[below(pool, kinds)], b}, {names[below(pool, kinds)], &other}, {names[below(pool, kinds)], b}};
    if (below(pool, 2))
        pack_zip(members, 1 + below(pool, 3), &out);
    else
        pack_tar_gz(members, 1 + below(pool, 3), &out);
    buf_free(&other);
    replace(b, &out);
}

/** One ustar header, and the file behind it. */
static void do_tar(struct pool *pool, struct buf *b)
{
    static const uint8_t zeros[512 + 1024];
    char header[512] = "member";
    struct buf out = {0};
    snprintf(header + 100, 8, "%07o", 0644U);
    snprintf(header + 124, 12, "%011zo", b->len);
    header[156] = "0000L5Kx"[below(pool, 8)];
    memcpy(header + 257, "ustar\00000", 8);
    buf_put(&out, header, sizeof(header));
    buf_put(&out, b->data, b->len);
    buf_put(&out, zeros, (512 - b->len % 512) % 512 + below(pool, 3) * 512);
    replace(b, &out);
}

static void put_be32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t le(const uint8_t *at, unsigned width)
{
    uint64_t v = 0;
    while (width--)
        v = v << 8 | at[width];
    return v;
}

static void put_crc(uint8_t *at, const uint8_t *data, size_t n)
{
    uint32_t sum = (uint32_t)crc32(0, data, (uInt)n);
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(sum >> (8 * i));
}

static void heal_png(struct buf *b)
{
    for (size_t at = 8; at + 12 <= b->len;) {
        uint32_t n = be32(b->data + at);
        if (n > b->len - at - 12)
            return;
        put_be32(b->data + at + 8 + n, (uint32_t)crc32(0, b->data + at + 4, n + 4));
        at += (size_t)n + 12;
    }
}

static void heal_7z(struct buf *b)
{
    if (b->len < 32)
        return;
    uint64_t at = le(b->data + 12, 8), n = le(b->data + 20, 8);
    if (at <= b->len - 32 && n <= b->len - 32 - at)
        put_crc(b->data + 28, b->data + 32 + at, (size_t)n);
    put_crc(b->data + 8, b->data + 12, 20);
}

/** Headers of rar5: CRC-32, then their length in seven bits a byte. */
static void heal_rar5(struct buf *b)
{
    for (size_t at = 8; at + 7 <= b->len;) {
        size_t head = at + 4, n = 0;
        for (unsigned shift = 0; shift < 21; shift += 7) {
            n |= (size_t)(b->data[head] & 0x7f) << shift;
            if (!(b->data[head++] & 0x80))
                break;
        }
        if (n == 0 || n > b->len - head)
            return;
        put_crc(b->data + at, b->data + at + 4, head + n - at - 4);
        at = head + n;
    }
}

static void heal_tar(struct buf *b)
{
    for (size_t at = 0; at + 512 <= b->len; at += 512) {
        uint8_t *header = b->data + at;
        unsigned sum = 0;
        if (memcmp(header + 257, "ustar", 5) != 0)
            continue;
        memset(header + 148, ' ', 8);
        for (int i = 0; i < 512; i++)
            sum += header[i];
        snprintf((char *)header + 148, 8, "%06o", sum);
    }
}

static void heal(struct buf *b)
{
    if (b->len > 8 && memcmp(b->data, "\x89PNG\r\n\x1a\n", 8) == 0)
        heal_png(b);
    else if (b->len > 8 && memcmp(b->data, "7z\xbc\xaf\x27\x1c", 6) == 0)
        heal_7z(b);
    else if (b->len > 8 && memcmp(b->data, "Rar!\x1a\x07\x01", 8) == 0)
        heal_rar5(b);
    else
        heal_tar(b);
}

/** What may be done to a file, and how often beside the others. */
static const struct mutation {
    const char *name;
    void (*run)(struct pool *pool, struct buf *b);
    unsigned weight;
} mutations[] = {
    {"flip", do_flip, 6},     {"length", do_length, 6}, {"cut", do_cut, 3},       {"behead", do_behead, 1},
    {"remove", do_remove, 3}, {"double", do_double, 3}, {"swap", do_swap, 2},     {"blank", do_blank, 2},
    {"noise", do_noise, 2},   {"tail", do_tail, 1},     {"splice", do_splice, 2}, {"join", do_join, 1},
    {"gzip", do_gzip, 1},     {"pack", do_pack, 1},     {"tar", do_tar, 1},
};
#define MUTATIONS (sizeof(mutations) / sizeof(*mutations))

static const struct mutation *choose(struct pool *pool)
{
    size_t sum = 0, i = 0;
    for (size_t k = 0; k < MUTATIONS; k++)
        sum += mutations[k].weight;
    size_t drawn = below(pool, sum);
    while (drawn >= mutations[i].weight)
        drawn -= mutations[i++].weight;
    return &mutations[i];
}

/** DIR/000/000123-length-pack: what was done is the name. */
static void make_one(struct pool *pool, const char *dir, size_t i)
{
    struct buf b = {0}, path = {0};
    buf_printf(&path, "%s/%03zu", dir, i / 1000);
    if (mkdir(buf_str(&path), 0755) < 0 && errno != EEXIST)
        fail(buf_str(&path));
    buf_printf(&path, "/%06zu", i);
    load_any(pool, &b);
    for (size_t k = 1 + below(pool, 3); k; k--) {
        const struct mutation *m = choose(pool);
        m->run(pool, &b);
        buf_printf(&path, "-%s", m->name);
        if (b.len > FILE_MOST)
            b.len = FILE_MOST;
        if (below(pool, 2))
            heal(&b);
    }
    FILE *file = fopen(buf_str(&path), "wb");
    if (!file || fwrite(b.data, 1, b.len, file) != b.len || fclose(file) != 0)
        fail(buf_str(&path));
    buf_free(&b);
    buf_free(&path);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

int make_mutants(int argc, char **argv)
{
    size_t n = strtoul(argv[1], NULL, 10);
    struct pool pool = {.random = strtoull(argv[2], NULL, 10)};
    (void)argc;
    FTS *walk = fts_open(argv + 3, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (!walk)
        fail(argv[3]);
    for (const FTSENT *e; (e = fts_read(walk));) {
        if (e->fts_info != FTS_F)
            continue;
        RESERVE(pool.paths, pool.n, pool.cap);
        pool.paths[pool.n++] = mem_strdup(e->fts_path);
    }
    fts_close(walk);
    if (pool.n == 0 || (mkdir(argv[0], 0755) < 0 && errno != EEXIST))
        fail(argv[0]);
    for (size_t i = 0; i < n; i++)
        make_one(&pool, argv[0], i);
    for (size_t i = 0; i < pool.n; i++)
        free(pool.paths[i]);
    free(pool.paths);
    return 0;
}
