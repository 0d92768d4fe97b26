/* sniff_disk.c: partition tables and file systems, by the sanity of their first structures. */
#include "source/sniff.h"

static bool has_boot_signature(const struct head *head)
{
    return head_is(head, 510, "\x55\xaa", 2);
}

/** A BIOS parameter block with possible numbers, under a jump. */
static bool is_fat(const struct head *head)
{
    uint32_t sector = head_le16(head, 11), cluster = head_u8(head, 13), media = head_u8(head, 21);
    uint32_t sectors = head_le16(head, 19) ? head_le16(head, 19) : head_le32(head, 32);
    uint32_t table = head_le16(head, 22) ? head_le16(head, 22) : head_le32(head, 36);
    bool jump = (head_u8(head, 0) == 0xeb && head_u8(head, 2) == 0x90) || head_u8(head, 0) == 0xe9;
    bool label = head_is(head, 54, "FAT", 3) || head_is(head, 82, "FAT32", 5);
    return jump && (label || has_boot_signature(head)) && is_power_of_two(sector) && sector >= 512 && sector <= 4096 &&
           is_power_of_two(cluster) && head_le16(head, 14) && head_u8(head, 16) >= 1 && head_u8(head, 16) <= 2 &&
           (media == 0xf0 || media >= 0xf8) && sectors && table && table < sectors;
}

/** Boot sectors that name their file system. */
static enum file_type boot_sector(const struct head *head)
{
    static const uint8_t to_go[] = {0x3b, 0xd6, 0x67, 0x49, 0x29, 0x2e, 0xd8, 0x4a,
                                    0x83, 0x99, 0xf6, 0xa3, 0x39, 0xe3, 0xd0, 0x01};
    if (head_is(head, 3, "-FVE-FS-", 8) ||
        (head_is(head, 3, "MSWIN4.1", 8) && head_is(head, 424, to_go, sizeof(to_go))))
        return TYPE_BITLOCKER;
    if (head_is(head, 3, "NTFS    ", 8) && is_power_of_two(head_le16(head, 11)))
        return TYPE_NTFS;
    if (head_is(head, 3, "EXFAT   ", 8))
        return TYPE_EXFAT;
    if (head_is(head, 3, "ReFS\0\0\0\0", 8))
        return TYPE_REFS;
    return is_fat(head) ? TYPE_FAT : TYPE_OTHER;
}

static bool is_ext(const struct head *head)
{
    return head_le16(head, 1024 + 56) == 0xef53 && head_le32(head, 1024) && head_le32(head, 1024 + 4) &&
           head_le32(head, 1024 + 24) <= 6 && head_le32(head, 1024 + 32) && head_le32(head, 1024 + 40) &&
           head_le32(head, 1024 + 76) <= 1;
}

static bool is_hfs(const struct head *head)
{
    uint32_t version = head_be16(head, 1026), block = head_be32(head, 1024 + 20);
    if (head_is(head, 1024, "H+", 2) || head_is(head, 1024, "HX", 2)) {
        uint32_t plus = head_be32(head, 1024 + 40);
        return (version == 4 || version == 5) && is_power_of_two(plus) && plus >= 512;
    }
    return head_is(head, 1024, "BD", 2) && head_be16(head, 1024 + 18) && block && block % 512 == 0 &&
           head_u8(head, 1024 + 36) >= 1 && head_u8(head, 1024 + 36) <= 27;
}

/** The magic number stands at the end of the superblock, in the order of the machine that made it. */
static bool is_ufs(const struct head *head)
{
    static const size_t places[] = {8192 + 1372, 65536 + 1372};
    for (size_t i = 0; i < 2; i++)
        if (head_le32(head, places[i]) == 0x00011954 || head_be32(head, places[i]) == 0x00011954 ||
            head_le32(head, places[i]) == 0x19540119 || head_be32(head, places[i]) == 0x19540119)
            return true;
    return false;
}

