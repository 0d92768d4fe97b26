/* level.h: the instruction-set level in force. Set once at start, before threads and children. */
#ifndef SIMD_LEVEL_H
#define SIMD_LEVEL_H

enum simd_level { SIMD_SCALAR, SIMD_SSE41, SIMD_AVX2, SIMD_AVX512, SIMD_LEVEL_COUNT };

/** "scalar" "sse4.1" "avx2" "avx512" */
const char *simd_level_name(enum simd_level level);
/** SIMD_LEVEL_COUNT where the name is none. */
enum simd_level simd_level_from_name(const char *name);
/** The best level this CPU has. avx512 means F, BW, VL, DQ, VPOPCNTDQ and BITALG together. */
enum simd_level simd_level_best(void);
/** Caps the level: the lower of `level` and the best is in force from now on. */
void simd_level_set(enum simd_level level);
/** The level in force (the best one, until set). */
enum simd_level simd_level(void);

#endif
