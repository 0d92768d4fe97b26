#include "document/deliver.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void deliver_init(struct delivery *delivery, const struct unpack_input *input, struct unpack_sink *sink,
                  struct unpack_end *end)
{
    *end = (struct unpack_end){.status = TRAWL_OK, .accounted = input->size};
    *delivery = (struct delivery){.input = input, .sink = sink, .end = end};
}

bool deliver_begin(struct delivery *delivery, struct member *member, const struct parcel *parcel, uint64_t size)
{
    struct unpack_entry entry = {
        .index = delivery->index,
        .offset = parcel->offset,
        .size = size,
        .name = (const uint8_t *)parcel->name,
        .name_len = parcel->name_len,
    };
    if (delivery->full || end_at_entry_limit(delivery->end, delivery->input, delivery->index)) {
        delivery->full = true;
        delivery->end->missing = UINT64_MAX;
        return false;
    }
    delivery->end->entries = ++delivery->index;
    member_begin(member, delivery->input, delivery->sink, &entry);
    return true;
}

bool deliver(struct delivery *delivery, const struct parcel *parcel)
{
    struct member member;
    if (!deliver_begin(delivery, &member, parcel, parcel->n))
        return false;
    member_data(&member, parcel->bytes, parcel->n, 0);
    member_end(&member, parcel->status, parcel->n, parcel->detail);
    return true;
}

void name_add(char *name, const char *format, ...)
{
    size_t n = strlen(name);
    va_list args;
    va_start(args, format);
    vsnprintf(name + n, DELIVER_NAME - n, format, args);
    va_end(args);
}

void name_add_ending(char *name, const uint8_t *bytes, size_t n)
{
    static const struct {
        enum file_type type;
        const char *ending;
    } endings[] = {{TYPE_OTHER, "bin"}, {TYPE_JPEG, "jpg"},  {TYPE_TIFF, "tif"},      {TYPE_HEIF, "heic"},
                   {TYPE_OLE, "ole"},   {TYPE_GZIP, "gz"},   {TYPE_SQLITE, "db"},     {TYPE_RAW_PHOTO, "raw"},
                   {TYPE_VCARD, "vcf"}, {TYPE_MPEGTS, "ts"}, {TYPE_THUMBDATA, "dat"}, {TYPE_COMPRESS, "Z"},
                   {TYPE_BZIP2, "bz2"}, {TYPE_ASF, "wmv"},   {TYPE_THUMBCACHE, "db"}};
    enum file_type type = n ? sniff(bytes, n, n) : TYPE_OTHER;
    const char *ending = type_name(type);
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
        if (endings[i].type == type)
            ending = endings[i].ending;
    name_add(name, ".%s", ending);
}

/** The next character of UTF-16LE. */
static uint32_t take_utf16(const uint8_t **p, const uint8_t *end)
{
    uint32_t c = le16(*p);
    *p += 2;
    if (c < 0xd800 || c > 0xdfff)
        return c;
    if (c > 0xdbff || end - *p < 2 || (le16(*p) & 0xfc00) != 0xdc00)
        return '?';
    c = 0x10000 + ((c & 0x3ff) << 10) + (le16(*p) & 0x3ffu);
    *p += 2;
    return c;
}

void name_add_utf16(char *name, const uint8_t *text, size_t bytes)
{
    const uint8_t *end = text + (bytes & ~(size_t)1);
    while (text < end) {
        uint32_t c = take_utf16(&text, end);
        if (!c)
            return;
        if (c < 0x80)
            name_add(name, "%c", (int)c);
        else if (c < 0x800)
            name_add(name, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 63)));
        else if (c < 0x10000)
            name_add(name, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
        else
            name_add(name, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 63)), (int)(0x80 | (c >> 6 & 63)),
                     (int)(0x80 | (c & 63)));
    }
}

bool deliver_worthy(const uint8_t *bytes, size_t n)
{
    static const struct {
        const char *bytes;
        size_t n;
    } magics[] = {{"\xff\xd8\xff", 3}, {"\x89PNG\r\n\x1a\n", 8}, {"ftyp", 4}, {"WEBPVP8", 7}, {"GIF8", 4}};
    if (n < 32)
        return false;
    enum file_type type = sniff(bytes, n, n);
    /* LZMA has next to no magic number: 55 of 700 documents had a stream that looked like it, and none that was. */
    if (type != TYPE_OTHER && type != TYPE_LZMA)
        return true;
    for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
        if (memmem(bytes, n, magics[i].bytes, magics[i].n))
            return true;
    return sniff_base64(bytes, n);
}

bool deliver_too_many(struct delivery *delivery, uint64_t objects)
{
    struct unpack_end *end = delivery->end;
    if (!limit_exceeded(&delivery->input->limits, LIMIT_OBJECTS, objects))
        return false;
    end_note(end, TRAWL_LIMIT, "more than %llu objects",
             (unsigned long long)delivery->input->limits.value[LIMIT_OBJECTS]);
    if (end->status == TRAWL_LIMIT && end->limit == LIMIT_NONE)
        end->limit = LIMIT_OBJECTS;
    end->missing = UINT64_MAX;
    return true;
}

void deliver_too_deep(struct delivery *delivery, unsigned depth)
{
    struct unpack_end *end = delivery->end;
    end_note(end, TRAWL_LIMIT, "more than %u levels inside each other", depth);
    if (end->status == TRAWL_LIMIT && end->limit == LIMIT_NONE)
        end->limit = LIMIT_DEPTH;
    end->missing = UINT64_MAX;
}

void deliver_carved(struct delivery *delivery, const struct carve_range *ranges, size_t n)
{
    if (!delivery->full && n)
        delivery->index = carve_rest(delivery->input, delivery->sink, ranges, n, delivery->index, delivery->end);
}

void deliver_carved_whole(struct delivery *delivery)
{
    const struct carve_range all = {1, delivery->input->size};
    deliver_carved(delivery, &all, all.end > all.start);
}

const uint8_t *deliver_load(struct delivery *delivery, struct window *window)
{
    uint64_t size = delivery->input->size;
    size_t n = 0;
    if (size > SIZE_MAX / 2 || !window_init(window, delivery->input->fd, size, (size_t)size + !size)) {
        *window = (struct window){0};
        end_memory(delivery->end);
        delivery->end->missing = UINT64_MAX;
        return NULL;
    }
    const uint8_t *p = window_at(window, 0, (size_t)size, &n);
    if (n == size && size) {
        if (window->holes)
            end_note(delivery->end, TRAWL_IO_ERROR, HOLES_DETAIL);
        return p;
    }
    end_note(delivery->end, size ? TRAWL_IO_ERROR : TRAWL_DAMAGED, size ? "cannot be read" : "is empty");
    delivery->end->missing = UINT64_MAX;
    window_free(window);
    return NULL;
}
