/* sniff_media.c: what must be true behind the magic numbers of pictures and video. */
#include "source/sniff.h"

bool sniff_tiff(const struct head *head)
{
    bool little = head_u8(head, 0) == 'I';
    uint32_t version = little ? head_le16(head, 2) : head_be16(head, 2);
    uint32_t first = little ? head_le32(head, 4) : head_be32(head, 4);
    if (version == 43)
        return first == (little ? 8u : 8u << 16); /* BigTIFF: offsets of 8 bytes, then zero */
    return version == 42 && first >= 8 && first < head->size;
}

bool sniff_bmp(const struct head *head)
{
    uint32_t header = head_le32(head, 14), pixels = head_le32(head, 10);
    bool core = header == 12;
    uint32_t planes = head_le16(head, core ? 22 : 26), bits = head_le16(head, core ? 24 : 28);
    if (!core && header != 16 && header != 40 && header != 52 && header != 56 && header != 64 && header != 108 &&
        header != 124)
        return false;
    return planes == 1 && bits <= 64 && (pixels == 0 || pixels >= 14 + header);
}

/** The directory of an icon: as many entries as can be seen, up to 16, must lie inside the file. */
bool sniff_ico(const struct head *head)
{
    uint32_t count = head_le16(head, 4);
    if (!count || count > 1024 || !head_has(head, 6, 16))
        return false;
    for (uint32_t i = 0; i < count && i < 16 && head_has(head, 6 + i * 16, 16); i++) {
        size_t at = 6 + i * 16;
        uint64_t size = head_le32(head, at + 8), offset = head_le32(head, at + 12);
        bool icon = head_u8(head, 2) == 1;
        if (head_u8(head, at + 3) && head_u8(head, at + 3) != 255)
            return false;
        if (icon && (head_le16(head, at + 4) > 1 || head_le16(head, at + 6) > 32))
            return false;
        if (size < 16 || offset < 6 + 16ull * count || offset + size > head->size)
            return false;
    }
    return true;
}

/** Passes over blanks and comments; returns where the next token is. */
static size_t pnm_blank(const struct head *head, size_t at)
{
    while (at < head->n && at < 4096) {
        uint8_t c = head->p[at];
        if (c == '#')
            while (at < head->n && head->p[at] != '\n')
                at++;
        else if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            break;
        else
            at++;
    }
    return at;
}

static size_t pnm_number(const struct head *head, size_t at, uint64_t *value)
{
    size_t start = at;
    *value = 0;
    for (; at < head->n && at < start + 10 && head->p[at] >= '0' && head->p[at] <= '9'; at++)
        *value = *value * 10 + (head->p[at] - '0');
    return at;
}

bool sniff_pnm(const struct head *head)
{
    uint32_t kind = head_u8(head, 1), separator = head_u8(head, 2);
    uint64_t value;
    if (kind == '7')
        return head_is(head, 2, "\nWIDTH ", 7) || head_is(head, 2, "\nHEIGHT ", 8) || head_is(head, 2, "\n#", 2);
    if (kind < '1' || kind > '6' ||
        !(separator == ' ' || separator == '\n' || separator == '\r' || separator == '\t' || separator == '#'))
        return false;
    size_t at = 2, numbers = kind == '1' || kind == '4' ? 2 : 3;
    for (size_t i = 0; i < numbers; i++) {
        size_t token = pnm_blank(head, at);
        at = pnm_number(head, token, &value);
        if (token == at || !value || (i == 2 && value > 65535))
            return false;
    }
    uint32_t end = head_u8(head, at);
    if (!(end == ' ' || end == '\n' || end == '\r' || end == '\t'))
        return false;
    if (kind >= '4')
        return true;
    /* A plain raster is digits: prose that begins with P1 is none. */
    at = pnm_blank(head, at);
    return at >= head->n || (head->p[at] >= '0' && head->p[at] <= '9');
}

/** One byte of magic, so that all of the header must be possible. */
bool sniff_pcx(const struct head *head)
{
    uint32_t version = head_u8(head, 1), bits = head_u8(head, 3), planes = head_u8(head, 65);
    uint32_t left = head_le16(head, 4), top = head_le16(head, 6), right = head_le16(head, 8),
             bottom = head_le16(head, 10);
    uint32_t stride = head_le16(head, 66);
    return head_has(head, 0, 128) && version <= 5 && version != 1 && head_u8(head, 2) <= 1 &&
           (bits == 1 || bits == 2 || bits == 4 || bits == 8) && left <= right && top <= bottom && !head_u8(head, 64) &&
           planes >= 1 && planes <= 4 && stride * 8 >= (right - left + 1) * bits && stride <= (right - left + 1) + 64;
}

