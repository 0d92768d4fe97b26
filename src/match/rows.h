/* rows.h: reads a text file line by line, each byte once, in bounded memory. */
#ifndef MATCH_ROWS_H
#define MATCH_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Longest row of a list. Real ones have some 300 bytes; what is longer is reported and passed over. */
#define ROW_MAX 65536
/** In lists of videos: hours of one, at 80 bytes a second. */
#define ROW_MAX_VIDEO (4u << 20)

struct evp_md_ctx_st;

struct rows {
    int fd;
    /** Longest row. */
    size_t max;
    /** Several of the longest rows, so that little is moved. */
    uint8_t *buffer;
    size_t capacity;
    /** Unread bytes are buffer[begin .. end - 1]. */
    size_t begin, end;
    bool eof;
    /** errno of a failed read; it also ends the file. */
    int error;
    /** Number of the line that begins at `begin`, from 1. */
    uint64_t line;
    /** SHA-256 of all that was read of the file, or NULL. */
    struct evp_md_ctx_st *digest;
    /** Unpacks what was read; NULL where the file is not compressed. */
    struct inflater *inflater;
    /** A descriptor of the whole text, unpacked; 0 where there is none. */
    int spooled;
};

struct row {
    /** Without its line end (LF or CR LF). Borrowed until the next call. */
    const uint8_t *text;
    size_t n;
    uint64_t line;
    /** It was longer than rows->max; its text is not given. */
    bool too_long;
};

/** The descriptor stays the caller's. */
void rows_open(struct rows *rows, int fd, size_t max, bool digest);
void rows_close(struct rows *rows);
/** Rows may be longer from here on. */
void rows_allow(struct rows *rows, size_t max);
/** From here on what is unread and what follows is a compressed stream: rows are those of its text. */
void rows_inflate(struct rows *rows);
static inline bool rows_inflating(const struct rows *rows)
{
    return rows->inflater != NULL;
}
/** Unread bytes: more than rows->max of them, or all that are left. */
size_t rows_peek(struct rows *rows, const uint8_t **text);
/** Passes over n bytes that rows_peek gave. */
void rows_skip(struct rows *rows, size_t n);
/** The next line; waits for no byte behind it. False at the end. */
bool rows_next(struct rows *rows, struct row *row);
/** Digest of the whole file; reads what is left of it. */
void rows_sha256(struct rows *rows, uint8_t out[32]);

#endif
