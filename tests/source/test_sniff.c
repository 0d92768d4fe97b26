#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trawl/type.h"

#define PNGSUITE "../shared/data/hostile/pngsuite"

/** Bytes at a place in a head of zeros. */
struct patch {
    size_t at;
    const char *bytes;
    size_t n;
};

#define P(at, text)                                                                                                    \
    {                                                                                                                  \
        at, text, sizeof(text) - 1                                                                                     \
    }

struct head_case {
    enum file_type type;
    size_t n;
    struct patch patches[9];
};

static const struct head_case head_table[] = {
    {TYPE_JPEG, 64, {P(0, "\xff\xd8\xff\xe0")}},
    {TYPE_JPEG, 3, {P(0, "\xff\xd8\xff")}},
    {TYPE_OTHER, 2, {P(0, "\xff\xd8")}},
    {TYPE_PNG, 64, {P(0, "\x89PNG\r\n\x1a\n")}},
    {TYPE_OTHER, 64, {P(0, "\x89PNG\n\n\x1a\n")}},
    {TYPE_GIF, 64, {P(0, "GIF89a")}},
    {TYPE_GIF, 64, {P(0, "GIF87a")}},
    {TYPE_OTHER, 64, {P(0, "GIF88a")}},
    {TYPE_WEBP, 64, {P(0, "RIFF\x20\0\0\0WEBPVP8 ")}},
    {TYPE_OTHER, 64, {P(8, "WEBP")}},
    {TYPE_AVI, 64, {P(0, "RIFF\x20\0\0\0AVI LIST")}},
    {TYPE_OTHER, 64, {P(0, "RIFF\x20\0\0\0WAVEfmt ")}},
    {TYPE_TIFF, 64, {P(0, "II*\0\x08\0\0\0")}},
    {TYPE_TIFF, 64, {P(0, "MM\0*\0\0\0\x08")}},
    {TYPE_TIFF, 64, {P(0, "II+\0\x08\0\0\0")}},
    {TYPE_OTHER, 64, {P(0, "II*\0\x04\0\0\0")}},
    {TYPE_BMP, 64, {P(0, "BM\x40\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0")}},
    {TYPE_OTHER, 64, {P(0, "BM is a ticker symbol and not a picture, is it")}},
    {TYPE_HEIF,
     64,
     {P(0, "\0\0\0\x18"
           "ftypheic\0\0\0\0mif1heic")}},
    {TYPE_HEIF,
     64,
     {P(0, "\0\0\0\x18"
           "ftypmif1\0\0\0\0mif1heic")}},
    {TYPE_AVIF,
     64,
     {P(0, "\0\0\0\x18"
           "ftypmif1\0\0\0\0mif1avif")}},
    {TYPE_AVIF,
     64,
     {P(0, "\0\0\0\x14"
           "ftypavif\0\0\0\0mif1")}},
    {TYPE_MP4,
     64,
     {P(0, "\0\0\0\x14"
           "ftypisom\0\0\0\0mp41")}},
    {TYPE_MP4,
     64,
     {P(0, "\0\0\0\x14"
           "ftypqt  \0\0\0\0qt  ")}},
    {TYPE_MP4, 64, {P(0, "\0\0\0\x40moov\0\0\0\x18mvhd")}},
    {TYPE_MP4, 64, {P(0, "\0\0\0\x08wide\0\0\0\x20mdat")}},
    {TYPE_OTHER, 64, {P(0, "the moovie")}},
    {TYPE_RAW_PHOTO,
     64,
     {P(0, "\0\0\0\x14"
           "ftypcrx \0\0\0\1isom")}},
    {TYPE_RAW_PHOTO, 64, {P(0, "FUJIFILMCCD-RAW 0201")}},
    {TYPE_RAW_PHOTO, 64, {P(0, "IIRO\x08\0\0\0")}},
    {TYPE_JXL, 64, {P(0, "\0\0\0\x0cJXL \r\n\x87\n")}},
    {TYPE_JXL, 64, {P(0, "\xff\x0a\xfa\x1f\x01\x91\x08\x06\x01")}},
    {TYPE_JP2, 64, {P(0, "\0\0\0\x0cjP  \r\n\x87\n")}},
    {TYPE_JP2, 64, {P(0, "\xff\x4f\xff\x51\0\x29")}},
    {TYPE_PSD, 64, {P(0, "8BPS\0\1\0\0\0\0\0\0\0\3")}},
    {TYPE_OTHER, 64, {P(0, "8BPS\0\7\0\0\0\0\0\0\0\3")}},
    {TYPE_ICO, 1100, {P(0, "\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x28\4\0\0\x16\0\0\0")}},
    {TYPE_OTHER, 1000, {P(0, "\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x28\4\0\0\x16\0\0\0")}}, /* picture outside the file */
    {TYPE_PNM, 64, {P(0, "P6\n# made by hand\n12 9\n255\n")}},
    {TYPE_PNM, 64, {P(0, "P4 12 9\n")}},
    {TYPE_PNM, 16, {P(0, "P2 2 1 15\n3 14 ")}},
    {TYPE_PNM, 64, {P(0, "P7\nWIDTH 227\nHEIGHT 149\n")}},
    {TYPE_OTHER, 64, {P(0, "P1 12 9 men")}},
    {TYPE_OTHER, 64, {P(0, "P6 \0\0\0")}},
    {TYPE_DDS, 64, {P(0, "DDS \x7c\0\0\0")}},
    {TYPE_PCX, 128, {P(0, "\n\5\1\x08\0\0\0\0\x0f\0\x0f\0"), P(65, "\3\x10\0")}},
    {TYPE_OTHER, 128, {P(0, "\n\5\1\x08\0\0\0\0\x0f\0\x0f\0"), P(64, "\1\3\x10\0")}},
    {TYPE_OTHER, 128, {P(0, "\n\5\1\x08\0\0\0\0\x0f\0\x0f\0"), P(65, "\3\x0f\0")}},
    {TYPE_TGA, 30, {P(2, "\2"), P(12, "\2\0\2\0\x18")}},
    {TYPE_OTHER, 29, {P(2, "\2"), P(12, "\2\0\2\0\x18")}},
    {TYPE_OTHER, 30, {P(2, "\2"), P(12, "\2\0\2\0\x18\xc0")}},
    {TYPE_OTHER, 30, {P(2, "\2"), P(4, "\1"), P(12, "\2\0\2\0\x18")}},
    {TYPE_SVG, 40, {P(0, "<svg xmlns='http://www.w3.org/2000/svg'/>")}},
    {TYPE_SVG,
     90,
     {P(0,
        "\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a drawing -->\n<!DOCTYPE svg [<!ENTITY a 'b'>]>\n<svg width='1'>")}},
    {TYPE_OTHER, 60, {P(0, "<html><body><svg width='1'></svg></body></html>")}},
    {TYPE_OTHER, 60, {P(0, "<?xml version='1.0'?><svgish>")}},
    {TYPE_MKV, 64, {P(0, "\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska")}},
    {TYPE_MKV, 64, {P(0, "\x1a\x45\xdf\xa3\x93\x42\x86\x81\1\x42\x82\x84webm")}},
    {TYPE_OTHER, 64, {P(0, "\x1a\x45\xdf\xa3")}},
    {TYPE_ASF, 64, {P(0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c")}},
    {TYPE_FLV, 64, {P(0, "FLV\1\5\0\0\0\x09")}},
    {TYPE_OTHER, 64, {P(0, "FLV\1\xff\0\0\0\x09")}},
    {TYPE_MPEG, 64, {P(0, "\0\0\1\xba\x44\0\4\0\4\1\0\0\3")}},
    {TYPE_MPEG, 64, {P(0, "\0\0\1\xb3\x14\0\xf0\x23\xff\xff\xe0")}},
    {TYPE_OTHER, 64, {P(0, "\0\0\1\xba")}},
    {TYPE_OTHER, 64, {P(0, "\0\0\1\xb3")}},
    {TYPE_MPEGTS,
     940,
     {P(0, "G\x40\0\x10"), P(188, "G\x40\0\x10"), P(376, "G\0\0\x10"), P(564, "G\0\0\x10"), P(752, "G\0\0\x10")}},
    {TYPE_MPEGTS,
     960,
     {P(4, "G\x40\0\x10"), P(196, "G\x40\0\x10"), P(388, "G\0\0\x10"), P(580, "G\0\0\x10"), P(772, "G\0\0\x10")}},
    {TYPE_OTHER, 940, {P(0, "G\x40\0\x10"), P(188, "G\x40\0\x10")}},
    {TYPE_ZIP, 64, {P(0, "PK\3\4\x14\0\0\0\x08\0")}},
    {TYPE_OTHER, 64, {P(0, "PK\3\4\xff\0")}},
    {TYPE_7Z, 64, {P(0, "7z\xbc\xaf\x27\x1c\0\4")}},
    {TYPE_RAR, 64, {P(0, "Rar!\x1a\7\0")}},
    {TYPE_RAR5, 64, {P(0, "Rar!\x1a\7\1\0")}},
    {TYPE_CAB, 64, {P(0, "MSCF\0\0\0\0")}},
    {TYPE_CPIO,
     120,
     {P(0,
        "0707010000000100008180000000000000000000000001000000000000000A00000000000000000000000000000000000000060000000"
        "0file1")}},
    {TYPE_OTHER, 120, {P(0, "070701 is a number that a text may begin with")}},
    {TYPE_CPIO, 40, {P(0, "\xc7\x71\0\0\1\0\xa4\x81"), P(20, "\2\0"), P(26, "a\0")}},
    {TYPE_OTHER, 40, {P(0, "\xc7\x71\0\0\1\0\xa4\x81"), P(20, "\2\0"), P(26, "ab")}},
    {TYPE_ISO9660, 34816, {P(32768, "\1CD001\1")}},
    {TYPE_ISO9660, 34816, {P(32776, "\1CDROM\1")}},
    /* A table beside it: a volume within the image, and one behind it; by the old table and by the new one. */
    {TYPE_ISO9660,
     65536,
     {P(466, "\x83\0\0\0\x20\0\0\0\x10"), P(510, "\x55\xaa"), P(32768, "\1CD001\1"), P(32848, "\x14"),
      P(32896, "\0\x08")}},
    {TYPE_DISK,
     65536,
     {P(466, "\x83\0\0\0\x64\0\0\0\x10"), P(510, "\x55\xaa"), P(32768, "\1CD001\1"), P(32848, "\x14"),
      P(32896, "\0\x08")}},
    {TYPE_ISO9660,
     65536,
     {P(512, "EFI PART"), P(584, "\2"), P(592, "\x80\0\0\0\x80"), P(1024, "g"), P(1056, "\x20"), P(510, "\x55\xaa"),
      P(32768, "\1CD001\1"), P(32848, "\x14"), P(32896, "\0\x08")}},
    {TYPE_DISK,
     65536,
     {P(512, "EFI PART"), P(584, "\2"), P(592, "\x80\0\0\0\x80"), P(1024, "g"), P(1056, "\x64"), P(510, "\x55\xaa"),
      P(32768, "\1CD001\1"), P(32848, "\x14"), P(32896, "\0\x08")}},
    {TYPE_OTHER, 32771, {P(32768, "\1CD")}},
    {TYPE_LHA, 64, {P(0, "\x19\x8c-lh5-"), P(20, "\0"), P(21, "\3abc")}},
    {TYPE_OTHER, 64, {P(0, "\x19\x8b-lh5-"), P(20, "\0"), P(21, "\3abc")}},
    {TYPE_XAR, 64, {P(0, "xar!\0\x1c\0\1")}},
    {TYPE_AR, 64, {P(0, "!<arch>\n")}},
    {TYPE_WARC, 64, {P(0, "WARC/1.0\r\n")}},
    {TYPE_OTHER, 64, {P(0, "WARC/one\r\n")}},
    {TYPE_GZIP, 20, {P(0, "\x1f\x8b\x08\0")}},
    {TYPE_OTHER, 20, {P(0, "\x1f\x8b\x07\0")}},
    {TYPE_BZIP2, 20, {P(0, "BZh91AY&SY")}},
    {TYPE_BZIP2, 14, {P(0, "BZh9\x17rE8P\x90")}},
    {TYPE_OTHER, 20, {P(0, "BZh9 is a bus line")}},
    {TYPE_XZ,
     20,
     {P(0, "\xfd"
           "7zXZ\0")}},
    {TYPE_LZMA, 20, {P(0, "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0")}},
    {TYPE_LZMA, 20, {P(0, "\x5d\0\0\x80\0\x10\0\0\0\0\0\0\0\0")}},
    {TYPE_OTHER, 20, {P(0, "\x5d\0\0\x81\0\x10\0\0\0\0\0\0\0\0")}},
    {TYPE_OTHER, 20, {P(0, "\x5d\0\0\x80\0\x10\0\0\0\0\0\0\0\1")}},
    {TYPE_ZSTD, 20, {P(0, "\x28\xb5\x2f\xfd")}},
    {TYPE_ZSTD, 30, {P(0, "\x50\x2a\x4d\x18\4\0\0\0abcd\x28\xb5\x2f\xfd")}},
    {TYPE_LZ4, 30, {P(0, "\x50\x2a\x4d\x18\4\0\0\0abcd\x04\x22\x4d\x18")}},
    {TYPE_LZ4, 20, {P(0, "\x04\x22\x4d\x18\x64\x40\xa7")}},
    {TYPE_LZIP, 20, {P(0, "LZIP\1\x0c")}},
    {TYPE_COMPRESS, 20, {P(0, "\x1f\x9d\x90")}},
    {TYPE_OTHER, 20, {P(0, "\x1f\x9d\xff")}},
    {TYPE_LZOP, 20, {P(0, "\x89LZO\0\r\n\x1a\n")}},
    {TYPE_LRZIP, 20, {P(0, "LRZI\0\6")}},
    {TYPE_GRZIP, 20, {P(0, "GRZipII\0\2\4:)")}},
    {TYPE_EWF, 20, {P(0, "EVF\x09\r\n\xff\0")}},
    {TYPE_AFF, 20, {P(0, "AFF10\r\n\0")}},
    {TYPE_VMDK, 20, {P(0, "KDMV\1\0\0\0")}},
    {TYPE_VMDK, 30, {P(0, "# Disk DescriptorFile\n")}},
    {TYPE_VHD, 64, {P(0, "conectix\0\0\0\2")}},
    {TYPE_VHDX, 64, {P(0, "vhdxfile")}},
    {TYPE_QCOW, 64, {P(0, "QFI\xfb\0\0\0\3")}},
    {TYPE_VDI, 80, {P(0, "<<< VirtualBox"), P(64, "\x7f\x10\xda\xbe")}},
    {TYPE_DMG, 64, {P(0, "encrcdsa")}},
    {TYPE_DISK, 4096, {P(446, "\x80\0\0\0\x83\0\0\0\1\0\0\0\1\0\0\0"), P(510, "\x55\xaa")}},
    {TYPE_DISK,
     4096,
     {P(446, "\0\0\0\0\xee\0\0\0\1\0\0\0\7\0\0\0"), P(510, "\x55\xaa"), P(512, "EFI PART\0\0\1\0\x5c\0\0\0")}},
    {TYPE_DISK, 8192, {P(4096, "EFI PART\0\0\1\0\x5c\0\0\0")}},
    {TYPE_OTHER, 4096, {P(510, "\x55\xaa")}},                                                     /* no entry */
    {TYPE_OTHER, 4096, {P(446, "\x81\0\0\0\x83\0\0\0\1\0\0\0\1\0\0\0"), P(510, "\x55\xaa")}},     /* status */
    {TYPE_OTHER, 4096, {P(446, "\x80\0\0\0\x83\0\0\0\xff\xff\0\0\1\0\0\0"), P(510, "\x55\xaa")}}, /* outside */
    {TYPE_EXT, 4096, {P(1024, "\x10\0\0\0\x40\0\0\0"), P(1056, "\0\x20\0\0\0\0\0\0\x10\0\0\0"), P(1080, "\x53\xef")}},
    {TYPE_OTHER, 4096, {P(1080, "\x53\xef")}},
    {TYPE_NTFS, 4096, {P(0, "\xeb\x52\x90NTFS    \0\2\x08"), P(510, "\x55\xaa")}},
    {TYPE_EXFAT,
     4096,
     {P(0, "\xeb\x76\x90"
           "EXFAT   "),
      P(510, "\x55\xaa")}},
    {TYPE_BITLOCKER, 4096, {P(0, "\xeb\x58\x90-FVE-FS-"), P(510, "\x55\xaa")}},
    {TYPE_FAT,
     4096,
     {P(0, "\xeb\x3c\x90mkfs.fat\0\2\4\4\0\2\0\2\0\x28\xf8\x0a\0"), P(446, "\x80\0\0\0\x83\0\0\0\1\0\0\0\1\0\0\0"),
      P(510, "\x55\xaa")}},
    {TYPE_OTHER, 4096, {P(0, "\xeb\x3c\x90mkfs.fat\0\3\4\4\0\2\0\2\0\x28\xf8\x0a\0"), P(510, "\x55\xaa")}},
    {TYPE_HFS, 4096, {P(1024, "H+\0\4"), P(1064, "\0\0\x10\0")}},
    {TYPE_HFS, 4096, {P(1024, "BD"), P(1042, "\1\0\0\0\2\0"), P(1060, "\5Label")}},
    {TYPE_APFS, 4096, {P(32, "NXSB\0\x10\0\0")}},
    {TYPE_XFS, 4096, {P(0, "XFSB\0\0\x10\0")}},
    {TYPE_BTRFS, 66048, {P(65600, "_BHRfS_M")}},
    {TYPE_SQUASHFS, 64, {P(0, "hsqs"), P(28, "\4\0")}},
    {TYPE_LUKS, 64, {P(0, "LUKS\xba\xbe\0\2")}},
    {TYPE_UFS, 65536, {P(9564, "\x54\x19\1\0")}},
    {TYPE_UFS, 67072, {P(66908, "\x19\x54\1\x19")}},
    {TYPE_YAFFS2, 4224, {P(0, "\3\0\0\0\1\0\0\0\xff\xff")}},
    {TYPE_UDF, 65536, {P(32769, "BEA01\1"), P(34817, "NSR03\1")}},
    {TYPE_UDF, 65536, {P(32769, "BEA01\1"), P(36865, "NSR03\1")}},
    {TYPE_UDF, 67000, {P(32769, "BEA01\1"), P(65537, "NSR03\1")}},
    {TYPE_DISK, 4096, {P(512, "\x57\x45\x56\x82"), P(644, "\x57\x45\x56\x82")}},
    {TYPE_OTHER, 4096, {P(512, "\x57\x45\x56\x82")}},
    {TYPE_DISK, 4096, {P(0, "\xda\xbe"), P(508, "\xda\xbe")}},
    {TYPE_OTHER, 4096, {P(0, "\xda\xbf"), P(508, "\xda\xbe")}},
    {TYPE_REFS, 4096, {P(3, "ReFS\0\0\0\0"), P(510, "\x55\xaa")}},
    {TYPE_LVM, 4096, {P(512, "LABELONE"), P(536, "LVM2 001")}},
    {TYPE_CORESTORAGE, 4096, {P(8, "\1\0\x10\0"), P(48, "\0\2\0\0"), P(88, "CS")}},
    {TYPE_OTHER, 4096, {P(8, "\1\0\x10\0"), P(48, "\1\2\0\0"), P(88, "CS")}},
    {TYPE_RAID, 8192, {P(4096, "\xfc\x4e\x2b\xa9\1\0\0\0")}},
    {TYPE_OTHER, 8192, {P(4096, "\xfc\x4e\x2b\xa9\2\0\0\0")}},
    {TYPE_F2FS, 4096, {P(1024, "\x10\x20\xf5\xf2\1\0\x10\0\x9")}},
    {TYPE_EROFS, 4096, {P(1024, "\xe2\xe1\xf5\xe0\0\0\0\0\0\0\0\0\x0c")}},
    {TYPE_JFS, 65536, {P(32768, "JFS1\1\0\0\0")}},
    {TYPE_REISERFS, 67072, {P(65588, "ReIsEr2Fs")}},
    {TYPE_NILFS, 4096, {P(1024, "\2\0\0\0\0\0\x34\x34")}},
    {TYPE_UBI, 4096, {P(0, "UBI#\1\0\0\0")}},
    {TYPE_PARALLELS, 80, {P(0, "WithoutFreeSpace\2\0\0\0")}},
    {TYPE_PARALLELS, 80, {P(0, "WithouFreSpacExt\2\0\0\0")}},
    {TYPE_DMG, 80, {P(0, "sprs\0\0\0\3")}},
    {TYPE_PDF, 20, {P(0, "%PDF-1.4\n")}},
    {TYPE_OLE, 20, {P(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")}},
    {TYPE_SQLITE, 20, {P(0, "SQLite format 3\0")}},
    {TYPE_RTF, 20, {P(0, "{\\rtf1\\ansi}")}},
    {TYPE_MBOX, 90, {P(0, "From a@b.org Thu Jan  1 00:00:00 2004\nFrom: a@b.org\nSubject: s\n\nbody\n")}},
    {TYPE_OTHER, 90, {P(0, "From where I sit, Thu Jan is no date\nand this is prose\n")}},
    {TYPE_EML,
     120,
     {P(0,
        "Received: from x by y\n\tid 1\nDate: Thu, 1 Jan 2004 00:00:00 +0000\nFrom: a@b.org\nTo: c@d.org\n\nbody\n")}},
    {TYPE_OTHER, 90, {P(0, "To: whom it may concern\nthis is a letter, not a mail\n")}},
    {TYPE_OTHER, 90, {P(0, "name: value\nother: value\nthird: value\n\n")}},
    {TYPE_PST, 64, {P(0, "!BDN\0\0\0\0SM")}},
    {TYPE_PST, 64, {P(0, "!BDN\0\0\0\0SO")}},
    {TYPE_THUMBCACHE, 64, {P(0, "CMMM\x20\0\0\0")}},
    {TYPE_THUMBDATA, 20100, {P(20000, "\1\0\0\0\0\0\0\0\0\0\0\3\0\xff\xd8\xff")}},
    {TYPE_THUMBDATA, 17100, {P(17000, "\1\0\0\0\0\0\0\0\0\0\0\3\0\xff\xd8\xff")}},
    {TYPE_OTHER, 20100, {P(20000, "\1\0\0\0\0\0\0\0\0\0\1\3\0\xff\xd8\xff")}},
    {TYPE_PLIST, 64, {P(0, "bplist00")}},
    {TYPE_PLIST, 64, {P(0, "<?xml version=\"1.0\"?><!DOCTYPE plist><plist version=")}},
    {TYPE_VCARD, 64, {P(0, "begin:vcard\r\nVERSION:3.0")}},
    {TYPE_OTHER, 64, {P(0, "BEGIN:VCARDS are many")}},
    {TYPE_PDF, 64, {P(0, "\n% junk\n%PDF-1.4\n")}},
    {TYPE_OTHER, 64, {P(0, "\n% about %PDF-files")}},
    {TYPE_OTHER, 64, {P(0, "MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff")}},
    {TYPE_OTHER,
     64,
     {P(0, "\x7f"
           "ELF\2\1\1")}},
    {TYPE_OTHER, 64, {P(0, "#!/bin/sh\nexit 0\n")}},
    {TYPE_OTHER, 0, {{0}}},
};

static uint8_t head[SNIFF_HEAD];

Test(sniff, tiny_heads)
{
    bool seen[TYPE_COUNT] = {false};
    for (size_t i = 0; i < sizeof(head_table) / sizeof(*head_table); i++) {
        const struct head_case *row = &head_table[i];
        memset(head, 0, sizeof(head));
        for (size_t k = 0; k < 9 && row->patches[k].bytes; k++)
            memcpy(head + row->patches[k].at, row->patches[k].bytes, row->patches[k].n);
        enum file_type got = sniff(head, row->n, row->n);
        cr_assert_eq(got, row->type, "row %zu: %s, should be %s", i, type_name(got), type_name(row->type));
        seen[got] = true;
    }
    for (int i = 0; i < TYPE_DIRECTORY; i++)
        cr_assert(seen[i] || i == TYPE_TAR || i == TYPE_BASE64, "no head for %s", type_name((enum file_type)i));
}

/** Each head again in a buffer of exactly its size, cut at every length: sanitizers see a read behind the end. */
Test(sniff, reads_nothing_behind_the_end)
{
    for (size_t i = 0; i < sizeof(head_table) / sizeof(*head_table); i++) {
        const struct head_case *row = &head_table[i];
        size_t whole = row->n < 256 ? row->n : 256;
        memset(head, 0, sizeof(head));
        for (size_t k = 0; k < 9 && row->patches[k].bytes; k++)
            memcpy(head + row->patches[k].at, row->patches[k].bytes, row->patches[k].n);
        for (size_t n = 0; n <= whole; n++) {
            uint8_t *exact = malloc(n ? n : 1);
            memcpy(exact, head, n);
            sniff(exact, n, n);
            sniff(exact, n, UINT64_MAX);
            free(exact);
        }
    }
}

static uint64_t xorshift(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

Test(sniff, random_bytes_and_zeros_are_other)
{
    uint64_t state = 88172645463325252ull;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < 2048; i += 8) {
            uint64_t v = xorshift(&state);
            memcpy(head + i, &v, 8);
        }
        enum file_type got = sniff(head, 2048, 2048);
        cr_assert_eq(got, TYPE_OTHER, "round %d: %s", round, type_name(got));
        cr_assert_not(sniff_zip_tail(head, 2048, 2048));
    }
    memset(head, 0, sizeof(head));
    for (size_t n = 0; n <= sizeof(head); n += 256)
        cr_assert_eq(sniff(head, n, n), TYPE_OTHER);
    memset(head, 'G', sizeof(head));
    cr_assert_eq(sniff(head, sizeof(head), sizeof(head)), TYPE_OTHER);
    memset(head, 0xff, sizeof(head));
    cr_assert_eq(sniff(head, sizeof(head), sizeof(head)), TYPE_OTHER);
}

/** A tar header of a regular file; checksum right. */
static void tar_block(uint8_t block[512], const char *name)
{
    unsigned sum = 0;
    memset(block, 0, 512);
    memcpy(block, name, strlen(name));
    memcpy(block + 100, "0000644\0000000000\0000000000\00000000000000\00000000000000\0        0", 57);
    for (int i = 0; i < 512; i++)
        sum += block[i];
    char field[8];
    snprintf(field, sizeof(field), "%06o", sum);
    memcpy(block + 148, field, 7);
}

Test(sniff, tar_by_its_checksum_alone)
{
    uint8_t block[512];
    tar_block(block, "a.jpg");
    cr_assert(sniff_tar_header(block));
    cr_assert_eq(sniff(block, 512, 512), TYPE_TAR);
    cr_assert_eq(sniff(block, 511, 511), TYPE_OTHER);
    block[3] ^= 1;
    cr_assert_not(sniff_tar_header(block));
    cr_assert_eq(sniff(block, 512, 512), TYPE_OTHER);
    memset(block, 0, 512);
    cr_assert_not(sniff_tar_header(block));
    memcpy(block + 148, "0000400", 7); /* the sum of a block of zeros */
    cr_assert_not(sniff_tar_header(block));
}

Test(sniff, a_tar_whose_first_name_looks_like_something_else)
{
    static const char *const names[] = {"GIF89a", "BM",     "P6 1 1 255 ", "%PDF-1.4",
                                        "From a", "070701", "!<arch>\n",   "II*"};
    uint8_t block[512];
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        tar_block(block, names[i]);
        cr_assert_eq(sniff(block, 512, 512), TYPE_TAR, "%s", names[i]);
    }
}

/** First and last bytes of a file. */
static bool file_ends(const char *path, uint8_t *first, size_t *n, uint8_t *last, size_t *n_last, uint64_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    *n = fread(first, 1, SNIFF_HEAD, file);
    fseek(file, 0, SEEK_END);
    *size = (uint64_t)ftell(file);
    *n_last = *size < SNIFF_TAIL ? (size_t)*size : SNIFF_TAIL;
    fseek(file, -(long)*n_last, SEEK_END);
    bool whole = fread(last, 1, *n_last, file) == *n_last;
    fclose(file);
    return whole;
}

Test(sniff, every_file_of_pngsuite)
{
    /* Five have their signature broken on purpose. */
    static const char *const broken[] = {"xcrn0g04", "xlfn0g04", "xs1n0g01", "xs2n0g01", "xs4n0g01", "xs7n0g01"};
    static uint8_t tail[SNIFF_TAIL];
    DIR *folder = opendir(PNGSUITE);
    size_t checked = 0;
    if (!folder) {
        fprintf(stderr, "skipped: %s is absent\n", PNGSUITE);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[512];
        size_t n, n_tail;
        uint64_t size;
        enum file_type expected = TYPE_PNG;
        if (!strstr(entry->d_name, ".png"))
            continue;
        for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
            if (!strncmp(entry->d_name, broken[i], 8))
                expected = TYPE_OTHER;
        snprintf(path, sizeof(path), "%s/%s", PNGSUITE, entry->d_name);
        cr_assert(file_ends(path, head, &n, tail, &n_tail, &size));
        cr_assert_eq(sniff(head, n, size), expected, "%s", entry->d_name);
        cr_assert_not(sniff_zip_tail(tail, n_tail, size), "%s", entry->d_name);
        checked++;
    }
    closedir(folder);
    cr_assert_gt(checked, 160);
}

Test(sniff, shared_files)
{
    static const struct {
        const char *path;
        enum file_type type;
        bool zip_tail;
    } files[] = {
        {"selfmade/poly_jpeg_zip.jpg", TYPE_JPEG, true},
        {"selfmade/zip_prefix_junk.zip", TYPE_JPEG, true},
        {"selfmade/zip_truncated.zip", TYPE_ZIP, false},
        {"selfmade/zip_66000_empty_entries.zip", TYPE_ZIP, true},
        {"selfmade/ext2_dirloop.img", TYPE_EXT, false},
        {"selfmade/fat12_cyclic_chain.img", TYPE_FAT, false},
        {"selfmade/qcow2_backing_hostfile.qcow2", TYPE_QCOW, false},
        {"selfmade/vmdk_flat_hostfile.vmdk", TYPE_VMDK, false},
        {"selfmade/mtree_hostfile.mtree", TYPE_OTHER, false},
        {"selfmade/bmp_neg_dims.bmp", TYPE_BMP, false},
        {"selfmade/tiff_ifd_loop.tif", TYPE_TIFF, false},
        {"selfmade/empty.jpg", TYPE_OTHER, false},
        {"libarchive/test_read_format_zip_encryption_header.zip", TYPE_ZIP, true},
        {"libarchive/test_read_format_zip_sfx", TYPE_OTHER, true},
        {"libarchive/test_read_format_rar5_sfx.exe", TYPE_OTHER, false},
        {"libarchive/test_compat_lz4_skippable_frames_B4.tar.lz4", TYPE_LZ4, false},
        {"libarchive/test_read_format_lha_header3.lzh", TYPE_LHA, false},
    };
    static uint8_t tail[SNIFF_TAIL];
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        char path[512];
        size_t n, n_tail;
        uint64_t size;
        snprintf(path, sizeof(path), "../shared/data/hostile/%s", files[i].path);
        if (!file_ends(path, head, &n, tail, &n_tail, &size)) {
            fprintf(stderr, "skipped: %s is absent\n", path);
            continue;
        }
        cr_assert_eq(sniff(head, n, size), files[i].type, "%s: %s", path, type_name(sniff(head, n, size)));
        cr_assert_eq(sniff_zip_tail(tail, n_tail, size), files[i].zip_tail, "%s", path);
    }
}

/** Each mark at every place of a text, and cut short; its letters alone are none. */
Test(sniff, base64_in_text)
{
    static const char *const marks[] = {";base64,", "/9j/", "\\/9j\\/", "iVBORw0KGgo"};
    uint8_t text[200];
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        for (size_t at = 0, n = strlen(marks[i]); at + n <= sizeof(text); at++) {
            memset(text, "69V"[at % 3], sizeof(text));
            cr_assert(!sniff_base64(text, sizeof(text)));
            memcpy(text + at, marks[i], n);
            cr_assert(sniff_base64(text, sizeof(text)), "%s at %zu", marks[i], at);
            cr_assert(sniff_base64(text, at + n), "%s at the end %zu", marks[i], at);
            cr_assert(!sniff_base64(text, at + n - 1), "%s cut at %zu", marks[i], at);
        }
    cr_assert(!sniff_base64(text, 0));
}

Test(sniff, a_packed_image_of_apple_is_known_by_its_end)
{
    uint8_t tail[600] = {0};
    uint8_t *koly = tail + 600 - 512;
    memcpy(koly, "koly\0\0\0\4\0\0\2\0", 12);
    koly[223] = 100, koly[231] = 50;
    cr_assert_eq(sniff_tail(TYPE_OTHER, tail, 600, 1000), TYPE_DMG);
    cr_assert_eq(sniff_tail(TYPE_BZIP2, tail, 600, 662), TYPE_DMG);
    /* What stands as it is needs no tail to be read; a list beyond the end is none. */
    cr_assert_eq(sniff_tail(TYPE_DISK, tail, 600, 1000), TYPE_DISK);
    cr_assert_eq(sniff_tail(TYPE_OTHER, tail, 600, 661), TYPE_OTHER);
    cr_assert_eq(sniff_tail(TYPE_OTHER, tail, 599, 1000), TYPE_OTHER);
    koly[216] = 0xff;
    cr_assert_eq(sniff_tail(TYPE_OTHER, tail, 600, 1000), TYPE_OTHER);
    cr_assert_eq(sniff_tail(TYPE_OTHER, tail, 511, 511), TYPE_OTHER);
}
