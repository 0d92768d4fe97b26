/*
 * tiff_samples.c: grey, RGB, palettes and CMYK as samples of any depth, in strips or tiles, planes together or apart.
 * libtiff's renderer, which reads the rest, has 1, 2, 4, 8 and 16 bits only and no alpha of palettes, and takes no
 * uncompressed tile whose size is not a multiple of 1024.
 */
#ifdef HAVE_TIFF
#include "decode/tiff_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/** Four inks or three colours, and one alpha. */
#define PLANES_MAX 5

struct samples {
    uint16_t photometric, bits, per_pixel, format;
    /** Samples that are colours; all that are read: with the alpha, one more. */
    unsigned colours, used;
    /** Colours are multiplied by the alpha. */
    bool associated;
    /** Planes apart; bytes of a row and of a block, its width and rows. */
    bool apart;
    size_t row_bytes, block_bytes;
    uint32_t block_width, block_rows;
    /** Of palettes, and how far to shift them to 8 bits. */
    uint16_t *red, *green, *blue;
    unsigned palette_scale;
    /** A block of each plane; a row of tiles as RGB. Owned. */
    uint8_t *planes[PLANES_MAX], *tiles;
};

static unsigned colours_of(uint16_t photometric)
{
    switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
        return 1;
    case PHOTOMETRIC_RGB:
        return 3;
    case PHOTOMETRIC_SEPARATED:
        return 4;
    default:
        return 0;
    }
}

static bool depth_known(const struct samples *s)
{
    if (s->format == SAMPLEFORMAT_IEEEFP)
        return s->bits == 16 || s->bits == 32 || s->bits == 64;
    if (s->photometric == PHOTOMETRIC_PALETTE)
        return s->bits >= 1 && s->bits <= 16;
    return (s->format == SAMPLEFORMAT_UINT || s->format == SAMPLEFORMAT_INT || s->format == SAMPLEFORMAT_VOID) &&
           s->bits >= 1 && (s->bits <= 32 || s->bits == 64);
}

/** Writers of old give palettes of 8 bits. */
static bool find_palette(struct samples *s, TIFF *tif)
{
    if (!TIFFGetField(tif, TIFFTAG_COLORMAP, &s->red, &s->green, &s->blue))
        return false;
    s->palette_scale = 1;
    for (size_t i = 0; i < (size_t)1 << s->bits; i++)
        if (s->red[i] > 255 || s->green[i] > 255 || s->blue[i] > 255)
            s->palette_scale = 257;
    return true;
}

/** The first sample beyond the colours is the alpha, as ImageMagick takes it, whatever kind the file says it is. */
static void find_alpha(struct samples *s, TIFF *tif)
{
    uint16_t n = 0, *kinds = NULL;
    TIFFGetFieldDefaulted(tif, TIFFTAG_EXTRASAMPLES, &n, &kinds);
    bool alpha = s->per_pixel > s->colours && (n || (s->photometric == PHOTOMETRIC_RGB && s->per_pixel == 4));
    s->used = s->colours + alpha;
    s->associated = n && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
}

/** False where the samples are none that this file reads. */
static bool describe(struct samples *s, TIFF *tif)
{
    uint16_t planar = PLANARCONFIG_CONTIG, compression = COMPRESSION_NONE, inks = INKSET_CMYK;
    if (!TIFFGetField(tif, TIFFTAG_PHOTOMETRIC, &s->photometric))
        return false;
    TIFFGetFieldDefaulted(tif, TIFFTAG_BITSPERSAMPLE, &s->bits);
    TIFFGetFieldDefaulted(tif, TIFFTAG_SAMPLESPERPIXEL, &s->per_pixel);
    TIFFGetFieldDefaulted(tif, TIFFTAG_SAMPLEFORMAT, &s->format);
    TIFFGetFieldDefaulted(tif, TIFFTAG_PLANARCONFIG, &planar);
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &compression);
    TIFFGetFieldDefaulted(tif, TIFFTAG_INKSET, &inks);
    s->colours = colours_of(s->photometric);
    s->apart = planar == PLANARCONFIG_SEPARATE;
    if (!s->colours || s->per_pixel < s->colours || !depth_known(s) || compression == COMPRESSION_OJPEG ||
        !TIFFIsCODECConfigured(compression) || (s->photometric == PHOTOMETRIC_SEPARATED && inks != INKSET_CMYK))
        return false;
    find_alpha(s, tif);
    return s->photometric != PHOTOMETRIC_PALETTE || find_palette(s, tif);
}

static double half_float(uint16_t v)
{
    int exponent = v >> 10 & 31, fraction = v & 1023;
    double m = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return exponent == 31 ? 1 : v & 0x8000 ? 0 : m;
}

/** From 0 to 1; what is no number is 0. */
static uint8_t from_float(double v)
{
    return v >= 1 ? 255 : v > 0 ? (uint8_t)(v * 255 + 0.5) : 0;
}

