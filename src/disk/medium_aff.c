/* medium_aff.c: the Advanced Forensic Format, version 1: named segments in one file, of which the pages are the disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk/medium.h"

#define FILE_HEADER  8u
#define HEADER       16u
#define TAIL         8u
#define NAME_MAX_LEN 64u
#define MAX_PAGES    (64u << 20)

#define PAGE_PACKED    1u
#define PAGE_ALGORITHM 0xf0u
#define ALGORITHM_ZLIB 0x00u
#define ALGORITHM_ZERO 0x30u

struct aff_page {
    uint64_t at;
    uint32_t size, flags;
};

struct aff {
    struct aff_page *pages;
    size_t n;
    uint64_t page_size;
    bool has_size;
};

static bool add_page(struct medium *medium, uint64_t number, const struct aff_page *page)
{
    struct aff *aff = medium->state;
    if (number >= MAX_PAGES)
        return medium_fail(medium, TRAWL_DAMAGED, "a page has an impossible number");
    if (number >= aff->n) {
        size_t n = number + 1 > 2 * aff->n ? number + 1 : 2 * aff->n;
        struct aff_page *more = realloc(aff->pages, n * sizeof(*more));
        if (!more)
            return medium_fail(medium, TRAWL_LIMIT, "not enough memory for the pages of the image");
        memset(more + aff->n, 0, (n - aff->n) * sizeof(*more));
        aff->pages = more;
        aff->n = n;
    }
    aff->pages[number] = *page;
    return true;
}

static void put_text(const struct segment *segment, char *field, size_t size, uint64_t at, uint64_t n)
{
    n = n < size ? n : size - 1;
    if (segment_read(segment, field, n, at))
        field[n] = '\0';
    for (char *p = field; *p; p++)
        if ((unsigned char)*p < ' ')
            *p = ' ';
}

/** What the image says of its making. */
static void case_segment(struct medium *medium, const char *name, uint64_t at, uint64_t n)
{
    struct acquisition *a = &medium->acquisition;
    const struct segment *segment = &medium->segments[0];
    if (!strcmp(name, "case_num"))
        put_text(segment, a->case_number, sizeof(a->case_number), at, n);
    else if (!strcmp(name, "image_gid"))
        return;
    else if (!strcmp(name, "acquisition_date"))
        put_text(segment, a->acquired, sizeof(a->acquired), at, n);
    else if (!strcmp(name, "acquisition_technician"))
        put_text(segment, a->examiner, sizeof(a->examiner), at, n);
    else if (!strcmp(name, "acquisition_notes"))
        put_text(segment, a->notes, sizeof(a->notes), at, n);
    else if (!strcmp(name, "md5") && n == 16)
        a->has_md5 = segment_read(segment, a->md5, 16, at);
    else if (!strcmp(name, "sha1") && n == 20)
        a->has_sha1 = segment_read(segment, a->sha1, 20, at);
}

static bool take(struct medium *medium, const char *name, uint64_t at, uint32_t n, uint32_t flags)
{
    struct aff *aff = medium->state;
    unsigned long long number;
    int used = 0;
    uint8_t quad[8];
    if (!strcmp(name, "pagesize") || !strcmp(name, "segsize")) {
        aff->page_size = flags;
    } else if (!strcmp(name, "imagesize") && n == 8 && segment_read(&medium->segments[0], quad, 8, at)) {
        medium->size = get_be(quad + 4, 4) << 32 | get_be(quad, 4);
        aff->has_size = true;
    } else if ((sscanf(name, "page%llu%n", &number, &used) == 1 || sscanf(name, "seg%llu%n", &number, &used) == 1) &&
               !name[used]) {
        struct aff_page page = {at, n, flags};
        return add_page(medium, number, &page);
    } else {
        case_segment(medium, name, at, n);
    }
    return true;
}

static bool read_segments(struct medium *medium)
{
    const struct segment *file = &medium->segments[0];
    uint8_t head[HEADER], tail[TAIL];
    uint64_t at = FILE_HEADER;
    while (at < file->size) {
        char name[NAME_MAX_LEN + 1] = "";
        if (!segment_read(file, head, HEADER, at) || memcmp(head, "AFF\0", 4) != 0)
            break;
        uint64_t name_len = get_be(head + 4, 4), n = get_be(head + 8, 4), end = at + HEADER + name_len + n;
        if (!segment_read(file, tail, TAIL, end) || memcmp(tail, "ATT\0", 4) != 0)
            break;
        if (name_len <= NAME_MAX_LEN && segment_read(file, name, name_len, at + HEADER) &&
            !take(medium, name, at + HEADER + name_len, (uint32_t)n, (uint32_t)get_be(head + 12, 4)))
            return false;
        at = end + TAIL;
    }
    if (at < file->size)
        medium_note(medium, "truncated or broken at byte %llu", (unsigned long long)at);
    return true;
}

static bool aff_open(struct medium *medium)
{
    struct aff *aff = medium->state = calloc(1, sizeof(*aff));
    if (!aff)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    if (!read_segments(medium))
        return false;
    if (aff->page_size < 512 || aff->page_size > MEDIUM_PACK_MAX || !aff->n || medium->size > INT64_MAX)
        return medium_fail(medium, TRAWL_DAMAGED, "no pages, or of an impossible size");
    if (!aff->has_size) {
        medium->size = aff->n * aff->page_size;
        medium_note(medium, "truncated: the size of the disk is missing");
    }
    medium->block = aff->page_size;
    return true;
}

static void aff_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    const struct aff *aff = medium->state;
    uint64_t number = offset / aff->page_size, start = number * aff->page_size;
    uint64_t length = medium->size - start < aff->page_size ? medium->size - start : aff->page_size;
    *extent = (struct extent){.kind = EXTENT_MISSING, .start = start, .length = length};
    const struct aff_page *page = number < aff->n ? &aff->pages[number] : NULL;
    if (!page || !page->at)
        return;
    extent->at = page->at;
    extent->packed = page->size;
    if (!(page->flags & PAGE_PACKED))
        extent->kind = EXTENT_RAW;
    else if ((page->flags & PAGE_ALGORITHM) == ALGORITHM_ZLIB)
        extent->kind = EXTENT_ZLIB;
    else if ((page->flags & PAGE_ALGORITHM) == ALGORITHM_ZERO)
        extent->kind = EXTENT_ZERO;
}

static void aff_close(struct medium *medium)
{
    struct aff *aff = medium->state;
    if (aff)
        free(aff->pages);
    free(aff);
}

const struct medium_format aff_medium = {"aff", aff_open, aff_locate, aff_close};
