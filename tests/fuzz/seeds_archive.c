#include "seeds.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <sys/stat.h>

static la_ssize_t put(struct archive *archive, void *data, const void *bytes, size_t n)
{
    (void)archive;
    buf_put(data, bytes, n);
    return (la_ssize_t)n;
}

static void good(struct archive *archive, int r)
{
    if (r >= ARCHIVE_WARN)
        return;
    fprintf(stderr, "%s\n", archive_error_string(archive));
    exit(1);
}

static void add(struct archive *archive, const char *name, unsigned kind, const char *data)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, kind);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1000000000, 0);
    archive_entry_set_size(entry, kind == AE_IFREG ? (la_int64_t)strlen(data) : 0);
    if (kind == AE_IFLNK)
        archive_entry_set_symlink(entry, data);
    good(archive, archive_write_header(archive, entry));
    if (kind == AE_IFREG && *data && archive_write_data(archive, data, strlen(data)) < 0)
        good(archive, ARCHIVE_FATAL);
    archive_entry_free(entry);
}

/** Three entries, or one for formats that know files only. */
static struct buf build(int format, int filter, bool only_files)
{
    struct buf out = {0};
    struct archive *archive = archive_write_new();
    good(archive, format == ARCHIVE_FORMAT_AR_GNU ? archive_write_set_format_ar_svr4(archive)
                                                  : archive_write_set_format(archive, format));
    good(archive, archive_write_add_filter(archive, filter));
    archive_write_set_bytes_in_last_block(archive, 1);
    archive_write_set_filter_option(archive, "gzip", "timestamp", NULL);
    good(archive, archive_write_open(archive, &out, NULL, put, NULL));
    add(archive, only_files ? "a.txt" : "d/a.txt", AE_IFREG, "hello, hello, hello, hello, hello\n");
    if (!only_files) {
        add(archive, "d", AE_IFDIR, "");
        add(archive, "l", AE_IFLNK, "d/a.txt");
    }
    good(archive, archive_write_close(archive));
    archive_write_free(archive);
    return out;
}

/** A XAR holds the time of its making: a new one would be another one. */
static bool is_kept(const char *name)
{
    struct stat st;
    char path[4096];
    snprintf(path, sizeof(path), "%s/archive/%s", seed_root, name);
    return strcmp(name, "xar") == 0 && stat(path, &st) == 0;
}

static void write_archive(const char *name, char type, int format, bool only_files)
{
    struct buf out = build(format, ARCHIVE_FILTER_NONE, only_files);
    char prefix[] = {type, 1, 2};
    if (!is_kept(name))
        seed_prefixed("archive", name, prefix, sizeof(prefix), out.data, out.len);
    buf_free(&out);
}

/** Its second member stands behind 64 KiB of the first one's in the same stream. */
static void seed_solid(void)
{
    static char zeros[65537];
    struct buf out = {0};
    struct archive *archive = archive_write_new();
    memset(zeros, '0', sizeof(zeros) - 1);
    good(archive, archive_write_set_format_7zip(archive));
    archive_write_set_bytes_in_last_block(archive, 1);
    good(archive, archive_write_open(archive, &out, NULL, put, NULL));
    add(archive, "first", AE_IFREG, zeros);
    add(archive, "second", AE_IFREG, "hello");
    good(archive, archive_write_close(archive));
    archive_write_free(archive);
    seed_prefixed("archive", "bug-7z-solid", "\1\1\1", 3, out.data, out.len);
    buf_free(&out);
}

/** A filter around one stream, and around a tar. */
static void write_filter(const char *name, char type, int filter)
{
    char file[32];
    for (int tar = 0; tar < 2; tar++) {
        struct buf out = build(tar ? ARCHIVE_FORMAT_TAR_USTAR : ARCHIVE_FORMAT_RAW, filter, !tar);
        snprintf(file, sizeof(file), "%s%s", name, tar ? "-tar" : "");
        if (filter == ARCHIVE_FILTER_COMPRESS)
            seed_write("compress", file, out.data, out.len);
        else if (filter == ARCHIVE_FILTER_GZIP)
            seed_write("gzip", tar ? "tar" : "raw", out.data, out.len);
        else
            seed_prefixed("filter", file, &type, 1, out.data, out.len);
        buf_free(&out);
    }
}

/** A .Z without its clear code, and one whose first code is none. */
static void seed_compress(void)
{
    seed_write("compress", "plain", "\x1f\x9d\x10\x61\xc4\x8c\x01\x02\x03\x04", 10);
    seed_write("compress", "broken", "\x1f\x9d\x90\xff\xff\xff", 6);
    seed_write("compress", "header", "\x1f\x9d\x88", 3);
}

/** Web archives: libarchive writes no HTTP answers. */
static void seed_warc(void)
{
    static const char text[] =
        "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 3\r\n\r\nx=y\r\n\r\n"
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://h/a.txt\r\nContent-Type: application/http\r\n"
        "Content-Length: 48\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello\r\n\r\n"
        "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: file:///b\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n";
    seed_text("archive", "warc", "\x0a\1\2", 3, text);
}

void seed_archives(void)
{
    write_archive("tar", 0, ARCHIVE_FORMAT_TAR_USTAR, false);
    write_archive("tar-pax", 0, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, false);
    write_archive("tar-gnu", 0, ARCHIVE_FORMAT_TAR_GNUTAR, false);
    write_archive("7z", 1, ARCHIVE_FORMAT_7ZIP, false);
    write_archive("cpio", 5, ARCHIVE_FORMAT_CPIO_POSIX, false);
    write_archive("cpio-newc", 5, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, false);
    write_archive("xar", 8, ARCHIVE_FORMAT_XAR, false);
    write_archive("ar", 9, ARCHIVE_FORMAT_AR_GNU, true);
    seed_solid();
    seed_warc();
    write_filter("bzip2", 0, ARCHIVE_FILTER_BZIP2);
    write_filter("xz", 1, ARCHIVE_FILTER_XZ);
    write_filter("lzma", 2, ARCHIVE_FILTER_LZMA);
    write_filter("zstd", 3, ARCHIVE_FILTER_ZSTD);
    write_filter("lz4", 4, ARCHIVE_FILTER_LZ4);
    write_filter("lzip", 5, ARCHIVE_FILTER_LZIP);
    write_filter("gzip", 0, ARCHIVE_FILTER_GZIP);
    write_filter("compress", 0, ARCHIVE_FILTER_COMPRESS);
    seed_compress();
}
