/* draw.h: random hashes, the same in every run. */
#ifndef BENCH_DRAW_H
#define BENCH_DRAW_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t draw64(void)
{
    static uint64_t state = 1;
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline void draw(void *out, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t v = draw64();
        memcpy((uint8_t *)out + i, &v, n - i < 8 ? n - i : 8);
    }
}

#endif
