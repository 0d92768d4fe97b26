#include "source/sniff.h"

#define MAGIC(text) sizeof(text) - 1, text

/** A file type, where its magic number stands, and what else must be true of it. */
struct magic {
    enum file_type type;
    uint32_t at;
    uint8_t len;
    const char *bytes;
    sniff_check *check; /* or NULL */
};

static bool qcow_check(const struct head *head)
{
    return head_be32(head, 4) >= 1 && head_be32(head, 4) <= 3;
}

static bool vmdk_check(const struct head *head)
{
    return head_le32(head, 4) >= 1 && head_le32(head, 4) <= 3;
}

static bool luks_check(const struct head *head)
{
    return head_be16(head, 6) == 1 || head_be16(head, 6) == 2;
}

static bool xfs_check(const struct head *head)
{
    uint32_t block = head_be32(head, 4);
    return is_power_of_two(block) && block >= 512 && block <= 65536;
}

static bool apfs_check(const struct head *head)
{
    uint32_t block = head_le32(head, 36);
    return is_power_of_two(block) && block >= 4096 && block <= 65536;
}

static bool squashfs_check(const struct head *head)
{
    bool little = head_u8(head, 0) == 'h';
    uint32_t major = little ? head_le16(head, 28) : head_be16(head, 28);
    return major >= 1 && major <= 4;
}

static bool pst_check(const struct head *head)
{
    return head_is(head, 8, "SM", 2) || head_is(head, 8, "SO", 2) || head_is(head, 8, "AB", 2);
}

static bool thumbcache_check(const struct head *head)
{
    uint32_t version = head_le32(head, 4);
    return version >= 20 && version <= 40;
}

static bool dds_check(const struct head *head)
{
    return head_le32(head, 4) == 124;
}

static bool riff_check(const struct head *head)
{
    return head_is(head, 0, "RIFF", 4);
}

/** Binary magic numbers: no tar member can begin with their bytes by chance. */
static const struct magic strong_table[] = {
    {TYPE_JPEG, 0, MAGIC("\xff\xd8\xff"), NULL},
    {TYPE_PNG, 0, MAGIC("\x89PNG\r\n\x1a\n"), NULL},
    {TYPE_JXL, 0, MAGIC("\0\0\0\x0cJXL \r\n\x87\n"), NULL},
    {TYPE_JXL, 0, MAGIC("\xff\x0a"), sniff_jxl_stream},
    {TYPE_JP2, 0, MAGIC("\0\0\0\x0cjP  \r\n\x87\n"), NULL},
    {TYPE_JP2, 0, MAGIC("\xff\x4f\xff\x51\0"), NULL},
    {TYPE_ICO, 0, MAGIC("\0\0\x01\0"), sniff_ico},
    {TYPE_ICO, 0, MAGIC("\0\0\x02\0"), sniff_ico},
    {TYPE_RAW_PHOTO, 0, MAGIC("\0MRM"), NULL},
    {TYPE_RAW_PHOTO, 0, MAGIC("II*\0\x10\0\0\0CR\2\0"), NULL},
    {TYPE_RAW_PHOTO, 0, MAGIC("II\x1a\0\0\0HEAPCCDR"), NULL},
    {TYPE_MKV, 0, MAGIC("\x1a\x45\xdf\xa3"), sniff_mkv},
    {TYPE_ASF, 0, MAGIC("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c"), NULL},
    {TYPE_FLV, 0, MAGIC("FLV\x01"), sniff_flv},
    {TYPE_MPEG, 0, MAGIC("\0\0\x01"), sniff_mpeg},
    {TYPE_ZIP, 0, MAGIC("PK\3\4"), sniff_zip},
    {TYPE_ZIP, 0, MAGIC("PK\7\x8PK\3\4"), NULL},
    {TYPE_ZIP, 0, MAGIC("PK00PK\3\4"), NULL},
    {TYPE_7Z, 0, MAGIC("7z\xbc\xaf\x27\x1c"), NULL},
    {TYPE_RAR, 0, MAGIC("Rar!\x1a\7\0"), NULL},
    {TYPE_RAR5, 0, MAGIC("Rar!\x1a\7\1\0"), NULL},
    {TYPE_CAB, 0, MAGIC("MSCF\0\0\0\0"), NULL},
    {TYPE_CPIO, 0, MAGIC("\xc7\x71"), sniff_cpio_binary},
    {TYPE_CPIO, 0, MAGIC("\x71\xc7"), sniff_cpio_binary},
    {TYPE_XAR, 0, MAGIC("xar!"), sniff_xar},
    {TYPE_GZIP, 0, MAGIC("\x1f\x8b"), sniff_gzip},
    {TYPE_BZIP2, 0, MAGIC("BZh"), sniff_bzip2},
    {TYPE_XZ, 0, MAGIC("\xfd\x37zXZ\0"), NULL},
    {TYPE_ZSTD, 0, MAGIC("\x28\xb5\x2f\xfd"), NULL},
    {TYPE_LZ4, 0, MAGIC("\x04\x22\x4d\x18"), sniff_lz4},
    {TYPE_LZ4, 0, MAGIC("\x02\x21\x4c\x18"), NULL},
    {TYPE_LZIP, 0, MAGIC("LZIP"), sniff_lzip},
    {TYPE_COMPRESS, 0, MAGIC("\x1f\x9d"), sniff_compress},
    {TYPE_LZOP, 0, MAGIC("\x89LZO\0\r\n\x1a\n"), NULL},
    {TYPE_LRZIP, 0, MAGIC("LRZI"), sniff_lrzip},
    {TYPE_GRZIP, 0, MAGIC("GRZipII\0\2\4:)"), NULL},
    {TYPE_EWF, 0, MAGIC("EVF\x09\r\n\xff\0"), NULL},
    {TYPE_EWF, 0, MAGIC("LVF\x09\r\n\xff\0"), NULL},
    {TYPE_EWF, 0, MAGIC("EVF2\r\n\x81\0"), NULL},
    {TYPE_EWF, 0, MAGIC("LEF2\r\n\x81\0"), NULL},
    {TYPE_AFF, 0, MAGIC("AFF10\r\n\0"), NULL},
    {TYPE_VMDK, 0, MAGIC("KDMV"), vmdk_check},
    {TYPE_VMDK, 0, MAGIC("COWD\1\0\0\0"), NULL},
    {TYPE_VHD, 0, MAGIC("conectix\0\0\0"), NULL},
    {TYPE_VHDX, 0, MAGIC("vhdxfile"), NULL},
    {TYPE_QCOW, 0, MAGIC("QFI\xfb"), qcow_check},
    {TYPE_VDI, 64, MAGIC("\x7f\x10\xda\xbe"), NULL},
    {TYPE_PARALLELS, 0, MAGIC("WithoutFreeSpace\2\0\0\0"), NULL},
    {TYPE_PARALLELS, 0, MAGIC("WithouFreSpacExt\2\0\0\0"), NULL},
    {TYPE_DMG, 0, MAGIC("encrcdsa"), NULL},
    {TYPE_DMG, 0, MAGIC("sprs\0\0\0\3"), NULL},
    {TYPE_XFS, 0, MAGIC("XFSB"), xfs_check},
    {TYPE_APFS, 32, MAGIC("NXSB"), apfs_check},
    {TYPE_SQUASHFS, 0, MAGIC("hsqs"), squashfs_check},
    {TYPE_SQUASHFS, 0, MAGIC("sqsh"), squashfs_check},
    {TYPE_LUKS, 0, MAGIC("LUKS\xba\xbe"), luks_check},
    {TYPE_OLE, 0, MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), NULL},
    {TYPE_SQLITE, 0, MAGIC("SQLite format 3\0"), NULL},
    {TYPE_PST, 0, MAGIC("!BDN"), pst_check},
    {TYPE_THUMBCACHE, 0, MAGIC("CMMM"), thumbcache_check},
    {TYPE_PLIST, 0, MAGIC("bplist0"), NULL},
};