/**
 * No magic at all: an origin of zero, a colour table that fits the kind of picture, and a size that exists. Of what is
 * not packed the file must hold all bytes, and no more than a comment and a footer beside them.
 */
bool sniff_tga(const struct head *head)
{
    uint32_t id = head_u8(head, 0), table = head_u8(head, 1), kind = head_u8(head, 2), entries = head_le16(head, 5);
    uint32_t entry_bits = head_u8(head, 7), width = head_le16(head, 12), height = head_le16(head, 14);
    uint32_t bits = head_u8(head, 16), flags = head_u8(head, 17), plain = kind & 7;
    bool mapped = plain == 1, packed = kind & 8;
    if (!head_has(head, 0, 19) || table > 1 || kind & ~11u || plain < 1 || plain > 3 || head_le16(head, 3) ||
        head_le16(head, 8) || !width || !height || width > 32768 || height > 32768 || flags & 0xc0)
        return false;
    if (mapped ? !(table && entries && entries <= 256 && (entry_bits == 24 || entry_bits == 32 || entry_bits == 16))
               : table || entries || entry_bits)
        return false;
    if (mapped ? bits != 8 : plain == 3 ? bits != 8 && bits != 16 : bits != 16 && bits != 24 && bits != 32)
        return false;
    if ((flags & 15) > 8 || (head_le16(head, 10) && head_le16(head, 10) != height))
        return false;
    uint64_t before = 18 + id + (uint64_t)entries * ((entry_bits + 7) / 8),
             pixels = (uint64_t)width * height * (bits / 8);
    /* A packet of at most 128 pixels takes two bytes at least. */
    return packed ? head->size >= before + (uint64_t)width * height / 128 + 1
                  : head->size >= before + pixels && head->size - before - pixels <= 4096;
}

bool sniff_psd(const struct head *head)
{
    uint32_t version = head_be16(head, 4), channels = head_be16(head, 12);
    return (version == 1 || version == 2) && head_is(head, 6, "\0\0\0\0\0\0", 6) && channels >= 1 && channels <= 56;
}

/** n bits of the codestream from bit `at`, least significant first. */
static uint32_t jxl_bits(const struct head *head, unsigned at, unsigned n)
{
    uint64_t window = head_le64(head, 2 + at / 8);
    return (uint32_t)(window >> at % 8 & ((1ull << n) - 1));
}

static uint32_t jxl_size(const struct head *head, unsigned *at, bool small)
{
    static const uint8_t widths[] = {9, 13, 18, 30};
    if (small) {
        *at += 5;
        return (jxl_bits(head, *at - 5, 5) + 1) * 8;
    }
    unsigned width = widths[jxl_bits(head, *at, 2)];
    *at += 2 + width;
    return jxl_bits(head, *at - width, width) + 1;
}

/** Only two bytes of magic: the size header must be coded in its shortest form and be a size that exists. */
bool sniff_jxl_stream(const struct head *head)
{
    unsigned at = 1;
    if (!head_has(head, 0, 12))
        return false;
    bool small = jxl_bits(head, 0, 1);
    uint32_t height = jxl_size(head, &at, small), ratio = jxl_bits(head, at, 3), width = height;
    at += 3;
    if (!ratio)
        width = jxl_size(head, &at, small);
    return height <= 1u << 18 && width <= 1u << 18 && (uint64_t)width * height <= 1ull << 32;
}

bool sniff_mkv(const struct head *head)
{
    for (size_t i = 4; i < 96 && head_has(head, i, 10); i++)
        if (head_is(head, i, "\x42\x82", 2))
            return head_is(head, i + 3, "matroska", 8) || head_is(head, i + 3, "webm", 4);
    return false;
}

bool sniff_flv(const struct head *head)
{
    return !(head_u8(head, 4) & 0xfa) && head_be32(head, 5) >= 9 && head_be32(head, 5) < 64;
}

