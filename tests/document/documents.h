/* documents.h: small documents and stores, made here, that hold pictures known byte for byte. */
#ifndef TESTS_DOCUMENT_DOCUMENTS_H
#define TESTS_DOCUMENT_DOCUMENTS_H

#include <stdint.h>
#include <string.h>

#include "core/buf.h"

/** Bytes that begin like a picture; no two numbers give the same. */
static inline struct buf picture_bytes(unsigned number, size_t n)
{
    struct buf bytes = {0};
    static const char *const heads[] = {"\xff\xd8\xff\xe0", "\x89PNG\r\n\x1a\n"};
    buf_put(&bytes, heads[number % 2], number % 2 ? 8 : 4);
    for (size_t i = bytes.len; i < n; i++) {
        uint8_t byte = (uint8_t)((i + number) * 2654435761u >> 11);
        buf_put(&bytes, &byte, 1);
    }
    return bytes;
}

static inline void put_le(struct buf *out, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        buf_put(out, &(uint8_t){(uint8_t)(i < 8 ? v >> 8 * i : 0)}, 1);
}

static inline void put_be(struct buf *out, uint64_t v, int n)
{
    for (int i = n; i--;)
        buf_put(out, &(uint8_t){(uint8_t)(i < 8 ? v >> 8 * i : 0)}, 1);
}

static inline void put_zeros(struct buf *out, size_t n)
{
    while (n--)
        buf_put(out, "", 1);
}

static inline void put_utf16(struct buf *out, const char *text)
{
    for (; *text; text++)
        put_le(out, (uint8_t)*text, 2);
}

static inline void put_base64(struct buf *out, const uint8_t *p, size_t n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < n ? p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_put(out, i + k <= n ? &letters[bits >> (18 - 6 * k) & 63] : "=", 1);
    }
}

static inline void put_hex(struct buf *out, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%02x%s", p[i], i % 32 == 31 ? "\r\n" : "");
}

/** One entry of a thumbnail cache of that version. */
static inline void put_cache_entry(struct buf *out, uint32_t version, uint64_t hash, const char *name,
                                   const struct buf *data)
{
    uint32_t name_len = 2 * (uint32_t)strlen(name), header = version == 21 ? 48 : 56;
    buf_put(out, "CMMM", 4);
    put_le(out, header + name_len + 6 + data->len, 4);
    put_le(out, hash, 8);
    if (version == 20)
        put_le(out, 0x67006a, 8);
    put_le(out, name_len, 4);
    put_le(out, 6, 4);
    put_le(out, data->len, 4);
    if (version > 21)
        put_le(out, 0x6000000060, 8);
    put_zeros(out, 20);
    put_utf16(out, name);
    put_zeros(out, 6);
    buf_put(out, data->data, data->len);
}

static inline struct buf make_thumbcache(uint32_t version, const struct buf *pictures, unsigned n)
{
    struct buf out = {0};
    buf_put(&out, "CMMM", 4);
    put_le(&out, version, 4);
    put_zeros(&out, 16);
    for (unsigned i = 0; i < n; i++)
        put_cache_entry(&out, version, 0xabcdef00 + i, i ? "C:\\x" : "abcdef00", &pictures[i]);
    return out;
}

/** Slots 2 and 4 are used. */
static inline struct buf make_thumbdata(uint32_t slot, const struct buf *jpeg)
{
    struct buf out = {0};
    for (int i = 0; i < 6; i++) {
        size_t begin = out.len;
        if (i == 2 || i == 4) {
            put_le(&out, 1, 9);
            put_be(&out, jpeg->len, 4);
            buf_put(&out, jpeg->data, jpeg->len);
        }
        put_zeros(&out, begin + slot - out.len);
    }
    return out;
}

