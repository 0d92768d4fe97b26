/*
 * ico.c: icons and cursors: the largest picture stands for the file, the others are pictures of their own. Each is a
 * PNG, or the inside of a BMP: a header of 40 bytes, a palette, colours, and behind them one bit a pixel that hides it.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/bmp_header.h"
#include "decode/extras.h"
#include "decode/sink.h"

#define ENTRY_BYTES 16
#define DIB_HEADER  40
#define MAX_ENTRIES 1024

struct icon {
    /** Of the file. */
    size_t at, n;
    bool png;
    /** As the entry says; 0 counts as 256. */
    uint32_t width, height, bits;
};

static uint32_t icon_count(const uint8_t *data, size_t size)
{
    uint32_t n = bmp_u16(data, size, 4);
    return n < MAX_ENTRIES ? n : MAX_ENTRIES;
}

/** False where its bytes are not in the file. */
static bool icon_at(const uint8_t *data, size_t size, uint32_t i, struct icon *icon)
{
    size_t entry = 6 + (size_t)i * ENTRY_BYTES;
    if (size < entry + ENTRY_BYTES)
        return false;
    icon->width = data[entry] ? data[entry] : 256;
    icon->height = data[entry + 1] ? data[entry + 1] : 256;
    icon->bits = bmp_u16(data, size, entry + 6);
    icon->n = bmp_u32(data, size, entry + 8);
    icon->at = bmp_u32(data, size, entry + 12);
    if (icon->at >= size || icon->n > size - icon->at || icon->n < 16)
        return false;
    icon->png = memcmp(data + icon->at, "\x89PNG\r\n\x1a\n", 8) == 0;
    return true;
}

/** The largest, of equal ones that with the most colours; false where there is none. */
static bool best_icon(const uint8_t *data, size_t size, uint32_t *best)
{
    struct icon icon;
    uint64_t most = 0;
    for (uint32_t i = 0; i < icon_count(data, size); i++) {
        uint64_t rank =
            icon_at(data, size, i, &icon) ? (uint64_t)icon.width * icon.height * 64 + icon.bits % 64 + 1 : 0;
        if (rank > most) {
            most = rank;
            *best = i;
        }
    }
    return most;
}

/** Header and places of a DIB inside an icon. */
struct dib {
    const uint8_t *data;
    size_t n;
    uint32_t width, height, bits, colours;
    size_t pixels, stride, mask, mask_stride;
};

/** One pixel as RGBA. */
static void dib_pixel(const struct dib *dib, const uint8_t *row, uint32_t x, uint8_t rgba[4])
{
    rgba[3] = 255;
    if (dib->bits <= 8) {
        uint32_t per = 8 / dib->bits, shift = (per - 1 - x % per) * dib->bits;
        uint32_t index = row[x / per] >> shift & ((1u << dib->bits) - 1);
        const uint8_t *colour = dib->data + DIB_HEADER + (size_t)index * 4;
        bool there = index < dib->colours;
        for (int i = 0; i < 3; i++)
            rgba[i] = there ? colour[2 - i] : 0;
        return;
    }
    if (dib->bits == 16) {
        uint32_t v = row[x * 2] | (uint32_t)row[x * 2 + 1] << 8;
        for (int i = 0; i < 3; i++)
            rgba[i] = (uint8_t)(((v >> (10 - 5 * i) & 31) * 255 + 15) / 31);
        return;
    }
    const uint8_t *p = row + (size_t)x * (dib->bits / 8);
    for (int i = 0; i < 3; i++)
        rgba[i] = p[2 - i];
    if (dib->bits == 32)
        rgba[3] = p[3];
}

