/* codes.h: the codes of one list on their way through its category map. */
#ifndef MATCH_CODES_H
#define MATCH_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "match/builder.h"
#include "match/category_map.h"

/** Codes of one list that have a row of their own; beyond them codes are only counted as others. */
#define CODES_MAX 1024

struct code_row {
    /** As the list or the map writes it. */
    struct buf raw;
    /** Offsets in the strings: the code, its name, both as a category ("1 child abuse material"). */
    uint32_t code, name, category;
    uint8_t severity;
    uint16_t flags;
    bool unmapped;
    uint64_t entries;
};

struct codes {
    const struct category_map *map;
    struct code_row *rows;
    size_t n, cap;
    /** Found last: lists repeat themselves. */
    size_t last;
};

/** Puts a map in force: all its codes get rows, so that reports show the whole map. */
void codes_init(struct codes *codes, const struct category_map *map, struct string_arena *strings);
void codes_free(struct codes *codes);
/** Number of the row of a code; one that the map has not gets a row with the map's default severity. */
size_t codes_row(struct codes *codes, const void *code, size_t n, struct string_arena *strings);
/** Hands the rows over to the builder, as those of the list that was loaded last. */
void codes_store(const struct codes *codes, struct builder *builder);

#endif
