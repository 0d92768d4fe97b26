/*
 * medium_ewf2.c: EnCase images of the second version (Ex01), in one or several segment files.
 *
 * A section is described behind its data, and names the section before it: a segment is read from its end. One that was
 * cut has no section there; the last whole one is looked for, and all from there to the beginning is used.
 */
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "disk/ewf.h"

#define DESCRIPTOR  64u
#define FILE_HEADER 32u
/** Before the entries of a table; the checksum itself, and then padding. */
#define TABLE_HEADER 32u
#define ENTRY        16u
#define MAX_SECTIONS 4000000u
#define MAX_ENTRIES  (1u << 20)
/** Entries kept in memory: 64 MiB. */
#define MAX_LOADED (4u << 20)
#define SEARCH     (1u << 16)

enum section_type {
    SECTION_DEVICE = 1,
    SECTION_CASE = 2,
    SECTION_TABLE = 4,
    SECTION_MD5 = 8,
    SECTION_SHA1 = 9,
    SECTION_KEYS = 11,
    SECTION_NEXT = 13,
    SECTION_DONE = 15,
};

enum { SECTION_ENCRYPTED = 2 };
enum { CHUNK_PACKED = 1, CHUNK_CHECKED = 2, CHUNK_PATTERN = 4 };

struct section {
    uint32_t type, flags;
    /** Where its descriptor stands, that of the one before it (0: none), where its data begins, and their size. */
    uint64_t at, previous, data, size;
};

struct table {
    uint32_t segment, n;
    uint64_t first_chunk, entries;
    /** NULL: not read yet. */
    uint8_t *loaded;
    /** The checksum of the entries is wrong: only chunks that have one of their own can be believed. */
    bool doubtful;
};

struct ewf2 {
    struct table *tables;
    size_t n_tables, cap, loaded, next_forgotten;
    struct ewf2_numbers numbers;
    uint32_t chunk;
    uint64_t chunks;
    bool has_device, has_case, done;
    uint8_t set[16];
};

static bool parse_section(const uint8_t *bytes, uint64_t at, struct section *section)
{
    if (get_le(bytes + 24, 4) != DESCRIPTOR ||
        libdeflate_adler32(1, bytes, DESCRIPTOR - 4) != get_le(bytes + DESCRIPTOR - 4, 4))
        return false;
    *section = (struct section){.type = (uint32_t)get_le(bytes, 4),
                                .flags = (uint32_t)get_le(bytes + 4, 4),
                                .at = at,
                                .previous = get_le(bytes + 8, 8),
                                .size = get_le(bytes + 16, 8)};
    if (section->previous && (section->previous < FILE_HEADER || section->previous > at - DESCRIPTOR))
        return false;
    section->data = section->previous ? section->previous + DESCRIPTOR : FILE_HEADER;
    return section->data <= at && section->size <= at - section->data;
}

static bool read_section(const struct segment *segment, uint64_t at, struct section *section)
{
    uint8_t bytes[DESCRIPTOR];
    return at >= FILE_HEADER && segment_read(segment, bytes, sizeof(bytes), at) && parse_section(bytes, at, section);
}

/** One that is found and not named by another must itself name one: an image may hold an image. */
static bool believe(const struct segment *segment, const struct section *section)
{
    struct section before;
    return section->previous ? read_section(segment, section->previous, &before)
                             : section->type == SECTION_DEVICE || section->type == SECTION_CASE;
}

/** The last section whose descriptor ends at `end` or before; sections are aligned to 16 bytes. */
static bool find_section(const struct segment *segment, uint64_t end, struct section *section)
{
    uint8_t *bytes = malloc(SEARCH + DESCRIPTOR);
    bool found = false;
    uint64_t top = end < FILE_HEADER + DESCRIPTOR ? 0 : (end - DESCRIPTOR) / 16 * 16 + 16;
    while (bytes && !found && top > FILE_HEADER) {
        uint64_t from = top > SEARCH + FILE_HEADER ? top - SEARCH : FILE_HEADER;
        size_t n = (size_t)(top - from) + DESCRIPTOR - 16;
        if (!segment_read(segment, bytes, n, from))
            break;
        for (uint64_t at = top; !found && at > from; at -= 16)
            found = parse_section(bytes + (at - 16 - from), at - 16, section) && believe(segment, section);
        top = from;
    }
    free(bytes);
    return found;
}

