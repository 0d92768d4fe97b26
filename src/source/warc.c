/*
 * warc.c: web archives.
 *
 * A reader of our own: libarchive 3.6.2 passes over as many bytes behind a record as it had read of it in blocks, and
 * so loses the records that follow a large one; it also leaves out records without a file name. Of an HTTP answer the
 * body is the member, unless it is cut into chunks.
 */
#include "source/archive.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    WARC_BUFFER = 256 << 10,
    /** Longest header of a record, and of the HTTP answer in it. */
    WARC_HEADER = 64 << 10,
};

struct warc {
    const struct unpack_input *input;
    struct unpack_sink *sink;
    struct unpack_end *end;
    struct archive_source *source;
    /** Bytes read ahead: n from `start` on; and what was not copied of the source's last piece. */
    uint8_t *buffer;
    size_t start, n;
    const uint8_t *piece;
    size_t piece_n;
    /** Place of the next byte in the archive; bytes that are no part of a record. */
    uint64_t at, lost;
    uint64_t index;
    bool ended;
    enum trawl_status status;
    char why[UNPACK_DETAIL];
};

/** A record's header fields, as they stand in the buffer. */
struct warc_record {
    uint64_t at, length;
    bool has_length, http;
    uint8_t *name;
    size_t name_len;
};

/** The source's next piece. */
static void warc_more(struct warc *warc)
{
    struct archive_source *source = warc->source;
    if (source->tap) {
        tap_next(source->tap, &warc->piece, &warc->piece_n);
        warc->status = warc->piece_n ? TRAWL_OK : source->tap->status;
        if (warc->status != TRAWL_OK)
            detail_format(warc->why, "%s", source->tap->stream->why);
    } else {
        warc->piece = window_at(source->window, source->at, 1, &warc->piece_n);
        source->at += warc->piece_n;
        if (!warc->piece_n && source->window->error)
            warc->status = window_failure(source->window, warc->why);
    }
    warc->ended = !warc->piece_n;
}

/** At least `need` bytes, fewer only at the end. */
static const uint8_t *warc_peek(struct warc *warc, size_t need, size_t *n)
{
    while (warc->n < need && !warc->ended) {
        memmove(warc->buffer, warc->buffer + warc->start, warc->n);
        warc->start = 0;
        if (!warc->piece_n)
            warc_more(warc);
        size_t room = WARC_BUFFER - warc->n, more = warc->piece_n < room ? warc->piece_n : room;
        if (!more)
            continue; /* the piece may be NULL */
        memcpy(warc->buffer + warc->n, warc->piece, more);
        warc->n += more;
        warc->piece += more;
        warc->piece_n -= more;
    }
    *n = warc->n;
    return warc->buffer + warc->start;
}

static void warc_take(struct warc *warc, size_t n)
{
    warc->start += n;
    warc->n -= n;
    warc->at += n;
}

/** Length of the header that begins at p, its empty line included; 0 if it does not end. */
static size_t header_length(const uint8_t *p, size_t n)
{
    size_t reach = n < WARC_HEADER ? n : WARC_HEADER;
    const uint8_t *dos = memmem(p, reach, "\r\n\r\n", 4), *unix = memmem(p, reach, "\n\n", 2);
    if (dos && (!unix || dos < unix))
        return (size_t)(dos - p) + 4;
    return unix ? (size_t)(unix - p) + 2 : 0;
}

/** The value of a field of a header, without blanks around it. */
static const uint8_t *header_field(const uint8_t *p, size_t n, const char *name, size_t *length)
{
    const uint8_t *end = p + n, *line_end;
    size_t name_len = strlen(name);
    for (; p < end; p = line_end + 1) {
        line_end = memchr(p, '\n', (size_t)(end - p));
        if (!line_end)
            break;
        if ((size_t)(line_end - p) <= name_len || p[name_len] != ':' ||
            strncasecmp((const char *)p, name, name_len) != 0)
            continue;
        const uint8_t *from = p + name_len + 1, *to = line_end;
        while (from < to && (*from == ' ' || *from == '\t'))
            from++;
        while (to > from && (to[-1] == '\r' || to[-1] == ' '))
            to--;
        *length = (size_t)(to - from);
        return from;
    }
    *length = 0;
    return NULL;
}

static bool field_begins(const uint8_t *value, size_t n, const char *word)
{
    return value && n >= strlen(word) && !strncasecmp((const char *)value, word, strlen(word));
}

static bool parse_length(const uint8_t *value, size_t n, uint64_t *length)
{
    *length = 0;
    for (size_t i = 0; i < n; i++) {
        if (value[i] < '0' || value[i] > '9' || *length > UINT64_MAX / 16)
            return false;
        *length = *length * 10 + (value[i] - '0');
    }
    return n > 0;
}

/** Its address, without "file://"; a record that has none is called after its type. */
static void record_name(struct warc_record *record, const uint8_t *header, size_t n)
{
    size_t length;
    const uint8_t *name = header_field(header, n, "WARC-Target-URI", &length);
    if (name && length >= 2 && *name == '<' && name[length - 1] == '>') {
        name++;
        length -= 2;
    }
    if (field_begins(name, length, "file://")) {
        name += 7;
        length -= 7;
    }
    if (!name)
        name = header_field(header, n, "WARC-Type", &length);
    if (length)
        memcpy(record->name, name, length);
    record->name_len = length;
}