static uint8_t float_sample(const uint8_t *p, unsigned bits)
{
    uint16_t half;
    float single;
    double full;
    if (bits == 16) {
        memcpy(&half, p, 2);
        return from_float(half_float(half));
    }
    if (bits == 32) {
        memcpy(&single, p, 4);
        return from_float(single);
    }
    memcpy(&full, p, 8);
    return from_float(full);
}

/** Samples of whole bytes are in the host's order, others are packed, high bits first. */
static uint64_t raw_sample(const uint8_t *row, size_t i, unsigned bits)
{
    uint16_t v16;
    uint32_t v32;
    uint64_t v = 0;
    switch (bits) {
    case 8:
        return row[i];
    case 16:
        memcpy(&v16, row + i * 2, 2);
        return v16;
    case 32:
        memcpy(&v32, row + i * 4, 4);
        return v32;
    case 64:
        memcpy(&v, row + i * 8, 8);
        return v;
    default:
        break;
    }
    if (bits == 24) {
        /* libtiff brings them to the host's order, and the host is little-endian as x86 is. */
        memcpy(&v, row + i * 3, 3);
        return v;
    }
    size_t first = i * bits, last = first + bits - 1;
    for (size_t byte = first / 8; byte <= last / 8; byte++)
        v = v << 8 | row[byte];
    return v >> (7 - last % 8) & ((1ull << bits) - 1);
}

/** 0..255. */
static uint8_t sample8(const struct samples *s, const uint8_t *row, size_t i)
{
    unsigned bits = s->bits;
    if (s->format == SAMPLEFORMAT_IEEEFP)
        return float_sample(row + i * (bits / 8), bits);
    uint64_t v = raw_sample(row, i, bits);
    if (s->format == SAMPLEFORMAT_INT)
        v ^= 1ull << (bits - 1);
    if (bits > 16) {
        v >>= bits - 16;
        bits = 16;
    }
    uint64_t max = (1ull << bits) - 1;
    return (uint8_t)((v * 255 + max / 2) / max);
}

static uint8_t over_white(const struct samples *s, unsigned colour, unsigned alpha)
{
    unsigned sum = (s->associated ? colour : (colour * alpha + 127) / 255) + 255 - alpha;
    return (uint8_t)(sum > 255 ? 255 : sum);
}

static void pixel_rgb(const struct samples *s, const uint8_t *const rows[], size_t x, uint8_t *rgb)
{
    uint8_t v[PLANES_MAX];
    for (unsigned k = 0; k < s->used; k++)
        v[k] = s->apart ? sample8(s, rows[k], x) : sample8(s, rows[0], x * s->per_pixel + k);
    if (s->photometric == PHOTOMETRIC_PALETTE) {
        uint64_t i = raw_sample(rows[0], s->apart ? x : x * s->per_pixel, s->bits);
        rgb[0] = (uint8_t)((s->red[i] + s->palette_scale / 2) / s->palette_scale);
        rgb[1] = (uint8_t)((s->green[i] + s->palette_scale / 2) / s->palette_scale);
        rgb[2] = (uint8_t)((s->blue[i] + s->palette_scale / 2) / s->palette_scale);
    } else if (s->photometric == PHOTOMETRIC_SEPARATED) {
        for (unsigned k = 0; k < 3; k++)
            rgb[k] = (uint8_t)(((255u - v[k]) * (255u - v[3]) + 127) / 255);
    } else {
        uint8_t flip = s->photometric == PHOTOMETRIC_MINISWHITE ? 255 : 0;
        for (unsigned k = 0; k < 3; k++)
            rgb[k] = v[s->colours == 3 ? k : 0] ^ flip;
    }
    for (unsigned k = 0; s->used > s->colours && k < 3; k++)
        rgb[k] = over_white(s, rgb[k], v[s->colours]);
}

/** n pixels of one row of a block. */
static void row_rgb(const struct samples *s, uint32_t y, uint32_t n, uint8_t *rgb)
{
    const uint8_t *rows[PLANES_MAX];
    for (unsigned k = 0; k < PLANES_MAX; k++)
        rows[k] = s->planes[k] ? s->planes[k] + y * s->row_bytes : NULL;
    bool plain = s->bits == 8 && s->photometric == PHOTOMETRIC_RGB && !s->apart && s->per_pixel == 3 &&
                 s->format != SAMPLEFORMAT_INT;
    if (plain)
        memcpy(rgb, rows[0], (size_t)n * 3);
    else
        for (uint32_t x = 0; x < n; x++)
            pixel_rgb(s, rows, x, rgb + (size_t)x * 3);
}

