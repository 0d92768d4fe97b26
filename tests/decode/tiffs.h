/* tiffs.h: TIFFs made in memory by libtiff. */
#ifndef TESTS_DECODE_TIFFS_H
#define TESTS_DECODE_TIFFS_H

#include <tiffio.h>

#include "pictures.h"

struct tiff_kind {
    uint16_t photometric, bits, samples;
    uint16_t compression, predictor;
    bool tiled, separate, big_endian, big_tiff;
    /** 0: one strip. */
    uint32_t rows_per_strip;
    /** EXTRASAMPLE_* of the last sample; -1: no extra sample. */
    int extra;
    uint16_t orientation;
    int pages;
};

/** A file that grows in memory. */
struct tiff_memory {
    struct file_bytes file;
    size_t at;
};

static inline tmsize_t tiff_memory_read(thandle_t handle, void *out, tmsize_t n)
{
    struct tiff_memory *m = (struct tiff_memory *)handle;
    size_t left = m->at < m->file.size ? m->file.size - m->at : 0, take = (size_t)n < left ? (size_t)n : left;
    memcpy(out, m->file.data + m->at, take);
    m->at += take;
    return (tmsize_t)take;
}

static inline tmsize_t tiff_memory_write(thandle_t handle, void *bytes, tmsize_t n)
{
    struct tiff_memory *m = (struct tiff_memory *)handle;
    if (m->at + (size_t)n > m->file.size) {
        m->file.data = realloc(m->file.data, m->at + (size_t)n);
        if (m->at > m->file.size)
            memset(m->file.data + m->file.size, 0, m->at - m->file.size);
        m->file.size = m->at + (size_t)n;
    }
    memcpy(m->file.data + m->at, bytes, (size_t)n);
    m->at += (size_t)n;
    return n;
}

static inline toff_t tiff_memory_seek(thandle_t handle, toff_t offset, int whence)
{
    struct tiff_memory *m = (struct tiff_memory *)handle;
    m->at = (size_t)(whence == SEEK_SET ? offset : whence == SEEK_CUR ? m->at + offset : m->file.size + offset);
    return m->at;
}

static inline int tiff_memory_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static inline toff_t tiff_memory_size(thandle_t handle)
{
    return ((struct tiff_memory *)handle)->file.size;
}

