/* make_ico.h: icons made in memory. */
#ifndef TESTS_DECODE_MAKE_ICO_H
#define TESTS_DECODE_MAKE_ICO_H

#include "extras.h"

/** A picture for an icon: RGBA of width x height, as a bitmap of 1, 4, 8, 24 or 32 bits; 0: a PNG that is given. */
struct icon_kind {
    uint32_t width, height, bits;
    const uint8_t *rgba;
    const struct file_bytes *png;
};

/** Colours of palettes: grey, from black to white. */
static inline struct file_bytes make_dib(const struct icon_kind *kind)
{
    struct file_bytes out = {NULL, 0};
    uint32_t colours = kind->bits <= 8 ? 1u << kind->bits : 0;
    size_t stride = ((size_t)kind->width * kind->bits + 31) / 32 * 4, mask = ((size_t)kind->width + 31) / 32 * 4;
    bytes_number(&out, 40, 4, true);
    bytes_number(&out, kind->width, 4, true);
    bytes_number(&out, kind->height * 2, 4, true);
    bytes_number(&out, 1, 2, true);
    bytes_number(&out, kind->bits, 2, true);
    for (int i = 0; i < 6; i++)
        bytes_number(&out, 0, 4, true);
    for (uint32_t i = 0; i < colours; i++)
        bytes_number(&out, i * 255 / (colours - 1) * 0x010101u, 4, true);
    uint8_t *row = malloc(stride + mask);
    for (uint32_t y = kind->height; y-- > 0;) {
        memset(row, 0, stride);
        for (uint32_t x = 0; x < kind->width; x++) {
            const uint8_t *p = kind->rgba + ((size_t)y * kind->width + x) * 4;
            uint32_t per = colours ? 8 / kind->bits : 1, level = colours ? p[0] * (colours - 1) / 255 : 0;
            if (colours)
                row[x / per] |= (uint8_t)(level << (per - 1 - x % per) * kind->bits);
            for (uint32_t i = 0; !colours && i < kind->bits / 8; i++)
                row[x * (kind->bits / 8) + i] = p[i == 3 ? 3 : 2 - i];
        }
        bytes_add(&out, row, stride);
    }
    for (uint32_t y = kind->height; y-- > 0;) {
        memset(row, 0, mask);
        for (uint32_t x = 0; x < kind->width; x++)
            if (!kind->rgba[((size_t)y * kind->width + x) * 4 + 3])
                row[x / 8] |= (uint8_t)(0x80 >> x % 8);
        bytes_add(&out, row, mask);
    }
    free(row);
    return out;
}

static inline struct file_bytes make_ico(const struct icon_kind *kinds, uint32_t n)
{
    struct file_bytes out = {NULL, 0}, pictures = {NULL, 0};
    bytes_number(&out, 0, 2, true);
    bytes_number(&out, 1, 2, true);
    bytes_number(&out, n, 2, true);
    for (uint32_t i = 0; i < n; i++) {
        struct file_bytes dib = kinds[i].bits ? make_dib(&kinds[i]) : (struct file_bytes){NULL, 0};
        const struct file_bytes *one = kinds[i].bits ? &dib : kinds[i].png;
        bytes_number(&out, kinds[i].width & 255, 1, true);
        bytes_number(&out, kinds[i].height & 255, 1, true);
        bytes_number(&out, 0, 2, true);
        bytes_number(&out, 1, 2, true);
        bytes_number(&out, kinds[i].bits ? kinds[i].bits : 32, 2, true);
        bytes_number(&out, one->size, 4, true);
        bytes_number(&out, 6 + 16 * n + pictures.size, 4, true);
        bytes_add(&pictures, one->data, one->size);
        free(dib.data);
    }
    bytes_add(&out, pictures.data, pictures.size);
    free(pictures.data);
    return out;
}

#endif
