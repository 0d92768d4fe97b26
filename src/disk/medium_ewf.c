/*
 * medium_ewf.c: EnCase images (E01, S01), in one or several segment files.
 *
 * Written anew because it is the hot path: an image is as fast as its chunks are unpacked, which libdeflate does two to
 * three times as fast as the zlib of libewf; and libewf gives the bytes of a broken chunk without a word, opens its
 * segments by name, and reads half an image as a whole one.
 */
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "disk/ewf.h"

#define SECTION_SIZE 76u
#define FILE_HEADER  13u
#define TABLE_HEADER 24u
/** A disk of 32 TiB has two million sections; of one segment, some thousand. */
#define MAX_SECTIONS 4000000u
/** Numbers kept in memory: 64 MiB. */
#define MAX_LOADED (8u << 20)
#define MAX_TABLE  (16u << 20)

struct section {
    char type[17];
    uint64_t at, next, size;
};

static bool read_section(const struct segment *segment, uint64_t at, struct section *section)
{
    uint8_t bytes[SECTION_SIZE];
    if (!segment_read(segment, bytes, sizeof(bytes), at) ||
        libdeflate_adler32(1, bytes, SECTION_SIZE - 4) != get_le(bytes + SECTION_SIZE - 4, 4))
        return false;
    *section = (struct section){.at = at, .next = get_le(bytes + 16, 8), .size = get_le(bytes + 24, 8)};
    memcpy(section->type, bytes, 16);
    return true;
}

static bool is(const struct section *section, const char *type)
{
    return strcmp(section->type, type) == 0;
}

static bool read_volume(struct medium *medium, const struct segment *segment, const struct section *section)
{
    struct ewf *ewf = medium->state;
    uint8_t v[94];
    if (ewf->has_volume)
        return true;
    if (!segment_read(segment, v, sizeof(v), section->at + SECTION_SIZE))
        return medium_fail(medium, TRAWL_DAMAGED, "the section that describes the disk is cut");
    bool smart = section->size && section->size - SECTION_SIZE <= 94;
    uint64_t per_chunk = get_le(v + 8, 4), sector = get_le(v + 12, 4), sectors = get_le(v + 16, smart ? 4 : 8);
    if (!per_chunk || sector < 512 || sector > 65536 || sector & (sector - 1) || per_chunk > MEDIUM_PACK_MAX / sector ||
        sectors > INT64_MAX / sector)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers of sectors");
    ewf->chunk = (uint32_t)(per_chunk * sector);
    medium->block = ewf->chunk;
    medium->size = sectors * sector;
    ewf->chunks = medium->size / ewf->chunk + (medium->size % ewf->chunk != 0);
    ewf->has_volume = true;
    return true;
}

bool ewf_table_add(struct medium *medium, const struct ewf_table *table)
{
    struct ewf *ewf = medium->state;
    if (ewf->n_tables == ewf->cap) {
        size_t cap = ewf->cap ? ewf->cap * 2 : 64;
        struct ewf_table *more = realloc(ewf->tables, cap * sizeof(*more));
        if (!more)
            return medium_fail(medium, TRAWL_LIMIT, "not enough memory for the tables of the image");
        ewf->tables = more;
        ewf->cap = cap;
    }
    ewf->tables[ewf->n_tables++] = *table;
    ewf->placed += table->n;
    return true;
}

/** A table section, or its copy where the first one has a wrong checksum. */
static bool add_table(struct medium *medium, uint32_t number, const struct section *section)
{
    struct ewf *ewf = medium->state;
    const struct segment *segment = &medium->segments[number];
    uint8_t head[TABLE_HEADER];
    if (!segment_read(segment, head, sizeof(head), section->at + SECTION_SIZE) ||
        libdeflate_adler32(1, head, 20) != get_le(head + 20, 4))
        return false;
    struct ewf_table table = {
        .segment = number,
        .n = (uint32_t)get_le(head, 4),
        .first_chunk = ewf->placed,
        .entries = section->at + SECTION_SIZE + TABLE_HEADER,
        .base = get_le(head + 8, 8),
        .data_end = ewf->sectors_end ? ewf->sectors_end : section->next,
    };
    if (!table.n || table.n > MAX_TABLE || table.entries + 4ull * table.n > segment->size || table.base > INT64_MAX)
        return false;
    if (!ewf_table_add(medium, &table))
        return false;
    ewf->unplaced = 0;
    return true;
}

