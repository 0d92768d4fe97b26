/* test_cdraw.c: CDs in sectors with synchronisation and checksums. */
#ifdef HAVE_DISK
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "disk/medium.h"

#define SECTORS 6u

static uint8_t image[256 * 2448];

/** A sector's data: the same byte all over, by its number. */
static void put_sector(size_t at, size_t step, unsigned number, uint8_t mode, uint8_t byte)
{
    uint8_t *p = image + at;
    memset(p, 0xaa, step);
    memset(p, 0xff, 12);
    p[0] = p[11] = 0;
    p[12] = (uint8_t)(number / 4500);
    p[13] = (uint8_t)(number / 75 % 60);
    p[14] = (uint8_t)(number % 75 / 10 << 4 | number % 75 % 10);
    p[15] = mode;
    memset(p + (mode == 2 ? 24 : 16), byte, 2048);
}

static bool open_image(struct medium *medium, struct segment *segment, size_t n)
{
    int fd = memfd_create("cd", MFD_CLOEXEC);
    cr_assert(fd >= 0 && write(fd, image, n) == (ssize_t)n);
    *segment = (struct segment){fd, n, NULL};
    return medium_open(medium, sniff(image, n, n), segment, 1);
}

Test(cdraw, sectors_of_every_kind)
{
    static const struct {
        size_t step;
        uint8_t mode;
        unsigned before;
    } kinds[] = {{2352, 1, 0}, {2352, 2, 0}, {2448, 1, 0}, {2352, 1, 150}, {2448, 2, 3}};
    struct medium medium;
    struct segment segment;
    uint8_t got[SECTORS * 2048 + 1];
    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        unsigned before = kinds[k].before;
        size_t step = kinds[k].step, n = (before + SECTORS) * step;
        for (unsigned i = 0; i < before + SECTORS; i++)
            put_sector(i * step, step, 150 - before + i, kinds[k].mode, i < before ? 0xee : (uint8_t)(i - before + 1));
        cr_assert_eq(sniff(image, n, n), TYPE_DISK);
        /* A piece of one more sector is none. */
        cr_assert(open_image(&medium, &segment, n + 1000), "%zu: %s", k, medium.why);
        cr_assert_str_eq(medium.format->name, "cd-raw");
        cr_assert_eq(medium.size, SECTORS * 2048, "%zu: %llu", k, (unsigned long long)medium.size);
        cr_assert_eq(medium_read(&medium, got, sizeof(got), 0), SECTORS * 2048);
        for (size_t i = 0; i < SECTORS * 2048; i++)
            cr_assert_eq(got[i], i / 2048 + 1, "%zu: byte %zu", k, i);
        cr_assert_eq(medium_read(&medium, got, 3, 2047), 3);
        cr_assert(got[0] == 1 && got[1] == 2 && got[2] == 2);
        cr_assert_eq(medium.n_bad, 0);
        medium_close(&medium);
        close(segment.fd);
    }
}

Test(cdraw, sound_among_the_data)
{
    struct medium medium;
    struct segment segment;
    uint8_t got[2048];
    for (unsigned i = 0; i < SECTORS; i++)
        put_sector(i * 2352, 2352, 150 + i, 1, 1);
    memset(image + 3 * 2352, 0x77, 2352);
    cr_assert(open_image(&medium, &segment, SECTORS * 2352));
    cr_assert_eq(medium_read(&medium, got, 2048, 3 * 2048), 2048);
    cr_assert(got[0] == 0x77 && got[2047] == 0x77);
    cr_assert_eq(medium_read(&medium, got, 2048, 4 * 2048), 2048);
    cr_assert(got[0] == 1 && got[2047] == 1);
    medium_close(&medium);
    close(segment.fd);
    /* One sector is not enough to tell. */
    memset(image + 2352, 0, 12);
    cr_assert_neq(sniff(image, SECTORS * 2352, SECTORS * 2352), TYPE_DISK);
    cr_assert(!cdraw_is(&segment, 2));
}
#endif
