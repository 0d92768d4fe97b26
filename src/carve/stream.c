/* stream.c: ranges of a medium read as one, by two windows: the scan's, and one that follows what the scan found. */
#include <stdlib.h>
#include <string.h>

#include "carve/carve.h"

/** What is read at once where a finder jumps; doubled as long as it reads on. */
#define NEAR_JUMP 4096u

static bool index_ranges(struct stream *stream)
{
    if (stream->n > 1 && !(stream->starts = calloc(stream->n, sizeof(*stream->starts))))
        return false;
    for (size_t i = 0; i < stream->n; i++) {
        const struct carve_range *range = &stream->ranges[i];
        if (stream->starts)
            stream->starts[i] = stream->size;
        if (range->end > range->start && range->end - range->start <= INT64_MAX - stream->size)
            stream->size += range->end - range->start;
    }
    return true;
}

bool stream_init(struct stream *stream, struct carve_source *source, const struct carve_range *ranges, size_t n)
{
    *stream = (struct stream){.source = source, .ranges = ranges, .n = n};
    stream->scan.cap = STREAM_SCAN;
    stream->near.cap = STREAM_NEAR;
    stream->scan.bytes = malloc(stream->scan.cap);
    stream->near.bytes = malloc(stream->near.cap);
    if (stream->scan.bytes && stream->near.bytes && index_ranges(stream))
        return true;
    stream_free(stream);
    return false;
}

void stream_free(struct stream *stream)
{
    free(stream->starts);
    free(stream->scan.bytes);
    free(stream->near.bytes);
    *stream = (struct stream){0};
}

/** The last range that begins at or before `at` (empty ones begin where the next does). */
size_t stream_range(const struct stream *stream, uint64_t at, uint64_t *behind)
{
    size_t low = 0, high = stream->n;
    *behind = at;
    if (!stream->starts)
        return 0;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (stream->starts[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    *behind = at - stream->starts[low];
    return low;
}

size_t stream_read(struct stream *stream, uint8_t *to, size_t n, uint64_t at)
{
    size_t got = 0;
    uint64_t behind, left = at < stream->size ? stream->size - at : 0;
    n = n < left ? n : (size_t)left;
    if (!n)
        return 0;
    for (size_t i = stream_range(stream, at, &behind); i < stream->n && got < n; i++, behind = 0) {
        const struct carve_range *range = &stream->ranges[i];
        if (range->end <= range->start)
            continue;
        uint64_t here = range->end - range->start - behind;
        size_t want = n - got < here ? n - got : (size_t)here;
        size_t read = stream->source->read(stream->source, to + got, want, range->start + behind);
        got += read < want ? read : want;
        if (read < want)
            break;
    }
    return got;
}

static void window_fill(struct stream *stream, struct stream_window *window, uint64_t at, size_t n)
{
    window->start = at;
    window->len = stream_read(stream, window->bytes, n < window->cap ? n : window->cap, at);
}

size_t stream_scan(struct stream *stream, uint64_t at)
{
    window_fill(stream, &stream->scan, at, stream->scan.cap);
    return stream->scan.len;
}

static const uint8_t *window_has(const struct stream_window *window, uint64_t at, size_t need, size_t *n)
{
    if (at < window->start || at - window->start >= window->len)
        return NULL;
    *n = window->len - (size_t)(at - window->start);
    return *n >= need ? window->bytes + (at - window->start) : NULL;
}

const uint8_t *stream_at(struct stream *stream, uint64_t at, size_t need, size_t *n)
{
    const uint8_t *p;
    need = need < stream->near.cap ? need : stream->near.cap;
    if ((p = window_has(&stream->scan, at, need, n)) || (p = window_has(&stream->near, at, need, n)))
        return p;
    struct stream_window *near = &stream->near;
    bool goes_on = at >= near->start && at <= near->start + near->len && near->len;
    size_t want = goes_on ? 2 * near->len : NEAR_JUMP;
    window_fill(stream, near, at, want > need ? want : need);
    stream->read += near->len;
    *n = near->len;
    return *n ? near->bytes : NULL;
}
