#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

uint8_t *buf_reserve(struct buf *buf, size_t n)
{
    size_t need = size_add(buf->len, n);
    /* The first test: a pointer is given even for no bytes at all. */
    if (!buf->data || need > buf->cap) {
        size_t cap = buf->cap ? size_mul(buf->cap, 2) : 64;
        buf->cap = cap < need ? need : cap;
        buf->data = mem_realloc(buf->data, buf->cap);
    }
    return buf->data + buf->len;
}

void buf_put(struct buf *buf, const void *data, size_t n)
{
    if (!n)
        return;
    memcpy(buf_reserve(buf, n), data, n);
    buf->len += n;
}

void buf_byte(struct buf *buf, uint8_t byte)
{
    *buf_reserve(buf, 1) = byte;
    buf->len++;
}

void buf_puts(struct buf *buf, const char *text)
{
    buf_put(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n > 0) {
        vsnprintf((char *)buf_reserve(buf, (size_t)n + 1), (size_t)n + 1, format, again);
        buf->len += (size_t)n;
    }
    va_end(again);
}

void buf_decimal(struct buf *buf, uint64_t v)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    buf_put(buf, digits + at, sizeof(digits) - at);
}

void buf_hex(struct buf *buf, const void *data, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    uint8_t *out = buf_reserve(buf, size_mul(n, 2));
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = (uint8_t)digits[bytes[i] >> 4];
        out[2 * i + 1] = (uint8_t)digits[bytes[i] & 15];
    }
    buf->len += 2 * n;
}

const char *buf_str(struct buf *buf)
{
    *buf_reserve(buf, 1) = '\0';
    return (const char *)buf->data;
}

void buf_free(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

void buf_u8(struct buf *buf, uint8_t v)
{
    buf_byte(buf, v);
}

void buf_u32(struct buf *buf, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        buf_byte(buf, (uint8_t)(v >> (8 * i)));
}

void buf_u64(struct buf *buf, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        buf_byte(buf, (uint8_t)(v >> (8 * i)));
}

void buf_bytes(struct buf *buf, const void *data, size_t n)
{
    if (n > UINT32_MAX)
        mem_alloc(SIZE_MAX); /* a length cut short would be silent damage */
    buf_u32(buf, (uint32_t)n);
    buf_put(buf, data, n);
}

const uint8_t *read_raw(struct reader *reader, size_t n)
{
    if (reader->bad || (size_t)(reader->end - reader->p) < n) {
        reader->bad = true;
        return NULL;
    }
    const uint8_t *at = reader->p;
    if (n)
        reader->p += n;
    return at;
}

static uint64_t read_le(struct reader *reader, int bytes)
{
    const uint8_t *at = read_raw(reader, (size_t)bytes);
    uint64_t v = 0;
    for (int i = 0; at && i < bytes; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

uint8_t read_u8(struct reader *reader)
{
    return (uint8_t)read_le(reader, 1);
}

uint32_t read_u32(struct reader *reader)
{
    return (uint32_t)read_le(reader, 4);
}

uint64_t read_u64(struct reader *reader)
{
    return read_le(reader, 8);
}

const uint8_t *read_bytes(struct reader *reader, size_t *n)
{
    *n = read_u32(reader);
    const uint8_t *at = read_raw(reader, *n);
    if (!at)
        *n = 0;
    return at;
}

char *read_text_copy(struct reader *reader)
{
    size_t n;
    const uint8_t *text = read_bytes(reader, &n);
    if (!text || memchr(text, 0, n)) {
        reader->bad = true;
        return NULL;
    }
    return mem_strndup((const char *)text, n);
}