/** The first page is the header of an object below the root, whose sum is no longer in use. */
static bool is_yaffs2(const struct head *head)
{
    uint32_t type = head_le32(head, 0), parent = head_le32(head, 4);
    return type >= 1 && type <= 5 && parent == 1 && head_le16(head, 8) == 0xffff && !head_u8(head, 265) &&
           head->size >= 2112;
}

static bool is_gpt(const struct head *head)
{
    for (size_t sector = 512; sector <= 4096; sector *= 8) {
        uint32_t size = head_le32(head, sector + 12);
        if (head_is(head, sector, "EFI PART", 8) && size >= 92 && size <= sector)
            return true;
    }
    return false;
}

/** An entry of a master boot record: unused, or a status, a type and a place that can be. */
static bool mbr_entry(const struct head *head, size_t at, bool *used)
{
    uint32_t status = head_u8(head, at), type = head_u8(head, at + 4);
    uint64_t first = head_le32(head, at + 8), count = head_le32(head, at + 12);
    *used = type != 0;
    if (!type)
        return (status == 0 || status == 0x80) && !count;
    return (status == 0 || status == 0x80) && first && count && (head->size == UINT64_MAX || first < head->size / 512);
}

static bool is_mbr(const struct head *head)
{
    bool any = false;
    if (!has_boot_signature(head))
        return false;
    for (size_t i = 0; i < 4; i++) {
        bool used;
        if (!mbr_entry(head, 446 + 16 * i, &used))
            return false;
        any |= used;
    }
    return any;
}

/** True if an entry of the GUID table, as far as it is here, begins at `end` or behind. */
static bool gpt_goes_on(const struct head *head, uint64_t end)
{
    uint64_t at = head_le64(head, 512 + 72), n = head_le32(head, 512 + 80), size = head_le32(head, 512 + 84);
    if (!head_is(head, 512, "EFI PART", 8) || at > SNIFF_HEAD / 512 || size < 128 || size > 4096)
        return false;
    for (uint64_t i = 0, entry = at * 512; i < n && entry < head->n; i++, entry += size)
        if ((head_le64(head, (size_t)entry) || head_le64(head, (size_t)entry + 8)) &&
            head_le64(head, (size_t)entry + 32) >= end / 512)
            return true;
    return false;
}

bool sniff_iso9660(const struct head *head)
{
    uint64_t end = (uint64_t)head_le32(head, 32768 + 80) * head_le16(head, 32768 + 128);
    if (!has_boot_signature(head) || head_u8(head, 32768) != 1 || !end || head->size <= end)
        return true;
    for (size_t i = 0; i < 4; i++) {
        size_t at = 446 + 16 * i;
        uint64_t first = head_le32(head, at + 8), type = head_u8(head, at + 4);
        if (type && type != 0xee && first >= end / 512 && first < head->size / 512)
            return false;
    }
    return !gpt_goes_on(head, end);
}

/** Labels of BSD (the magic number twice) and Sun (big-endian, with a sum that makes all 16-bit words zero). */
static bool is_label(const struct head *head)
{
    static const size_t places[] = {0, 64, 512};
    for (size_t i = 0; i < 3; i++)
        if (head_le32(head, places[i]) == 0x82564557 && head_le32(head, places[i] + 132) == 0x82564557)
            return true;
    uint32_t sum = 0;
    for (size_t at = 0; at < 512; at += 2)
        sum ^= head_be16(head, at);
    return head_be16(head, 508) == 0xdabe && !sum;
}

/** Of FileVault 2 and Fusion drives: version 1 of the header of a physical volume. */
static bool is_corestorage(const struct head *head)
{
    uint32_t sector = head_le32(head, 48);
    return head_is(head, 88, "CS", 2) && head_le16(head, 8) == 1 && head_le16(head, 10) == 16 &&
           is_power_of_two(sector) && sector >= 512 && sector <= 65536;
}

static bool is_reiserfs(const struct head *head)
{
    return head_is(head, 65536 + 52, "ReIsErFs", 8) || head_is(head, 65536 + 52, "ReIsEr2Fs", 9) ||
           head_is(head, 65536 + 52, "ReIsEr3Fs", 9);
}

