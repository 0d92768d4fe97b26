/* archive_build.h: archives by libarchive's writer, in memory. */
#ifndef TESTS_SOURCE_ARCHIVE_BUILD_H
#define TESTS_SOURCE_ARCHIVE_BUILD_H

#include <archive.h>
#include <archive_entry.h>
#include <criterion/criterion.h>

#include "core/buf.h"

struct file {
    const char *name;
    const void *data;
    size_t n;
    /** AE_IFREG if 0. */
    unsigned kind;
    const char *link;
};

static inline la_ssize_t archive_put(struct archive *archive, void *data, const void *bytes, size_t n)
{
    (void)archive;
    buf_put(data, bytes, n);
    return (la_ssize_t)n;
}

static inline void archive_file(struct archive *archive, const struct file *file)
{
    struct archive_entry *entry = archive_entry_new();
    bool hard = file->link && !file->kind;
    archive_entry_set_pathname(entry, file->name);
    archive_entry_set_filetype(entry, file->kind ? file->kind : AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)file->n);
    archive_entry_set_mtime(entry, 1000000000, 0);
    if (hard)
        archive_entry_set_hardlink(entry, file->link);
    else if (file->link)
        archive_entry_set_symlink(entry, file->link);
    cr_assert_geq(archive_write_header(archive, entry), ARCHIVE_WARN, "%s: %s", file->name,
                  archive_error_string(archive));
    if (file->n)
        cr_assert_eq(archive_write_data(archive, file->data, file->n), (la_ssize_t)file->n);
    archive_entry_free(entry);
}

static inline int archive_set_format(struct archive *archive, int format)
{
    if (format == ARCHIVE_FORMAT_AR_BSD)
        return archive_write_set_format_ar_bsd(archive);
    return format == ARCHIVE_FORMAT_AR_GNU ? archive_write_set_format_ar_svr4(archive)
                                           : archive_write_set_format(archive, format);
}

/** An archive in libarchive's format and filter codes. */
static inline struct buf archive_build(int format, int filter, const struct file *files, size_t n)
{
    struct buf bytes = {0};
    struct archive *archive = archive_write_new();
    cr_assert_eq(archive_set_format(archive, format), ARCHIVE_OK, "%s", archive_error_string(archive));
    cr_assert_eq(archive_write_add_filter(archive, filter), ARCHIVE_OK, "%s", archive_error_string(archive));
    archive_write_set_bytes_in_last_block(archive, 1);
    cr_assert_eq(archive_write_open(archive, &bytes, NULL, archive_put, NULL), ARCHIVE_OK);
    for (size_t i = 0; i < n; i++)
        archive_file(archive, &files[i]);
    cr_assert_eq(archive_write_close(archive), ARCHIVE_OK, "%s", archive_error_string(archive));
    archive_write_free(archive);
    return bytes;
}

#endif
