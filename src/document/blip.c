/*
 * blip.c: pictures in Office's drawing records (OfficeArt).
 *
 * The records are not followed from their root: a blip's header says enough (its type, an instance that fits the type,
 * a length that fits the stream), and so deleted ones, and those of a damaged document, are found too.
 */
#include "document/blip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BLIP_HEAD = 8, METAFILE_HEAD = 34, INFLATE_MOST = 256 << 20 };

/** What a blip is, by its record's type and instance; an instance one higher has a second checksum. */
static const struct blip_kind {
    uint16_t type, instance, second;
    const char *ending;
    bool metafile, dib;
} kinds[] = {
    {0xf01d, 0x46a, 0x46b, "jpg", false, false}, {0xf01d, 0x6e2, 0x6e3, "jpg", false, false},
    {0xf02a, 0x46a, 0x46b, "jpg", false, false}, {0xf02a, 0x6e2, 0x6e3, "jpg", false, false},
    {0xf01e, 0x6e0, 0x6e1, "png", false, false}, {0xf01f, 0x7a8, 0x7a9, "bmp", false, true},
    {0xf029, 0x6e4, 0x6e5, "tif", false, false}, {0xf01a, 0x3d4, 0x3d5, "emf", true, false},
    {0xf01b, 0x216, 0x217, "wmf", true, false},  {0xf01c, 0x542, 0x543, "pict", true, false},
};

struct blip {
    const struct blip_kind *kind;
    const uint8_t *p;
    size_t n, whole;
};

uint8_t *inflate_all(const uint8_t *p, size_t n, size_t most, size_t *size)
{
    z_stream z = {.next_in = (uint8_t *)p, .avail_in = n < UINT32_MAX ? (unsigned)n : UINT32_MAX};
    size_t room = n < most / 4 ? 4 * n + 1024 : most;
    uint8_t *out = NULL;
    int r = Z_OK;
    if (inflateInit(&z) != Z_OK)
        return NULL;
    *size = 0;
    while (r == Z_OK && *size < most) {
        uint8_t *more = realloc(out, room);
        if (!more)
            break;
        out = more;
        z.next_out = out + *size;
        z.avail_out = (unsigned)(room - *size);
        r = inflate(&z, Z_NO_FLUSH);
        *size = room - z.avail_out;
        room = room < most / 2 ? 2 * room : most;
    }
    inflateEnd(&z);
    if (*size)
        return out;
    free(out);
    return NULL;
}

/** The blip whose record begins at p. */
static bool blip_at(const uint8_t *p, size_t n, struct blip *blip)
{
    if (n < BLIP_HEAD + 17 || p[3] != 0xf0 || (p[0] & 15))
        return false;
    uint16_t type = le16(p + 2), instance = le16(p) >> 4;
    uint32_t length = le32(p + 4);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        const struct blip_kind *kind = &kinds[i];
        if (kind->type != type || (kind->instance != instance && kind->second != instance))
            continue;
        size_t head = (instance == kind->second ? 32 : 16) + (kind->metafile ? METAFILE_HEAD : 1);
        if (length <= head || length > n - BLIP_HEAD)
            return false;
        *blip = (struct blip){kind, p + BLIP_HEAD + head, length - head, BLIP_HEAD + length};
        return true;
    }
    return false;
}

/** Where the pixels of a bitmap begin, its file header counted. 0 if it is none. */
static uint32_t dib_pixels(const uint8_t *p, size_t n)
{
    if (n < 40 || (le32(p) != 40 && le32(p) != 108 && le32(p) != 124))
        return 0;
    uint32_t bits = le16(p + 14), colors = le32(p + 32), masks = le32(p + 16) == 3 && le32(p) == 40 ? 12 : 0;
    if (!colors && bits <= 8)
        colors = 1u << bits;
    return colors <= 256 ? 14 + le32(p) + masks + 4 * colors : 0;
}

bool deliver_dib(struct delivery *out, struct parcel *parcel)
{
    uint8_t head[14] = {'B', 'M'};
    uint32_t pixels = dib_pixels(parcel->bytes, parcel->n);
    uint32_t size = (uint32_t)parcel->n + 14;
    struct member member;
    if (!pixels || parcel->n > UINT32_MAX - 14)
        return deliver(out, parcel);
    for (int i = 0; i < 4; i++) {
        head[2 + i] = (uint8_t)(size >> 8 * i);
        head[10 + i] = (uint8_t)(pixels >> 8 * i);
    }
    if (!deliver_begin(out, &member, parcel, size))
        return false;
    member_data(&member, head, 14, 0);
    member_data(&member, parcel->bytes, parcel->n, 14);
    member_end(&member, parcel->status, size, "a file header was added: its digests are those of no stored file");
    return true;
}

static bool deliver_metafile(struct delivery *out, struct parcel *parcel)
{
    size_t n;
    /* The byte before the last of its header: 0 for deflate, 0xfe for none. */
    if (parcel->bytes[-2] != 0)
        return deliver(out, parcel);
    uint8_t *bytes = inflate_all(parcel->bytes, parcel->n, INFLATE_MOST, &n);
    if (!bytes) {
        parcel->status = TRAWL_DAMAGED;
        parcel->detail = "cannot be inflated";
        return deliver(out, parcel);
    }
    parcel->bytes = bytes;
    parcel->n = n;
    bool more = deliver(out, parcel);
    free(bytes);
    return more;
}

uint64_t blip_deliver(struct delivery *out, const char *path, const uint8_t *p, size_t n)
{
    uint64_t number = 0;
    struct blip blip;
    for (size_t i = 0; i < n && !out->full;) {
        if (!blip_at(p + i, n - i, &blip)) {
            i++;
            continue;
        }
        char name[DELIVER_NAME] = "";
        name_add(name, "%s/%llu.%s", path, (unsigned long long)++number, blip.kind->ending);
        struct parcel parcel = {
            .name = name, .name_len = strlen(name), .offset = UINT64_MAX, .bytes = blip.p, .n = blip.n};
        if (blip.kind->metafile)
            deliver_metafile(out, &parcel);
        else if (blip.kind->dib)
            deliver_dib(out, &parcel);
        else
            deliver(out, &parcel);
        i += blip.whole;
    }
    return number;
}

enum { EXCEL_CONTINUE = 0x3c, EXCEL_GROUP = 0xeb, EXCEL_IMAGE = 0x7f };

uint64_t blip_deliver_excel(struct delivery *out, const char *path, const uint8_t *p, size_t n)
{
    uint8_t *joined = malloc(n + !n);
    size_t size = 0;
    uint16_t last = 0;
    if (!joined) {
        end_memory(out->end);
        return 0;
    }
    for (size_t i = 0; n - i >= 4;) {
        uint16_t type = le16(p + i), length = le16(p + i + 2);
        size_t rest = n - i - 4;
        length = length < rest ? length : (uint16_t)rest;
        if (type != EXCEL_CONTINUE)
            last = type;
        if (last == EXCEL_GROUP || last == EXCEL_IMAGE) {
            memcpy(joined + size, p + i + 4, length);
            size += length;
        }
        i += 4u + length;
    }
    uint64_t number = blip_deliver(out, path, joined, size);
    free(joined);
    return number;
}