/** Why it cannot be read; NULL where it can. */
static const char *dib_open(struct dib *dib, const uint8_t *data, size_t n)
{
    *dib = (struct dib){.data = data, .n = n};
    if (bmp_u32(data, n, 0) != DIB_HEADER || n < DIB_HEADER)
        return "neither PNG nor bitmap";
    dib->width = bmp_u32(data, n, 4);
    dib->height = bmp_u32(data, n, 8) / 2;
    dib->bits = bmp_u16(data, n, 14);
    if (bmp_u32(data, n, 16) != 0)
        return "a packed bitmap";
    if (!dib->width || !dib->height || dib->width > 65536 || dib->height > 65536)
        return "a picture of no size";
    if (dib->bits != 1 && dib->bits != 4 && dib->bits != 8 && dib->bits != 16 && dib->bits != 24 && dib->bits != 32)
        return "an impossible number of bits";
    if (dib->bits <= 8) {
        uint32_t used = bmp_u32(data, n, 32), most = 1u << dib->bits;
        dib->colours = used && used < most ? used : most;
    }
    dib->pixels = DIB_HEADER + (size_t)dib->colours * 4;
    dib->stride = ((size_t)dib->width * dib->bits + 31) / 32 * 4;
    dib->mask = dib->pixels + dib->stride * dib->height;
    dib->mask_stride = ((size_t)dib->width + 31) / 32 * 4;
    return dib->mask > n ? "premature end of data" : NULL;
}

/** True if a picture of 32 bits has an alpha channel: else the mask counts. */
static bool dib_has_alpha(const struct dib *dib)
{
    for (uint32_t y = 0; dib->bits == 32 && y < dib->height; y++)
        for (uint32_t x = 0; x < dib->width; x++)
            if (dib->data[dib->pixels + y * dib->stride + (size_t)x * 4 + 3])
                return true;
    return false;
}

static void dib_draw(const struct dib *dib, uint8_t *rgba)
{
    bool alpha = dib_has_alpha(dib);
    for (uint32_t y = 0; y < dib->height; y++) {
        size_t from = dib->height - 1 - y, mask = dib->mask + from * dib->mask_stride;
        const uint8_t *row = dib->data + dib->pixels + from * dib->stride;
        for (uint32_t x = 0; x < dib->width; x++, rgba += 4) {
            dib_pixel(dib, row, x, rgba);
            if (alpha)
                continue;
            bool hidden = mask + x / 8 < dib->n && dib->data[mask + x / 8] >> (7 - x % 8) & 1;
            rgba[3] = hidden ? 0 : 255;
        }
    }
}

static void decode_dib(const struct decode_request *request, const uint8_t *data, size_t n,
                       struct decode_result *result)
{
    const struct picture picture = {.request = request};
    struct dib dib;
    const char *why = dib_open(&dib, data, n);
    if (why) {
        decode_end(result, TRAWL_DAMAGED, "%s", why);
        return;
    }
    if (!decode_size(&picture, dib.width, dib.height, result))
        return;
    uint8_t *rgba = calloc((size_t)dib.width * dib.height, 4);
    if (rgba) {
        struct canvas canvas = {dib.width, dib.height, 4, (size_t)dib.width * 4, rgba};
        dib_draw(&dib, rgba);
        canvas_hash(request, &canvas, result);
    } else {
        decode_end_memory(result);
    }
    free(rgba);
}

static void ico_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                       struct decode_result *result)
{
    struct icon icon;
    uint32_t best;
    if (!best_icon(data, size, &best) || !icon_at(data, size, best, &icon)) {
        decode_end(result, TRAWL_DAMAGED, "no picture in it");
        return;
    }
    if (icon.png)
        png_decoder.decode(request, data + icon.at, icon.n, result);
    else
        decode_dib(request, data + icon.at, icon.n, result);
    result->has_extras = icon.png || icon_count(data, size) > 1;
}

/** A PNG among them is a file of its own. */
static void ico_extras(const uint8_t *data, size_t size, struct extras *extras)
{
    uint32_t best = 0;
    best_icon(data, size, &best);
    for (uint32_t i = 0; i < icon_count(data, size) && !extras_full(extras); i++) {
        struct icon icon;
        bool there = icon_at(data, size, i, &icon);
        /* The picture that stands for the file is one more item only where it has bytes of its own. */
        struct decode_extra *extra = i != best           ? extras_count(extras, EXTRA_PICTURE, 2)
                                     : there && icon.png ? extras_next(extras, EXTRA_PICTURE, 1)
                                                         : NULL;
        if (!extra)
            continue;
        if (!there) {
            decode_end(&extra->result, TRAWL_DAMAGED, "its bytes are not in the file");
        } else if (icon.png) {
            extra->offset = icon.at;
            extra->size = icon.n;
        } else {
            decode_dib(extras->request, data + icon.at, icon.n, &extra->result);
        }
    }
}

const struct decoder ico_decoder = {
    .type = TYPE_ICO, .name = "ico", .library = "trawl", .decode = ico_decode, .extras = ico_extras};
