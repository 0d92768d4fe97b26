#ifdef HAVE_DISK
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "build.h"
#include "disk/medium.h"

static struct medium medium;
static struct segment file;

static bool open_bytes(const struct buf *bytes, size_t n)
{
    file = (struct segment){memfd_create("medium", MFD_CLOEXEC), n, NULL};
    cr_assert(file.fd >= 0 && write(file.fd, bytes->data, n) == (ssize_t)n);
    return medium_open(&medium, TYPE_EWF, &file, 1);
}

static void close_bytes(void)
{
    medium_close(&medium);
    close(file.fd);
}

/** How many of the three blocks are what they should be, and not bad, from the first one on. */
static unsigned good_blocks(void)
{
    uint8_t got[4096], want[4096];
    unsigned good = 0;
    for (; good < 3; good++) {
        disk_block(good, want, sizeof(want));
        uint64_t before = medium.bad_reads;
        if (medium_read(&medium, got, 4096, 4096 * good) != 4096 || medium.bad_reads != before ||
            memcmp(got, want, 4096) != 0)
            break;
    }
    return good;
}

#define SECTORS (13 + 76 + 1052)

Test(ewf, chunks_are_found_without_their_table)
{
    struct buf bytes = {0};
    build_ewf(&bytes);
    size_t table = (size_t)get_le(bytes.data + SECTORS + 16, 8);
    const size_t first = SECTORS + 76;
    const size_t third = first + (size_t)(get_le(bytes.data + table + 76 + 24 + 8, 4) & 0x7fffffff);
    const size_t second = first + (size_t)get_le(bytes.data + table + 76 + 24 + 4, 4);
    const struct {
        size_t cut;
        unsigned good;
    } cuts[] = {{table + 80, 3},  {table, 3},  {table - 1, 2},  {third, 2}, {third - 1, 1},
                {second + 10, 1}, {second, 1}, {second - 1, 0}, {first, 0}};
    for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
        cr_assert(open_bytes(&bytes, cuts[i].cut), "%zu: %s", i, medium.why);
        cr_assert_eq(good_blocks(), cuts[i].good, "%zu: %u", i, good_blocks());
        cr_assert_eq(strncmp(medium.note, "truncated", 9), 0, "%zu: %s", i, medium.note);
        char found[40];
        snprintf(found, sizeof(found), "; %u found without a table", cuts[i].good);
        cr_assert(cuts[i].good == 3 || strstr(medium.note, found), "%zu: %s", i, medium.note);
        close_bytes();
    }
    /* A chunk that fails its checksum ends the walk. */
    bytes.data[second + 100] ^= 1;
    cr_assert(open_bytes(&bytes, table));
    cr_assert_eq(good_blocks(), 1);
    cr_assert_not_null(strstr(medium.note, "; 1 found without a table"), "%s", medium.note);
    close_bytes();
    bytes.data[second - 1] ^= 1;
    cr_assert(open_bytes(&bytes, table));
    cr_assert_not_null(strstr(medium.note, "; 0 found without a table"), "%s", medium.note);
    close_bytes();
    buf_free(&bytes);
}

/** Puts a copy of the table behind it, and breaks both. */
Test(ewf, a_broken_table_with_a_broken_copy)
{
    struct buf bytes = {0};
    build_ewf(&bytes);
    size_t table = (size_t)get_le(bytes.data + SECTORS + 16, 8), copy = table + 76 + 24 + 16;
    bytes.data[table + 76] ^= 1;
    cr_assert_gt(bytes.len, copy);
    uint8_t kept[76 + 24 + 16];
    memcpy(kept, bytes.data + table, sizeof(kept));
    disk_put(&bytes, copy, kept, sizeof(kept));
    ewf_section(&bytes, copy, "table2", copy + sizeof(kept), sizeof(kept));
    ewf_section(&bytes, copy + sizeof(kept), "done", copy + sizeof(kept), 76);
    cr_assert(open_bytes(&bytes, bytes.len), "%s", medium.why);
    cr_assert_eq(good_blocks(), 3);
    cr_assert_not_null(strstr(medium.note, "a table of chunks is broken, and its copy, in segment 1"), "%s",
                       medium.note);
    close_bytes();
    buf_free(&bytes);
}
#endif