/** Printable or short ones, with which a tar member's name may begin: looked at after tar. */
static const struct magic weak_table[] = {
    {TYPE_GIF, 0, MAGIC("GIF87a"), NULL},
    {TYPE_GIF, 0, MAGIC("GIF89a"), NULL},
    {TYPE_WEBP, 8, MAGIC("WEBP"), riff_check},
    {TYPE_AVI, 8, MAGIC("AVI "), riff_check},
    {TYPE_TIFF, 0, MAGIC("II"), sniff_tiff},
    {TYPE_TIFF, 0, MAGIC("MM"), sniff_tiff},
    {TYPE_RAW_PHOTO, 0, MAGIC("FUJIFILMCCD-RAW "), NULL},
    {TYPE_RAW_PHOTO, 0, MAGIC("FOVb\0"), NULL},
    {TYPE_RAW_PHOTO, 0, MAGIC("IIU\0"), NULL},
    {TYPE_RAW_PHOTO, 0, MAGIC("IIRO"), NULL},
    {TYPE_RAW_PHOTO, 0, MAGIC("IIRS"), NULL},
    {TYPE_RAW_PHOTO, 0, MAGIC("MMOR"), NULL},
    {TYPE_BMP, 0, MAGIC("BM"), sniff_bmp},
    {TYPE_PSD, 0, MAGIC("8BPS"), sniff_psd},
    {TYPE_PNM, 0, MAGIC("P"), sniff_pnm},
    {TYPE_DDS, 0, MAGIC("DDS "), dds_check},
    {TYPE_PCX, 0, MAGIC("\n"), sniff_pcx},
    {TYPE_CPIO, 0, MAGIC("070701"), sniff_cpio_ascii},
    {TYPE_CPIO, 0, MAGIC("070702"), sniff_cpio_ascii},
    {TYPE_CPIO, 0, MAGIC("070707"), sniff_cpio_ascii},
    {TYPE_CPIO, 0, MAGIC("070727"), sniff_afio},
    {TYPE_AR, 0, MAGIC("!<arch>\n"), NULL},
    {TYPE_WARC, 0, MAGIC("WARC/"), sniff_warc},
    {TYPE_LHA, 2, MAGIC("-l"), sniff_lha},
    {TYPE_MPEGTS, 0, MAGIC(""), sniff_mpegts},
    {TYPE_VMDK, 0, MAGIC("# Disk DescriptorFile"), NULL},
    {TYPE_ISO9660, 32768, MAGIC("\1CD001\1"), sniff_iso9660},
    {TYPE_ISO9660, 32768, MAGIC("\0CD001\1"), NULL},
    {TYPE_ISO9660, 32776, MAGIC("\1CDROM\1"), NULL}, /* High Sierra */
    {TYPE_BTRFS, 65600, MAGIC("_BHRfS_M"), NULL},
};

