/* iso_build.h: small images of ISO 9660, sector by sector, for tests and seeds. */
#ifndef TESTS_OPTICAL_ISO_BUILD_H
#define TESTS_OPTICAL_ISO_BUILD_H

#include <stdint.h>
#include <string.h>

#define ISO_SECTOR  2048u
#define ISO_SECTORS 64u
#define ISO_BYTES   (ISO_SECTORS * ISO_SECTOR)

/** Where the tests have things. */
enum { ISO_PRIMARY = 16, ISO_ROOT = 20, ISO_OTHER_ROOT = 21, ISO_FOLDER = 22, ISO_DATA = 32 };

struct iso_image {
    uint8_t bytes[ISO_BYTES];
};

static inline uint8_t *iso_at(struct iso_image *image, unsigned sector)
{
    return image->bytes + (size_t)sector * ISO_SECTOR;
}

static inline void iso_put16(uint8_t *p, uint16_t v)
{
    p[0] = p[3] = (uint8_t)v;
    p[1] = p[2] = (uint8_t)(v >> 8);
}

static inline void iso_put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = p[7 - i] = (uint8_t)(v >> 8 * i);
}

/** A record of `name` where the folder's records end. Returns it. */
static inline uint8_t *iso_record(struct iso_image *image, unsigned folder, const void *name, size_t n, uint32_t extent,
                                  uint32_t size, uint8_t flags, const void *system, size_t system_len)
{
    static const uint8_t date[7] = {100, 2, 29, 12, 30, 15, 4};
    uint8_t *p = iso_at(image, folder);
    while (*p)
        p += *p;
    size_t system_at = 33 + n + !(n & 1);
    p[0] = (uint8_t)((system_at + system_len + 1) & ~(size_t)1);
    iso_put32(p + 2, extent);
    iso_put32(p + 10, size);
    memcpy(p + 18, date, sizeof(date));
    p[25] = flags;
    iso_put16(p + 28, 1);
    p[32] = (uint8_t)n;
    memcpy(p + 33, name, n);
    if (system_len)
        memcpy(p + system_at, system, system_len);
    return p;
}

static inline uint8_t *iso_file(struct iso_image *image, unsigned folder, const char *name, uint32_t extent,
                                uint32_t size)
{
    return iso_record(image, folder, name, strlen(name), extent, size, 0, NULL, 0);
}

/** The two records that begin a folder; `system`: what stands in the first. */
static inline void iso_folder(struct iso_image *image, unsigned sector, unsigned above, const void *system, size_t n)
{
    iso_record(image, sector, "\0", 1, sector, ISO_SECTOR, 2, system, n);
    iso_record(image, sector, "\1", 1, above, ISO_SECTOR, 2, NULL, 0);
}

static inline uint8_t *iso_descriptor(struct iso_image *image, unsigned sector, uint8_t type, uint32_t root)
{
    uint8_t *p = iso_at(image, sector);
    memcpy(p, "\0CD001\1", 7);
    p[0] = type;
    iso_put32(p + 80, ISO_SECTORS);
    iso_put16(p + 120, 1);
    iso_put16(p + 124, 1);
    iso_put16(p + 128, ISO_SECTOR);
    p[156] = 34;
    iso_put32(p + 158, root);
    iso_put32(p + 166, ISO_SECTOR);
    p[181] = 2;
    p[188] = 1;
    return p;
}

static inline void iso_joliet(struct iso_image *image, unsigned sector, uint32_t root)
{
    memcpy(iso_descriptor(image, sector, 2, root) + 88, "%/E", 3);
}

/** A primary tree with an empty root, and the end of the descriptors behind `more` others. */
static inline void iso_begin(struct iso_image *image, unsigned more, const void *system, size_t n)
{
    memset(image, 0, sizeof(*image));
    iso_descriptor(image, ISO_PRIMARY, 1, ISO_ROOT);
    memcpy(iso_at(image, ISO_PRIMARY + 1 + more), "\377CD001\1", 7);
    iso_folder(image, ISO_ROOT, ISO_ROOT, system, n);
}

/** Bytes that tell the sector, and where in it they are. */
static inline void iso_fill(struct iso_image *image, unsigned sector, size_t n)
{
    for (size_t i = 0; i < n; i++)
        iso_at(image, sector)[i] = (uint8_t)(i * 7 + (i >> 8) + sector * 31 + 1);
}

/** A field of Rock Ridge behind those in *n bytes. */
static inline void iso_field(uint8_t *fields, size_t *n, const char *name, const void *body, size_t length)
{
    uint8_t *p = fields + *n;
    memcpy(p, name, 2);
    p[2] = (uint8_t)(4 + length);
    p[3] = 1;
    memcpy(p + 4, body, length);
    *n += 4 + length;
}

/** Where more fields are. */
static inline void iso_field_more(uint8_t *fields, size_t *n, uint32_t sector, uint32_t at, uint32_t size)
{
    uint8_t body[24];
    iso_put32(body, sector);
    iso_put32(body + 8, at);
    iso_put32(body + 16, size);
    iso_field(fields, n, "CE", body, sizeof(body));
}

/** What the root's first record has where there is Rock Ridge. */
#define ISO_ROCK_RIDGE "SP\7\1\276\357\0", 7

#endif
