/* filter.c: containers of one stream (gzip, xz, ...): one member, or the members of the tar, cpio or WARC inside. */
#include "source/archive.h"
#include "trawl/carve.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool tap_open(struct tap *tap, struct stream *stream)
{
    *tap = (struct tap){.stream = stream, .head = malloc(SNIFF_HEAD)};
    if (!tap->head)
        return false;
    while (tap->head_len < SNIFF_HEAD && !tap->ended) {
        tap->status = stream->next(stream, &tap->rest, &tap->rest_len);
        tap->ended = !tap->rest_len;
        size_t room = SNIFF_HEAD - tap->head_len, n = tap->rest_len < room ? tap->rest_len : room;
        if (!n)
            break; /* rest may be NULL */
        memcpy(tap->head + tap->head_len, tap->rest, n);
        tap->head_len += n;
        tap->rest += n;
        tap->rest_len -= n;
    }
    return true;
}

void tap_next(struct tap *tap, const uint8_t **data, size_t *n)
{
    if (!tap->head_given) {
        *data = tap->head;
        *n = tap->head_len;
        tap->head_given = true;
    } else {
        *data = tap->rest;
        *n = tap->rest_len;
        tap->rest_len = 0;
    }
    if (!*n && !tap->ended) {
        tap->status = tap->stream->next(tap->stream, data, n);
        tap->ended = !*n;
    }
    size_t last = *n;
    while (last && !(*data)[last - 1])
        last--;
    if (last)
        tap->nonzero = tap->given + last;
    tap->given += *n;
}

void tap_close(struct tap *tap)
{
    free(tap->head);
    tap->head = NULL;
}

/** Suffixes of filters, and what the member is called without them. */
static const struct {
    const char *suffix, *left;
} suffix_table[] = {
    {".gz", ""},        {".tgz", ".tar"}, {".taz", ".tar"}, {".svgz", ".svg"},  {".emz", ".emf"}, {".wmz", ".wmf"},
    {".cpgz", ".cpio"}, {".bz2", ""},     {".bz", ""},      {".tbz2", ".tar"},  {".tbz", ".tar"}, {".tb2", ".tar"},
    {".xz", ""},        {".txz", ".tar"}, {".lzma", ""},    {".tlz", ".tar"},   {".zst", ""},     {".zstd", ""},
    {".tzst", ".tar"},  {".lz4", ""},     {".lz", ""},      {".tar.Z", ".tar"}, {".Z", ""},
};

/** The name without its folder and its filter's suffix; 0 if it has none. */
static size_t name_without_suffix(const struct unpack_input *input, uint8_t *out, size_t cap)
{
    const uint8_t *name = input->name, *slash = input->name_len ? memrchr(name, '/', input->name_len) : NULL;
    size_t n = input->name_len;
    if (slash) {
        n -= (size_t)(slash + 1 - name);
        name = slash + 1;
    }
    for (size_t i = 0; i < sizeof(suffix_table) / sizeof(*suffix_table); i++) {
        size_t cut = strlen(suffix_table[i].suffix), left = strlen(suffix_table[i].left);
        if (n <= cut || strncasecmp((const char *)name + n - cut, suffix_table[i].suffix, cut) != 0 ||
            n - cut + left > cap)
            continue;
        memcpy(out, name, n - cut);
        memcpy(out + n - cut, suffix_table[i].left, left);
        return n - cut + left;
    }
    return 0;
}

static size_t member_name(const struct unpack_input *input, struct window *window, uint8_t *out, size_t cap)
{
    size_t n = name_without_suffix(input, out, cap);
    if (!n && input->type == TYPE_GZIP)
        n = gzip_header_name(window, out, cap);
    if (!n) {
        memcpy(out, "data", 4);
        n = 4;
    }
    return n;
}

/** Bytes of the container that the stream used: a header that is cut off counts only as far as it is there. */
static uint64_t bytes_used(const struct unpack_input *input, struct tap *tap)
{
    uint64_t used = tap->stream->used(tap->stream);
    return used < input->size ? used : input->size;
}

static void deliver_stream(const struct unpack_input *input, const struct window *window, struct tap *tap,
                           struct unpack_entry *entry, struct unpack_sink *sink, struct unpack_end *end)
{
    struct member member;
    const uint8_t *p;
    size_t n;
    uint64_t at = 0;
    end->entries = 1;
    member_begin(&member, input, sink, entry);
    do {
        tap_next(tap, &p, &n);
        member_data(&member, p, n, at);
        at += n;
    } while (n && member.wanted);
    if (member.wanted && window->holes) {
        member_end(&member, TRAWL_IO_ERROR, at, HOLES_DETAIL);
        end_note(end, TRAWL_IO_ERROR, HOLES_DETAIL);
    } else if (member.wanted && tap->status != TRAWL_OK) {
        bool memory = tap->status == TRAWL_LIMIT;
        member_end(&member, memory ? TRAWL_DAMAGED : tap->status, at, tap->stream->why);
        if (memory)
            end_memory(end);
        else
            end_note(end, tap->status, "%s", tap->stream->why);
    } else {
        member_end(&member, TRAWL_OK, at, NULL);
    }
    end->accounted = member.wanted ? bytes_used(input, tap) : input->size;
}

static void deliver_only_member(const struct unpack_input *input, struct window *window, struct tap *tap,
                                struct unpack_sink *sink, struct unpack_end *end)
{
    uint8_t *name = malloc(UNPACK_NAME_MAX);
    if (!name) {
        end_memory(end);
        end->missing = 1;
        return;
    }
    struct unpack_entry entry = {.size = UINT64_MAX, .offset = 0, .name = name};
    entry.name_len = member_name(input, window, name, UNPACK_NAME_MAX);
    deliver_stream(input, window, tap, &entry, sink, end);
    free(name);
}

static void filter_unpack(const struct unpack_input *input, struct window *window, struct tap *tap,
                          struct unpack_sink *sink, struct unpack_end *end)
{
    enum file_type inside = sniff(tap->head, tap->head_len, UINT64_MAX);
    struct archive_source source = {.tap = tap, .holes = &window->holes};
    if (inside == TYPE_TAR || inside == TYPE_CPIO || inside == TYPE_WARC) {
        if (inside == TYPE_WARC)
            warc_members(input, &source, sink, end);
        else
            archive_members(input, inside, &source, sink, end);
        end->accounted = bytes_used(input, tap);
    } else {
        deliver_only_member(input, window, tap, sink, end);
    }
    /* Padding, as tapes have it. */
    if (end->status == TRAWL_OK && window_zeros(window, end->accounted, input->size))
        end->accounted = input->size;
}

static void filter_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct window window;
    struct tap tap = {0};
    struct stream *stream = NULL;
    *end = (struct unpack_end){0};
    if (window_init(&window, input->fd, input->size, 256u << 10) && (stream = stream_open(input->type, &window)) &&
        tap_open(&tap, stream)) {
        filter_unpack(input, &window, &tap, sink, end);
        carve_behind(input, sink, end->accounted, end);
    } else {
        end_memory(end);
        end->missing = UINT64_MAX;
    }
    tap_close(&tap);
    if (stream)
        stream->close(stream);
    window_free(&window);
}

static bool filter_handles(enum file_type type)
{
    return type >= TYPE_GZIP && type <= TYPE_COMPRESS;
}

const struct unpacker filter_unpacker = {.name = "filter", .handles = filter_handles, .run = filter_run};
