#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "disk/file.h"

#define VOLUME 512u
#define HEAP   (VOLUME + 1024u)
#define SIZE   5000u

/** What is said of entry number `inode`, after a change to the volume's bytes. */
static uint64_t valid_of(uint64_t inode, size_t at, uint8_t byte)
{
    static struct disk disk;
    uint8_t m[4096] = {0}, *set = m + HEAP + 64;
    TSK_FS_INFO fs = {.offset = VOLUME};
    m[VOLUME + 0x58] = 2;
    m[VOLUME + 0x6c] = 9;
    set[0] = 0x85;
    set[32] = 0xc0;
    set[32 + 8] = 100;
    memcpy(set + 32 + 24, &(uint64_t){SIZE}, 8);
    m[at] = byte;
    int fd = memfd_create("medium", MFD_CLOEXEC);
    cr_assert(fd >= 0 && write(fd, m, sizeof(m)) == sizeof(m));
    const struct segment segment = {fd, sizeof(m), NULL};
    cr_assert(medium_open(&disk.medium, TYPE_DISK, &segment, 1));
    uint64_t valid = exfat_valid(&disk, &fs, inode, SIZE);
    medium_close(&disk.medium);
    close(fd);
    return valid;
}

Test(exfat, what_was_ever_written)
{
    const size_t set = HEAP + 64;
    cr_assert_eq(valid_of(5, 0, 0), 100);
    cr_assert_eq(valid_of(5, set + 32 + 8, 0), 0);
    /* A deleted one. */
    cr_assert_eq(valid_of(5, set, 0x05), 100);
    cr_assert_eq(valid_of(5, set + 32, 0x40), 100);
    /* More than there is. */
    cr_assert_eq(valid_of(5, set + 32 + 15, 0xff), SIZE);
}

Test(exfat, what_is_no_entry_says_nothing)
{
    const size_t set = HEAP + 64;
    static const uint64_t inodes[] = {0, 2, 3, 4, 6, 1000, UINT64_MAX / 32, UINT64_MAX};
    for (size_t i = 0; i < sizeof(inodes) / sizeof(*inodes); i++)
        cr_assert_eq(valid_of(inodes[i], 0, 0), SIZE, "%zu", i);
    cr_assert_eq(valid_of(5, set, 0x81), SIZE);
    cr_assert_eq(valid_of(5, set + 32, 0xc1), SIZE);
    cr_assert_eq(valid_of(5, set + 32 + 24, 1), SIZE);
    cr_assert_eq(valid_of(5, VOLUME + 0x6c, 255), SIZE);
    cr_assert_eq(valid_of(5, VOLUME + 0x5b, 0xff), SIZE);
}
