#include "source/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/** Reads until `need` bytes are there: one pread, unless it falls short. */
static void window_read(struct window *window, uint64_t offset, size_t need, size_t want)
{
    window->start = offset;
    window->len = 0;
    do {
        ssize_t got = pread(window->fd, window->bytes + window->len, want - window->len, (off_t)(offset + window->len));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            window->error = errno;
            window->error_at = offset + window->len;
        }
        if (got <= 0)
            return;
        window->len += (size_t)got;
    } while (window->len < need);
}

const uint8_t *window_at(struct window *window, uint64_t offset, size_t need, size_t *n)
{
    *n = 0;
    if (offset >= window->size || offset > INT64_MAX - window->cap)
        return NULL;
    uint64_t left = window->size - offset;
    need = need > window->cap ? window->cap : need;
    need = need > left ? (size_t)left : need;
    if (offset < window->start || offset - window->start > window->len ||
        window->len - (offset - window->start) < need) {
        size_t want = window->fill > need ? window->fill : need;
        window_read(window, offset, need, want > left ? (size_t)left : want);
    }
    *n = window->len - (size_t)(offset - window->start);
    return *n ? window->bytes + (offset - window->start) : NULL;
}

bool window_zeros(struct window *window, uint64_t at, uint64_t to)
{
    while (at < to) {
        size_t n;
        const uint8_t *p = window_at(window, at, 1, &n);
        n = n < to - at ? n : (size_t)(to - at);
        if (!p || *p || memcmp(p, p + 1, n - 1) != 0)
            return false;
        at += n;
    }
    return true;
}
