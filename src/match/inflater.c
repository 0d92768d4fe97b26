#include "match/inflater.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define CHUNK (256u << 10)

struct inflater {
    struct archive *archive;
    inflater_read read;
    void *context;
    uint8_t *head;
    size_t head_len;
    /** Holds what was read last. */
    uint8_t *chunk;
    int error;
};

bool inflater_recognised(const uint8_t *head, size_t n)
{
    static const struct {
        const char *magic;
        size_t n;
    } kinds[] = {{"\x1f\x8b\x08", 3},
                 {"BZh", 3},
                 {"\xfd"
                  "7zXZ",
                  6},
                 {"\x28\xb5\x2f\xfd", 4}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (n >= kinds[i].n && memcmp(head, kinds[i].magic, kinds[i].n) == 0)
            return true;
    return false;
}

static la_ssize_t give(struct archive *archive, void *context, const void **bytes)
{
    struct inflater *inflater = context;
    if (inflater->head_len) {
        la_ssize_t n = (la_ssize_t)inflater->head_len;
        *bytes = inflater->head;
        inflater->head_len = 0;
        return n;
    }
    ssize_t n = inflater->read(inflater->context, inflater->chunk, CHUNK);
    *bytes = inflater->chunk;
    if (n < 0) {
        inflater->error = errno;
        archive_set_error(archive, errno, "read");
    }
    return n;
}

struct inflater *inflater_new(const uint8_t *head, size_t n, inflater_read read, void *context)
{
    struct inflater *inflater = ALLOC(struct inflater);
    struct archive_entry *entry;
    *inflater = (struct inflater){.archive = archive_read_new(), .read = read, .context = context, .head_len = n};
    inflater->head = mem_dup(head, n);
    inflater->chunk = mem_alloc(CHUNK);
    if (!inflater->archive)
        mem_missing();
    /* One by one: a filter that is a program found by PATH says so by a warning. */
    if (archive_read_support_filter_gzip(inflater->archive) != ARCHIVE_OK ||
        archive_read_support_filter_bzip2(inflater->archive) != ARCHIVE_OK ||
        archive_read_support_filter_xz(inflater->archive) != ARCHIVE_OK ||
        archive_read_support_filter_zstd(inflater->archive) != ARCHIVE_OK ||
        archive_read_support_format_raw(inflater->archive) != ARCHIVE_OK ||
        archive_read_open(inflater->archive, inflater, NULL, give, NULL) != ARCHIVE_OK ||
        archive_read_next_header(inflater->archive, &entry) != ARCHIVE_OK)
        inflater->error = inflater->error ? inflater->error : EILSEQ;
    return inflater;
}

void inflater_free(struct inflater *inflater)
{
    if (!inflater)
        return;
    archive_read_free(inflater->archive);
    free(inflater->head);
    free(inflater->chunk);
    free(inflater);
}

ssize_t inflater_get(struct inflater *inflater, void *out, size_t n)
{
    if (!inflater->error) {
        la_ssize_t got = archive_read_data(inflater->archive, out, n);
        if (got >= 0)
            return got;
        inflater->error = inflater->error ? inflater->error : EILSEQ;
    }
    errno = inflater->error;
    return -1;
}
