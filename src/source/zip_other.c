/* zip_other.c: bzip2, LZMA, xz, zstd and PPMd inside a zip, by libarchive, which is given a zip of that one entry. */
#include "source/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

/** The synthesised zip: a local header, then the entry's data out of the container. */
struct lone_zip {
    struct zip *zip;
    const struct zip_entry *entry;
    uint8_t header[ZIP_LOCAL_SIZE + 1 + 20];
    bool header_read;
    uint64_t in;
};

static const char *method_name(unsigned method)
{
    static const char *const old[] = {"stored",  "shrink",   "reduce-1", "reduce-2",  "reduce-3",    "reduce-4",
                                      "implode", "tokenize", "deflate",  "deflate64", "implode-ibm", "11",
                                      "bzip2",   "13",       "lzma",     "15",        "cmpsc",       "17",
                                      "terse",   "lz77",     "zstd-old"};
    static const char *const late[] = {"zstd", "mp3", "xz", "jpeg", "wavpack", "ppmd", "aes"};
    return method < sizeof(old) / sizeof(*old) ? old[method]
           : method >= 93 && method <= 99      ? late[method - 93]
                                               : "unknown";
}

static void put_le(uint8_t *p, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/** Sizes always as zip64, no descriptor, and the name "m". */
static void lone_header(struct lone_zip *lone)
{
    const struct zip_entry *entry = lone->entry;
    uint8_t *p = lone->header;
    put_le(p, ZIP_LOCAL, 4);
    put_le(p + 4, 63, 2);
    put_le(p + 6, entry->flags & 6u, 2); /* how the coder ends its data */
    put_le(p + 8, entry->method, 2);
    put_le(p + 14, entry->crc, 4);
    put_le(p + 18, UINT64_MAX, 8);
    put_le(p + 26, 1, 2);
    put_le(p + 28, 20, 2);
    p[30] = 'm';
    put_le(p + 31, 1, 2);
    put_le(p + 33, 16, 2);
    put_le(p + 35, entry->usize, 8);
    put_le(p + 43, entry->csize, 8);
}

static la_ssize_t lone_read(struct archive *archive, void *data, const void **bytes)
{
    struct lone_zip *lone = data;
    struct window *window = &lone->zip->data;
    size_t n;
    if (!lone->header_read) {
        lone->header_read = true;
        *bytes = lone->header;
        return sizeof(lone->header);
    }
    if (lone->in >= lone->entry->csize)
        return 0;
    *bytes = window_at(window, lone->entry->data + lone->in, 1, &n);
    if (!*bytes && window->error) {
        archive_set_error(archive, EIO, "cannot read at offset %llu", (unsigned long long)window->error_at);
        return ARCHIVE_FATAL;
    }
    n = n < lone->entry->csize - lone->in ? n : (size_t)(lone->entry->csize - lone->in);
    lone->in += n;
    return (la_ssize_t)n;
}

static enum trawl_status lone_failed(struct archive *archive, const struct zip_entry *entry, char detail[UNPACK_DETAIL])
{
    const char *why = archive_error_string(archive);
    detail_format(detail, "zip method %u (%s): %s", entry->method, method_name(entry->method), why ? why : "broken");
    if (archive_errno(archive) == EIO)
        return TRAWL_IO_ERROR;
    return why && (strstr(why, "nsupported") || strstr(why, "not supported")) ? TRAWL_UNSUPPORTED : TRAWL_DAMAGED;
}

static enum trawl_status lone_deliver(struct archive *archive, const struct zip_entry *entry, struct member *member,
                                      char detail[UNPACK_DETAIL])
{
    struct archive_entry *found;
    const void *data;
    size_t n;
    la_int64_t at;
    int r = archive_read_next_header(archive, &found);
    if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
        return lone_failed(archive, entry, detail);
    while ((r = archive_read_data_block(archive, &data, &n, &at)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
        uint64_t room = entry->usize > member->end ? entry->usize - member->end : 0;
        if (!member_data(member, data, n < room ? n : (size_t)room, member->end))
            return TRAWL_OK;
        if (n > room) {
            detail_format(detail, "more data than declared");
            return TRAWL_DAMAGED;
        }
    }
    if (r != ARCHIVE_EOF)
        return lone_failed(archive, entry, detail);
    if (member->end == entry->usize)
        return TRAWL_OK;
    detail_format(detail, "%llu bytes of %llu", (unsigned long long)member->end, (unsigned long long)entry->usize);
    return TRAWL_DAMAGED;
}

enum trawl_status zip_other(struct zip *zip, const struct zip_entry *entry, struct member *member,
                            char detail[UNPACK_DETAIL])
{
    struct lone_zip lone = {.zip = zip, .entry = entry};
    enum trawl_status status;
    struct archive *archive = archive_read_new();
    lone_header(&lone);
    if (!archive || archive_read_support_format_zip_streamable(archive) != ARCHIVE_OK) {
        detail_format(detail, "not enough memory for it");
        status = TRAWL_DAMAGED;
    } else if (archive_read_open2(archive, &lone, NULL, lone_read, NULL, NULL) != ARCHIVE_OK) {
        status = lone_failed(archive, entry, detail);
    } else {
        status = lone_deliver(archive, entry, member, detail);
    }
    archive_read_free(archive);
    return status;
}
