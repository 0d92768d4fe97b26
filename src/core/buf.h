/* buf.h: a byte buffer that grows. Zero-initialise ({0}); buf_free when done. */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data;
    size_t len, cap;
};

/** Room for n more bytes; returns where they go. Does not change len. */
uint8_t *buf_reserve(struct buf *buf, size_t n);
void buf_put(struct buf *buf, const void *data, size_t n);
void buf_byte(struct buf *buf, uint8_t byte);
void buf_puts(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Decimal digits; several times faster than buf_printf. */
void buf_decimal(struct buf *buf, uint64_t v);
/** Lowercase hex of n bytes. */
void buf_hex(struct buf *buf, const void *data, size_t n);
/** A NUL behind the bytes (not counted in len), and the bytes as a C string. */
const char *buf_str(struct buf *buf);
void buf_free(struct buf *buf);

/** Little-endian integers and length-prefixed bytes (under 4 GiB): the journal's and the records' encoding. */
void buf_u8(struct buf *buf, uint8_t v);
void buf_u32(struct buf *buf, uint32_t v);
void buf_u64(struct buf *buf, uint64_t v);
void buf_bytes(struct buf *buf, const void *data, size_t n);

/** A cursor over encoded bytes. Reading past the end sets `bad` and gives zeros. */
struct reader {
    const uint8_t *p, *end;
    bool bad;
};

uint8_t read_u8(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);
/** n raw bytes, borrowed; NULL where there are fewer. */
const uint8_t *read_raw(struct reader *reader, size_t n);
/** Length-prefixed bytes, borrowed. */
const uint8_t *read_bytes(struct reader *reader, size_t *n);
/** Length-prefixed bytes as a string of its own; NULL, and `bad`, where they are missing or hold a NUL. */
char *read_text_copy(struct reader *reader);

#endif