/** {"a": picture, "token": 4 bytes} */
static inline struct buf make_bplist(const struct buf *picture)
{
    static const char key[] = {0x51, 'a'};
    struct buf out = {0};
    size_t at[5];
    buf_puts(&out, "bplist00");
    at[0] = out.len;
    buf_put(&out, "\xd2\1\2\3\4", 5);
    at[1] = out.len;
    buf_put(&out, key, sizeof(key));
    at[2] = out.len;
    buf_put(&out, "\x55token", 6);
    at[3] = out.len;
    buf_put(&out, "\x4f\x12", 2);
    put_be(&out, picture->len, 4);
    buf_put(&out, picture->data, picture->len);
    at[4] = out.len;
    buf_put(&out, "\x44wxyz", 5);
    size_t table = out.len;
    for (int i = 0; i < 5; i++)
        put_be(&out, at[i], 4);
    put_zeros(&out, 6);
    put_be(&out, 0x0401, 2);
    put_be(&out, 5, 8);
    put_be(&out, 0, 8);
    put_be(&out, table, 8);
    return out;
}

/** The native data of a package that holds a file. */
static inline struct buf make_package(const char *path, const struct buf *file)
{
    struct buf out = {0};
    put_le(&out, 2, 2);
    buf_put(&out, "label", 6);
    buf_put(&out, path, strlen(path) + 1);
    put_le(&out, 0x30000, 4);
    put_le(&out, 4, 4);
    buf_put(&out, "tmp", 4);
    put_le(&out, file->len, 4);
    buf_put(&out, file->data, file->len);
    return out;
}

/** A picture in digits, the same in binary, a package with another one. */
static inline struct buf make_rtf(const struct buf *picture, const struct buf *packed)
{
    struct buf out = {0}, object = {0}, package = make_package("C:\\folder\\name.jpg", packed);
    put_le(&object, 0x501, 4);
    put_le(&object, 2, 4);
    put_le(&object, 8, 4);
    buf_put(&object, "Package", 8);
    put_le(&object, 0, 8);
    put_le(&object, package.len, 4);
    buf_put(&object, package.data, package.len);
    buf_puts(&out, "{\\rtf1\\ansi text {\\pict{\\*\\blipuid 0123}\\jpegblip\\picw10 ");
    put_hex(&out, picture->data, picture->len);
    buf_printf(&out, "} {\\pict\\pngblip\\bin%zu ", picture->len);
    buf_put(&out, picture->data, picture->len);
    buf_puts(&out, "}{\\object{\\*\\objdata ");
    put_hex(&out, object.data, object.len);
    buf_puts(&out, "}}\\'e4}");
    buf_free(&object);
    buf_free(&package);
    return out;
}

/** Four ways to write base64 in a text: a URL in quotes, escaped JSON, an attribute, a URL without quotes. */
static inline struct buf make_text(const struct buf *picture)
{
    struct buf out = {0}, letters = {0};
    put_base64(&letters, picture->data, picture->len);
    buf_puts(&out, "<img src=\"data:image/jpeg;base64,");
    for (size_t i = 0; i < letters.len; i += 76)
        buf_printf(&out, "%.*s\r\n", (int)(letters.len - i < 76 ? letters.len - i : 76), letters.data + i);
    buf_puts(&out, "\"> {\"photo\":\"");
    for (size_t i = 0; i < letters.len; i++)
        buf_printf(&out, letters.data[i] == '/' ? "\\%c" : "%c", letters.data[i]);
    buf_puts(&out, "\"} <part data='");
    buf_put(&out, letters.data, letters.len);
    buf_puts(&out, "'/> url(data:image/x;base64,");
    buf_put(&out, letters.data, letters.len);
    buf_puts(&out, ") and then words");
    buf_free(&letters);
    return out;
}

