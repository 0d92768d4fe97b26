/* sniff.h (private): the beginning of a file, read at fixed offsets; what lies behind its end reads as zero. */
#ifndef SOURCE_SNIFF_H
#define SOURCE_SNIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "trawl/type.h"

struct head {
    const uint8_t *p;
    size_t n;
    /** Of the whole file; UINT64_MAX where unknown. */
    uint64_t size;
};

static inline bool head_has(const struct head *head, size_t at, size_t n)
{
    return at <= head->n && n <= head->n - at;
}

static inline bool head_is(const struct head *head, size_t at, const void *bytes, size_t n)
{
    return head_has(head, at, n) && !memcmp(head->p + at, bytes, n);
}

static inline uint32_t head_u8(const struct head *head, size_t at)
{
    return at < head->n ? head->p[at] : 0;
}

static inline uint32_t head_le16(const struct head *head, size_t at)
{
    return head_u8(head, at) | head_u8(head, at + 1) << 8;
}

static inline uint32_t head_le32(const struct head *head, size_t at)
{
    return head_le16(head, at) | head_le16(head, at + 2) << 16;
}

static inline uint64_t head_le64(const struct head *head, size_t at)
{
    return head_le32(head, at) | (uint64_t)head_le32(head, at + 4) << 32;
}

static inline uint32_t head_be16(const struct head *head, size_t at)
{
    return head_u8(head, at) << 8 | head_u8(head, at + 1);
}

static inline uint32_t head_be32(const struct head *head, size_t at)
{
    return head_be16(head, at) << 16 | head_be16(head, at + 2);
}

static inline bool is_power_of_two(uint64_t v)
{
    return v && !(v & (v - 1));
}

/** Looks behind a magic number: true if the rest is possible too. */
typedef bool sniff_check(const struct head *head);

sniff_check sniff_tiff, sniff_bmp, sniff_ico, sniff_pnm, sniff_psd, sniff_pcx, sniff_tga, sniff_jxl_stream;
sniff_check sniff_mkv, sniff_flv, sniff_mpeg, sniff_mpegts;
sniff_check sniff_gzip, sniff_bzip2, sniff_lz4, sniff_lzip, sniff_compress, sniff_lzma, sniff_zip, sniff_lrzip,
    sniff_xar, sniff_warc, sniff_lha, sniff_cpio_ascii, sniff_afio, sniff_cpio_binary;
sniff_check sniff_svg, sniff_eml, sniff_mbox, sniff_plist, sniff_vcard, sniff_pdf;
sniff_check sniff_thumbdata;

/** ISO base media (ftyp and older QuickTime): HEIF, AVIF, MP4, RAW, or TYPE_OTHER. */
enum file_type sniff_bmff(const struct head *head);
/** False where a table of volumes beside it names one behind its end: a stick onto which the image of a disc was
 * written, and more. */
bool sniff_iso9660(const struct head *head);
/** Disks and file systems that have no magic number at their first byte, or TYPE_OTHER. */
enum file_type sniff_disk(const struct head *head);

#endif
