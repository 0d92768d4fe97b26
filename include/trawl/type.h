/* type.h: what the bytes of a file are. Told by content, never by name. */
#ifndef TRAWL_TYPE_H
#define TRAWL_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Append only: the journal stores the name, the children the number. */
enum file_type {
    TYPE_OTHER,
    /* pictures */
    TYPE_JPEG,
    TYPE_PNG,
    TYPE_GIF,
    TYPE_WEBP,
    TYPE_TIFF,
    TYPE_BMP,
    TYPE_HEIF,
    TYPE_AVIF,
    TYPE_JXL,
    TYPE_JP2,
    TYPE_PSD,
    TYPE_ICO,
    TYPE_PNM,
    TYPE_DDS,
    TYPE_PCX,
    TYPE_TGA,
    TYPE_SVG,
    TYPE_RAW_PHOTO, /* camera RAW that is not plain TIFF: CR3, RAF, ... */
    /* video */
    TYPE_MP4,
    TYPE_MKV, /* also WebM */
    TYPE_AVI,
    TYPE_ASF, /* WMV */
    TYPE_FLV,
    TYPE_MPEG,
    TYPE_MPEGTS,
    /* archives: many members */
    TYPE_ZIP,
    TYPE_TAR,
    TYPE_7Z,
    TYPE_RAR,
    TYPE_RAR5,
    TYPE_CAB,
    TYPE_CPIO,
    TYPE_ISO9660,
    TYPE_LHA,
    TYPE_XAR,
    TYPE_AR,
    TYPE_WARC,
    /* filters: one stream inside */
    TYPE_GZIP,
    TYPE_BZIP2,
    TYPE_XZ,
    TYPE_LZMA,
    TYPE_ZSTD,
    TYPE_LZ4,
    TYPE_LZIP,
    TYPE_COMPRESS,
    TYPE_LZOP,
    TYPE_LRZIP,
    TYPE_GRZIP,
    /* disk images and file systems */
    TYPE_EWF,
    TYPE_AFF,
    TYPE_VMDK,
    TYPE_VHD,
    TYPE_VHDX,
    TYPE_QCOW,
    TYPE_VDI,
    TYPE_PARALLELS,
    TYPE_DMG,
    TYPE_DISK, /* a partition table: MBR or GPT */
    TYPE_EXT,
    TYPE_NTFS,
    TYPE_FAT,
    TYPE_EXFAT,
    TYPE_HFS,
    TYPE_APFS,
    TYPE_XFS,
    TYPE_BTRFS,
    TYPE_SQUASHFS,
    TYPE_LUKS,
    TYPE_BITLOCKER,
    TYPE_UFS,
    TYPE_YAFFS2,
    TYPE_UDF,
    TYPE_REFS,
    TYPE_LVM, /* a physical volume */
    TYPE_CORESTORAGE,
    TYPE_RAID, /* a member of Linux's md */
    TYPE_F2FS,
    TYPE_EROFS,
    TYPE_JFS,
    TYPE_REISERFS,
    TYPE_NILFS,
    TYPE_UBI,
    /* documents and stores that hold pictures */
    TYPE_PDF,
    TYPE_OLE,
    TYPE_SQLITE,
    TYPE_RTF,
    TYPE_MBOX,
    TYPE_EML,
    TYPE_PST,
    TYPE_THUMBCACHE, /* of Windows */
    TYPE_THUMBDATA,  /* of Android */
    TYPE_PLIST,
    TYPE_VCARD,
    TYPE_BASE64, /* text with files in it: never what a file is, only how it is read */
    /* not regular files: recorded, never opened */
    TYPE_DIRECTORY,
    TYPE_SYMLINK,
    TYPE_HARDLINK,
    TYPE_FIFO,
    TYPE_SOCKET,
    TYPE_DEVICE,
    TYPE_COUNT
};

enum type_class {
    CLASS_OTHER,
    CLASS_PICTURE,
    CLASS_VIDEO,
    CLASS_ARCHIVE,
    CLASS_FILTER,
    CLASS_DISK,
    CLASS_DOCUMENT,
    CLASS_SPECIAL,
};

/** The contract's word ("jpeg"). Never NULL. */
const char *type_name(enum file_type type);
enum type_class type_class(enum file_type type);
/** The type of that name, or TYPE_OTHER. */
enum file_type type_from_name(const char *name);

/** Bytes of the beginning that sniff() can use (ISO 9660 has its magic at 32769, UFS2 at 66908). */
#define SNIFF_HEAD 67072
/** Bytes of the end that sniff_zip_tail() can use: the longest zip comment and its record. */
#define SNIFF_TAIL 65557

/**
 * Tells the type from the first n bytes (as many as there are, up to SNIFF_HEAD) of a file.
 * `size` is the whole size, or UINT64_MAX where unknown. Reads fixed offsets only.
 */
enum file_type sniff(const uint8_t *head, size_t n, uint64_t size);

/**
 * True if the last n bytes of a file hold a zip end-of-central-directory record whose numbers are possible:
 * the file is a zip whatever its beginning says (self-extracting, JPEG with a zip behind it).
 */
bool sniff_zip_tail(const uint8_t *tail, size_t n, uint64_t size);
/** What a file is whose beginning says `type`, by its last n bytes: a packed disk image of Apple is known by these
 * alone. */
enum file_type sniff_tail(enum file_type type, const uint8_t *tail, size_t n, uint64_t size);

/** True if there may be a file in base64 in the text: a data URL, or the first letters of a JPEG or PNG. */
bool sniff_base64(const uint8_t *text, size_t n);

/** True if the 512 bytes are a tar header with a right checksum; a block of zeros is none. */
bool sniff_tar_header(const uint8_t block[512]);

#endif