/** Chunks that stand behind ones that are lost are at no known place: the image ends there. */
static void salvage(struct medium *medium, uint32_t number, const char *why)
{
    struct ewf *ewf = medium->state;
    if (!ewf->unplaced)
        return;
    medium_note(medium, "%s, in segment %u", why, number + 1);
    ewf->lost = !ewf_salvage(medium, number, ewf->unplaced, ewf->sectors_end);
    ewf->unplaced = 0;
}

/** Reads one section. Returns false at the end of the segment. */
static bool take_section(struct medium *medium, uint32_t number, const struct section *s, bool *table_missed)
{
    struct ewf *ewf = medium->state;
    const struct segment *segment = &medium->segments[number];
    if (is(s, "sectors") || is(s, "done") || is(s, "next"))
        salvage(medium, number, "a table of chunks is broken, and has no copy");
    if (is(s, "volume") || is(s, "disk") || (is(s, "data") && !ewf->has_volume)) {
        if (!read_volume(medium, segment, s))
            return false;
    } else if (is(s, "sectors")) {
        ewf->sectors_end = s->size ? s->at + s->size : s->next;
        ewf->unplaced = s->at + SECTION_SIZE;
    } else if (is(s, "table")) {
        *table_missed = !add_table(medium, number, s);
    } else if (is(s, "table2")) {
        if (*table_missed && !add_table(medium, number, s))
            salvage(medium, number, "a table of chunks is broken, and its copy");
        *table_missed = false;
    } else if (is(s, "done") || is(s, "next")) {
        ewf->done = is(s, "done");
        return false;
    } else {
        ewf_case_section(medium, s->type, segment, s->at + SECTION_SIZE,
                         s->size > SECTION_SIZE ? s->size - SECTION_SIZE : 0);
    }
    return true;
}

static void read_segment(struct medium *medium, uint32_t number)
{
    struct ewf *ewf = medium->state;
    const struct segment *segment = &medium->segments[number];
    bool table_missed = false;
    struct section section;
    ewf->sectors_end = ewf->unplaced = 0;
    uint64_t at = FILE_HEADER;
    for (uint32_t i = 0; i < MAX_SECTIONS; i++) {
        if (!read_section(segment, at, &section)) {
            medium_note(medium, "truncated or broken: segment %u has no section at byte %llu", number + 1,
                        (unsigned long long)at);
            salvage(medium, number, "a table of chunks is lost");
            return;
        }
        if (!take_section(medium, number, &section, &table_missed) || ewf->lost)
            return;
        if (section.next <= at)
            return;
        at = section.next;
    }
}

/** Segments are numbered from 1; one that is missing ends the image: what comes behind cannot be placed. */
static bool check_segment(struct medium *medium, uint32_t number)
{
    uint8_t head[FILE_HEADER];
    static const uint8_t magic[8] = {'E', 'V', 'F', 9, 13, 10, 255, 0};
    if (!segment_read(&medium->segments[number], head, sizeof(head), 0))
        return medium_fail(medium, TRAWL_DAMAGED, "shorter than its header");
    if (memcmp(head, magic, 8) != 0)
        return medium_fail(medium, TRAWL_UNSUPPORTED, "logical evidence file or unknown version");
    uint32_t says = (uint32_t)get_le(head + 9, 2);
    if (says != ((number + 1) & 0xffff) && number == 0)
        return medium_fail(medium, TRAWL_UNSUPPORTED, "segment %u of an image whose first segment is not here", says);
    if (says != ((number + 1) & 0xffff))
        medium_note(medium, "a file that should be segment %u says that it is segment %u", number + 1, says);
    return says == ((number + 1) & 0xffff);
}

static bool is_second_version(const struct medium *medium)
{
    uint8_t head[8];
    return medium->n_segments && segment_read(&medium->segments[0], head, sizeof(head), 0) &&
           memcmp(head, "EVF2\r\n\x81", 8) == 0;
}