/** Memory for the blocks and for a row of tiles. */
static bool allocate(struct samples *s, struct tiff_run *run)
{
    uint64_t block = tiff_block_bytes(run), planes = s->apart ? s->used : 1;
    bool tiled = TIFFIsTiled(run->tif);
    s->block_width = run->width;
    if (tiled)
        TIFFGetField(run->tif, TIFFTAG_TILEWIDTH, &s->block_width);
    s->block_rows = tiff_block_rows(run);
    s->row_bytes = tiled ? (size_t)TIFFTileRowSize64(run->tif) : (size_t)TIFFScanlineSize64(run->tif);
    s->block_bytes = block;
    uint64_t tiles = tiled ? (uint64_t)run->width * s->block_rows * 3 : 0;
    /* What is compressed is held as well, and is seldom larger. */
    uint64_t all = block * (planes + 1) + tiles;
    if (!block || !s->row_bytes || !s->block_width ||
        limit_exceeded(&run->picture->request->limits, LIMIT_DECODE_MEMORY, all) ||
        s->row_bytes > block / s->block_rows)
        return false;
    for (unsigned k = 0; k < planes; k++)
        if (!(s->planes[k] = malloc(block)))
            return false;
    s->tiles = tiled ? malloc(tiles) : NULL;
    return s->tiles || !tiled;
}

/** Rows before all the last ones that are zero in every plane. */
static uint32_t rows_that_came(const struct samples *s, uint32_t rows)
{
    size_t most = 0;
    for (unsigned k = 0; k < PLANES_MAX && s->planes[k]; k++) {
        size_t n = s->row_bytes * rows;
        while (n && !s->planes[k][n - 1])
            n--;
        most = n > most ? n : most;
    }
    return (uint32_t)((most + s->row_bytes - 1) / s->row_bytes);
}

/** Reads a block, all its planes; returns how many of `rows` rows came. */
static uint32_t read_block(struct samples *s, struct tiff_run *run, uint32_t x, uint32_t y, uint32_t rows)
{
    uint64_t errors = run->errors, padded = run->padded;
    bool tiled = TIFFIsTiled(run->tif), whole = true;
    for (unsigned k = 0; k < (s->apart ? s->used : 1); k++) {
        tmsize_t want = (tmsize_t)(tiled ? s->block_bytes : s->row_bytes * rows);
        memset(s->planes[k], 0, s->block_bytes);
        tmsize_t got =
            tiled ? TIFFReadEncodedTile(run->tif, TIFFComputeTile(run->tif, x, y, 0, (uint16_t)k), s->planes[k], want)
                  : TIFFReadEncodedStrip(run->tif, TIFFComputeStrip(run->tif, y, (uint16_t)k), s->planes[k], want);
        whole = whole && got >= want;
    }
    if (whole && run->errors == errors && run->padded == padded)
        return rows;
    run->errors += run->errors == errors && run->padded == padded;
    return rows_that_came(s, rows);
}

static void read_strips(struct samples *s, struct tiff_run *run)
{
    for (uint32_t y = 0; y < run->height; y += s->block_rows) {
        uint32_t left = run->height - y, rows = left < s->block_rows ? left : s->block_rows;
        uint32_t came = read_block(s, run, 0, y, rows);
        for (uint32_t i = 0; i < came; i++) {
            row_rgb(s, i, run->width, run->rgb);
            tiff_put_row(run);
        }
        tiff_end_band(run, came, rows);
        if (left <= s->block_rows)
            break;
    }
}

static void read_tiles(struct samples *s, struct tiff_run *run, uint32_t y, uint32_t rows)
{
    uint32_t came = 0;
    for (uint64_t x = 0; x < run->width; x += s->block_width) {
        uint32_t left = run->width - (uint32_t)x, n = left < s->block_width ? left : s->block_width;
        uint32_t here = read_block(s, run, (uint32_t)x, y, rows);
        came = here > came ? here : came;
        for (uint32_t i = 0; i < rows; i++)
            row_rgb(s, i, n, s->tiles + ((size_t)i * run->width + x) * 3);
    }
    for (uint32_t i = 0; i < came; i++) {
        memcpy(run->rgb, s->tiles + (size_t)i * run->width * 3, (size_t)run->width * 3);
        tiff_put_row(run);
    }
    tiff_end_band(run, came, rows);
}

static void read_tile_rows(struct samples *s, struct tiff_run *run)
{
    for (uint64_t y = 0; y < run->height; y += s->block_rows) {
        uint64_t left = run->height - y;
        read_tiles(s, run, (uint32_t)y, left < s->block_rows ? (uint32_t)left : s->block_rows);
    }
}

bool tiff_read_samples(struct tiff_run *run)
{
    struct samples s;
    memset(&s, 0, sizeof(s));
    if (!describe(&s, run->tif))
        return false;
    if (!allocate(&s, run) || !tiff_begin(run))
        decode_end_memory(run->result);
    else if (TIFFIsTiled(run->tif))
        read_tile_rows(&s, run);
    else
        read_strips(&s, run);
    for (unsigned k = 0; k < PLANES_MAX; k++)
        free(s.planes[k]);
    free(s.tiles);
    return true;
}
#endif
