/* made.h: the smallest files of formats that no library here writes: their structure is right, their content is none.
 */
#ifndef TESTS_CARVE_MADE_H
#define TESTS_CARVE_MADE_H

#include <libdeflate.h>
#include <stdbool.h>
#include <string.h>

#include "core/buf.h"

/** n bytes that are no magic. */
static inline void made_filler(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_byte(out, (uint8_t)(0x60 + i * 7 % 19));
}

static inline void made_be32(struct buf *out, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (uint8_t)(v >> shift));
}

/** A box with n bytes of filler, `head` before it. */
static inline void made_box(struct buf *out, const char *name, const void *head, size_t head_len, size_t n)
{
    made_be32(out, (uint32_t)(8 + head_len + n));
    buf_put(out, name, 4);
    if (head_len)
        buf_put(out, head, head_len);
    made_filler(out, n);
}

static inline void made_mp4(struct buf *out, const char *brand, bool index_first)
{
    char ftyp[12] = {0};
    memcpy(ftyp, brand, 4);
    memcpy(ftyp + 8, "isom", 4);
    made_box(out, "ftyp", ftyp, 12, 0);
    for (int i = 0; i < 2; i++)
        if ((i == 0) == index_first)
            made_box(out, "moov", "\0\0\0\x10mvhd\0\0\0\0\0\0\0\0", 16, 300);
        else
            made_box(out, "mdat", NULL, 0, 5000);
    made_box(out, "free", NULL, 0, 11);
}

/** A box of 64 bits, and fragments. */
static inline void made_fragmented(struct buf *out)
{
    made_box(out, "ftyp", "iso5\0\0\2\0", 8, 0);
    made_box(out, "moov", "\0\0\0\x10mvhd\0\0\0\0\0\0\0\0", 16, 30);
    made_box(out, "moof", NULL, 0, 50);
    made_be32(out, 1);
    buf_put(out, "mdat\0\0\0\0", 8);
    made_be32(out, 16 + 700);
    made_filler(out, 700);
}

static inline void made_boxed(struct buf *out, const char *name)
{
    bool jxl = name[1] == 'x';
    made_be32(out, 12);
    buf_put(out, jxl ? "JXL \r\n\x87\n" : "jP  \r\n\x87\n", 8);
    made_box(out, "ftyp", jxl ? "jxl \0\0\0\0jxl " : "jp2 \0\0\0\0jp2 ", 12, 0);
    made_box(out, jxl ? "jxlp" : "jp2h", NULL, 0, 100);
    made_box(out, jxl ? "jxlp" : "jp2c", NULL, 0, 2000);
}

static inline void made_le32(struct buf *out, uint32_t v)
{
    for (int shift = 0; shift < 32; shift += 8)
        buf_byte(out, (uint8_t)(v >> shift));
}

static inline void made_chunk(struct buf *out, const char *name, uint32_t n)
{
    buf_put(out, name, 4);
    made_le32(out, n);
    made_filler(out, n + (n & 1));
}

/** An AVI, and with `more` the second RIFF that follows a large one. */
static inline void made_avi(struct buf *out, bool more)
{
    buf_puts(out, "RIFF");
    made_le32(out, 4 + 12 + 40 + 12 + 3 * 110 + 8 + 32);
    buf_puts(out, "AVI LIST");
    made_le32(out, 4 + 40);
    buf_puts(out, "hdrl");
    made_chunk(out, "avih", 32);
    buf_puts(out, "LIST");
    made_le32(out, 4 + 3 * 110);
    buf_puts(out, "movi");
    for (int i = 0; i < 3; i++)
        made_chunk(out, "00dc", 101);
    made_chunk(out, "idx1", 32);
    if (!more)
        return;
    buf_puts(out, "RIFF");
    made_le32(out, 4 + 12 + 110);
    buf_puts(out, "AVIXLIST");
    made_le32(out, 4 + 110);
    buf_puts(out, "movi");
    made_chunk(out, "00dc", 101);
}

/** With `live` neither the segment nor its clusters tell their length. */
static inline void made_mkv(struct buf *out, const char *kind, bool live)
{
    size_t n = strlen(kind);
    buf_put(out, "\x1a\x45\xdf\xa3", 4);
    buf_byte(out, (uint8_t)(0x80 | (n + 3)));
    buf_put(out, "\x42\x82", 2);
    buf_byte(out, (uint8_t)(0x80 | n));
    buf_puts(out, kind);
    buf_put(out, "\x18\x53\x80\x67", 4);
    buf_put(out, live ? "\x01\xff\xff\xff\xff\xff\xff\xff" : "\x01\0\0\0\0\0\0\0", 8);
    size_t start = out->len;
    buf_put(out, "\x16\x54\xae\x6b\xa0", 5);
    made_filler(out, 32);
    for (int i = 0; i < 2; i++) {
        buf_put(out, "\x1f\x43\xb6\x75", 4);
        if (live)
            buf_byte(out, 0xff);
        else
            buf_byte(out, 0x80 | 62);
        buf_put(out, "\xe7\x81\x01\xa3\xb9", 5);
        made_filler(out, 57);
    }
    if (!live)
        out->data[start - 1] = (uint8_t)(out->len - start);
}

static inline void made_le64(struct buf *out, uint64_t v)
{
    made_le32(out, (uint32_t)v);
    made_le32(out, (uint32_t)(v >> 32));
}

static inline void made_asf(struct buf *out)
{
    buf_put(out, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", 16);
    made_le64(out, 130);
    made_le32(out, 3);
    buf_put(out, "\1\2", 2);
    made_filler(out, 100);
    buf_put(out, "\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c", 16);
    made_le64(out, 24 + 3000);
    made_filler(out, 3000);
}

static inline void made_flv(struct buf *out)
{
    buf_put(out, "FLV\1\5\0\0\0\x09\0\0\0\0", 13);
    for (uint32_t i = 0; i < 5; i++) {
        buf_byte(out, i % 2 ? 8 : 9);
        buf_put(out, "\0\0\x64\0\0\0\0\0\0\0", 10);
        made_filler(out, 100);
        made_be32(out, 111);
    }
}

static inline void made_7z(struct buf *out)
{
    struct buf head = {0}, last = {0};
    made_filler(&last, 70);
    made_le64(&head, 500);
    made_le64(&head, last.len);
    made_le32(&head, libdeflate_crc32(0, last.data, last.len));
    buf_put(out, "7z\xbc\xaf\x27\x1c\0\4", 8);
    made_le32(out, libdeflate_crc32(0, head.data, head.len));
    buf_put(out, head.data, head.len);
    made_filler(out, 500);
    buf_put(out, last.data, last.len);
    buf_free(&head);
    buf_free(&last);
}

/** `versions` of a PDF, one appended to the other. */
static inline void made_pdf(struct buf *out, unsigned versions)
{
    buf_puts(out, "%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
    for (unsigned i = 0; i < versions; i++) {
        buf_puts(out, "1 0 obj\n<< /Type /Catalog >>\nstream\n");
        made_filler(out, 400);
        buf_puts(out, "\nendstream\nendobj\nxref\n0 1\ntrailer << >>\nstartxref\n123\n%%EOF\n");
    }
}

#endif