/** Passes over blank lines, and over what is no record, to the next one. False at the end. */
static bool find_record(struct warc *warc)
{
    size_t n;
    const uint8_t *p;
    while ((p = warc_peek(warc, 16, &n)), n) {
        if (*p == '\r' || *p == '\n') {
            warc_take(warc, 1);
        } else if (n >= 7 && !memcmp(p, "WARC/", 5)) {
            return true;
        } else {
            const uint8_t *next = memmem(p + 1, n - 1, "WARC/", 5);
            size_t skip = next ? (size_t)(next - p) : n > 4 && !warc->ended ? n - 4 : n;
            warc->lost += skip;
            warc_take(warc, skip);
        }
    }
    return false;
}

/** Reads the header of a record. False if it is none: one byte is passed over. */
static bool read_header(struct warc *warc, struct warc_record *record)
{
    size_t n, size, length;
    const uint8_t *p = warc_peek(warc, WARC_HEADER, &n), *value;
    size = header_length(p, n);
    if (!size) {
        warc_take(warc, 1);
        warc->lost++;
        return false;
    }
    record->at = warc->at;
    value = header_field(p, size, "Content-Length", &length);
    record->has_length = value && parse_length(value, length, &record->length);
    value = header_field(p, size, "Content-Type", &length);
    record->http = field_begins(value, length, "application/http");
    value = header_field(p, size, "WARC-Type", &length);
    record->http = record->http && field_begins(value, length, "response");
    record_name(record, p, size);
    warc_take(warc, size);
    return true;
}

/** Passes over the header of an HTTP answer, unless its body is in chunks. */
static void pass_http(struct warc *warc, struct warc_record *record)
{
    size_t n, length;
    const uint8_t *p = warc_peek(warc, WARC_HEADER, &n);
    size_t size = header_length(p, n < record->length ? n : (size_t)record->length);
    if (!field_begins(p, size, "HTTP/") || header_field(p, size, "Transfer-Encoding", &length))
        return;
    warc_take(warc, size);
    record->length -= size;
}

static void deliver_record(struct warc *warc, struct warc_record *record)
{
    struct member member;
    struct unpack_entry entry = {
        .index = warc->index++,
        .offset = warc->source->tap ? UINT64_MAX : record->at,
        .size = record->has_length ? record->length : UINT64_MAX,
        .name = record->name,
        .name_len = record->name_len,
    };
    char detail[UNPACK_DETAIL] = "";
    uint64_t done = 0;
    warc->end->entries = warc->index;
    member_begin(&member, warc->input, warc->sink, &entry);
    while (done < record->length) {
        size_t n;
        const uint8_t *p = warc_peek(warc, 1, &n);
        if (!n)
            break;
        n = n < record->length - done ? n : (size_t)(record->length - done);
        member_data(&member, p, n, done);
        warc_take(warc, n);
        done += n;
    }
    enum trawl_status status = done == record->length && record->has_length ? TRAWL_OK : TRAWL_DAMAGED;
    if (!record->has_length)
        detail_format(detail, "its length is not known");
    else if (status != TRAWL_OK)
        detail_format(detail, "%llu bytes of %llu", (unsigned long long)done, (unsigned long long)record->length);
    if (status != TRAWL_OK && warc->status != TRAWL_OK) {
        status = warc->status;
        detail_format(detail, "%s", warc->why);
    }
    /* The buffer reads ahead: which record it was is not known. */
    if (*warc->source->holes) {
        status = TRAWL_IO_ERROR;
        detail_format(detail, HOLES_DETAIL);
    }
    member_end(&member, status, done, detail);
    if (status != TRAWL_OK)
        end_note(warc->end, status, "ends in entry %llu: %s", (unsigned long long)entry.index, detail);
}

static void warc_read(struct warc *warc, uint8_t *name)
{
    while (find_record(warc)) {
        struct warc_record record = {.name = name};
        if (!read_header(warc, &record))
            continue;
        if (end_at_entry_limit(warc->end, warc->input, warc->index))
            break;
        if (record.http)
            pass_http(warc, &record);
        deliver_record(warc, &record);
    }
    if (warc->status != TRAWL_OK)
        end_note(warc->end, warc->status, "%s", warc->why);
    if (warc->lost)
        end_note(warc->end, TRAWL_DAMAGED, "%llu bytes are no part of the warc", (unsigned long long)warc->lost);
    warc->end->missing = warc->end->status == TRAWL_OK ? 0 : UINT64_MAX;
    if (!warc->source->tap)
        warc->end->accounted = warc->at - warc->lost;
}

void warc_members(const struct unpack_input *input, struct archive_source *source, struct unpack_sink *sink,
                  struct unpack_end *end)
{
    struct warc warc = {.input = input, .source = source, .sink = sink, .end = end};
    uint8_t *name = malloc(WARC_HEADER);
    warc.buffer = malloc(WARC_BUFFER);
    if (name && warc.buffer) {
        warc_read(&warc, name);
    } else {
        end_memory(end);
        end->missing = UINT64_MAX;
    }
    free(warc.buffer);
    free(name);
}
