/*
 * exfat.c: how much of a file on exFAT was ever written. libtsk does not say: it reads on in what its clusters held
 * before.
 *
 * It stands in the entry behind the file's own, whose place libtsk's number of the file is. Where a folder in pieces
 * has these two in different ones, the second is not found and the file is read as before.
 */
#include "disk/file.h"

#define ENTRY 32u
/** Number of what would be the first entry in the first cluster. */
#define FIRST_INODE 3u

static uint64_t number(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;
    while (n--)
        v = v << 8 | p[n];
    return v;
}

uint64_t exfat_valid(struct disk *disk, const TSK_FS_INFO *fs, uint64_t inode, uint64_t size)
{
    uint8_t boot[512], set[2 * ENTRY];
    const uint8_t *stream = set + ENTRY;
    uint64_t at;
    if (inode < FIRST_INODE || medium_read(&disk->medium, boot, sizeof(boot), (uint64_t)fs->offset) < sizeof(boot) ||
        boot[0x6c] < 9 || boot[0x6c] > 12 || __builtin_mul_overflow(inode - FIRST_INODE, (uint64_t)ENTRY, &at) ||
        __builtin_add_overflow(at, (uint64_t)fs->offset + (number(boot + 0x58, 4) << boot[0x6c]), &at) ||
        medium_read(&disk->medium, set, sizeof(set), at) < sizeof(set))
        return size;
    /* The bit in use is not set in what is deleted. */
    if ((set[0] | 0x80) != 0x85 || (stream[0] | 0x80) != 0xc0 || number(stream + 24, 8) != size)
        return size;
    uint64_t valid = number(stream + 8, 8);
    return valid < size ? valid : size;
}
