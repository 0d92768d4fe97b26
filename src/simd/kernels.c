#include "simd/kernels.h"

#include <pthread.h>

static struct kernels tables[SIMD_LEVEL_COUNT];
static pthread_once_t filled = PTHREAD_ONCE_INIT;

static void (*const overlays[SIMD_LEVEL_COUNT])(struct kernels *) = {kernels_scalar, kernels_sse41, kernels_avx2,
                                                                     kernels_avx512};

static void fill(void)
{
    for (unsigned level = 0; level < SIMD_LEVEL_COUNT; level++)
        for (unsigned below = 0; below <= level; below++)
            overlays[below](&tables[level]);
}

const struct kernels *kernels_at(enum simd_level level)
{
    if (level > simd_level_best())
        return NULL;
    pthread_once(&filled, fill);
    return &tables[level];
}

const struct kernels *kernels(void)
{
    return kernels_at(simd_level());
}
