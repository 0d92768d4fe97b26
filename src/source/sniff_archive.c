/* sniff_archive.c: what must be true behind the magic numbers of archives and filters. */
#include "source/sniff.h"

bool sniff_gzip(const struct head *head)
{
    return head_is(head, 2, "\x08", 1) && !(head_u8(head, 3) & 0xe0);
}

bool sniff_bzip2(const struct head *head)
{
    uint32_t level = head_u8(head, 3);
    return level >= '1' && level <= '9' && (head_is(head, 4, "1AY&SY", 6) || head_is(head, 4, "\x17rE8P\x90", 6));
}

/** LZ4 frame descriptor: version 01, block size 4..7, reserved bits zero. */
bool sniff_lz4(const struct head *head)
{
    uint32_t flags = head_u8(head, 4), block = head_u8(head, 5);
    return (flags & 0xc2) == 0x40 && !(block & 0x8f) && block >= 0x40;
}

bool sniff_lzip(const struct head *head)
{
    uint32_t version = head_u8(head, 4), bits = head_u8(head, 5) & 31;
    return version <= 1 && bits >= 12 && bits <= 29;
}

bool sniff_compress(const struct head *head)
{
    uint32_t bits = head_u8(head, 2) & 31;
    return !(head_u8(head, 2) & 0x60) && bits >= 9 && bits <= 16 && head->n > 3;
}

/** LZMA-alone has no magic number: lc/lp/pb, a dictionary of 2^n or 3*2^n bytes, a possible size, and the coder's first
 * byte. */
bool sniff_lzma(const struct head *head)
{
    if (!head_has(head, 0, 14) || head->p[0] >= 225 || head->p[13])
        return false;
    uint32_t dictionary = head_le32(head, 1), lc = head->p[0] % 9, lp = head->p[0] / 9 % 5;
    if (lc + lp > 4 || dictionary < 4096)
        return false;
    if (dictionary != UINT32_MAX && !is_power_of_two(dictionary) &&
        (dictionary % 3 || !is_power_of_two(dictionary / 3)))
        return false;
    uint64_t size = head_le64(head, 5);
    return size == UINT64_MAX || (size && size < 1ull << 40);
}

bool sniff_zip(const struct head *head)
{
    return head_u8(head, 4) < 100 && head_le16(head, 8) < 100;
}

bool sniff_lrzip(const struct head *head)
{
    return head_u8(head, 4) == 0 && head_u8(head, 5) <= 16;
}

bool sniff_xar(const struct head *head)
{
    return head_be16(head, 4) >= 28 && head_be16(head, 6) == 1;
}

bool sniff_warc(const struct head *head)
{
    for (size_t i = 5; i < 12; i++) {
        uint32_t c = head_u8(head, i);
        if (c == '\r' || c == '\n')
            return i >= 8;
        if (c != '.' && (c < '0' || c > '9'))
            return false;
    }
    return false;
}

bool sniff_lha(const struct head *head)
{
    uint32_t method = head_u8(head, 5), level = head_u8(head, 20), size = head_u8(head, 0), sum = 0;
    bool known =
        head_u8(head, 4) == 'h' ? strchr("01234567dx", (int)method) != NULL : strchr("s45", (int)method) != NULL;
    if (!method || !known || head_u8(head, 6) != '-' || level > 3)
        return false;
    if (level == 2)
        return head_le16(head, 0) >= 24;
    if (level == 3)
        return head_le16(head, 0) == 4;
    for (size_t i = 0; i < size; i++)
        sum += head_u8(head, i + 2);
    return size >= 20 && (sum & 255) == head_u8(head, 1);
}

/** Octal or hexadecimal digits in the whole fixed header. */
bool sniff_cpio_ascii(const struct head *head)
{
    bool hex = head_u8(head, 5) != '7';
    if (!head_has(head, 0, 76))
        return false;
    for (size_t i = 6; i < (hex ? 110u : 76u) && i < head->n; i++) {
        uint32_t c = head->p[i], low = c | 0x20;
        if (!(c >= '0' && c <= (hex ? '9' : '7')) && !(hex && low >= 'a' && low <= 'f'))
            return false;
    }
    return true;
}

/** afio's large-file header: hexadecimal fields with letters between them. */
bool sniff_afio(const struct head *head)
{
    return head_is(head, 22, "m", 1) && head_is(head, 65, "n", 1) && head_is(head, 115, ":", 1);
}

bool sniff_cpio_binary(const struct head *head)
{
    bool little = head_u8(head, 0) == 0xc7;
    uint32_t mode = little ? head_le16(head, 6) : head_be16(head, 6);
    uint32_t name = little ? head_le16(head, 20) : head_be16(head, 20);
    static const uint16_t kinds = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12;
    if (name < 2 || name > 4096 || (mode && !(kinds >> (mode >> 12) & 1)))
        return false;
    return head_has(head, 26, name) && memchr(head->p + 26, 0, name) == head->p + 26 + name - 1;
}
