/* extras.h: pictures with others inside, made in memory. */
#ifndef TESTS_DECODE_EXTRAS_H
#define TESTS_DECODE_EXTRAS_H

#include "pictures.h"

static inline void bytes_add(struct file_bytes *to, const void *bytes, size_t n)
{
    to->data = realloc(to->data, to->size + n + 1);
    memcpy(to->data + to->size, bytes, n);
    to->size += n;
}

/** A number of n bytes, the high one first or last. */
static inline void bytes_number(struct file_bytes *to, uint64_t value, unsigned n, bool little)
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)(value >> 8 * (little ? i : n - 1 - i));
        bytes_add(to, &byte, 1);
    }
}

static inline void ifd_put(struct file_bytes *to, unsigned tag, unsigned type, uint32_t count, uint32_t value,
                           bool little)
{
    bytes_number(to, tag, 2, little);
    bytes_number(to, type, 2, little);
    bytes_number(to, count, 4, little);
    /* A SHORT stands at the beginning of its field. */
    bytes_number(to, type == 3 && !little ? value << 16 : value, 4, little);
}

/** An EXIF block of two directories: an orientation, and a thumbnail of that JPEG or of RGB samples. */
static inline struct file_bytes exif_block(const struct file_bytes *thumbnail, uint32_t width, uint32_t height,
                                           bool little)
{
    struct file_bytes out = {NULL, 0};
    bool jpeg = !width;
    uint32_t second = 8 + 2 + 12 + 4, entries = jpeg ? 3 : 7, data = second + 2 + entries * 12 + 4;
    bytes_add(&out, "Exif\0\0", 6);
    bytes_add(&out, little ? "II*\0" : "MM\0*", 4);
    bytes_number(&out, 8, 4, little);
    bytes_number(&out, 1, 2, little);
    ifd_put(&out, 0x112, 3, 1, 6, little);
    bytes_number(&out, second, 4, little);
    bytes_number(&out, entries, 2, little);
    if (jpeg) {
        ifd_put(&out, 259, 3, 1, 6, little);
        ifd_put(&out, 513, 4, 1, data, little);
        ifd_put(&out, 514, 4, 1, (uint32_t)thumbnail->size, little);
    } else {
        ifd_put(&out, 256, 4, 1, width, little);
        ifd_put(&out, 257, 4, 1, height, little);
        ifd_put(&out, 259, 3, 1, 1, little);
        ifd_put(&out, 262, 3, 1, 2, little);
        ifd_put(&out, 273, 4, 1, data, little);
        ifd_put(&out, 277, 3, 1, 3, little);
        ifd_put(&out, 279, 4, 1, (uint32_t)thumbnail->size, little);
    }
    bytes_number(&out, 0, 4, little);
    bytes_add(&out, thumbnail->data, thumbnail->size);
    return out;
}

/** Puts a marker segment behind what stands at `at`. */
static inline void jpeg_insert(struct file_bytes *jpeg, size_t at, uint8_t marker, const void *payload, size_t n)
{
    struct file_bytes out = {NULL, 0};
    uint8_t head[2] = {0xff, marker};
    must(n + 2 <= 0xffff);
    bytes_add(&out, jpeg->data, at);
    bytes_add(&out, head, 2);
    bytes_number(&out, n + 2, 2, false);
    bytes_add(&out, payload, n);
    bytes_add(&out, jpeg->data + at, jpeg->size - at);
    free(jpeg->data);
    *jpeg = out;
}

/** Photoshop's image resources with a preview among others. */
static inline struct file_bytes photoshop_block(const struct file_bytes *preview)
{
    static const uint8_t zeros[24];
    struct file_bytes out = {NULL, 0};
    bytes_add(&out, "8BIM\x03\xed\0\0", 8);
    bytes_number(&out, 5, 4, false);
    bytes_add(&out, "12345\0", 6);
    bytes_add(&out, "8BIM\x04\x0c\x03odd", 10);
    bytes_number(&out, preview->size + 28, 4, false);
    bytes_number(&out, 1, 4, false);
    bytes_add(&out, zeros, 24);
    bytes_add(&out, preview->data, preview->size);
    if (preview->size & 1)
        bytes_add(&out, zeros, 1);
    return out;
}

/** The MP index of n pictures besides the first, at these places behind its own header. */
static inline struct file_bytes mpf_block(const uint32_t *kinds, const uint32_t *sizes, const uint32_t *offsets,
                                          unsigned n)
{
    struct file_bytes out = {NULL, 0};
    bytes_add(&out, "MPF\0MM\0*", 8);
    bytes_number(&out, 8, 4, false);
    bytes_number(&out, 2, 2, false);
    ifd_put(&out, 0xb001, 4, 1, n + 1, false);
    ifd_put(&out, 0xb002, 7, (n + 1) * 16, 8 + 2 + 24 + 4, false);
    bytes_number(&out, 0, 4, false);
    for (unsigned i = 0; i <= n; i++) {
        bytes_number(&out, i ? kinds[i - 1] : 0x030000, 4, false);
        bytes_number(&out, i ? sizes[i - 1] : 1000, 4, false);
        bytes_number(&out, i ? offsets[i - 1] : 0, 4, false);
        bytes_number(&out, 0, 4, false);
    }
    return out;
}

#endif
