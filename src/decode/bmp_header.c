#include "decode/bmp_header.h"

#include <string.h>

#define FILE_HEADER 14
#define CORE_HEADER 12
#define INFO_HEADER 40

static uint32_t u8(const uint8_t *data, size_t size, size_t at)
{
    return at < size ? data[at] : 0;
}

uint32_t bmp_u16(const uint8_t *data, size_t size, size_t at)
{
    return u8(data, size, at) | u8(data, size, at + 1) << 8;
}

uint32_t bmp_u32(const uint8_t *data, size_t size, size_t at)
{
    return bmp_u16(data, size, at) | bmp_u16(data, size, at + 2) << 16;
}

static void set_mask(struct bmp_mask *out, uint32_t mask)
{
    *out = (struct bmp_mask){.mask = mask};
    if (!mask)
        return;
    out->shift = (unsigned)__builtin_ctz(mask);
    out->max = mask >> out->shift;
}

/** Those of BITFIELDS lie behind a header of 40 bytes, and inside a longer one: at the same place. */
static void read_masks(struct bmp_header *h, const uint8_t *data, size_t size)
{
    static const uint32_t plain[2][3] = {{0x7c00, 0x3e0, 0x1f}, {0xff0000, 0xff00, 0xff}};
    bool given = h->compression == BMP_BITFIELDS || h->compression == BMP_ALPHA_BITFIELDS;
    bool alpha = given && (h->header_size >= 56 || h->compression == BMP_ALPHA_BITFIELDS);
    for (unsigned i = 0; i < 3; i++)
        set_mask(&h->masks[i],
                 given ? bmp_u32(data, size, FILE_HEADER + INFO_HEADER + 4 * i) : plain[h->bits == 32][i]);
    if (alpha)
        set_mask(&h->masks[3], bmp_u32(data, size, FILE_HEADER + INFO_HEADER + 12));
}

/** Returns how many bytes the palette takes. */
static size_t read_palette(struct bmp_header *h, const uint8_t *data, size_t size, size_t at, uint32_t used)
{
    size_t entry = h->header_size == CORE_HEADER ? 3 : 4, n = h->bits <= 8 ? (size_t)1 << h->bits : 0;
    if (used && used < n)
        n = used;
    /* Writers leave colours out and do not say so: the pixels begin where the palette ends. */
    if (h->pixels > at && n > (h->pixels - at) / entry)
        n = (h->pixels - at) / entry;
    for (size_t i = 0; i < n; i++)
        for (unsigned channel = 0; channel < 3; channel++)
            h->palette[i][channel] = (uint8_t)u8(data, size, at + i * entry + 2 - channel);
    return n * entry;
}

/** As far as bits and compression fit each other; returns NULL or why not. */
static const char *check(const struct bmp_header *h)
{
    static const struct {
        uint8_t compression, bits;
    } known[] = {{BMP_RGB, 1},
                 {BMP_RGB, 2},
                 {BMP_RGB, 4},
                 {BMP_RGB, 8},
                 {BMP_RGB, 16},
                 {BMP_RGB, 24},
                 {BMP_RGB, 32},
                 {BMP_RLE8, 8},
                 {BMP_RLE4, 4},
                 {BMP_BITFIELDS, 16},
                 {BMP_BITFIELDS, 32},
                 {BMP_ALPHA_BITFIELDS, 16},
                 {BMP_ALPHA_BITFIELDS, 32}};
    bool os2 = h->header_size == 64 || h->header_size == 16;
    if (os2 && h->compression > BMP_RLE4)
        return "a compression of OS/2";
    if (h->compression == BMP_JPEG || h->compression == BMP_PNG)
        return "a JPEG or PNG inside a BMP";
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (known[i].compression == h->compression && known[i].bits == h->bits)
            return NULL;
    return "a depth and compression that do not go together";
}

static void read_size(struct bmp_header *h, const uint8_t *data, size_t size)
{
    bool core = h->header_size == CORE_HEADER;
    h->width = core ? bmp_u16(data, size, 18) : bmp_u32(data, size, 18);
    h->height = core ? bmp_u16(data, size, 20) : bmp_u32(data, size, 22);
    h->bits = bmp_u16(data, size, core ? 24 : 28);
    h->top_down = h->height > INT32_MAX;
    if (h->top_down)
        h->height = 0u - h->height;
    h->compression = h->header_size >= 20 ? bmp_u32(data, size, 30) : BMP_RGB;
}

const char *bmp_header_read(struct bmp_header *h, const uint8_t *data, size_t size)
{
    memset(h, 0, sizeof(*h));
    h->header_size = bmp_u32(data, size, FILE_HEADER);
    if (h->header_size < CORE_HEADER || h->header_size > 1024)
        return "a header of an unknown size";
    read_size(h, data, size);
    const char *why = check(h);
    if (why)
        return why;
    h->pixels = bmp_u32(data, size, 10);
    h->stride = ((uint64_t)h->width * h->bits + 31) / 32 * 4;
    read_masks(h, data, size);
    size_t at = FILE_HEADER + h->header_size;
    if (h->header_size == INFO_HEADER && h->compression == BMP_BITFIELDS)
        at += 12;
    else if (h->header_size == INFO_HEADER && h->compression == BMP_ALPHA_BITFIELDS)
        at += 16;
    bool core = h->header_size == CORE_HEADER;
    size_t palette = read_palette(h, data, size, at, core || h->header_size < 36 ? 0 : bmp_u32(data, size, 46));
    if (!h->pixels)
        h->pixels = at + palette;
    return NULL;
}
