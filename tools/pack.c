#include "pack.h"

#include <stdio.h>
#include <stdlib.h>

#include <archive.h>
#include <archive_entry.h>

static void check(struct archive *archive, int rc)
{
    if (rc == ARCHIVE_OK)
        return;
    fprintf(stderr, "make_evidence: libarchive: %s\n", archive_error_string(archive));
    exit(1);
}

static la_ssize_t to_buf(struct archive *archive, void *out, const void *bytes, size_t n)
{
    (void)archive;
    buf_put(out, bytes, n);
    return (la_ssize_t)n;
}

static void add(struct archive *archive, const struct member *member)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_copy_pathname(entry, member->name);
    archive_entry_set_size(entry, (la_int64_t)member->data->len);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1700000000, 0);
    check(archive, archive_write_header(archive, entry));
    if (archive_write_data(archive, member->data->data, member->data->len) != (la_ssize_t)member->data->len)
        check(archive, ARCHIVE_FATAL);
    archive_entry_free(entry);
}

/** Takes a writer whose format is set; frees it. */
static void write_all(struct archive *archive, const struct member *members, size_t n, struct buf *out)
{
    check(archive, archive_write_set_bytes_in_last_block(archive, 1));
    check(archive, archive_write_open(archive, out, NULL, to_buf, NULL));
    for (size_t i = 0; i < n; i++)
        add(archive, &members[i]);
    check(archive, archive_write_close(archive));
    archive_write_free(archive);
}

void pack_zip(const struct member *members, size_t n, struct buf *out)
{
    struct archive *archive = archive_write_new();
    check(archive, archive_write_set_format_zip(archive));
    write_all(archive, members, n, out);
}

void pack_tar_gz(const struct member *members, size_t n, struct buf *out)
{
    struct archive *archive = archive_write_new();
    check(archive, archive_write_set_format_ustar(archive));
    check(archive, archive_write_add_filter_gzip(archive));
    check(archive, archive_write_set_options(archive, "gzip:!timestamp"));
    write_all(archive, members, n, out);
}
