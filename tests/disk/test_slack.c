/* What is carved behind the ends of files, out of a FAT with large clusters. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "disk/disk.h"
#include "disk/row.h"
#include "trawl/limits.h"
#include "units.h"

#define CLUSTER (64 * 512u)
/** Boot sector, FAT, root folder of one sector. */
#define HEAP   (3 * 512u)
#define MEDIUM (HEAP + 4 * CLUSTER)

static const uint8_t gif[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";

static char names[4096], said[UNPACK_DETAIL];
static struct origin last;
static uint64_t last_index;

static int take_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    (void)sink;
    size_t n = strlen(names);
    snprintf(names + n, sizeof(names) - n, "%.*s ", (int)entry->name_len, (const char *)entry->name);
    last = *entry->origin;
    last_index = entry->index;
    return 1;
}

/** A volume with n files of 100 bytes, all of them in the first cluster. */
static uint8_t *fat_of(unsigned n)
{
    static uint8_t m[MEDIUM];
    memset(m, 0, sizeof(m));
    memcpy(m, "\xeb\x3c\x90MSDOS5.0", 11);
    put_le(m + 11, 512, 2);
    m[13] = 64; /* sectors of a cluster */
    m[14] = 1;  /* before the FAT */
    m[16] = 1;  /* FATs */
    m[17] = 16; /* entries of the root */
    put_le(m + 19, MEDIUM / 512, 2);
    m[21] = 0xf8;
    m[22] = 1; /* sectors of the FAT */
    memcpy(m + 54, "FAT12   ", 8);
    m[510] = 0x55, m[511] = 0xaa;
    memcpy(m + 512, "\xf8\xff\xff\xff\x0f", 5);
    for (unsigned i = 0; i < n; i++) {
        uint8_t *entry = m + 1024 + 32 * i;
        memcpy(entry, "FILE0   TXT\x20", 12);
        entry[4] = (uint8_t)('A' + i);
        put_le(entry + 26, 2, 2);
        put_le(entry + 28, 100, 4);
    }
    return m;
}

static const char *read_medium(const uint8_t *bytes, enum carve_mode carve, uint64_t first_index, bool is_retry)
{
    struct unpack_sink sink = {.entry = take_entry, .data = data_unheard, .entry_end = end_unheard};
    struct unpack_end end;
    int fd = memfd_create("medium", MFD_CLOEXEC);
    cr_assert(fd >= 0 && write(fd, bytes, MEDIUM) == MEDIUM);
    struct unpack_input input = {.fd = fd, .size = MEDIUM, .type = TYPE_FAT, .carve = carve};
    input.first_index = first_index;
    input.is_retry = is_retry;
    limits_default(&input.limits);
    names[0] = '\0';
    disk_run(&input, &sink, &end);
    snprintf(said, sizeof(said), "%s", end.detail);
    close(fd);
    return names;
}

Test(slack, a_picture_behind_the_end_of_a_file)
{
    uint8_t *m = fat_of(1);
    memcpy(m + HEAP + 100, gif, sizeof(gif) - 1);
    memcpy(m + HEAP + CLUSTER - sizeof(gif) + 1, gif, sizeof(gif) - 1);
    /* Not behind it, and not in its cluster. */
    memcpy(m + HEAP + 10, gif, sizeof(gif) - 1);
    cr_assert_str_eq(read_medium(m, CARVE_ALL, 0, false), "$volume FILEA.TXT FILEA.TXT/$slack/0000000000001636.gif "
                                                          "FILEA.TXT/$slack/0000000000034269.gif ");
    cr_assert_str_eq(said, "");
    cr_assert_eq(last.kind, ORIGIN_CARVED);
    cr_assert_eq(last.allocated, ORIGIN_SLACK);
    cr_assert_eq(last.inode, 3);
    cr_assert_str_eq(last.file_system, "fat12");
    cr_assert(last.n_runs == 1 && last.runs[0].offset == 34269 && last.runs[0].length == sizeof(gif) - 1);
    cr_assert_str_eq(read_medium(m, CARVE_MEDIA_BLOBS, 0, false), "$volume FILEA.TXT ");
    cr_assert_str_eq(read_medium(m, CARVE_NONE, 0, false), "$volume FILEA.TXT ");
}

Test(slack, of_a_deleted_file_is_free_space)
{
    uint8_t *m = fat_of(1);
    m[1024] = 0xe5;
    memset(m + 512 + 3, 0, 2);
    memcpy(m + HEAP + 200, gif, sizeof(gif) - 1);
    cr_assert_str_eq(read_medium(m, CARVE_ALL, 0, false), "$volume _ILEA.TXT $carved/0000000000001736.gif ");
}

Test(slack, no_file_begins_in_one_and_ends_in_another)
{
    uint8_t *m = fat_of(2);
    /* The second file has the next cluster, its slack ends the picture. */
    put_le(m + 1024 + 32 + 26, 3, 2);
    memcpy(m + 512 + 3, "\xff\xff\xff", 3);
    memcpy(m + HEAP + CLUSTER - 20, gif, 20);
    memcpy(m + HEAP + CLUSTER + 100, gif + 20, sizeof(gif) - 21);
    cr_assert_null(strstr(read_medium(m, CARVE_ALL, 0, false), "gif"));
}

Test(slack, where_a_child_died_the_other_files_are_read)
{
    uint8_t *m = fat_of(2);
    memcpy(m + HEAP + 200, gif, sizeof(gif) - 1);
    read_medium(m, CARVE_ALL, 0, false);
    uint64_t second = last_index - 1;
    cr_assert_str_eq(read_medium(m, CARVE_ALL, last_index, false), "FILEB.TXT/$slack/0000000000001736.gif ");
    /* It died in the first one's: that is passed over and told. */
    uint64_t first = second - (1ull << SLACK_BITS);
    const char *rest = "FILEB.TXT FILEB.TXT/$slack/0000000000001736.gif $orphans-1 $free-1 ";
    cr_assert_str_eq(read_medium(m, CARVE_ALL, first + 1, true), rest);
    cr_assert_str_eq(said, "the slack of inode 3 could not be read");
    /* It died before it was come to: it is tried. */
    cr_assert_str_eq(read_medium(m, CARVE_ALL, second, true), rest);
    cr_assert_str_eq(said, "");
}

Test(slack, files_cannot_claim_more_than_the_volume_has)
{
    uint8_t *m = fat_of(16);
    memcpy(m + HEAP + 200, gif, sizeof(gif) - 1);
    const char *at = read_medium(m, CARVE_ALL, 0, false);
    unsigned n = 0;
    while ((at = strstr(at, "$slack")))
        at++, n++;
    cr_assert_eq(n, MEDIUM / (CLUSTER - 100), "%u", n);
    cr_assert_str_eq(said, "files claim more blocks than the volume has: no further slack is read");
}
