#include <criterion/criterion.h>

#include "simd/kernels.h"

Test(level, names_go_both_ways)
{
    for (unsigned i = 0; i < SIMD_LEVEL_COUNT; i++)
        cr_assert_eq(simd_level_from_name(simd_level_name((enum simd_level)i)), (enum simd_level)i);
    cr_assert_str_eq(simd_level_name(SIMD_SCALAR), "scalar");
    cr_assert_str_eq(simd_level_name(SIMD_SSE41), "sse4.1");
    cr_assert_str_eq(simd_level_name(SIMD_AVX2), "avx2");
    cr_assert_str_eq(simd_level_name(SIMD_AVX512), "avx512");
    cr_assert_eq(simd_level_from_name("AVX2"), SIMD_LEVEL_COUNT);
    cr_assert_eq(simd_level_from_name(""), SIMD_LEVEL_COUNT);
}

Test(level, set_caps_and_never_raises_above_the_best)
{
    cr_assert_eq(simd_level(), simd_level_best());
    simd_level_set(SIMD_SCALAR);
    cr_assert_eq(simd_level(), SIMD_SCALAR);
    cr_assert_eq(kernels(), kernels_at(SIMD_SCALAR));
    simd_level_set(SIMD_AVX512);
    cr_assert_eq(simd_level(), simd_level_best());
    cr_assert_eq(kernels(), kernels_at(simd_level_best()));
}

Test(level, tables_exist_up_to_the_best)
{
    for (unsigned i = 0; i < SIMD_LEVEL_COUNT; i++)
        cr_assert_eq(kernels_at((enum simd_level)i) != NULL, i <= (unsigned)simd_level_best());
}
