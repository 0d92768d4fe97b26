#include "../source/zip_build.h"
#include "seeds.h"

static const char hello[] = "hello, hello, hello, hello\n";

/** The first two bytes: at which member a second run begins, and which members a third one passes over. */
static void write_zip(const char *name, struct build *build)
{
    seed_prefixed("zip", name, "\1\2", 2, build->bytes.data, build->bytes.len);
    build_free(build);
}

static struct build_entry deflated(const char *name)
{
    static uint8_t room[64];
    return build_deflated(name, hello, sizeof(hello) - 1, room, sizeof(room));
}

static struct build_entry stored(const char *name)
{
    return build_stored(name, hello, sizeof(hello) - 1);
}

static void seed_zip_plain(void)
{
    struct build build = {0};
    build_add(&build, stored("a"));
    build_add(&build, deflated("b/c"));
    build_add(&build, build_stored("d/", "", 0));
    build_end(&build, false, "comment");
    write_zip("plain", &build);
    for (int deflate = 0; deflate < 2; deflate++) {
        struct build_entry entry = deflate ? deflated("a") : stored("a");
        entry.descriptor = true;
        build_add(&build, entry);
        entry.zip64 = true;
        build_add(&build, entry);
        build_end(&build, true, "");
        write_zip(deflate ? "descriptors-deflated" : "descriptors-stored", &build);
    }
    buf_puts(&build.bytes, "MZ a program in front");
    build.prefix = build.bytes.len;
    build_add(&build, deflated("a"));
    build_end(&build, false, "");
    buf_puts(&build.bytes, "behind");
    write_zip("self-extracting", &build);
    build_end(&build, false, "");
    write_zip("empty", &build);
}

static void seed_zip_lies(void)
{
    struct build build = {0};
    struct build_entry entry = stored("listed");
    build_add(&build, entry);
    entry = deflated("hidden");
    entry.descriptor = true;
    build_local(&build, &entry);
    entry = stored("hidden too");
    build_local(&build, &entry);
    build_end(&build, false, "");
    write_zip("hidden", &build);
    entry = deflated("shared");
    build_local(&build, &entry);
    for (int i = 0; i < 3; i++)
        build_central(&build, &entry);
    entry.offset += 7;
    build_central(&build, &entry);
    build_end(&build, false, "");
    write_zip("overlapping", &build);
    entry = stored("no directory");
    build_local(&build, &entry);
    build_local(&build, &entry);
    write_zip("no-directory", &build);
    entry = stored("wrong");
    entry.crc++;
    entry.usize++;
    build_add(&build, entry);
    entry = deflated("encrypted");
    entry.flags = 1;
    build_add(&build, entry);
    entry = stored("link");
    entry.host = 3;
    entry.attributes = 0120777u << 16;
    build_add(&build, entry);
    build_end(&build, false, "");
    write_zip("wrong", &build);
    entry = stored("folder/");
    entry.usize = 0;
    build_add(&build, entry);
    build_end(&build, false, "");
    write_zip("bug-folder-with-bytes", &build);
}

/** bzip2, LZMA, xz, zstd and PPMd, whose data is none: enough to reach libarchive. */
static void seed_zip_methods(void)
{
    static const uint16_t methods[] = {9, 12, 14, 93, 95, 98, 99};
    struct build build = {0};
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        struct build_entry entry = stored("m");
        entry.method = methods[i];
        build_add(&build, entry);
    }
    build_end(&build, false, "");
    write_zip("methods", &build);
}

static void put_gzip(struct buf *out, unsigned flags, const void *data, size_t n)
{
    struct build_entry entry = {0};
    uint8_t *room = malloc(n + 64);
    entry = build_deflated("", data, n, room, n + 64);
    buf_u32(out, 0x00088b1f | flags << 24);
    buf_put(out, "\0\0\0\0\2\3", 6);
    if (flags & 4)
        buf_put(out, "\4\0AB\0\0", 6);
    if (flags & 8)
        buf_put(out, "name.txt", 9);
    if (flags & 16)
        buf_put(out, "comment", 8);
    if (flags & 2)
        put16(out, 0x1234);
    buf_put(out, entry.data, entry.csize_real);
    buf_u32(out, entry.crc);
    buf_u32(out, (uint32_t)n);
    free(room);
}

static void seed_gzips(void)
{
    struct buf out = {0};
    static uint8_t zeros[70000];
    put_gzip(&out, 0, hello, sizeof(hello) - 1);
    seed_write("gzip", "plain", out.data, out.len);
    seed_write("gzip", "cut", out.data, out.len - 9);
    put_gzip(&out, 30, hello, 5);
    buf_put(&out, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    seed_write("gzip", "two-members", out.data, out.len);
    out.data[out.len - 17] ^= 1;
    seed_write("gzip", "wrong-sum", out.data, out.len);
    out.len = 0;
    put_gzip(&out, 0, zeros, sizeof(zeros));
    seed_write("gzip", "zeros", out.data, out.len);
    buf_free(&out);
}

static void put_raw(struct buf *out, const char *bytes, size_t n)
{
    buf_put(out, bytes, n);
}
#define RAW(out, bytes) put_raw(out, bytes, sizeof(bytes) - 1)

/** Formats that libarchive cannot write; one stored file each. The first byte is its place in fuzz_archive.c's table.
 */
static void seed_cab(void)
{
    struct buf out = {0};
    RAW(&out, "\4\1\0MSCF\0\0\0\0");
    buf_u32(&out, 36 + 8 + 16 + 2 + 8 + 5);
    RAW(&out, "\0\0\0\0\x2c\0\0\0\0\0\0\0\3\1\1\0\1\0\0\0\0\0\0\0");
    buf_u32(&out, 36 + 8 + 16 + 2); /* folder: its data, one block, stored */
    RAW(&out, "\1\0\0\0");
    RAW(&out,
        "\5\0\0\0\0\0\0\0\0\0\x21\x58\0\0\x20\0a\0"); /* file: size, offset, folder, date, time, attributes, name */
    RAW(&out, "\0\0\0\0\5\0\5\0hello");
    seed_write("archive", "cab", out.data, out.len);
    buf_free(&out);
}

static void seed_lha(void)
{
    struct buf out = {0};
    static const char header[] = "-lh0-\5\0\0\0\5\0\0\0\0\0\0\0\x20\0\1a\xc1\xd8";
    uint8_t sum = 0;
    for (size_t i = 0; i < sizeof(header) - 1; i++)
        sum = (uint8_t)(sum + (uint8_t)header[i]);
    RAW(&out, "\6\1\0");
    buf_u8(&out, sizeof(header) - 1);
    buf_u8(&out, sum);
    RAW(&out, header);
    RAW(&out, "hello\0");
    seed_write("archive", "lha", out.data, out.len);
    buf_free(&out);
}

void seed_containers(void)
{
    seed_zip_plain();
    seed_zip_lies();
    seed_zip_methods();
    seed_gzips();
    seed_cab();
    seed_lha();
    seed_rars();
}