/** A program stream's pack header with its marker bits, or a video sequence header with possible values. */
bool sniff_mpeg(const struct head *head)
{
    uint32_t code = head_u8(head, 3), next = head_u8(head, 4);
    if (code == 0xba) {
        bool two =
            (next & 0xc4) == 0x44 && head_u8(head, 6) & 4 && head_u8(head, 8) & 4 && (head_u8(head, 12) & 3) == 3;
        bool one = (next & 0xf1) == 0x21 && head_u8(head, 6) & 1 && head_u8(head, 8) & 1 && head_u8(head, 11) & 1;
        return one || two;
    }
    if (code != 0xb3)
        return false;
    uint32_t width = head_be16(head, 4) >> 4, height = head_be16(head, 5) & 0xfff;
    uint32_t aspect = head_u8(head, 7) >> 4, rate = head_u8(head, 7) & 15;
    return width >= 16 && height >= 16 && aspect && aspect < 15 && rate && rate <= 8 && head_u8(head, 10) & 0x20;
}

/** Sync bytes at the distance of a packet: plain (188), with a timestamp before it (192), with a checksum behind it
 * (204). */
bool sniff_mpegts(const struct head *head)
{
    static const struct {
        uint8_t first, step;
    } layouts[] = {{0, 188}, {4, 192}, {0, 204}};
    for (size_t i = 0; i < 3; i++) {
        size_t packets = 0, at = layouts[i].first;
        /* A packet has a payload, an adaptation field or both: 'G' repeated has neither. */
        while (packets < 8 && head_has(head, at, 4) && head->p[at] == 0x47 && head->p[at + 3] & 0x30 &&
               !(head->p[at + 1] & 0x80)) {
            packets++;
            at += layouts[i].step;
        }
        if (packets >= 5 || (packets >= 3 && at >= head->n))
            return true;
    }
    return false;
}

static bool brand_in(const uint8_t *brand, const char *brands)
{
    for (; *brands; brands += 4)
        if (!memcmp(brand, brands, 4))
            return true;
    return false;
}

static enum file_type brand_type(const uint8_t *brand)
{
    if (brand_in(brand, "avifavis"))
        return TYPE_AVIF;
    if (brand_in(brand, "heicheixheimheishevchevxhevmhevs"))
        return TYPE_HEIF;
    if (brand_in(brand, "crx "))
        return TYPE_RAW_PHOTO;
    if (brand_in(brand, "jp2 jpx jpm "))
        return TYPE_JP2;
    return TYPE_OTHER;
}

/** The major brand decides; a structural one ("mif1") leaves it to the compatible brands. */
static enum file_type ftyp_type(const struct head *head, uint32_t box)
{
    enum file_type type = brand_type(head->p + 8);
    bool structural = brand_in(head->p + 8, "mif1msf1mif2miaf1pic");
    if (type != TYPE_OTHER)
        return type;
    for (uint32_t at = 16; structural && at + 4 <= box && head_has(head, at, 4); at += 4) {
        type = brand_type(head->p + at);
        if (type != TYPE_OTHER)
            return type;
    }
    return structural ? TYPE_HEIF : TYPE_MP4;
}

/** QuickTime files from before ftyp begin with one of their other boxes; a second known box must follow. */
static bool quicktime_old(const struct head *head, uint32_t box)
{
    static const char boxes[] = "moovmdatwidefreeskippnotuuid";
    const uint8_t *name = head->p + 4;
    if (!brand_in(name, "moovmdatwidefreeskippnot"))
        return false;
    if (!memcmp(name, "moov", 4))
        return box >= 16 && head_has(head, 12, 4) && brand_in(head->p + 12, "mvhdcmovrmraudtaiodsprfl");
    if (!memcmp(name, "mdat", 4) && !head_has(head, box, 8))
        return box >= 16 && (head->size == UINT64_MAX || box < head->size);
    return box >= 8 && head_has(head, box, 8) && brand_in(head->p + box + 4, boxes);
}

enum file_type sniff_bmff(const struct head *head)
{
    uint32_t box = head_be32(head, 0);
    if (!head_has(head, 0, 12))
        return TYPE_OTHER;
    if (!memcmp(head->p + 4, "ftyp", 4))
        return box >= 12 && box <= 4096 ? ftyp_type(head, box) : TYPE_OTHER;
    return quicktime_old(head, box) ? TYPE_MP4 : TYPE_OTHER;
}
