/* What a disk's units say of themselves once a child has died in one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "disk/disk.h"
#include "disk/row.h"
#include "trawl/limits.h"
#include "units.h"

#define MEDIUM (1u << 20)

static char names[512];

static int take_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    (void)sink;
    size_t n = strlen(names);
    snprintf(names + n, sizeof(names) - n, "%.*s ", (int)entry->name_len, (const char *)entry->name);
    return 1;
}

/** One volume that nobody can read, with a picture in it. */
static const char *read_from(uint64_t first_index, bool is_retry)
{
    static const uint8_t gif[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";
    struct unpack_sink sink = {.entry = take_entry, .data = data_unheard, .entry_end = end_unheard};
    struct unpack_end end;
    int fd = memfd_create("medium", MFD_CLOEXEC);
    cr_assert(fd >= 0 && ftruncate(fd, MEDIUM) == 0);
    cr_assert_eq(pwrite(fd, gif, sizeof(gif) - 1, 512000), (ssize_t)sizeof(gif) - 1);
    struct unpack_input input = {.fd = fd, .size = MEDIUM, .type = TYPE_DISK, .carve = CARVE_MEDIA_BLOBS};
    input.first_index = first_index;
    input.is_retry = is_retry;
    limits_default(&input.limits);
    names[0] = '\0';
    disk_run(&input, &sink, &end);
    close(fd);
    return names;
}

Test(disk_retry, units_have_lines_only_in_a_second_try)
{
    cr_assert_str_eq(read_from(0, false), "$volume $carved/0000000000512000.gif ");
    cr_assert_str_eq(read_from(0, true), "$volumes $volume $orphans-1 $free-1 $carved/0000000000512000.gif ");
}

/* Units: the medium, the files, the orphans, what is free. */
Test(disk_retry, free_space_is_carved_where_its_reader_died)
{
    const uint64_t dead = (3ull << UNIT_SHIFT) + 1;
    cr_assert_str_eq(read_from((2ull << UNIT_SHIFT) + 1, false), "$carved/0000000000512000.gif ");
    cr_assert_str_eq(read_from(dead, false), "$carved/0000000000512000.gif ");
    /* And again, where one died behind that picture. */
    cr_assert_str_eq(read_from((3ull << UNIT_SHIFT) + (1ull << (UNIT_SHIFT - 2)) + 1, false), "");
}

/* The line of the table of volumes is the second of the first unit. */
Test(disk_retry, medium_is_carved_where_a_reader_died_over_its_table)
{
    cr_assert_str_eq(read_from(2, false), "$carved/0000000000512000.gif ");
    cr_assert_str_eq(read_from((1ull << (UNIT_SHIFT - 2)) + 1, false), "");
}

/* Nobody knows which bytes are whose: they are carved in the unit of the files. */
Test(disk_retry, volume_is_carved_where_a_reader_died_over_its_names)
{
    cr_assert_str_eq(read_from((1ull << UNIT_SHIFT) + 1, false),
                     "$carved/0000000000512000.gif $carved/0000000000512000.gif ");
}
