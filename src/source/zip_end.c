/* zip_end.c: the record at the end of a zip, and whether its numbers are possible. */
#include "source/zip.h"

#include <string.h>

/** zip64: the locator stands before the record; the record it points to abuts on it, or is where it says. */
static bool end64_place(const struct zip_tail *tail, size_t locator, size_t *at)
{
    uint64_t first = tail->size - tail->n, declared = le64(tail->p + locator + 8);
    if (declared >= first && declared - first <= locator && locator - (declared - first) >= ZIP_END64_SIZE) {
        *at = (size_t)(declared - first);
        if (le32(tail->p + *at) == ZIP_END64)
            return true;
    }
    if (locator < ZIP_END64_SIZE)
        return false;
    *at = locator - ZIP_END64_SIZE;
    return le32(tail->p + *at) == ZIP_END64;
}

/** Replaces the numbers that are all ones by those of the zip64 record. False if they need one and there is none. */
static bool end64_read(const struct zip_tail *tail, size_t at, struct zip_end *end, uint64_t *directory_size)
{
    size_t record;
    bool needed = end->entries == UINT16_MAX || *directory_size == UINT32_MAX || end->declared == UINT32_MAX;
    if (at < ZIP_LOCATOR64_SIZE || le32(tail->p + at - ZIP_LOCATOR64_SIZE) != ZIP_LOCATOR64 ||
        !end64_place(tail, at - ZIP_LOCATOR64_SIZE, &record))
        return !needed || end->entries == UINT16_MAX;
    const uint8_t *p = tail->p + record;
    end->zip64 = true;
    end->directory_end = tail->size - tail->n + record;
    /* Version 2 of the record: a compressed or encrypted directory. */
    end->encrypted = le64(p + 4) >= 72 && at - record >= 84 && le16(p + 74);
    if (end->entries == UINT16_MAX || !end->entries)
        end->entries = le64(p + 32);
    if (*directory_size == UINT32_MAX || !*directory_size)
        *directory_size = le64(p + 40);
    if (end->declared == UINT32_MAX || !end->declared)
        end->declared = le64(p + 48);
    return true;
}

static bool end_parse(const struct zip_tail *tail, size_t at, struct zip_end *end)
{
    const uint8_t *p = tail->p + at;
    uint64_t directory_size = le32(p + 12);
    size_t comment = le16(p + 20);
    *end = (struct zip_end){
        .record = tail->size - tail->n + at,
        .directory_end = tail->size - tail->n + at,
        .declared = le32(p + 16),
        .entries = le16(p + 10),
        .disk = le16(p + 4),
    };
    end->end = end->record + ZIP_END_SIZE + comment;
    end->exact = end->end == tail->size;
    if (comment > tail->n - at - ZIP_END_SIZE || le16(p + 6) > end->disk || le16(p + 8) > le16(p + 10))
        return false;
    if (!end64_read(tail, at, end, &directory_size) || directory_size > end->directory_end)
        return false;
    end->directory = end->directory_end - directory_size;
    return directory_size / ZIP_CENTRAL_SIZE >= end->entries && end->declared <= end->directory;
}

bool zip_end_previous(const struct zip_tail *tail, size_t *at, struct zip_end *end)
{
    while (*at > 0) {
        const uint8_t *p = memrchr(tail->p, 'P', *at);
        if (!p)
            return false;
        *at = (size_t)(p - tail->p);
        if (tail->n - *at >= ZIP_END_SIZE && le32(p) == ZIP_END && end_parse(tail, *at, end))
            return true;
    }
    return false;
}

/** 1 if a central record stands at the place, 0 if not, -1 if the tail does not reach that far. */
static int tail_central(const struct zip_tail *tail, uint64_t place)
{
    uint64_t first = tail->size - tail->n;
    if (place < first)
        return -1;
    return tail->size - place >= 4 && le32(tail->p + (place - first)) == ZIP_CENTRAL;
}

bool sniff_zip_tail(const uint8_t *bytes, size_t n, uint64_t size)
{
    struct zip_tail tail = {bytes, n, size};
    struct zip_end end;
    if (n > size)
        return false;
    for (size_t at = n; zip_end_previous(&tail, &at, &end);) {
        if (!end.entries && end.directory == end.directory_end) {
            /* An empty archive has nothing that could prove it: only if it is all there is. */
            if (end.exact && (end.zip64 ? end.directory_end : end.record) == 0)
                return true;
            continue;
        }
        int abutting = tail_central(&tail, end.directory), declared = tail_central(&tail, end.declared);
        if (end.encrypted || abutting == 1 || declared == 1 || (abutting < 0 && end.exact))
            return true;
    }
    return false;
}