static bool ewf_open(struct medium *medium)
{
    if (is_second_version(medium)) {
        medium->format = &ewf2_medium;
        return ewf2_medium.open(medium);
    }
    struct ewf *ewf = medium->state = calloc(1, sizeof(*ewf));
    if (!ewf)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    for (uint32_t i = 0; i < medium->n_segments && !ewf->lost && check_segment(medium, i); i++)
        read_segment(medium, i);
    if (medium->status != TRAWL_OK)
        return false;
    if (!ewf->has_volume)
        return medium_fail(medium, TRAWL_DAMAGED, "no section describes the disk");
    if (ewf->placed < ewf->chunks) {
        uint64_t missing = ewf->chunks - ewf->placed;
        medium->note[0] = '\0';
        medium_note(medium,
                    "truncated: %llu of %llu chunks are missing, from sector %llu on; %llu found without a table",
                    (unsigned long long)missing, (unsigned long long)ewf->chunks,
                    (unsigned long long)(ewf->placed * ewf->chunk / 512), (unsigned long long)ewf->salvaged);
    } else if (!ewf->done) {
        medium_note(medium, "truncated: the section that ends the image is missing");
    }
    return true;
}

/** Bit 31 says packed, until the offsets outgrow it: from there on none is. */
static void decode_offsets(const struct ewf_table *table, const uint8_t *bytes, uint64_t *offsets)
{
    bool outgrown = false;
    for (uint32_t i = 0; i < table->n; i++) {
        uint32_t raw = (uint32_t)get_le(bytes + 4ull * i, 4), plain = raw & 0x7fffffff;
        uint32_t next = i + 1 < table->n ? (uint32_t)get_le(bytes + 4ull * i + 4, 4) : 0;
        offsets[i] = table->base + (outgrown ? raw : plain);
        if (!outgrown && raw & 0x80000000)
            offsets[i] |= EWF_PACKED;
        /* The next one begins behind 2 GiB if, read as packed, it would begin before this one. */
        if (!outgrown && i + 1 < table->n && next & 0x80000000 && (next & 0x7fffffff) < plain)
            outgrown = true;
    }
}

static void forget(struct ewf *ewf, const struct ewf_table *but)
{
    for (size_t tried = 0; ewf->loaded > MAX_LOADED && tried < ewf->n_tables; tried++) {
        struct ewf_table *table = &ewf->tables[ewf->next_forgotten++ % ewf->n_tables];
        if (table == but || !table->offsets || !table->entries)
            continue;
        free(table->offsets);
        table->offsets = NULL;
        ewf->loaded -= table->n;
    }
}

static bool load_table(struct medium *medium, struct ewf_table *table)
{
    struct ewf *ewf = medium->state;
    size_t bytes = 4ull * table->n;
    uint8_t *raw = malloc(bytes);
    uint64_t *offsets = malloc(sizeof(*offsets) * table->n);
    if (raw && offsets && segment_read(&medium->segments[table->segment], raw, bytes, table->entries)) {
        decode_offsets(table, raw, offsets);
        table->offsets = offsets;
        ewf->loaded += table->n;
        offsets = NULL;
    }
    free(raw);
    free(offsets);
    forget(ewf, table);
    return table->offsets != NULL;
}

static struct ewf_table *table_of(struct ewf *ewf, uint64_t chunk)
{
    size_t low = 0, high = ewf->n_tables;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (ewf->tables[middle].first_chunk <= chunk)
            low = middle;
        else
            high = middle;
    }
    return low < high ? &ewf->tables[low] : NULL;
}

static void ewf_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    struct ewf *ewf = medium->state;
    uint64_t chunk = offset / ewf->chunk, start = chunk * ewf->chunk;
    uint64_t length = medium->size - start < ewf->chunk ? medium->size - start : ewf->chunk;
    *extent = (struct extent){.kind = EXTENT_MISSING, .start = start, .length = length};
    struct ewf_table *table = chunk < ewf->placed ? table_of(ewf, chunk) : NULL;
    if (!table || (!table->offsets && !load_table(medium, table)))
        return;
    uint64_t i = chunk - table->first_chunk;
    uint64_t at = table->offsets[i] & ~EWF_PACKED;
    uint64_t end = i + 1 < table->n ? table->offsets[i + 1] & ~EWF_PACKED : table->data_end;
    if (end <= at || end - at > 2ull * ewf->chunk + 4096)
        end = at + ewf->chunk + 4096;
    extent->kind = table->offsets[i] & EWF_PACKED ? EXTENT_ZLIB : EXTENT_CHECKED;
    extent->segment = table->segment;
    extent->at = at;
    extent->packed = (uint32_t)(end - at);
}

static void ewf_close(struct medium *medium)
{
    struct ewf *ewf = medium->state;
    for (size_t i = 0; ewf && i < ewf->n_tables; i++)
        free(ewf->tables[i].offsets);
    if (ewf)
        free(ewf->tables);
    free(ewf);
}

const struct medium_format ewf_medium = {"ewf", ewf_open, ewf_locate, ewf_close};
