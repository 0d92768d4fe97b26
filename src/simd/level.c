#include "simd/level.h"

#include <stdatomic.h>
#include <string.h>

/** The level in force plus one; 0 until somebody asks. */
static atomic_int in_force;

static const char *const names[SIMD_LEVEL_COUNT] = {"scalar", "sse4.1", "avx2", "avx512"};

const char *simd_level_name(enum simd_level level)
{
    return level < SIMD_LEVEL_COUNT ? names[level] : "unknown";
}

enum simd_level simd_level_from_name(const char *name)
{
    for (unsigned i = 0; i < SIMD_LEVEL_COUNT; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum simd_level)i;
    return SIMD_LEVEL_COUNT;
}

/*
 * The builtin asks CPUID, and XGETBV whether the system saves the wide registers, so that avx2 and avx512 are never
 * claimed without it. SSE4.1 counts only together with POPCNT, which the Hamming kernels use (all but the first SSE4.1
 * processors of 2008).
 */
#if defined(__x86_64__) || defined(__i386__)
static enum simd_level detect(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("ssse3") || !__builtin_cpu_supports("sse4.1") || !__builtin_cpu_supports("popcnt"))
        return SIMD_SCALAR;
    if (!__builtin_cpu_supports("avx2"))
        return SIMD_SSE41;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq") ||
        !__builtin_cpu_supports("avx512vpopcntdq") || !__builtin_cpu_supports("avx512bitalg"))
        return SIMD_AVX2;
    return SIMD_AVX512;
}
#else
static enum simd_level detect(void)
{
    return SIMD_SCALAR;
}
#endif

enum simd_level simd_level_best(void)
{
    static atomic_int best;
    int level = atomic_load_explicit(&best, memory_order_relaxed);
    if (level == 0) {
        level = (int)detect() + 1;
        atomic_store_explicit(&best, level, memory_order_relaxed);
    }
    return (enum simd_level)(level - 1);
}

void simd_level_set(enum simd_level level)
{
    enum simd_level best = simd_level_best();
    atomic_store_explicit(&in_force, (int)(level < best ? level : best) + 1, memory_order_relaxed);
}

enum simd_level simd_level(void)
{
    int level = atomic_load_explicit(&in_force, memory_order_relaxed);
    return level ? (enum simd_level)(level - 1) : simd_level_best();
}