static bool add_table(struct medium *medium, uint32_t number, const struct section *section)
{
    struct ewf2 *ewf = medium->state;
    uint8_t head[20];
    if (section->size < TABLE_HEADER + 4 ||
        !segment_read(&medium->segments[number], head, sizeof(head), section->data) ||
        libdeflate_adler32(1, head, 16) != get_le(head + 16, 4))
        return false;
    struct table table = {.segment = number,
                          .n = (uint32_t)get_le(head + 8, 4),
                          .first_chunk = get_le(head, 8),
                          .entries = section->data + TABLE_HEADER};
    if (!table.n || table.n > MAX_ENTRIES || (uint64_t)table.n * ENTRY + 4 > section->size - TABLE_HEADER ||
        table.first_chunk > INT64_MAX)
        return false;
    if (ewf->n_tables == ewf->cap) {
        size_t cap = ewf->cap ? ewf->cap * 2 : 64;
        struct table *more = realloc(ewf->tables, cap * sizeof(*more));
        if (!more)
            return medium_fail(medium, TRAWL_LIMIT, "not enough memory for the tables of the image");
        ewf->tables = more;
        ewf->cap = cap;
    }
    ewf->tables[ewf->n_tables++] = table;
    return true;
}

/** A digest with the Adler-32 of it behind. */
static bool read_digest(const struct segment *segment, const struct section *section, uint8_t *digest, size_t n)
{
    uint8_t bytes[24];
    if (section->size < n + 4 || !segment_read(segment, bytes, n + 4, section->data) ||
        libdeflate_adler32(1, bytes, n) != get_le(bytes + n, 4))
        return false;
    memcpy(digest, bytes, n);
    return true;
}

static void take_text(struct medium *medium, uint32_t number, const struct section *section, bool *had)
{
    struct ewf2 *ewf = medium->state;
    if (*had)
        return;
    *had = ewf2_case_text(&medium->acquisition, &medium->segments[number], section->data, section->size, &ewf->numbers);
}

static bool take_section(struct medium *medium, uint32_t number, const struct section *section)
{
    struct ewf2 *ewf = medium->state;
    struct acquisition *a = &medium->acquisition;
    const struct segment *segment = &medium->segments[number];
    if (section->flags & SECTION_ENCRYPTED || section->type == SECTION_KEYS)
        return medium_fail(medium, TRAWL_ENCRYPTED, "the image is encrypted");
    switch (section->type) {
    case SECTION_DEVICE:
        take_text(medium, number, section, &ewf->has_device);
        break;
    case SECTION_CASE:
        take_text(medium, number, section, &ewf->has_case);
        break;
    case SECTION_TABLE:
        if (!add_table(medium, number, section))
            medium_note(medium, "a table of chunks is broken in segment %u", number + 1);
        break;
    case SECTION_MD5:
        a->has_md5 = read_digest(segment, section, a->md5, sizeof(a->md5));
        break;
    case SECTION_SHA1:
        a->has_sha1 = read_digest(segment, section, a->sha1, sizeof(a->sha1));
        break;
    case SECTION_DONE:
        ewf->done = true;
        break;
    default:
        break;
    }
    return medium->status == TRAWL_OK;
}

static void read_segment(struct medium *medium, uint32_t number)
{
    const struct segment *segment = &medium->segments[number];
    struct section section;
    uint64_t at = segment->size < DESCRIPTOR ? 0 : segment->size - DESCRIPTOR;
    for (uint32_t i = 0; i < MAX_SECTIONS; i++) {
        if (!read_section(segment, at, &section)) {
            medium_note(medium, "truncated or broken: segment %u has no section at byte %llu", number + 1,
                        (unsigned long long)at);
            if (!find_section(segment, at + DESCRIPTOR, &section))
                return;
        }
        if (!take_section(medium, number, &section) || !section.previous)
            return;
        at = section.previous;
    }
}

