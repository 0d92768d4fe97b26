/* The scan for magics at every level against a naive one: random bytes full of magics and halves of them, at every
 * length and alignment, up to a page that may not be touched. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>

#include "simd/kernels.h"
#include "simd/magics.h"

enum { PAGE = 4096, ARENA = 2 * PAGE };

static uint32_t state = 1;

static uint32_t random_next(void)
{
    state = state * 1664525 + 1013904223;
    return state >> 8;
}

static const char *const planted[] = {
    "\xff\xd8\xff\xe0",
    "\xff\x4f\xff\x51",
    "\x89PNG",
    "%PDF",
    "\x1a\x45\xdf\xa3",
    "GIF8",
    "RIFF",
    "FLV\x01",
    "MM\0*",
    "MM\0+",
    "II*\0",
    "II+\0",
    "BM\0",
    "ftyp",
    "jP  ",
    "JXL ",
    "PK\3\4",
    "7z\xbc\xaf",
    "\x30\x26\xb2\x75",
};
enum { PLANTED = sizeof(planted) / sizeof(planted[0]) };

/** Magics, their beginnings, and bytes of them by chance. */
static void fill(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] =
            random_next() % 3 ? (uint8_t)random_next() : (uint8_t)planted[random_next() % PLANTED][random_next() % 2];
    for (size_t k = 0; k < n / 16; k++) {
        size_t at = random_next() % n, length = 1 + random_next() % 4;
        memcpy(bytes + at, planted[random_next() % PLANTED], length < n - at ? length : n - at);
    }
}

static size_t naive(const uint8_t *bytes, size_t n, uint32_t *out, size_t room)
{
    size_t found = 0;
    for (size_t i = 0; i + MAGIC_BYTES <= n && found < room; i++)
        if (magic_at(bytes + i))
            out[found++] = (uint32_t)i;
    return found;
}

Test(magics, every_level_finds_what_a_plain_loop_finds)
{
    uint8_t *base = mmap(NULL, ARENA + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(base, MAP_FAILED);
    cr_assert_eq(mprotect(base + ARENA, PAGE, PROT_NONE), 0);
    static uint32_t want[ARENA], got[ARENA + 1];
    size_t total = 0;
    for (size_t n = MAGIC_BYTES; n < 1200; n++) {
        uint8_t *bytes = base + ARENA - n;
        size_t room = n % 3 ? n : 1 + n % 7;
        fill(bytes, n);
        size_t wanted = naive(bytes, n, want, room);
        total += wanted;
        for (unsigned level = 0; level <= (unsigned)simd_level_best(); level++) {
            got[room] = 0xdeadbeef;
            size_t found = kernels_at((enum simd_level)level)->magic_scan(bytes, n, got, room);
            cr_assert_eq(found, wanted, "level %u, %zu bytes: %zu of %zu", level, n, found, wanted);
            cr_assert(memcmp(got, want, found * sizeof(*got)) == 0, "level %u, %zu bytes", level, n);
            cr_assert_eq(got[room], 0xdeadbeef, "level %u wrote behind its room", level);
        }
    }
    cr_assert_gt(total, 3000u);
}

Test(magics, all_are_met_wherever_they_stand)
{
    uint8_t bytes[200];
    uint32_t hits[8];
    for (unsigned level = 0; level <= (unsigned)simd_level_best(); level++)
        for (size_t k = 0; k < PLANTED; k++)
            for (size_t at = 0; at <= sizeof(bytes) - MAGIC_BYTES; at++) {
                memset(bytes, 0, sizeof(bytes));
                memcpy(bytes + at, planted[k], MAGIC_BYTES);
                size_t n = kernels_at((enum simd_level)level)->magic_scan(bytes, sizeof(bytes), hits, 8);
                cr_assert(n == 1 && hits[0] == at, "level %u, magic %zu at %zu", level, k, at);
            }
}
