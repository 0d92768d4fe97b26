/* ole_stream.c: what is in the streams of an OLE file: thumbnails, Office's pictures, packages, attachments. */
#include <stdlib.h>
#include <string.h>

#include "document/blip.h"
#include "document/ole.h"
#include "document/ole1.h"

enum { INFLATE_MOST = 512 << 20 };

static void give(struct ole *ole, const char *name, const uint8_t *p, size_t n)
{
    struct parcel parcel = {.name = name, .name_len = strlen(name), .offset = UINT64_MAX, .bytes = p, .n = n};
    deliver(&ole->out, &parcel);
}

/** The file that a thumbnail was made of. Streams are called after its number in the catalogue, digits reversed. */
static void add_catalogue_name(const struct ole *ole, const char *stream, char *name)
{
    uint64_t number = 0, digit = 1;
    for (const char *c = stream; *c >= '0' && *c <= '9' && digit < UINT32_MAX; c++, digit *= 10)
        number += digit * (uint64_t)(*c - '0');
    const uint8_t *p = ole->catalogue, *end = p + ole->catalogue_n;
    if (ole->catalogue_n < 16)
        return;
    for (p += le16(p); p <= end && end - p >= 18; p += le32(p)) {
        uint32_t size = le32(p);
        if (size < 16 || size > (size_t)(end - p))
            return;
        if (le32(p + 4) != number)
            continue;
        name_add(name, "/");
        name_add_utf16(name, p + 16, size - 16);
        return;
    }
}

/** A thumbnail: its header's length, a kind, the picture's length, more; then the picture. */
static void read_thumbnail(struct ole *ole, const struct ole_stream *stream)
{
    char name[DELIVER_NAME] = "";
    const uint8_t *p = stream->p;
    size_t n = stream->n, head = n >= 16 ? le32(p) : 0, length = n >= 16 ? le32(p + 8) : 0;
    name_add(name, "%s", stream->path);
    if (head >= 12 && head <= 64 && head < n && length && length <= n - head) {
        p += head;
        n = length;
    } else {
        const uint8_t *jpeg = memmem(p, n < 64 ? n : 64, "\xff\xd8\xff", 3);
        n -= jpeg ? (size_t)(jpeg - p) : 0;
        p = jpeg ? jpeg : p;
    }
    add_catalogue_name(ole, stream->name, name);
    if (!strchr(name, '/'))
        name_add_ending(name, p, n);
    give(ole, name, p, n);
}

/** "\1Ole10Native": a package, or bytes of some program. */
static void read_native(struct ole *ole, const struct ole_stream *stream)
{
    char name[DELIVER_NAME] = "";
    struct ole1 object;
    size_t folder = strlen(stream->path) - strlen(stream->name);
    name_add(name, "%.*s", (int)folder, stream->path);
    if (stream->n > 4 && ole1_package(stream->p + 4, stream->n - 4, &object) && object.name_len) {
        name_add(name, "%.*s", (int)(object.name_len < 256 ? object.name_len : 256), object.name);
        give(ole, name, object.p, object.n);
    } else if (stream->n > 4) {
        name_add(name, "native");
        name_add_ending(name, stream->p + 4, stream->n - 4);
        give(ole, name, stream->p + 4, stream->n - 4);
    }
}

/** The data of an attachment of a message, under its long name, or its short one. */
static void read_attachment(struct ole *ole, const struct ole_stream *stream)
{
    static const char *const names[] = {"__substg1.0_3707001F", "__substg1.0_3704001F", "__substg1.0_3707001E",
                                        "__substg1.0_3704001E"};
    char name[DELIVER_NAME] = "";
    size_t folder = strlen(stream->path) - strlen(stream->name);
    name_add(name, "%.*s", (int)folder, stream->path);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size_t n;
        uint8_t *text = ole_beside(stream, names[i], &n);
        if (!text)
            continue;
        if (i < 2)
            name_add_utf16(name, text, n);
        else
            name_add(name, "%.*s", (int)(n < 256 ? n : 256), (const char *)text);
        free(text);
        give(ole, name, stream->p, stream->n);
        return;
    }
    name_add(name, "attachment");
    name_add_ending(name, stream->p, stream->n);
    give(ole, name, stream->p, stream->n);
}

