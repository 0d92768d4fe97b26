#include "trawl/type.h"

#include <string.h>

struct type_row {
    const char *name;
    enum type_class class;
};

static const struct type_row type_table[TYPE_COUNT] = {
    [TYPE_OTHER] = {"other", CLASS_OTHER},
    [TYPE_JPEG] = {"jpeg", CLASS_PICTURE},
    [TYPE_PNG] = {"png", CLASS_PICTURE},
    [TYPE_GIF] = {"gif", CLASS_PICTURE},
    [TYPE_WEBP] = {"webp", CLASS_PICTURE},
    [TYPE_TIFF] = {"tiff", CLASS_PICTURE},
    [TYPE_BMP] = {"bmp", CLASS_PICTURE},
    [TYPE_HEIF] = {"heif", CLASS_PICTURE},
    [TYPE_AVIF] = {"avif", CLASS_PICTURE},
    [TYPE_JXL] = {"jxl", CLASS_PICTURE},
    [TYPE_JP2] = {"jp2", CLASS_PICTURE},
    [TYPE_PSD] = {"psd", CLASS_PICTURE},
    [TYPE_ICO] = {"ico", CLASS_PICTURE},
    [TYPE_PNM] = {"pnm", CLASS_PICTURE},
    [TYPE_DDS] = {"dds", CLASS_PICTURE},
    [TYPE_PCX] = {"pcx", CLASS_PICTURE},
    [TYPE_TGA] = {"tga", CLASS_PICTURE},
    [TYPE_SVG] = {"svg", CLASS_PICTURE},
    [TYPE_RAW_PHOTO] = {"raw", CLASS_PICTURE},
    [TYPE_MP4] = {"mp4", CLASS_VIDEO},
    [TYPE_MKV] = {"mkv", CLASS_VIDEO},
    [TYPE_AVI] = {"avi", CLASS_VIDEO},
    [TYPE_ASF] = {"asf", CLASS_VIDEO},
    [TYPE_FLV] = {"flv", CLASS_VIDEO},
    [TYPE_MPEG] = {"mpeg", CLASS_VIDEO},
    [TYPE_MPEGTS] = {"mpegts", CLASS_VIDEO},
    [TYPE_ZIP] = {"zip", CLASS_ARCHIVE},
    [TYPE_TAR] = {"tar", CLASS_ARCHIVE},
    [TYPE_7Z] = {"7z", CLASS_ARCHIVE},
    [TYPE_RAR] = {"rar", CLASS_ARCHIVE},
    [TYPE_RAR5] = {"rar5", CLASS_ARCHIVE},
    [TYPE_CAB] = {"cab", CLASS_ARCHIVE},
    [TYPE_CPIO] = {"cpio", CLASS_ARCHIVE},
    [TYPE_ISO9660] = {"iso9660", CLASS_ARCHIVE},
    [TYPE_LHA] = {"lha", CLASS_ARCHIVE},
    [TYPE_XAR] = {"xar", CLASS_ARCHIVE},
    [TYPE_AR] = {"ar", CLASS_ARCHIVE},
    [TYPE_WARC] = {"warc", CLASS_ARCHIVE},
    [TYPE_GZIP] = {"gzip", CLASS_FILTER},
    [TYPE_BZIP2] = {"bzip2", CLASS_FILTER},
    [TYPE_XZ] = {"xz", CLASS_FILTER},
    [TYPE_LZMA] = {"lzma", CLASS_FILTER},
    [TYPE_ZSTD] = {"zstd", CLASS_FILTER},
    [TYPE_LZ4] = {"lz4", CLASS_FILTER},
    [TYPE_LZIP] = {"lzip", CLASS_FILTER},
    [TYPE_COMPRESS] = {"compress", CLASS_FILTER},
    [TYPE_LZOP] = {"lzop", CLASS_FILTER},
    [TYPE_LRZIP] = {"lrzip", CLASS_FILTER},
    [TYPE_GRZIP] = {"grzip", CLASS_FILTER},
    [TYPE_EWF] = {"ewf", CLASS_DISK},
    [TYPE_AFF] = {"aff", CLASS_DISK},
    [TYPE_VMDK] = {"vmdk", CLASS_DISK},
    [TYPE_VHD] = {"vhd", CLASS_DISK},
    [TYPE_VHDX] = {"vhdx", CLASS_DISK},
    [TYPE_QCOW] = {"qcow", CLASS_DISK},
    [TYPE_VDI] = {"vdi", CLASS_DISK},
    [TYPE_PARALLELS] = {"parallels", CLASS_DISK},
    [TYPE_DMG] = {"dmg", CLASS_DISK},
    [TYPE_DISK] = {"disk", CLASS_DISK},
    [TYPE_EXT] = {"ext", CLASS_DISK},
    [TYPE_NTFS] = {"ntfs", CLASS_DISK},
    [TYPE_FAT] = {"fat", CLASS_DISK},
    [TYPE_EXFAT] = {"exfat", CLASS_DISK},
    [TYPE_HFS] = {"hfs", CLASS_DISK},
    [TYPE_APFS] = {"apfs", CLASS_DISK},
    [TYPE_XFS] = {"xfs", CLASS_DISK},
    [TYPE_BTRFS] = {"btrfs", CLASS_DISK},
    [TYPE_SQUASHFS] = {"squashfs", CLASS_DISK},
    [TYPE_LUKS] = {"luks", CLASS_DISK},
    [TYPE_BITLOCKER] = {"bitlocker", CLASS_DISK},
    [TYPE_UFS] = {"ufs", CLASS_DISK},
    [TYPE_YAFFS2] = {"yaffs2", CLASS_DISK},
    [TYPE_UDF] = {"udf", CLASS_DISK},
    [TYPE_REFS] = {"refs", CLASS_DISK},
    [TYPE_LVM] = {"lvm", CLASS_DISK},
    [TYPE_CORESTORAGE] = {"corestorage", CLASS_DISK},
    [TYPE_RAID] = {"raid", CLASS_DISK},
    [TYPE_F2FS] = {"f2fs", CLASS_DISK},
    [TYPE_EROFS] = {"erofs", CLASS_DISK},
    [TYPE_JFS] = {"jfs", CLASS_DISK},
    [TYPE_REISERFS] = {"reiserfs", CLASS_DISK},
    [TYPE_NILFS] = {"nilfs", CLASS_DISK},
    [TYPE_UBI] = {"ubi", CLASS_DISK},
    [TYPE_PDF] = {"pdf", CLASS_DOCUMENT},
    [TYPE_OLE] = {"ole", CLASS_DOCUMENT},
    [TYPE_SQLITE] = {"sqlite", CLASS_DOCUMENT},
    [TYPE_RTF] = {"rtf", CLASS_DOCUMENT},
    [TYPE_MBOX] = {"mbox", CLASS_DOCUMENT},
    [TYPE_EML] = {"eml", CLASS_DOCUMENT},
    [TYPE_PST] = {"pst", CLASS_DOCUMENT},
    [TYPE_THUMBCACHE] = {"thumbcache", CLASS_DOCUMENT},
    [TYPE_THUMBDATA] = {"thumbdata", CLASS_DOCUMENT},
    [TYPE_PLIST] = {"plist", CLASS_DOCUMENT},
    [TYPE_VCARD] = {"vcard", CLASS_DOCUMENT},
    [TYPE_BASE64] = {"base64", CLASS_DOCUMENT},
    [TYPE_DIRECTORY] = {"directory", CLASS_SPECIAL},
    [TYPE_SYMLINK] = {"symlink", CLASS_SPECIAL},
    [TYPE_HARDLINK] = {"hardlink", CLASS_SPECIAL},
    [TYPE_FIFO] = {"fifo", CLASS_SPECIAL},
    [TYPE_SOCKET] = {"socket", CLASS_SPECIAL},
    [TYPE_DEVICE] = {"device", CLASS_SPECIAL},
};

const char *type_name(enum file_type type)
{
    return (unsigned)type < TYPE_COUNT ? type_table[type].name : "other";
}

enum type_class type_class(enum file_type type)
{
    return (unsigned)type < TYPE_COUNT ? type_table[type].class : CLASS_OTHER;
}

enum file_type type_from_name(const char *name)
{
    for (unsigned i = 0; i < TYPE_COUNT; i++)
        if (!strcmp(type_table[i].name, name))
            return (enum file_type)i;
    return TYPE_OTHER;
}
