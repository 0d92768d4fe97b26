/* A BSD label within a slice: every label gives lines of volumes that lie within it, or is told to lead nowhere. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "disk/disk.h"
#include "disk/row.h"
#include "trawl/limits.h"
#include "units.h"

#define SECTORS 512u
#define SLICE   64u
#define MEDIUM  (SECTORS * 512)

static char names[4096];
static bool outside;

static int take_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    const struct origin_run *run = &entry->origin->runs[0];
    size_t n = strlen(names);
    (void)sink;
    if (entry->origin->kind != ORIGIN_VOLUME)
        return 1;
    snprintf(names + n, sizeof(names) - n, "%.*s@%llu ", (int)entry->name_len, (const char *)entry->name,
             (unsigned long long)run->offset / 512);
    outside |= run->offset > MEDIUM || run->length > MEDIUM - run->offset;
    return 1;
}

/** A slice from SLICE on; its label has room for `n` volumes. */
static uint8_t *slice_of(unsigned n)
{
    static uint8_t m[MEDIUM];
    memset(m, 0, sizeof(m));
    m[446 + 4] = 0xa5;
    put_le(m + 446 + 8, SLICE, 4);
    put_le(m + 446 + 12, SECTORS - SLICE, 4);
    m[510] = 0x55, m[511] = 0xaa;
    uint8_t *label = m + (size_t)(SLICE + 1) * 512;
    put_le(label, 0x82564557, 4);
    put_le(label + 132, 0x82564557, 4);
    put_le(label + 40, 512, 4);
    put_le(label + 138, n, 2);
    return m;
}

static uint8_t *entry_of(uint8_t *m, unsigned i)
{
    return m + (size_t)(SLICE + 1) * 512 + 148 + (size_t)16 * i;
}

static void put_entry(uint8_t *m, unsigned i, uint32_t start, uint32_t length)
{
    put_le(entry_of(m, i), length, 4);
    put_le(entry_of(m, i) + 4, start, 4);
}

/** Something that begins a volume of a known kind. */
static void put_mark(uint8_t *m, uint32_t sector)
{
    memcpy(m + (size_t)sector * 512, "LUKS\xba\xbe\0\2", 8);
}

static const char *volumes_of(const uint8_t *bytes)
{
    struct unpack_sink sink = {.entry = take_entry, .data = data_unheard, .entry_end = end_unheard};
    struct unpack_end end;
    int fd = memfd_create("medium", MFD_CLOEXEC);
    cr_assert(fd >= 0 && write(fd, bytes, MEDIUM) == MEDIUM);
    struct unpack_input input = {.fd = fd, .size = MEDIUM, .type = TYPE_DISK, .carve = CARVE_NONE};
    limits_default(&input.limits);
    names[0] = '\0';
    outside = false;
    disk_run(&input, &sink, &end);
    close(fd);
    return names;
}

Test(nested, places_count_from_the_disk_the_slice_or_the_third_volume)
{
    static const uint32_t bases[] = {0, SLICE, 1000};
    for (size_t i = 0; i < 3; i++) {
        uint8_t *m = slice_of(4);
        put_entry(m, 0, bases[i] + 16, 40);
        put_entry(m, 2, bases[i], SECTORS - SLICE);
        put_entry(m, 3, bases[i] + 100, 50);
        put_mark(m, SLICE + 16);
        put_mark(m, SLICE + 100);
        cr_assert_str_eq(volumes_of(m), "p1@64 p1/p1@80 p1/p4@164 ", "%u: %s", bases[i], names);
    }
}

Test(nested, a_third_volume_that_is_nearly_all_is_left_out_unless_it_is_alone)
{
    uint8_t *m = slice_of(4);
    put_entry(m, 2, 0, SECTORS - SLICE - 1);
    put_entry(m, 3, 100, 50);
    put_mark(m, SLICE + 100);
    cr_assert_str_eq(volumes_of(m), "p1@64 p1/p4@164 ");
    put_entry(m, 3, 0, 0);
    cr_assert_str_eq(volumes_of(m), "p1@64 p1/p3@64 ");
}

Test(nested, a_label_of_which_nothing_lies_in_the_slice)
{
    uint8_t *m = slice_of(22);
    for (unsigned i = 0; i < 22; i++)
        put_entry(m, i, SECTORS + 9 * i, 9);
    /* Or all would count from there. */
    put_entry(m, 2, 0, 0);
    cr_assert_str_eq(volumes_of(m), "p1@64 ");
}

Test(nested, any_label_gives_volumes_of_the_medium, .timeout = 60)
{
    srandom(5);
    for (unsigned round = 0; round < 300; round++) {
        uint8_t *m = slice_of((unsigned)random() % 30);
        for (unsigned i = 0; i < 22; i++)
            put_entry(m, i, (uint32_t)random() % (round % 2 ? 600 : UINT32_MAX),
                      (uint32_t)random() % (round % 3 ? 300 : UINT32_MAX));
        put_mark(m, SLICE + (uint32_t)random() % 400);
        if (round % 5 == 0)
            put_le(m + (size_t)(SLICE + 1) * 512 + 40, (uint64_t)random(), 4);
        const char *first = volumes_of(m);
        cr_assert(strncmp(first, "p1@64 ", 6) == 0 && !outside, "%u: %s", round, first);
    }
}
