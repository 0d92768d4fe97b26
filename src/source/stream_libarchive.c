/* stream_libarchive.c: bzip2, xz, lzma, lzip, zstd and lz4: one filter of libarchive, no more, whatever is inside. */
#include "source/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct filter_stream {
    struct stream base;
    struct window *window;
    struct archive *archive;
    uint64_t at;
    /** The raw "entry" is open; there is nothing in it. */
    bool opened, empty;
    enum trawl_status status;
};

enum trawl_status window_failure(const struct window *window, char why[UNPACK_DETAIL])
{
    detail_format(why, "cannot read at offset %llu: %s", (unsigned long long)window->error_at, strerror(window->error));
    return TRAWL_IO_ERROR;
}

enum trawl_status archive_failure(struct archive *archive, char why[UNPACK_DETAIL])
{
    const char *words = archive_error_string(archive);
    detail_format(why, "%s", words ? words : "broken");
    if (archive_errno(archive) == EIO)
        return TRAWL_IO_ERROR;
    if (archive_errno(archive) == ENOMEM || (words && strcasestr(words, "memory")))
        return TRAWL_LIMIT;
    if (words && strcasestr(words, "encrypt"))
        return TRAWL_ENCRYPTED;
    bool unsupported = words && (strcasestr(words, "unsupported") || strcasestr(words, "not supported") ||
                                 strcasestr(words, "unavailable") || strcasestr(words, "unknown codec"));
    return unsupported ? TRAWL_UNSUPPORTED : TRAWL_DAMAGED;
}

static la_ssize_t filter_read(struct archive *archive, void *data, const void **bytes)
{
    struct filter_stream *filter = data;
    size_t n;
    *bytes = window_at(filter->window, filter->at, 1, &n);
    if (!*bytes && filter->window->error) {
        char why[UNPACK_DETAIL];
        window_failure(filter->window, why);
        archive_set_error(archive, EIO, "%s", why);
        return ARCHIVE_FATAL;
    }
    filter->at += n;
    return (la_ssize_t)n;
}

static int filter_code(enum file_type type)
{
    return type == TYPE_BZIP2  ? ARCHIVE_FILTER_BZIP2
           : type == TYPE_XZ   ? ARCHIVE_FILTER_XZ
           : type == TYPE_LZMA ? ARCHIVE_FILTER_LZMA
           : type == TYPE_LZIP ? ARCHIVE_FILTER_LZIP
           : type == TYPE_ZSTD ? ARCHIVE_FILTER_ZSTD
                               : ARCHIVE_FILTER_LZ4;
}

/** Words of the filter's failure; libarchive may have put its own over those of the read that failed. */
static enum trawl_status filter_failure(struct filter_stream *filter)
{
    if (filter->window->error)
        return window_failure(filter->window, filter->base.why);
    return archive_failure(filter->archive, filter->base.why);
}

/** Opens the raw entry. An error at the very beginning leaves words behind, though libarchive calls it an empty file.
 */
static void filter_begin(struct filter_stream *filter)
{
    struct archive_entry *entry;
    struct archive *archive = filter->archive;
    filter->opened = true;
    if (archive_read_open2(archive, filter, NULL, filter_read, NULL, NULL) != ARCHIVE_OK ||
        archive_error_string(archive)) {
        filter->status = filter_failure(filter);
        return;
    }
    int r = archive_read_next_header(archive, &entry);
    if (r == ARCHIVE_EOF)
        filter->empty = true;
    else if (r < ARCHIVE_WARN)
        filter->status = filter_failure(filter);
}

static enum trawl_status filter_next(struct stream *stream, const uint8_t **data, size_t *n)
{
    struct filter_stream *filter = (struct filter_stream *)stream;
    const void *block = NULL;
    la_int64_t at;
    int r = ARCHIVE_OK;
    *n = 0;
    if (!filter->opened)
        filter_begin(filter);
    while (filter->status == TRAWL_OK && !filter->empty && !*n && r >= ARCHIVE_WARN && r != ARCHIVE_EOF)
        r = archive_read_data_block(filter->archive, &block, n, &at);
    *data = block;
    if (filter->status == TRAWL_OK && r < ARCHIVE_WARN) {
        filter->status = filter_failure(filter);
        *n = 0;
    }
    return filter->status;
}

static uint64_t filter_used(struct stream *stream)
{
    la_int64_t used = archive_filter_bytes(((struct filter_stream *)stream)->archive, -1);
    return used > 0 ? (uint64_t)used : 0;
}

static void filter_close(struct stream *stream)
{
    archive_read_free(((struct filter_stream *)stream)->archive);
    free(stream);
}

struct stream *stream_libarchive(enum file_type type, struct window *window)
{
    struct filter_stream *filter = calloc(1, sizeof(*filter));
    struct archive *archive = filter ? archive_read_new() : NULL;
    if (!archive) {
        free(filter);
        return NULL;
    }
    filter->base = (struct stream){.next = filter_next, .used = filter_used, .close = filter_close};
    filter->window = window;
    filter->archive = archive;
    /* Appended, it does not ask what the bytes look like; enabled, it would unpack layer after layer. */
    if (archive_read_append_filter(archive, filter_code(type)) != ARCHIVE_OK ||
        archive_read_support_format_raw(archive) != ARCHIVE_OK ||
        archive_read_support_format_empty(archive) != ARCHIVE_OK) {
        filter_close(&filter->base);
        return NULL;
    }
    return &filter->base;
}

struct stream *stream_open(enum file_type type, struct window *window)
{
    if (type == TYPE_GZIP)
        return stream_gzip(window);
    return type == TYPE_COMPRESS ? stream_compress(window) : stream_libarchive(type, window);
}