/** A descriptor in each sector, or in each block where that is larger: blocks have up to 32,768 bytes. */
static bool is_udf(const struct head *head)
{
    bool found = false;
    for (uint32_t step = 2048; step <= 32768 && !found; step *= 2)
        found = head_is(head, 32769 + step, "NSR0", 4);
    return found && head_is(head, 32769, "BEA01", 5);
}

/** What no reader is there for, but for the carver: it must be told by its name. */
static enum file_type unread_volume(const struct head *head)
{
    uint32_t magic = head_le32(head, 1024), bits = head_u8(head, 1024 + 12);
    if (is_corestorage(head))
        return TYPE_CORESTORAGE;
    if (head_le32(head, 4096) == 0xa92b4efc && head_le32(head, 4100) == 1)
        return TYPE_RAID;
    if (magic == 0xf2f52010 && head_le32(head, 1024 + 8) >= 9 && head_le32(head, 1024 + 8) <= 12)
        return TYPE_F2FS;
    if (magic == 0xe0f5e1e2 && bits >= 9 && bits <= 16)
        return TYPE_EROFS;
    if (head_is(head, 32768, "JFS1", 4))
        return TYPE_JFS;
    if (is_reiserfs(head))
        return TYPE_REISERFS;
    if (magic == 2 && head_le16(head, 1024 + 6) == 0x3434)
        return TYPE_NILFS;
    return head_is(head, 0, "UBI#\1", 5) ? TYPE_UBI : TYPE_OTHER;
}

/** Two sectors of a CD with what synchronises them; 96 bytes of subchannels may stand between. */
static bool is_cd(const struct head *head)
{
    static const uint8_t sync[12] = {0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0};
    return head_is(head, 0, sync, 12) && (head_is(head, 2352, sync, 12) || head_is(head, 2448, sync, 12));
}

enum file_type sniff_disk(const struct head *head)
{
    enum file_type type = boot_sector(head);
    if (type != TYPE_OTHER)
        return type;
    /* Whatever else the table says: the image's own volume begins at 0, as none of a real one does. */
    if (head_is(head, 32769, "CD001\1", 6) && !sniff_iso9660(head))
        return TYPE_DISK;
    if (is_cd(head) || is_label(head) || is_gpt(head) || (head_is(head, 0, "ER", 2) && head_is(head, 512, "PM\0\0", 4)))
        return TYPE_DISK;
    /* Before the master boot record: a boot loader may stand in front of the file system. */
    if (is_ext(head))
        return TYPE_EXT;
    if (is_hfs(head))
        return TYPE_HFS;
    if (head_is(head, 512, "LABELONE", 8) && head_is(head, 536, "LVM2 001", 8))
        return TYPE_LVM;
    if (is_ufs(head))
        return TYPE_UFS;
    if (is_udf(head))
        return TYPE_UDF;
    if (is_yaffs2(head))
        return TYPE_YAFFS2;
    type = unread_volume(head);
    if (type != TYPE_OTHER)
        return type;
    return is_mbr(head) ? TYPE_DISK : TYPE_OTHER;
}

enum file_type sniff_tail(enum file_type type, const uint8_t *tail, size_t n, uint64_t size)
{
    enum type_class class = type_class(type);
    if ((type != TYPE_OTHER && class != CLASS_FILTER) || n < 512 || size < 512)
        return type;
    const struct head head = {tail + n - 512, 512, 512};
    uint64_t list = (uint64_t)head_be32(&head, 216) << 32 | head_be32(&head, 220);
    uint64_t length = (uint64_t)head_be32(&head, 224) << 32 | head_be32(&head, 228);
    bool is_dmg =
        head_is(&head, 0, "koly\0\0\0\4\0\0\2\0", 12) && list && list <= size - 512 && length <= size - 512 - list;
    return is_dmg ? TYPE_DMG : type;
}
