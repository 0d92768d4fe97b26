/*
 * embedded_jpeg.c: pictures in the markers of a JPEG: thumbnails of JFIF, JFXX, EXIF and Photoshop, and the pictures
 * that MPF lists behind the first one (CIPA DC-007).
 */
#include <stdlib.h>
#include <string.h>

#include "decode/extras.h"
#include "decode/ifd.h"
#include "decode/sink.h"

enum { MARKER_SOS = 0xda, MARKER_EOI = 0xd9, MARKER_APP0 = 0xe0, MARKER_APP1, MARKER_APP2, MARKER_APP13 = 0xed };

#define MPF_ENTRIES     0xb002
#define MPF_ENTRY_BYTES 16
#define MPF_LARGE       0x010000

/** A segment's payload. */
struct segment {
    uint8_t marker;
    size_t at, n;
};

static bool segment_is(const uint8_t *data, const struct segment *s, const char *name, size_t n)
{
    return s->n >= n && memcmp(data + s->at, name, n) == 0;
}

/** The next segment from *at on; false at the first scan or where there is none. */
static bool next_segment(const uint8_t *data, size_t size, size_t *at, struct segment *s)
{
    while (*at < size && data[*at] != 0xff)
        ++*at;
    while (*at < size && data[*at] == 0xff)
        ++*at;
    if (size - *at < 3)
        return false;
    s->marker = data[(*at)++];
    if (s->marker == MARKER_SOS || s->marker == MARKER_EOI)
        return false;
    if (s->marker == 0 || s->marker == 1 || (s->marker >= 0xd0 && s->marker <= 0xd8)) {
        s->n = 0;
        return true;
    }
    size_t length = (size_t)data[*at] << 8 | data[*at + 1], left = size - *at;
    if (length < 2)
        return false;
    s->at = *at + 2;
    s->n = (length < left ? length : left) - 2;
    *at += length < left ? length : left;
    return true;
}

/** Samples behind their sizes: RGB, or indices into a palette of 256 colours. */
static void raw_thumbnail(struct extras *extras, const uint8_t *p, size_t n, const uint8_t *palette)
{
    uint32_t width = n >= 2 ? p[0] : 0, height = n >= 2 ? p[1] : 0, channels = palette ? 1 : 3;
    size_t pixels = (size_t)width * height, head = palette ? 2 + 768 : 2;
    if (!pixels || n < head || n - head < pixels * channels)
        return;
    struct decode_extra *extra = extras_count(extras, EXTRA_THUMBNAIL, 1);
    uint8_t *rgb = extra ? malloc(pixels * 3) : NULL;
    if (!extra)
        return;
    for (size_t i = 0; rgb && i < pixels; i++)
        memcpy(rgb + i * 3, palette ? palette + (size_t)p[head + i] * 3 : p + head + i * 3, 3);
    struct canvas canvas = {width, height, 3, (size_t)width * 3, rgb};
    if (rgb)
        canvas_hash(extras->request, &canvas, &extra->result);
    else
        decode_end_memory(&extra->result);
    free(rgb);
}

static void app0(struct extras *extras, const uint8_t *data, size_t size, const struct segment *s)
{
    const uint8_t *p = data + s->at;
    if (segment_is(data, s, "JFIF", 5) && s->n > 14)
        raw_thumbnail(extras, p + 12, s->n - 12, NULL);
    if (!segment_is(data, s, "JFXX", 5) || s->n < 8)
        return;
    if (p[5] == 0x10)
        extras_jpeg(extras, EXTRA_THUMBNAIL, data, size, s->at + 6, s->n - 6);
    else if (p[5] == 0x11)
        raw_thumbnail(extras, p + 6, s->n - 6, p + 8);
    else if (p[5] == 0x13)
        raw_thumbnail(extras, p + 6, s->n - 6, NULL);
}

/** The pictures of an MP index; offsets count from its own header, and 0 is the first picture, the file's own. */
static void app2_mpf(struct extras *extras, const uint8_t *data, size_t size, size_t at, size_t n)
{
    struct ifd_file file;
    struct ifd_entry list;
    uint64_t first;
    if (!ifd_open(&file, data + at, n, &first) || !ifd_find(&file, first, MPF_ENTRIES, &list))
        return;
    for (uint64_t i = 0; i < list.count / MPF_ENTRY_BYTES && i < UINT16_MAX && !extras_full(extras); i++) {
        struct ifd_entry words = {.type = 4, .count = 3, .at = list.at + i * MPF_ENTRY_BYTES};
        uint64_t kind = ifd_value(&file, &words, 0) & 0xffffff;
        uint64_t bytes = ifd_value(&file, &words, 1), offset = ifd_value(&file, &words, 2);
        if (offset && bytes)
            extras_jpeg(extras, kind >> 16 == MPF_LARGE >> 16 ? EXTRA_PREVIEW : EXTRA_PICTURE, data, size, at + offset,
                        bytes);
    }
}

void extras_of_jpeg(const uint8_t *data, size_t size, struct extras *extras)
{
    struct segment s = {0};
    for (size_t at = 2; at < size && next_segment(data, size, &at, &s) && !extras_full(extras);) {
        if (s.marker == MARKER_APP0)
            app0(extras, data, size, &s);
        else if (s.marker == MARKER_APP1 && segment_is(data, &s, "Exif", 5))
            extras_exif(extras, data, size, s.at, s.n);
        else if (s.marker == MARKER_APP2 && segment_is(data, &s, "MPF", 4))
            app2_mpf(extras, data, size, s.at + 4, s.n - 4);
        else if (s.marker == MARKER_APP13 && segment_is(data, &s, "Photoshop 3.0", 14))
            extras_photoshop(extras, data, size, s.at + 14, s.n - 14);
    }
}