/** Segments are numbered from 1 and carry the mark of their set; what comes behind a wrong one cannot be placed. */
static bool check_segment(struct medium *medium, uint32_t number)
{
    struct ewf2 *ewf = medium->state;
    uint8_t head[FILE_HEADER];
    static const uint8_t magic[8] = {'E', 'V', 'F', '2', 13, 10, 0x81, 0};
    if (!segment_read(&medium->segments[number], head, sizeof(head), 0))
        return medium_fail(medium, TRAWL_DAMAGED, "shorter than its header");
    uint32_t says = (uint32_t)get_le(head + 12, 4), packing = (uint32_t)get_le(head + 10, 2);
    bool same = number == 0 || (memcmp(head, magic, 8) == 0 && memcmp(head + 16, ewf->set, 16) == 0);
    if (number == 0) {
        memcpy(ewf->set, head + 16, 16);
        if (packing > 1)
            return medium_fail(medium, TRAWL_UNSUPPORTED,
                               packing == 2 ? "chunks packed with bzip2" : "chunks packed in an unknown way");
        if (says != 1)
            return medium_fail(medium, TRAWL_UNSUPPORTED, "segment %u of an image whose first segment is not here",
                               says);
    }
    if (!same)
        medium_note(medium, "a file that should be segment %u belongs to another image", number + 1);
    else if (says != number + 1)
        medium_note(medium, "a file that should be segment %u says that it is segment %u", number + 1, says);
    return same && says == number + 1;
}

static int by_chunk(const void *a, const void *b)
{
    const struct table *x = a, *y = b;
    return x->first_chunk != y->first_chunk ? (x->first_chunk < y->first_chunk ? -1 : 1)
                                            : (x->segment > y->segment) - (x->segment < y->segment);
}

/** Chunks that no table places; the first of them in *first. */
static uint64_t count_missing(const struct ewf2 *ewf, uint64_t *first)
{
    uint64_t next = 0, missing = 0;
    for (size_t i = 0; i <= ewf->n_tables; i++) {
        const struct table *table = i < ewf->n_tables ? &ewf->tables[i] : NULL;
        uint64_t start = table && table->first_chunk < ewf->chunks ? table->first_chunk : ewf->chunks;
        if (start > next && !missing)
            *first = next;
        missing += start > next ? start - next : 0;
        if (table && table->first_chunk + table->n > next)
            next = table->first_chunk + table->n;
    }
    return missing;
}

static bool set_size(struct medium *medium)
{
    struct ewf2 *ewf = medium->state;
    const struct ewf2_numbers *n = &ewf->numbers;
    if (!ewf->has_device || !ewf->has_case)
        return medium_fail(medium, TRAWL_DAMAGED, "no section describes the disk");
    if (!n->per_chunk || n->sector < 512 || n->sector > 65536 || n->sector & (n->sector - 1) ||
        n->per_chunk > MEDIUM_PACK_MAX / n->sector || n->sectors > INT64_MAX / n->sector)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers of sectors");
    ewf->chunk = (uint32_t)(n->per_chunk * n->sector);
    medium->block = ewf->chunk;
    medium->size = n->sectors * n->sector;
    ewf->chunks = medium->size / ewf->chunk + (medium->size % ewf->chunk != 0);
    return true;
}

static bool ewf2_open(struct medium *medium)
{
    struct ewf2 *ewf = medium->state = calloc(1, sizeof(*ewf));
    if (!ewf)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    for (uint32_t i = 0; i < medium->n_segments && check_segment(medium, i); i++)
        read_segment(medium, i);
    if (medium->status != TRAWL_OK || !set_size(medium))
        return false;
    uint64_t first = 0;
    if (ewf->n_tables)
        qsort(ewf->tables, ewf->n_tables, sizeof(*ewf->tables), by_chunk);
    uint64_t missing = count_missing(ewf, &first);
    if (missing) {
        medium->note[0] = '\0';
        medium_note(medium, "truncated: %llu of %llu chunks are missing, from sector %llu on",
                    (unsigned long long)missing, (unsigned long long)ewf->chunks,
                    (unsigned long long)(first * ewf->chunk / 512));
    } else if (!ewf->done) {
        medium_note(medium, "truncated: the section that ends the image is missing");
    }
    return true;
}

