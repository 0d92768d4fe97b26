#include "match/rows.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "hash/openssl.h"
#include "match/inflater.h"

void rows_open(struct rows *rows, int fd, size_t max, bool digest)
{
    *rows = (struct rows){.fd = fd, .line = 1, .max = max, .capacity = size_mul(max, 4)};
    rows->buffer = mem_alloc(rows->capacity);
    if (!digest)
        return;
    rows->digest = EVP_MD_CTX_new();
    if (!rows->digest || !EVP_DigestInit_ex(rows->digest, openssl_sha256(), NULL))
        mem_missing();
}

void rows_allow(struct rows *rows, size_t max)
{
    rows->max = max;
    rows->capacity = size_mul(max, 4);
    rows->buffer = mem_realloc(rows->buffer, rows->capacity);
}

void rows_close(struct rows *rows)
{
    EVP_MD_CTX_free(rows->digest);
    inflater_free(rows->inflater);
    free(rows->buffer);
    *rows = (struct rows){.fd = -1};
}

/** Bytes of the file as they are. */
static ssize_t read_file(void *context, void *out, size_t size)
{
    struct rows *rows = context;
    ssize_t n;
    do
        n = read(rows->fd, out, size);
    while (n < 0 && errno == EINTR);
    if (n > 0 && rows->digest)
        EVP_DigestUpdate(rows->digest, out, (size_t)n);
    return n;
}

void rows_inflate(struct rows *rows)
{
    rows->inflater = inflater_new(rows->buffer + rows->begin, rows->end - rows->begin, read_file, rows);
    rows->begin = rows->end = 0;
    rows->eof = false;
}

/** One read behind the unread bytes, which must leave room. */
static void fill(struct rows *rows)
{
    if (rows->begin) {
        memmove(rows->buffer, rows->buffer + rows->begin, rows->end - rows->begin);
        rows->end -= rows->begin;
        rows->begin = 0;
    }
    uint8_t *to = rows->buffer + rows->end;
    size_t room = rows->capacity - rows->end;
    ssize_t n = rows->inflater ? inflater_get(rows->inflater, to, room) : read_file(rows, to, room);
    if (n <= 0) {
        rows->eof = true;
        rows->error = n < 0 ? errno : 0;
        return;
    }
    rows->end += (size_t)n;
}

size_t rows_peek(struct rows *rows, const uint8_t **text)
{
    while (!rows->eof && rows->end - rows->begin <= rows->max + 1)
        fill(rows);
    *text = rows->buffer + rows->begin;
    return rows->end - rows->begin;
}

void rows_skip(struct rows *rows, size_t n)
{
    const uint8_t *p = rows->buffer + rows->begin, *end = p + n;
    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        rows->line++;
        p++;
    }
    rows->begin += n;
}

/** Passes over what is left of a row that is too long. */
static void skip_line(struct rows *rows)
{
    for (;;) {
        const uint8_t *text = rows->buffer + rows->begin, *newline = memchr(text, '\n', rows->end - rows->begin);
        if (newline) {
            rows_skip(rows, (size_t)(newline - text) + 1);
            return;
        }
        rows->begin = rows->end;
        if (rows->eof)
            return;
        fill(rows);
    }
}

/** The line end, or NULL where the row is longer than rows->max or ends with the file. */
static const uint8_t *find_newline(struct rows *rows)
{
    size_t seen = 0;
    for (;;) {
        const uint8_t *text = rows->buffer + rows->begin;
        size_t n = rows->end - rows->begin;
        const uint8_t *newline = n > seen ? memchr(text + seen, '\n', n - seen) : NULL;
        if (newline || rows->eof || n > rows->max + 1)
            return newline;
        seen = n;
        fill(rows);
    }
}

bool rows_next(struct rows *rows, struct row *row)
{
    const uint8_t *newline = find_newline(rows), *text = rows->buffer + rows->begin;
    size_t n = newline ? (size_t)(newline - text) : rows->end - rows->begin;
    if (!newline && !n)
        return false;
    *row = (struct row){.text = text, .n = n, .line = rows->line};
    if (row->n && text[row->n - 1] == '\r')
        row->n--;
    if (row->n > rows->max) {
        row->too_long = true;
        row->n = 0;
        skip_line(rows);
        return true;
    }
    rows->begin += n + (newline != NULL);
    rows->line += newline != NULL;
    return true;
}

void rows_sha256(struct rows *rows, uint8_t out[32])
{
    while (!rows->eof) {
        rows->begin = rows->end;
        fill(rows);
    }
    /* What stands behind a compressed stream is of the file too. */
    while (rows->inflater && read_file(rows, rows->buffer, rows->capacity) > 0)
        continue;
    if (!EVP_DigestFinal_ex(rows->digest, out, NULL))
        mem_missing();
}