static inline void tiff_put_tags(TIFF *tif, uint32_t width, uint32_t height, const struct tiff_kind *kind)
{
    uint16_t extra = (uint16_t)kind->extra, red[65536], green[65536], blue[65536];
    TIFFSetField(tif, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tif, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tif, TIFFTAG_BITSPERSAMPLE, kind->bits);
    TIFFSetField(tif, TIFFTAG_SAMPLESPERPIXEL, kind->samples);
    TIFFSetField(tif, TIFFTAG_PHOTOMETRIC, kind->photometric);
    TIFFSetField(tif, TIFFTAG_COMPRESSION, kind->compression);
    TIFFSetField(tif, TIFFTAG_PLANARCONFIG, kind->separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (kind->extra >= 0)
        TIFFSetField(tif, TIFFTAG_EXTRASAMPLES, 1, &extra);
    if (kind->orientation)
        TIFFSetField(tif, TIFFTAG_ORIENTATION, kind->orientation);
    if (kind->predictor)
        TIFFSetField(tif, TIFFTAG_PREDICTOR, kind->predictor);
    if (kind->photometric == PHOTOMETRIC_PALETTE) {
        for (unsigned i = 0; i < 1u << kind->bits; i++) {
            png_color c = palette_colour(i);
            red[i] = (uint16_t)(c.red * 257), green[i] = (uint16_t)(c.green * 257), blue[i] = (uint16_t)(c.blue * 257);
        }
        TIFFSetField(tif, TIFFTAG_COLORMAP, red, green, blue);
    }
    if (kind->tiled) {
        TIFFSetField(tif, TIFFTAG_TILEWIDTH, 32);
        TIFFSetField(tif, TIFFTAG_TILELENGTH, 16);
    } else {
        TIFFSetField(tif, TIFFTAG_ROWSPERSTRIP, kind->rows_per_strip ? kind->rows_per_strip : height);
    }
}

/** Packs `n` samples, each `step` behind the one before, high bits first, 16-bit ones in the host's order. */
static inline void tiff_pack(uint8_t *out, const uint16_t *samples, size_t n, size_t step, unsigned bits)
{
    memset(out, 0, (n * bits + 7) / 8);
    for (size_t i = 0; i < n; i++) {
        uint16_t v = samples[i * step];
        if (bits == 16)
            memcpy(out + 2 * i, &v, 2);
        for (unsigned bit = 0; bits < 16 && bit < bits; bit++) {
            size_t at = i * bits + bit;
            out[at / 8] = (uint8_t)(out[at / 8] | (v >> (bits - 1 - bit) & 1) << (7 - at % 8));
        }
    }
}

static inline void tiff_put_strips(TIFF *tif, const uint16_t *samples, uint32_t width, uint32_t height,
                                   const struct tiff_kind *kind)
{
    uint8_t *row = malloc((size_t)width * kind->samples * 2 + 8);
    for (unsigned plane = 0; plane < (kind->separate ? kind->samples : 1u); plane++)
        for (uint32_t y = 0; y < height; y++) {
            const uint16_t *from = samples + (size_t)y * width * kind->samples;
            if (kind->separate)
                tiff_pack(row, from + plane, width, kind->samples, kind->bits);
            else
                tiff_pack(row, from, (size_t)width * kind->samples, 1, kind->bits);
            TIFFWriteScanline(tif, row, y, (uint16_t)plane);
        }
    free(row);
}

static inline void tiff_put_tiles(TIFF *tif, const uint16_t *samples, uint32_t width, uint32_t height,
                                  const struct tiff_kind *kind)
{
    size_t n = kind->samples, per = kind->separate ? 1 : n;
    uint16_t cell[32 * 5];
    uint8_t *tile = calloc(1, (size_t)TIFFTileSize(tif) + 8);
    for (unsigned plane = 0; plane < (kind->separate ? n : 1); plane++)
        for (uint32_t top = 0; top < height; top += 16)
            for (uint32_t left = 0; left < width; left += 32) {
                for (uint32_t y = 0; y < 16; y++) {
                    memset(cell, 0, sizeof(cell));
                    for (uint32_t x = 0; x < 32 && left + x < width && top + y < height; x++)
                        for (size_t s = 0; s < per; s++)
                            cell[x * per + s] = samples[((size_t)(top + y) * width + left + x) * n + s + plane];
                    tiff_pack(tile + (size_t)y * (size_t)TIFFTileRowSize(tif), cell, 32 * per, 1, kind->bits);
                }
                TIFFWriteTile(tif, tile, left, top, 0, (uint16_t)plane);
            }
    free(tile);
}

/** `pages` times the same samples; no bytes where libtiff lacks the compression. */
static inline struct file_bytes make_tiff(const uint16_t *samples, uint32_t width, uint32_t height,
                                          struct tiff_kind kind)
{
    struct tiff_memory m = {{NULL, 0}, 0};
    char mode[8];
    if (!TIFFIsCODECConfigured(kind.compression))
        return m.file;
    snprintf(mode, sizeof(mode), "wm%s%s", kind.big_endian ? "b" : "l", kind.big_tiff ? "8" : "");
    TIFF *tif = TIFFClientOpen("", mode, &m, tiff_memory_read, tiff_memory_write, tiff_memory_seek, tiff_memory_close,
                               tiff_memory_size, NULL, NULL);
    for (int page = 0; page < kind.pages; page++) {
        tiff_put_tags(tif, width, height, &kind);
        if (kind.tiled)
            tiff_put_tiles(tif, samples, width, height, &kind);
        else
            tiff_put_strips(tif, samples, width, height, &kind);
        TIFFWriteDirectory(tif);
    }
    TIFFClose(tif);
    return m.file;
}

#define PHOTO_TIFF                                                                                                     \
    (struct tiff_kind)                                                                                                 \
    {                                                                                                                  \
        .photometric = PHOTOMETRIC_RGB, .bits = 8, .samples = 3, .compression = COMPRESSION_NONE, .extra = -1,         \
        .rows_per_strip = 7, .pages = 1                                                                                \
    }

#endif