static void forget(struct ewf2 *ewf, const struct table *but)
{
    for (size_t tried = 0; ewf->loaded > MAX_LOADED && tried < ewf->n_tables; tried++) {
        struct table *table = &ewf->tables[ewf->next_forgotten++ % ewf->n_tables];
        if (table == but || !table->loaded)
            continue;
        free(table->loaded);
        table->loaded = NULL;
        ewf->loaded -= table->n;
    }
}

static bool load_table(struct medium *medium, struct table *table)
{
    struct ewf2 *ewf = medium->state;
    size_t bytes = (size_t)table->n * ENTRY;
    uint8_t *raw = malloc(bytes + 4);
    if (!raw || !segment_read(&medium->segments[table->segment], raw, bytes + 4, table->entries)) {
        free(raw);
        return false;
    }
    table->doubtful = libdeflate_adler32(1, raw, bytes) != get_le(raw + bytes, 4);
    if (table->doubtful)
        medium_note(medium, "a table of chunks is broken in segment %u", table->segment + 1);
    table->loaded = raw;
    ewf->loaded += table->n;
    forget(ewf, table);
    return true;
}

/** The last table that begins at the chunk or before it. */
static struct table *table_of(struct ewf2 *ewf, uint64_t chunk)
{
    size_t low = 0, high = ewf->n_tables;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ewf->tables[middle].first_chunk <= chunk)
            low = middle + 1;
        else
            high = middle;
    }
    return low && chunk - ewf->tables[low - 1].first_chunk < ewf->tables[low - 1].n ? &ewf->tables[low - 1] : NULL;
}

static enum extent_kind kind_of(const struct table *table, uint32_t flags, uint64_t at)
{
    if (flags & CHUNK_PACKED && flags & CHUNK_PATTERN)
        return table->doubtful ? EXTENT_MISSING : at ? EXTENT_PATTERN : EXTENT_ZERO;
    if (flags & CHUNK_PACKED)
        return EXTENT_ZLIB;
    if (flags & CHUNK_CHECKED)
        return EXTENT_CHECKED;
    return table->doubtful ? EXTENT_MISSING : EXTENT_RAW;
}

static void ewf2_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    struct ewf2 *ewf = medium->state;
    uint64_t chunk = offset / ewf->chunk, start = chunk * ewf->chunk;
    uint64_t length = medium->size - start < ewf->chunk ? medium->size - start : ewf->chunk;
    *extent = (struct extent){.kind = EXTENT_MISSING, .start = start, .length = length};
    struct table *table = table_of(ewf, chunk);
    if (!table || (!table->loaded && !load_table(medium, table)))
        return;
    const uint8_t *entry = table->loaded + (chunk - table->first_chunk) * ENTRY;
    extent->at = get_le(entry, 8);
    extent->packed = (uint32_t)get_le(entry + 8, 4);
    extent->kind = kind_of(table, (uint32_t)get_le(entry + 12, 4), extent->at);
    extent->segment = table->segment;
    if (extent->kind != EXTENT_PATTERN && extent->at > INT64_MAX)
        extent->kind = EXTENT_MISSING;
    /* Whether the checksum counts as a part of the chunk, writers do not agree. */
    if (extent->kind == EXTENT_CHECKED && extent->packed == length)
        extent->packed += 4;
    /* No more than the chunk has is read as a part of it. */
    if (extent->kind == EXTENT_RAW && extent->packed < length)
        extent->kind = EXTENT_MISSING;
}

static void ewf2_close(struct medium *medium)
{
    struct ewf2 *ewf = medium->state;
    for (size_t i = 0; ewf && i < ewf->n_tables; i++)
        free(ewf->tables[i].loaded);
    if (ewf)
        free(ewf->tables);
    free(ewf);
}

const struct medium_format ewf2_medium = {"ewf2", ewf2_open, ewf2_locate, ewf2_close};
