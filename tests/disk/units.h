/* units.h: a made disk of which the tests hear what entries it gives, and nothing of their bytes. */
#ifndef TEST_DISK_UNITS_H
#define TEST_DISK_UNITS_H

#include "trawl/unpack.h"

static inline int data_unheard(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset)
{
    (void)sink, (void)data, (void)n, (void)offset;
    return 1;
}

static inline void end_unheard(struct unpack_sink *sink, enum trawl_status status, uint64_t size, const char *detail)
{
    (void)sink, (void)status, (void)size, (void)detail;
}

static inline void put_le(uint8_t *p, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++, v >>= 8)
        p[i] = (uint8_t)v;
}

#endif
