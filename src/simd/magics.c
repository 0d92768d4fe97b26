#include "simd/magics.h"

#include "simd/kernels.h"

struct magic_tables magic_tables;

/** Bytes that are compared, and in which of the eight buckets: few magics in one, lest their halves mix. */
struct magic {
    uint8_t bytes[MAGIC_BYTES];
    uint8_t compared;
    uint8_t bucket;
};

static const struct magic magic_list[] = {
    {{0xff, 0xd8, 0xff}, 3, 0},       /* JPEG */
    {{0xff, 0x4f, 0xff, 0x51}, 4, 0}, /* JPEG 2000 */
    {{0x89, 'P', 'N', 'G'}, 4, 1},    /* PNG */
    {{'%', 'P', 'D', 'F'}, 4, 1},     /* PDF */
    {{0x1a, 0x45, 0xdf, 0xa3}, 4, 1}, /* Matroska */
    {{'G', 'I', 'F', '8'}, 4, 2},     /* GIF */
    {{'R', 'I', 'F', 'F'}, 4, 2},     /* WebP, AVI */
    {{'F', 'L', 'V', 1}, 4, 2},       /* FLV */
    {{'M', 'M', 0, 0x2a}, 4, 3},      /* TIFF */
    {{'M', 'M', 0, 0x2b}, 4, 3},      {{'I', 'I', 0x2a, 0}, 4, 4},
    {{'I', 'I', 0x2b, 0}, 4, 4},      {{'B', 'M'}, 2, 5}, /* BMP */
    {{'f', 't', 'y', 'p'}, 4, 6},                         /* MP4, HEIF, AVIF: behind four bytes */
    {{'j', 'P', ' ', ' '}, 4, 6},                         /* JPEG 2000, likewise */
    {{'J', 'X', 'L', ' '}, 4, 6},                         /* JPEG XL, likewise */
    {{'P', 'K', 3, 4}, 4, 7},                             /* zip */
    {{'7', 'z', 0xbc, 0xaf}, 4, 7},                       /* 7z */
    {{0x30, 0x26, 0xb2, 0x75}, 4, 7},                     /* ASF */
};

enum { MAGICS = sizeof(magic_list) / sizeof(magic_list[0]) };

bool magic_at(const uint8_t bytes[MAGIC_BYTES])
{
    for (size_t i = 0; i < MAGICS; i++)
        if (bytes[0] == magic_list[i].bytes[0] && memcmp(bytes, magic_list[i].bytes, magic_list[i].compared) == 0)
            return true;
    return false;
}

static void fill_nibbles(const struct magic *magic)
{
    uint8_t bit = (uint8_t)(1u << magic->bucket);
    for (unsigned k = 0; k < 3; k++) {
        if (k < magic->compared) {
            magic_tables.low[k][magic->bytes[k] & 15] |= bit;
            magic_tables.high[k][magic->bytes[k] >> 4] |= bit;
            continue;
        }
        for (unsigned x = 0; x < 16; x++) {
            magic_tables.low[k][x] |= bit;
            magic_tables.high[k][x] |= bit;
        }
    }
}

static void fill_pair(const uint8_t *bytes, uint8_t flag)
{
    uint16_t pair;
    memcpy(&pair, bytes, sizeof(pair));
    magic_tables.pairs[pair] |= flag;
}

void magic_tables_fill(void)
{
    for (size_t i = 0; i < MAGICS; i++) {
        const struct magic *magic = &magic_list[i];
        uint8_t behind[2] = {magic->bytes[1], magic->bytes[2]};
        fill_nibbles(magic);
        fill_pair(magic->bytes, 1);
        for (unsigned any = 0; any < 256 && magic->compared == 2; any++) {
            behind[1] = (uint8_t)any;
            fill_pair(behind, 2);
        }
        fill_pair(behind, 2);
    }
}

/** Looks at every second pair only: a magic that begins at an odd place is met at its second byte. */
size_t scalar_magic_scan(const uint8_t *bytes, size_t n, size_t at, uint32_t *out, size_t found, size_t room)
{
    size_t last = n - MAGIC_BYTES;
    for (size_t i = at; i <= last + 1 && found < room; i += 2) {
        uint16_t pair;
        memcpy(&pair, bytes + i, sizeof(pair));
        uint8_t flags = magic_tables.pairs[pair];
        if (!flags)
            continue;
        if (flags & 2 && i > at && magic_at(bytes + i - 1))
            out[found++] = (uint32_t)(i - 1);
        if (flags & 1 && i <= last && found < room && magic_at(bytes + i))
            out[found++] = (uint32_t)i;
    }
    return found;
}
