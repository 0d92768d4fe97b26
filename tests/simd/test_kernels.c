/*
 * Every kernel at every level against the scalar form, byte for byte: all widths, misaligned, on random and extreme
 * input. Each buffer ends at a page that may not be touched, and begins behind bytes that must not change.
 */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>

#include "simd/kernels.h"

enum { ARENA = 1 << 16, PAGE = 4096, WIDEST = 300, GUARD = 64, GUARD_BYTE = 0xa5 };

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t random_next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/** Bytes, then a page without access. */
static uint8_t *arena(void)
{
    uint8_t *base = mmap(NULL, ARENA + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(base, MAP_FAILED);
    cr_assert_eq(mprotect(base + ARENA, PAGE, PROT_NONE), 0);
    return base;
}

/** The last n bytes of an arena, behind guard bytes. */
static void *at_end(uint8_t *base, size_t n)
{
    cr_assert_leq(n + GUARD, (size_t)ARENA);
    memset(base + ARENA - n - GUARD, GUARD_BYTE, GUARD);
    return base + ARENA - n;
}

static void check_guard(const void *begin, const char *what, unsigned level, size_t n)
{
    for (unsigned i = 1; i <= GUARD; i++)
        cr_assert_eq(((const uint8_t *)begin)[-(int)i], GUARD_BYTE, "%s, level %u, n %zu: wrote before its buffer",
                     what, level, n);
}

static void same(const void *a, const void *b, size_t n, const char *what, unsigned level, size_t width)
{
    cr_assert(memcmp(a, b, n) == 0, "%s differs from scalar at level %u, width %zu", what, level, width);
}

static uint8_t random_byte(unsigned kind)
{
    static const uint8_t extreme[] = {0, 255, 1, 254, 127, 128};
    return kind == 0 ? (uint8_t)random_next() : extreme[random_next() % (kind == 1 ? 6 : 2)];
}

static float random_float(unsigned kind)
{
    static const float extreme[] = {0, -0.0f, 255, 1e-30f, -1e-30f, 1e20f, -1e20f, 1.17549435e-38f, 1e-42f, 16777216};
    if (kind == 1)
        return extreme[random_next() % 10];
    float unit = (float)(random_next() >> 8) / 16777216;
    return kind == 0 ? 255 * unit : (unit - 0.5f) * 1e6f;
}

static void fill_bytes(uint8_t *out, size_t n, unsigned kind)
{
    for (size_t i = 0; i < n; i++)
        out[i] = random_byte(kind);
}

static void fill_floats(float *out, size_t n, unsigned kind)
{
    for (size_t i = 0; i < n; i++)
        out[i] = random_float(kind);
}

static void check_luma(const struct kernels *k, unsigned level, uint8_t *in_arena, uint8_t *out_arena)
{
    const struct kernels *scalar = kernels_at(SIMD_SCALAR);
    float want[WIDEST];
    for (size_t n = 0; n <= WIDEST; n++)
        for (unsigned kind = 0; kind < 3; kind++) {
            uint8_t *in = at_end(in_arena, 3 * n);
            float *out = at_end(out_arena, n * sizeof(float));
            fill_bytes(in, 3 * n, kind);
            scalar->luma_rgb(want, in, n);
            k->luma_rgb(out, in, n);
            same(out, want, n * sizeof(float), "luma_rgb", level, n);
            check_guard(out, "luma_rgb", level, n);
            scalar->luma_gray(want, in + 2 * n, n);
            k->luma_gray(out, in + 2 * n, n);
            same(out, want, n * sizeof(float), "luma_gray", level, n);
            check_guard(out, "luma_gray", level, n);
            scalar->luma_limited(want, in + 2 * n, n);
            k->luma_limited(out, in + 2 * n, n);
            same(out, want, n * sizeof(float), "luma_limited", level, n);
            check_guard(out, "luma_limited", level, n);
        }
}

Test(kernels, luma)
{
    uint8_t *in = arena(), *out = arena();
    for (unsigned level = 0; level <= (unsigned)simd_level_best(); level++)
        check_luma(kernels_at((enum simd_level)level), level, in, out);
}

/** Every colour channel value, so that the rounding of each product is seen. */
Test(kernels, luma_is_the_formula)
{
    uint8_t rgb[3];
    float luma;
    for (unsigned r = 0; r < 256; r += 3)
        for (unsigned g = 0; g < 256; g += 5)
            for (unsigned b = 0; b < 256; b += 7) {
                rgb[0] = (uint8_t)r;
                rgb[1] = (uint8_t)g;
                rgb[2] = (uint8_t)b;
                kernels()->luma_rgb(&luma, rgb, 1);
                volatile float red = 0.299f * (float)r, green = 0.587f * (float)g, blue = 0.114f * (float)b;
                volatile float sum = red + green;
                cr_assert_eq(luma, sum + blue);
            }
}

static void check_accumulate(const struct kernels *k, unsigned level, uint8_t *in_arena, uint8_t *out_arena)
{
    float want[WIDEST];
    for (size_t n = 0; n <= WIDEST; n++)
        for (unsigned kind = 0; kind < 3; kind++) {
            float *in = at_end(in_arena, n * sizeof(float)), *out = at_end(out_arena, n * sizeof(float));
            float weight = random_float(2) * 1e-6f;
            fill_floats(in, n, kind);
            fill_floats(out, n, kind);
            memcpy(want, out, n * sizeof(float));
            kernels_at(SIMD_SCALAR)->accumulate(want, in, weight, n);
            k->accumulate(out, in, weight, n);
            same(out, want, n * sizeof(float), "accumulate", level, n);
            check_guard(out, "accumulate", level, n);
        }
}

static void check_divide(const struct kernels *k, unsigned level, uint8_t *out_arena)
{
    float want[WIDEST];
    for (size_t n = 0; n <= WIDEST; n++)
        for (unsigned kind = 0; kind < 3; kind++) {
            float *out = at_end(out_arena, n * sizeof(float)), divisor = (float)(1 + random_next() % 300);
            fill_floats(out, n, kind);
            memcpy(want, out, n * sizeof(float));
            kernels_at(SIMD_SCALAR)->divide(want, divisor, n);
            k->divide(out, divisor, n);
            same(out, want, n * sizeof(float), "divide", level, n);
            check_guard(out, "divide", level, n);
        }
}

Test(kernels, accumulate_and_divide)
{
    uint8_t *in = arena(), *out = arena();
    for (unsigned level = 0; level <= (unsigned)simd_level_best(); level++) {
        check_accumulate(kernels_at((enum simd_level)level), level, in, out);
        check_divide(kernels_at((enum simd_level)level), level, out);
    }
}

/** sums, ring, in and out of one step; the scalar's beside them. */
static void check_box_step(const struct kernels *k, unsigned level, uint8_t *const arenas[4], size_t n, unsigned kind)
{
    const size_t size = n * sizeof(float);
    float *got[4], want[4][WIDEST];
    for (unsigned i = 0; i < 4; i++) {
        got[i] = at_end(arenas[i], size);
        fill_floats(got[i], n, kind);
        memcpy(want[i], got[i], size);
    }
    float count = (float)(1 + random_next() % 300);
    bool in_place = random_next() & 1;
    kernels_at(SIMD_SCALAR)->box_step(want[0], want[1], want[2], want[in_place ? 2 : 3], count, n);
    k->box_step(got[0], got[1], got[2], got[in_place ? 2 : 3], count, n);
    for (unsigned i = 0; i < 4; i++) {
        same(got[i], want[i], size, "box_step", level, n);
        check_guard(got[i], "box_step", level, n);
    }
}

Test(kernels, box_step)
{
    uint8_t *const arenas[4] = {arena(), arena(), arena(), arena()};
    for (unsigned level = 0; level <= (unsigned)simd_level_best(); level++)
        for (size_t n = 0; n <= WIDEST; n++)
            for (unsigned kind = 0; kind < 3; kind++)
                check_box_step(kernels_at((enum simd_level)level), level, arenas, n, kind);
}

static void check_product(const struct kernels *k, unsigned level, uint8_t *const arenas[3], size_t stride,
                          size_t count, unsigned kind)
{
    const size_t width = stride + WIDEST;
    float *row = at_end(arenas[0], width * sizeof(float)), want[64];
    float *weights = at_end(arenas[1], stride * count * sizeof(float));
    float *out = at_end(arenas[2], count * sizeof(float));
    uint32_t start[64];
    fill_floats(row, width, kind);
    fill_floats(weights, stride * count, kind == 1 ? 0 : kind);
    for (size_t t = 0; t < count; t++)
        start[t] = t ? random_next() % (WIDEST + 1) : WIDEST;
    kernels_at(SIMD_SCALAR)->product(want, row, start, weights, stride, count);
    k->product(out, row, start, weights, stride, count);
    same(out, want, count * sizeof(float), "product", level, stride);
    check_guard(out, "product", level, stride);
}

Test(kernels, product)
{
    uint8_t *const arenas[3] = {arena(), arena(), arena()};
    for (unsigned level = 0; level <= (unsigned)simd_level_best(); level++)
        for (size_t stride = 8; stride <= 136; stride += 8)
            for (size_t count = 8; count <= 64; count += 8)
                for (unsigned kind = 0; kind < 3; kind++)
                    check_product(kernels_at((enum simd_level)level), level, arenas, stride, count, kind);
}

static void check_transform(const struct kernels *k, unsigned level, uint8_t *const arenas[3], size_t columns)
{
    for (unsigned round = 0; round < 30; round++) {
        float *left = at_end(arenas[0], 16 * 64 * sizeof(float)), want[16 * 64];
        float *right = at_end(arenas[1], 64 * columns * sizeof(float));
        float *out = at_end(arenas[2], 16 * columns * sizeof(float));
        fill_floats(left, 16 * 64, round % 3);
        fill_floats(right, 64 * columns, round % 3 == 1 ? 0 : round % 3);
        kernels_at(SIMD_SCALAR)->transform(want, left, right, columns);
        k->transform(out, left, right, columns);
        same(out, want, 16 * columns * sizeof(float), "transform", level, columns);
        check_guard(out, "transform", level, columns);
    }
}

Test(kernels, transform)
{
    uint8_t *const arenas[3] = {arena(), arena(), arena()};
    for (unsigned level = 0; level <= (unsigned)simd_level_best(); level++)
        for (size_t columns = 16; columns <= 64; columns += 16)
            check_transform(kernels_at((enum simd_level)level), level, arenas, columns);
}

/** Luma as pictures have it, steps that fall on the cuts of the quality (2.55 grey levels), and black beside white. */
static void fill_luma(float *luma, unsigned kind)
{
    for (size_t i = 0; i < 64 * 64; i++)
        luma[i] = kind == 0   ? random_float(0)
                  : kind == 1 ? (float)(random_next() % 100) * 2.55f
                  : kind == 2 ? (float)(random_next() & 1) * 255
                              : 42;
}

Test(kernels, gradient)
{
    uint8_t *in = arena();
    static const float slacks[] = {0, 1e-6f, 0.001f, 0.5f, 0.99f};
    for (unsigned level = 0; level <= (unsigned)simd_level_best(); level++)
        for (unsigned round = 0; round < 200; round++) {
            float *luma = at_end(in, 64 * 64 * sizeof(float));
            int32_t got[3], want[3];
            fill_luma(luma, round % 4);
            kernels_at(SIMD_SCALAR)->gradient(want, luma, slacks[round % 5]);
            kernels_at((enum simd_level)level)->gradient(got, luma, slacks[round % 5]);
            same(got, want, sizeof(got), "gradient", level, 64);
            cr_assert(want[1] <= want[0] && want[0] <= want[2]);
            cr_assert(round % 4 != 3 || want[2] == 0);
        }
}

/** Hashes at every distance from the query, random ones between. */
static void fill_hashes(uint8_t *hashes, size_t n, const uint8_t *query)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t *hash = hashes + 32 * i;
        if (random_next() % 4 == 0) {
            fill_bytes(hash, 32, random_next() % 3);
            continue;
        }
        memcpy(hash, query, 32);
        for (unsigned flips = random_next() % 80; flips; flips--) {
            unsigned bit = random_next() % 256;
            hash[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static unsigned naive_distance(const uint8_t *a, const uint8_t *b)
{
    unsigned sum = 0;
    for (unsigned bit = 0; bit < 256; bit++)
        sum += (unsigned)((a[bit / 8] ^ b[bit / 8]) >> bit % 8 & 1);
    return sum;
}

static void check_scan(const struct kernels *k, unsigned level, uint8_t *in_arena, size_t n, unsigned radius)
{
    /* One byte over, so that hashes lie at every alignment. */
    uint8_t query[33], *hashes = at_end(in_arena, 32 * n + n % 7), *wanted = query + (n & 1);
    uint32_t index[WIDEST];
    uint16_t distance[WIDEST];
    fill_bytes(wanted, 32, n % 3);
    fill_hashes(hashes, n, wanted);
    size_t found = k->hamming_scan(hashes, n, wanted, radius, index, distance), next = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned want = naive_distance(hashes + 32 * i, wanted);
        cr_assert_eq(k->hamming(hashes + 32 * i, wanted), want, "hamming at level %u", level);
        if (want > radius)
            continue;
        cr_assert(next < found && index[next] == i && distance[next] == want, "scan at level %u: hash %zu of %zu",
                  level, i, n);
        next++;
    }
    cr_assert_eq(next, found, "scan at level %u found %zu too many", level, found - next);
}

Test(kernels, hamming)
{
    uint8_t *in = arena();
    static const unsigned radii[] = {0, 1, 31, 40, 64, 255, 256, 100000};
    for (unsigned level = 0; level <= (unsigned)simd_level_best(); level++)
        for (size_t n = 0; n <= WIDEST; n += n < 40 ? 1 : 13)
            for (unsigned r = 0; r < 8; r++)
                check_scan(kernels_at((enum simd_level)level), level, in, n, radii[r]);
}
