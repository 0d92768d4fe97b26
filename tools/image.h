/* image.h: a file as memory, and its numbers; for the writers of file systems. */
#ifndef TOOLS_IMAGE_H
#define TOOLS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The whole file, or NULL; what is written there is in the file. */
uint8_t *image_map(const char *path, bool writable, size_t *size);

/** Little-endian numbers of n bytes. */
static inline uint64_t image_get(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;
    while (n--)
        v = v << 8 | p[n];
    return v;
}

static inline void image_put(uint8_t *p, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++, v >>= 8)
        p[i] = (uint8_t)v;
}

#endif
