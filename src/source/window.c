#include "source/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512u

bool window_init(struct window *window, int fd, uint64_t size, size_t cap)
{
    *window = (struct window){.fd = fd, .size = size, .cap = cap, .fill = cap, .bytes = malloc(cap)};
    return window->bytes != NULL;
}

void window_free(struct window *window)
{
    free(window->bytes);
    window->bytes = NULL;
}

/** A piece that cannot be read is cut in half, at a sector's border, down to one sector; returns 0 where it is one. */
static size_t smaller_piece(size_t n, uint64_t offset)
{
    uint64_t middle = (offset + n / 2) / SECTOR * SECTOR;
    size_t smaller = middle > offset ? (size_t)(middle - offset) : SECTOR - (size_t)(offset % SECTOR);
    return smaller < n ? smaller : 0;
}

/** Reads on behind what is there. Returns how much came; or, with *hole, how much is a sector that cannot be read. */
static ssize_t window_more(struct window *window, size_t want, bool *hole)
{
    uint64_t offset = window->start + window->len;
    for (size_t piece = want;;) {
        ssize_t got = pread(window->fd, window->bytes + window->len, piece, (off_t)offset);
        if (got >= 0 || errno == EINTR) {
            if (got >= 0)
                return got;
            continue;
        }
        bool medium = errno == EIO || errno == ENODATA || errno == EBADMSG;
        size_t smaller = medium ? smaller_piece(piece, offset) : 0;
        *hole = medium && !smaller;
        if (!smaller)
            return *hole ? (ssize_t)piece : -1;
        piece = smaller;
    }
}

/** Reads until `need` bytes are there: one pread, unless it falls short. */
static void window_read(struct window *window, uint64_t offset, size_t need, size_t want)
{
    window->start = offset;
    window->hole_start = window->hole_end = 0;
    window->len = 0;
    do {
        bool hole = false;
        ssize_t got = window_more(window, want - window->len, &hole);
        if (got < 0) {
            window->error = errno;
            window->error_at = offset + window->len;
        }
        if (got <= 0)
            return;
        if (hole) {
            memset(window->bytes + window->len, 0, (size_t)got);
            if (window->hole_start == window->hole_end)
                window->hole_start = offset + window->len;
            window->hole_end = offset + window->len + (size_t)got;
        }
        window->len += (size_t)got;
    } while (window->len < need);
}

/** True if those bytes are there. From between two holes they are read again: only the first is known exactly. */
static bool window_has(const struct window *window, uint64_t offset, size_t need)
{
    if (offset < window->start || offset - window->start > window->len || window->len - (offset - window->start) < need)
        return false;
    return offset <= window->hole_start || offset >= window->hole_end;
}

const uint8_t *window_at(struct window *window, uint64_t offset, size_t need, size_t *n)
{
    *n = 0;
    if (offset >= window->size || offset > INT64_MAX - window->cap)
        return NULL;
    uint64_t left = window->size - offset;
    need = need > window->cap ? window->cap : need;
    need = need > left ? (size_t)left : need;
    if (!window_has(window, offset, need)) {
        size_t want = window->fill > need ? window->fill : need;
        window_read(window, offset, need, want > left ? (size_t)left : want);
    }
    *n = window->len - (size_t)(offset - window->start);
    if (window->hole_start < window->hole_end && window->hole_start >= offset) {
        if (window->hole_start < offset + need) {
            window->holes++;
            window->hole_last = window->hole_end;
        } else if (*n > window->hole_start - offset)
            *n = (size_t)(window->hole_start - offset);
    }
    return *n ? window->bytes + (offset - window->start) : NULL;
}

bool window_zeros(struct window *window, uint64_t at, uint64_t to)
{
    uint64_t holes = window->holes;
    while (at < to) {
        size_t n;
        const uint8_t *p = window_at(window, at, 1, &n);
        n = n < to - at ? n : (size_t)(to - at);
        if (!p || *p || window->holes != holes || memcmp(p, p + 1, n - 1) != 0)
            return false;
        at += n;
    }
    return true;
}