/** Embedded objects of PowerPoint: OLE files, packed. */
static void read_powerpoint(struct ole *ole, const struct ole_stream *stream)
{
    const uint8_t *p = stream->p;
    uint64_t number = 0;
    for (size_t i = 0; stream->n - i >= 12;) {
        uint32_t length = le32(p + i + 4);
        bool container = (p[i] & 15) == 15;
        if (le16(p + i + 2) == 0x1011 && length > 4 && length <= stream->n - i - 8) {
            char name[DELIVER_NAME] = "";
            size_t n = length;
            bool packed = le16(p + i) >> 4 == 1;
            uint8_t *bytes = packed ? inflate_all(p + i + 12, length - 4, INFLATE_MOST, &n) : NULL;
            const uint8_t *object = packed ? bytes : p + i + 8;
            name_add(name, "%s/object%llu", stream->path, (unsigned long long)++number);
            if (object) {
                name_add_ending(name, object, n);
                give(ole, name, object, n);
            }
            free(bytes);
        }
        /* A container's records come next; any other one is passed over. */
        if (!container && length > stream->n - i - 8)
            return;
        i += container ? 8 : 8u + (size_t)length;
    }
}

/** What says that a document's streams are encrypted; NULL where nothing does. */
static const char *encryption_of(const struct ole_stream *stream)
{
    const uint8_t *p = stream->p;
    if (!strcmp(stream->name, "EncryptedPackage"))
        return "the document is encrypted";
    if (!strcmp(stream->name, "WordDocument") && stream->n >= 12 && le16(p) >= 0xa5dc && p[11] & 1)
        return "the Word document is encrypted";
    if (!strcmp(stream->name, "Current User") && stream->n >= 16 && le32(p + 12) == 0xf3d1c4df)
        return "the presentation is encrypted";
    /* FILEPASS stands right behind the first record. */
    if ((!strcmp(stream->name, "Workbook") || !strcmp(stream->name, "Book")) && stream->n >= 8 &&
        4u + le16(p + 2) + 2 <= stream->n && le16(p + 4 + le16(p + 2)) == 0x2f)
        return "the workbook is encrypted";
    return NULL;
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names != NULL;
}

/** True for streams of thumbnails: their numbers, or since Vista "256_" and a hash. */
static bool is_thumbnail(const struct ole *ole, const char *name)
{
    size_t digits = strspn(name, "0123456789");
    return digits && ((ole->is_thumbs && !name[digits]) ||
                      (name[digits] == '_' && strspn(name + digits + 1, "0123456789abcdef") >= 8));
}

void ole_stream_read(struct ole *ole, const struct ole_stream *stream)
{
    static const char *const drawings[] = {"Pictures", "Data", "WordDocument", "0Table", "1Table", NULL};
    static const char *const sheets[] = {"Workbook", "Book", NULL};
    uint64_t found = 0;
    const char *encrypted = encryption_of(stream);
    if (encrypted)
        ole->encrypted = encrypted;
    if (is_thumbnail(ole, stream->name)) {
        read_thumbnail(ole, stream);
        return;
    }
    if (!strcmp(stream->name, "\001Ole10Native")) {
        read_native(ole, stream);
        return;
    }
    if (!strcmp(stream->name, "__substg1.0_37010102")) {
        read_attachment(ole, stream);
        return;
    }
    if (is_one_of(stream->name, drawings))
        found = blip_deliver(&ole->out, stream->path, stream->p, stream->n);
    else if (is_one_of(stream->name, sheets))
        found = blip_deliver_excel(&ole->out, stream->path, stream->p, stream->n);
    else if (!strcmp(stream->name, "PowerPoint Document"))
        read_powerpoint(ole, stream);
    if (!found && !encrypted && deliver_worthy(stream->p, stream->n))
        give(ole, stream->path, stream->p, stream->n);
}
