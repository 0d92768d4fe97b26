#include "decode/ifd.h"

/** A number of n bytes; 0 where they are not there. */
static uint64_t number(const struct ifd_file *file, uint64_t at, unsigned n)
{
    uint64_t value = 0;
    if (at > file->size || file->size - at < n)
        return 0;
    for (unsigned i = 0; i < n; i++)
        value = value << 8 | file->data[at + (file->little ? n - 1 - i : i)];
    return value;
}

static unsigned entry_bytes(const struct ifd_file *file)
{
    return file->big_tiff ? 20 : 12;
}

/** Bytes of the number of entries. */
static unsigned count_bytes(const struct ifd_file *file)
{
    return file->big_tiff ? 8 : 2;
}

static unsigned type_bytes(uint16_t type)
{
    static const uint8_t bytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
    return type < sizeof(bytes) ? bytes[type] : 0;
}

bool ifd_open(struct ifd_file *file, const uint8_t *data, size_t size, uint64_t *first)
{
    *file = (struct ifd_file){.data = data, .size = size};
    if (size < 8 || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M'))
        return false;
    file->little = data[0] == 'I';
    file->big_tiff = number(file, 2, 2) == 43;
    *first = file->big_tiff ? number(file, 8, 8) : number(file, 4, 4);
    return *first >= 8 && *first < size;
}

uint64_t ifd_entries(const struct ifd_file *file, uint64_t at)
{
    uint64_t n = number(file, at, count_bytes(file));
    /* Any number may stand there: what the file has no room for is not there. */
    return n <= file->size / entry_bytes(file) ? n : 0;
}

bool ifd_entry(const struct ifd_file *file, uint64_t at, uint64_t i, struct ifd_entry *entry)
{
    unsigned bytes = entry_bytes(file), word = file->big_tiff ? 8 : 4;
    uint64_t from = at + count_bytes(file) + i * bytes, size;
    if (at > file->size || from > file->size || file->size - from < bytes)
        return false;
    entry->tag = (uint16_t)number(file, from, 2);
    entry->type = (uint16_t)number(file, from + 2, 2);
    entry->count = number(file, from + 4, word);
    entry->at = from + 4 + word;
    if (__builtin_mul_overflow(entry->count, (uint64_t)type_bytes(entry->type), &size))
        return false;
    if (size > word)
        entry->at = number(file, entry->at, word);
    return entry->at <= file->size;
}

bool ifd_find(const struct ifd_file *file, uint64_t at, uint16_t tag, struct ifd_entry *entry)
{
    uint64_t n = ifd_entries(file, at);
    for (uint64_t i = 0; i < n; i++)
        if (ifd_entry(file, at, i, entry) && entry->tag == tag)
            return true;
    return false;
}

uint64_t ifd_value(const struct ifd_file *file, const struct ifd_entry *entry, uint64_t i)
{
    unsigned bytes = type_bytes(entry->type);
    bool whole = entry->type == 1 || entry->type == 3 || entry->type == 4 || entry->type == 7 || entry->type == 13 ||
                 entry->type == 16 || entry->type == 18;
    if (!whole || i >= entry->count || i > file->size)
        return 0;
    return number(file, entry->at + i * bytes, bytes);
}

uint64_t ifd_get(const struct ifd_file *file, uint64_t at, uint16_t tag, uint64_t otherwise)
{
    struct ifd_entry entry;
    return ifd_find(file, at, tag, &entry) && entry.count ? ifd_value(file, &entry, 0) : otherwise;
}

uint64_t ifd_next(const struct ifd_file *file, uint64_t at)
{
    uint64_t n = ifd_entries(file, at);
    return n ? number(file, at + count_bytes(file) + n * entry_bytes(file), file->big_tiff ? 8 : 4) : 0;
}
