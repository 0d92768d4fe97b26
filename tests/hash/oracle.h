/*
 * oracle.h: PDQ as its specification says it, on whole pictures, one sum after the other: what the streams are held
 * against. And the pictures they are held against it on.
 */
#ifndef TEST_HASH_ORACLE_H
#define TEST_HASH_ORACLE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trawl/pdq.h"

struct picture {
    uint32_t width, height;
    /** 3 bytes a pixel, or 1. */
    unsigned channels;
    uint8_t *bytes;
};

static uint64_t oracle_state = 0x2545f4914f6cdd1du;

static inline uint32_t oracle_random(void)
{
    oracle_state ^= oracle_state << 13;
    oracle_state ^= oracle_state >> 7;
    oracle_state ^= oracle_state << 17;
    return (uint32_t)(oracle_state >> 32);
}

/** Window [o + half - w, o + half - 1], cut to the line; a running sum that adds first and then subtracts. */
static inline void oracle_box(const float *in, float *out, int n, int stride, int w)
{
    int half = (w + 2) / 2, count = 0, right = 0, left = 0, o = 0;
    float sum = 0;
    for (; right < half - 1; right++, count++)
        sum += in[right * stride];
    for (; right < w; right++, o++) {
        sum += in[right * stride];
        count++;
        out[o * stride] = sum / (float)count;
    }
    for (; right < n; right++, left++, o++) {
        sum += in[right * stride];
        sum -= in[left * stride];
        out[o * stride] = sum / (float)count;
    }
    for (; o < n; left++, o++) {
        sum -= in[left * stride];
        count--;
        out[o * stride] = sum / (float)count;
    }
}

static inline float *oracle_luma(const struct picture *p)
{
    size_t n = (size_t)p->width * p->height;
    float *luma = malloc(n * sizeof(float));
    for (size_t i = 0; luma && i < n; i++) {
        const uint8_t *at = p->bytes + i * p->channels;
        if (p->channels == 1)
            luma[i] = at[0];
        else
            luma[i] = 0.299f * at[0] + 0.587f * at[1] + 0.114f * at[2];
    }
    return luma;
}

static inline void oracle_decimated(const struct picture *p, float out[64][64])
{
    const int w = (int)p->width, h = (int)p->height;
    float *a = oracle_luma(p), *b = malloc((size_t)w * (size_t)h * sizeof(float));
    if (!a || !b)
        abort();
    for (int pass = 0; pass < 2 && !(w == 64 && h == 64); pass++) {
        for (int y = 0; y < h; y++)
            oracle_box(a + y * w, b + y * w, w, 1, (w + 127) / 128);
        for (int x = 0; x < w; x++)
            oracle_box(b + x, a + x, h, w, (h + 127) / 128);
    }
    for (int i = 0; i < 64; i++)
        for (int j = 0; j < 64; j++)
            out[i][j] = a[(int)((i + 0.5) * h / 64) * w + (int)((j + 0.5) * w / 64)];
    free(a);
    free(b);
}

static inline int oracle_quality(float a[64][64])
{
    int sum = 0;
    for (int i = 0; i < 64; i++)
        for (int j = 0; j < 64; j++) {
            int down = i < 63 ? (int)((a[i][j] - a[i + 1][j]) * 100 / 255) : 0;
            int right = j < 63 ? (int)((a[i][j] - a[i][j + 1]) * 100 / 255) : 0;
            sum += abs(down) + abs(right);
        }
    return sum / 90 < 100 ? sum / 90 : 100;
}

static inline void oracle_dct(float a[64][64], float b[256])
{
    static float d[16][64], t[16][64];
    const float scale = (float)sqrt(2.0 / 64);
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 64; j++)
            d[i][j] = (float)(scale * cos(3.14159265358979323846 / 2 / 64 * (i + 1) * (2 * j + 1)));
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 64; j++) {
            float sum = 0;
            for (int k = 0; k < 64; k++)
                sum += d[i][k] * a[k][j];
            t[i][j] = sum;
        }
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++) {
            float sum = 0;
            for (int k = 0; k < 64; k++)
                sum += t[i][k] * d[j][k];
            b[i * 16 + j] = sum;
        }
}

