/* zip_gap.c: what a zip holds beside what its central directory lists. */
#include "source/zip.h"
#include "trawl/carve.h"

#include <stdlib.h>
#include <string.h>

/** The next "PK" from `at` on; `to` if there is none. */
static uint64_t next_mark(struct zip *zip, uint64_t at, uint64_t to)
{
    while (at < to) {
        size_t n;
        const uint8_t *p = window_at(&zip->data, at, 4, &n);
        const uint8_t *hit = p && n >= 4 ? memmem(p, n - 2, "PK", 2) : NULL;
        if (hit)
            return at + (uint64_t)(hit - p) < to ? at + (uint64_t)(hit - p) : to;
        if (!p || n < 4)
            return to;
        at += n - 3;
    }
    return to;
}

/** Length of a stray record of a central directory, or of its end; 0 if it is none. */
static uint64_t record_length(struct zip *zip, uint64_t at, uint64_t to)
{
    size_t n;
    const uint8_t *p = window_at(&zip->data, at, ZIP_END64_SIZE, &n);
    uint64_t length = 0;
    if (!p || n < ZIP_LOCATOR64_SIZE)
        return 0;
    uint32_t sign = le32(p);
    if (sign == ZIP_CENTRAL && n >= ZIP_CENTRAL_SIZE)
        length = ZIP_CENTRAL_SIZE + (uint64_t)le16(p + 28) + le16(p + 30) + le16(p + 32);
    else if (sign == ZIP_END && n >= ZIP_END_SIZE)
        length = ZIP_END_SIZE + (uint64_t)le16(p + 20);
    else if (sign == ZIP_LOCATOR64)
        length = ZIP_LOCATOR64_SIZE;
    else if (sign == ZIP_END64 && n >= ZIP_END64_SIZE && le64(p + 4) < 65536)
        length = 12 + le64(p + 4);
    return length <= to - at ? length : 0;
}

/** Delivers the entry whose local header was found at `at`. Returns its end. */
static uint64_t hidden_member(struct zip *zip, struct zip_entry *entry, uint64_t to)
{
    entry->index = zip->index++;
    zip->hidden++;
    zip->end->entries = zip->index;
    uint64_t end = entry->data + zip_member(zip, entry, to);
    if (entry->flags & ZIP_FLAG_DESCRIPTOR && end < to) {
        size_t n;
        const uint8_t *p = window_at(&zip->data, end, 24, &n);
        bool sign = p && n >= 16 && le32(p) == ZIP_DESCRIPTOR;
        /* Two more words if the sizes are of 8 bytes: the upper half of the first is then zero. */
        uint64_t length = !sign ? 0 : n >= 24 && le64(p + 8) == end - entry->data ? 24 : 16;
        end += length <= to - end ? length : 0;
    }
    return end;
}

static void scan_gap(struct zip *zip, uint64_t at, uint64_t to, uint8_t *name)
{
    if (window_zeros(&zip->data, at, to)) {
        ranges_add(&zip->ranges, at, to);
        return;
    }
    while ((at = next_mark(zip, at, to)) < to) {
        struct zip_entry entry;
        uint64_t start = at, length;
        if (zip_entry_from_local(zip, at, to, &entry, name)) {
            if (end_at_entry_limit(zip->end, zip->input, zip->index))
                return;
            at = hidden_member(zip, &entry, to);
            ranges_add(&zip->ranges, start, at);
        } else if ((length = record_length(zip, at, to)) > 0) {
            at += length;
            ranges_add(&zip->ranges, start, at);
        } else {
            at += 2;
        }
    }
}

/** What is neither entry nor record is searched for files of any kind. The byte with which the container begins is the
 * container, or whatever stands before the zip in it: that is an item already. */
void zip_carve_gaps(struct zip *zip)
{
    size_t n = zip->ranges.n, gaps = 0;
    struct carve_range *gap = calloc(n + 1, sizeof(*gap));
    uint64_t at = 1;
    if (!gap) {
        end_memory(zip->end);
        return;
    }
    for (size_t i = 0; i <= n; i++) {
        uint64_t to = i < n ? zip->ranges.items[i].start : zip->input->size;
        if (to > at)
            gap[gaps++] = (struct carve_range){at, to};
        at = i < n && zip->ranges.items[i].end > at ? zip->ranges.items[i].end : at;
    }
    if (gaps)
        zip->index = carve_rest(zip->input, zip->sink, gap, gaps, zip->index, zip->end);
    free(gap);
}

void zip_scan_gaps(struct zip *zip)
{
    ranges_join(&zip->ranges);
    size_t n = zip->ranges.n;
    struct range *known = n ? calloc(n, sizeof(*known)) : NULL;
    uint8_t *name = malloc(65536);
    if (zip->ranges.incomplete || !name || (n && !known)) {
        end_memory(zip->end);
    } else {
        uint64_t at = 0;
        if (n)
            memcpy(known, zip->ranges.items, n * sizeof(*known));
        for (size_t i = 0; i < n; i++) {
            scan_gap(zip, at, known[i].start, name);
            at = known[i].end;
        }
        scan_gap(zip, at, zip->input->size, name);
    }
    free(name);
    free(known);
    ranges_join(&zip->ranges);
}
