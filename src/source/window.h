/*
 * window.h (private): a container's bytes by pread, some hundred kilobytes at a time.
 *
 * A sector that the medium does not give reads as zeros, so that what lies behind it is reached. Who delivers a member
 * compares `holes` before and after: a member that has one is told, and no digest of it is claimed.
 */
#ifndef SOURCE_WINDOW_H
#define SOURCE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window {
    int fd;
    /** Nothing behind this is read, whatever the descriptor holds. */
    uint64_t size;
    uint8_t *bytes;
    size_t cap;
    /** How much one pread asks for: cap, or less where most of it would be passed over. */
    size_t fill;
    /** Which part of the container is in `bytes`. */
    uint64_t start;
    size_t len;
    /** From the first to the last zero in `bytes` that stands for a byte that cannot be read; equal: none does. */
    uint64_t hole_start, hole_end;
    /** How often bytes with a hole in them were given out, and where the last such hole ends. */
    uint64_t holes, hole_last;
    /** errno of a read that failed otherwise, and where; 0 if none did. */
    int error;
    uint64_t error_at;
};

/** False where memory is missing. */
bool window_init(struct window *window, int fd, uint64_t size, size_t cap);
void window_free(struct window *window);
/**
 * The bytes from `offset` on, valid until the next call; *n says how many: at least `need` (at most cap), fewer only at
 * the end of the container or of what can be read. NULL if none. Beyond `need` they go up to the next hole at most.
 */
const uint8_t *window_at(struct window *window, uint64_t offset, size_t need, size_t *n);
/** True if all bytes from `at` to `to` can be read and are zero. */
bool window_zeros(struct window *window, uint64_t at, uint64_t to);

#endif