/** The median as the reference searches it: halving the range of values until at most half lie on either side. */
static inline float oracle_median(const float b[256])
{
    float low = b[0], high = b[0];
    for (int k = 1; k < 256; k++) {
        low = b[k] < low ? b[k] : low;
        high = b[k] > high ? b[k] : high;
    }
    for (;;) {
        float guess = (low + high) / 2, just_below = low, just_above = high;
        int below = 0, above = 0;
        for (int k = 0; k < 256; k++) {
            below += b[k] < guess;
            above += b[k] > guess;
            if (b[k] < guess && b[k] > just_below)
                just_below = b[k];
            if (b[k] > guess && b[k] < just_above)
                just_above = b[k];
        }
        if (below <= 128 && above <= 128)
            return below >= 128 ? just_below : 256 - above >= 128 ? guess : just_above;
        if (below > above)
            high = just_below;
        else
            low = just_above;
    }
}

/** Fills hash and quality. */
static inline void oracle_pdq(const struct picture *p, struct pdq_result *out)
{
    static float a[64][64];
    float b[256];
    oracle_decimated(p, a);
    oracle_dct(a, b);
    memset(out, 0, sizeof(*out));
    out->quality = oracle_quality(a);
    float median = oracle_median(b);
    for (int k = 0; k < 256; k++)
        if (b[k] > median)
            out->hash[31 - k / 8] |= (uint8_t)(1 << k % 8);
}

static inline int same_pdq(const struct pdq_result *a, const struct pdq_result *b)
{
    return memcmp(a->hash, b->hash, PDQ_BYTES) == 0 && a->quality == b->quality && a->stable == b->stable;
}

/** Hashes rows as they lie. False if there was no stream. */
static inline int stream_pdq(const struct picture *p, enum pdq_mode mode, struct pdq_result *out)
{
    struct pdq_stream *stream = pdq_new(p->width, p->height, mode);
    if (!stream)
        return 0;
    for (uint32_t y = 0; y < p->height; y++) {
        const uint8_t *row = p->bytes + (size_t)y * p->width * p->channels;
        if (p->channels == 3)
            pdq_row_rgb(stream, row);
        else
            pdq_row_gray(stream, row);
    }
    pdq_finish(stream, out);
    pdq_free(stream);
    return 1;
}

enum kind { NOISE, FLAT, RAMP_ACROSS, RAMP_BOTH, CHECKER, STRIPES, TILES, TEXT, SPARSE, WAVES, KINDS };

/** One channel of one pixel of a synthetic picture. `seed` chooses periods and colours. */
static inline uint8_t kind_value(enum kind kind, const struct picture *p, uint32_t x, uint32_t y, unsigned c,
                                 uint32_t seed)
{
    const uint32_t colour = (seed * (2 * c + 3) ^ seed >> 7) & 255, period = 1 + seed % (p->width / 3 + 1);
    const uint32_t cell = (x / 9 * 2654435761u ^ y / 16 * 2246822519u ^ seed) >> 13;
    switch (kind) {
    case NOISE:
        return (uint8_t)oracle_random();
    case FLAT:
        return (uint8_t)colour;
    case RAMP_ACROSS:
        return (uint8_t)((uint64_t)x * 255 / p->width);
    case RAMP_BOTH:
        return (uint8_t)(((uint64_t)x * 130 * (c + 1) / p->width + (uint64_t)y * 120 / p->height) & 255);
    case CHECKER:
        return (uint8_t)((x / period + y / period) & 1 ? colour : 255 - colour / 2);
    case STRIPES:
        return (uint8_t)((x + y * (seed % 5)) / period * colour * 37);
    case TILES:
        return (uint8_t)((x % period * 2654435761u ^ y % (period + 3) * 40503u * (c + seed)) >> 11);
    case TEXT:
        return x % 9 > 1 && y % 16 > 3 && (cell >> (x % 9 / 2 + y % 16 / 4 * 4) & 1) ? (uint8_t)(colour / 4) : 250;
    case SPARSE:
        return oracle_random() % 997 ? (uint8_t)colour : (uint8_t)~colour;
    default:
        return (uint8_t)(127 + 60 * sin(x * 0.05 * (1 + seed % 7) + y * 0.031) +
                         60 * sin(y * 0.07 * (1 + c) - x * 0.023));
    }
}

static inline struct picture picture_new(enum kind kind, uint32_t width, uint32_t height, unsigned channels)
{
    struct picture p = {width, height, channels, malloc((size_t)width * height * channels)};
    uint32_t seed = oracle_random() >> 8;
    if (!p.bytes)
        abort();
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (unsigned c = 0; c < channels; c++)
                p.bytes[((size_t)y * width + x) * channels + c] = kind_value(kind, &p, x, y, c, seed);
    return p;
}

#endif