/** Text: what else could it be. */
static const struct magic text_table[] = {
    {TYPE_PDF, 0, MAGIC(""), sniff_pdf},     {TYPE_RTF, 0, MAGIC("{\\rtf"), NULL},
    {TYPE_SVG, 0, MAGIC(""), sniff_svg},     {TYPE_MBOX, 0, MAGIC("From "), sniff_mbox},
    {TYPE_EML, 0, MAGIC(""), sniff_eml},     {TYPE_PLIST, 0, MAGIC(""), sniff_plist},
    {TYPE_VCARD, 0, MAGIC(""), sniff_vcard},
};

static enum file_type table_look(const struct magic *table, size_t rows, const struct head *head)
{
    for (size_t i = 0; i < rows; i++)
        if (head_is(head, table[i].at, table[i].bytes, table[i].len) && (!table[i].check || table[i].check(head)))
            return table[i].type;
    return TYPE_OTHER;
}

/** zstd and lz4 share the magic number of frames to be skipped; the first other frame tells which it is. */
static enum file_type sniff_skippable(const struct head *head)
{
    uint64_t at = 0;
    for (int frames = 0; frames < 16; frames++) {
        if (!head_has(head, at, 8) || (head_le32(head, at) & 0xfffffff0) != 0x184d2a50)
            return TYPE_OTHER;
        at += 8 + (uint64_t)head_le32(head, at + 4);
        if (head_is(head, at, "\x28\xb5\x2f\xfd", 4))
            return TYPE_ZSTD;
        if (head_is(head, at, "\x04\x22\x4d\x18", 4))
            return TYPE_LZ4;
    }
    return TYPE_OTHER;
}

/** An octal field of a tar header, blanks around it allowed. */
static bool tar_octal(const uint8_t *field, size_t n, uint32_t *value)
{
    size_t i = 0, digits = 0;
    uint32_t v = 0;
    while (i < n && field[i] == ' ')
        i++;
    for (; i < n && field[i] >= '0' && field[i] <= '7'; i++, digits++)
        v = v * 8 + (field[i] - '0');
    *value = v;
    return digits && digits <= 7 && (i == n || field[i] == ' ' || !field[i]);
}

bool sniff_tar_header(const uint8_t block[512])
{
    uint32_t declared, sum = 0;
    int32_t sum_signed = 0;
    if (!tar_octal(block + 148, 8, &declared) || !declared)
        return false;
    for (size_t i = 0; i < 512; i++) {
        uint8_t byte = i >= 148 && i < 156 ? ' ' : block[i];
        sum += byte;
        sum_signed += (int8_t)byte; /* as some old tars summed */
    }
    /* Eight blanks alone would be a block of zeros with a checksum of its own. */
    return declared != 8 * ' ' && (declared == sum || (int64_t)declared == sum_signed);
}

enum file_type sniff(const uint8_t *bytes, size_t n, uint64_t size)
{
    const struct head head = {bytes, n < SNIFF_HEAD ? n : SNIFF_HEAD, size};
    enum file_type type = table_look(strong_table, sizeof(strong_table) / sizeof(*strong_table), &head);
    if (type == TYPE_OTHER)
        type = sniff_bmff(&head);
    if (type == TYPE_OTHER && n >= 512 && sniff_tar_header(bytes))
        type = TYPE_TAR;
    if (type == TYPE_OTHER)
        type = table_look(weak_table, sizeof(weak_table) / sizeof(*weak_table), &head);
    if (type == TYPE_OTHER)
        type = sniff_skippable(&head);
    if (type == TYPE_OTHER)
        type = sniff_disk(&head);
    if (type == TYPE_OTHER)
        type = table_look(text_table, sizeof(text_table) / sizeof(*text_table), &head);
    if (type == TYPE_OTHER && sniff_thumbdata(&head))
        type = TYPE_THUMBDATA;
    /* Without any magic number: last. */
    if (type == TYPE_OTHER && sniff_tga(&head))
        type = TYPE_TGA;
    if (type == TYPE_OTHER && sniff_lzma(&head))
        type = TYPE_LZMA;
    return type;
}