static inline struct buf make_vcard(const struct buf *picture)
{
    struct buf out = {0}, letters = {0};
    put_base64(&letters, picture->data, picture->len);
    buf_puts(&out, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nPHOTO;ENCODING=b;TYPE=JPEG:");
    for (size_t i = 0; i < letters.len; i += 60)
        buf_printf(&out, "%s%.*s\r\n", i ? " " : "", (int)(letters.len - i < 60 ? letters.len - i : 60),
                   letters.data + i);
    buf_puts(&out, "NOTE:abcd\r\nEND:VCARD\r\n");
    buf_free(&letters);
    return out;
}

/** A mail with a text and a picture; one of its headers is in a character set that few libraries have at hand. */
static inline void put_mail(struct buf *out, const struct buf *picture)
{
    buf_puts(out, "From: a@b.org\nTo: c@d.org\nSubject: =?x-mac-romanian?Q?=C7?=\nDate: Thu, 1 Jan 2004 00:00:00 "
                  "+0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=-=\"\n\n--=-=\nContent-Type: "
                  "text/plain\n\nhello\n--=-=\nContent-Type: image/jpeg\nContent-Disposition: attachment; "
                  "filename=\"../x/a b.jpg\"\nContent-Transfer-Encoding: base64\n\n");
    put_base64(out, picture->data, picture->len);
    buf_puts(out, "\n--=-=--\n");
}

/** A file as uuencode writes it. */
static inline void put_uu(struct buf *out, const struct buf *file)
{
    buf_puts(out, "begin 644 u.jpg\n");
    for (size_t i = 0; i < file->len; i += 45) {
        size_t n = file->len - i < 45 ? file->len - i : 45;
        buf_printf(out, "%c", (int)(' ' + n));
        for (size_t k = 0; k < n; k += 3) {
            uint32_t bits = 0;
            for (size_t b = 0; b < 3; b++)
                bits = bits << 8 | (k + b < n ? (uint8_t)file->data[i + k + b] : 0);
            for (int b = 18; b >= 0; b -= 6)
                buf_printf(out, "%c", (bits >> b & 63) ? (int)(' ' + (bits >> b & 63)) : '`');
        }
        buf_puts(out, "\n");
    }
    buf_puts(out, "`\nend\n");
}

static inline void put_image(struct buf *out, int number, const char *dict, const struct buf *data)
{
    buf_printf(out, "%d 0 obj\n<< /Subtype /Image %s /Length %zu >>\nstream\n", number, dict, data->len);
    buf_put(out, data->data, data->len);
    buf_puts(out, "\nendstream\nendobj\n");
}

/** A page, and three images: a JPEG, the same under a second filter, four samples. */
static inline struct buf make_pdf(const struct buf *jpeg)
{
    struct buf out = {0}, hex = {0}, samples = {0};
    size_t at[7] = {0};
    put_hex(&hex, jpeg->data, jpeg->len);
    buf_puts(&hex, ">");
    buf_put(&samples, "\x10\xb0", 2);
    buf_puts(&out, "%PDF-1.4\n");
    at[1] = out.len;
    buf_puts(&out, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    at[2] = out.len;
    buf_puts(&out, "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n");
    at[3] = out.len;
    buf_puts(&out, "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n");
    at[4] = out.len;
    put_image(&out, 4, "/Width 9 /Height 9 /Filter /DCTDecode", jpeg);
    at[5] = out.len;
    put_image(&out, 5, "/Width 9 /Height 9 /Filter [/ASCIIHexDecode /DCTDecode]", &hex);
    at[6] = out.len;
    put_image(&out, 6,
              "/Width 2 /Height 2 /BitsPerComponent 2 /ColorSpace [/Indexed /DeviceRGB 3 <000000ff000000ff000000ff>]",
              &samples);
    size_t table = out.len;
    buf_puts(&out, "xref\n0 7\n0000000000 65535 f \n");
    for (int i = 1; i < 7; i++)
        buf_printf(&out, "%010zu 00000 n \n", at[i]);
    buf_printf(&out, "trailer << /Size 7 /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", table);
    buf_free(&hex);
    buf_free(&samples);
    return out;
}

/** A blip's record around a picture. */
static inline void put_blip(struct buf *out, unsigned type, unsigned instance, unsigned checksums,
                            const struct buf *picture)
{
    put_le(out, instance << 4, 2);
    put_le(out, type, 2);
    put_le(out, 16u * checksums + 1 + picture->len, 4);
    put_zeros(out, 16 * checksums + 1);
    buf_put(out, picture->data, picture->len);
}

#endif
