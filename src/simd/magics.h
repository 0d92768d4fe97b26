/* magics.h: the first bytes of files that can be found in the middle of others, and the tables that the scans share. */
#ifndef SIMD_MAGICS_H
#define SIMD_MAGICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Bytes of a magic. */
enum { MAGIC_BYTES = 4 };

/**
 * Tables by nibble: bit b of low[k][x] is set where a magic of bucket b has x as the low half of its byte k. The three
 * first bytes decide; what passes is compared whole.
 */
struct magic_tables {
    _Alignas(16) uint8_t low[3][16], high[3][16];
    /** By the two bytes as they lie in memory: 1 a magic begins so, 2 one goes on so behind its first byte. */
    uint8_t pairs[65536];
};

extern struct magic_tables magic_tables;

/** True if one of the magics stands there. */
bool magic_at(const uint8_t bytes[MAGIC_BYTES]);
/** Fills the tables; once, before any scan. */
void magic_tables_fill(void);

/** Confirms hits of a vector at `base`: bit i of `mask` is byte i. Returns how many are in `out` now, room at most. */
static inline size_t magic_confirm(const uint8_t *bytes, size_t base, uint64_t mask, uint32_t *out, size_t found,
                                   size_t room)
{
    for (; mask && found < room; mask &= mask - 1) {
        size_t at = base + (size_t)__builtin_ctzll(mask);
        if (magic_at(bytes + at))
            out[found++] = (uint32_t)at;
    }
    return found;
}

/** The scan from position `at` on, without vectors: kernels.h. */
size_t scalar_magic_scan(const uint8_t *bytes, size_t n, size_t at, uint32_t *out, size_t found, size_t room);

#endif
