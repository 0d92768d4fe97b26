/*
 * category_map.h: what the codes of a list mean: a name and a severity each. Built in, or read from a file of the
 * operator's, a strict subset of TOML:
 *
 *   name = "laboratory 7"            # optional; shown in every report
 *   default = 9                      # severity of codes that are not here
 *   [category.1]                     # or [category."A 1"]
 *   name = "child abuse material"
 *   severity = 1                     # 1, the most severe, to 9
 *   pertinent = false                # optional: of no interest, behind all else
 *
 * Comments, blank lines, bare or quoted keys, basic strings, integers and booleans; anything else is refused with its
 * line, for a map that is half understood would rank findings wrongly.
 */
#ifndef MATCH_CATEGORY_MAP_H
#define MATCH_CATEGORY_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** More codes than any national scale has. */
#define MAP_CODES_MAX 256

struct map_code {
    const char *code, *name;
    uint8_t severity;
    /** enum match_flag bits. */
    uint16_t flags;
};

struct category_map {
    const char *name;
    const struct map_code *codes;
    size_t n;
    /** Severity of codes that are not there. */
    uint8_t otherwise;
};

/** Built-in maps; one without a name ends them. */
extern const struct category_map category_maps[];

/** "vics-us" ... of those built in; NULL for another name. */
const struct category_map *category_map_find(const char *name);
/** The row of a code, in either case; NULL where there is none. */
const struct map_code *category_map_code(const struct category_map *map, const void *code, size_t n);
/** Reads a map out of a text; `file` is its name where it gives none. NULL with one sentence in `why`. */
struct category_map *category_map_parse(const char *text, size_t n, const char *file, char *why, size_t why_size);
/** The same of a file, which must be trusted like a list. */
struct category_map *category_map_read(const char *path, char *why, size_t why_size);
/** Of those that were read. */
void category_map_free(struct category_map *map);

#endif
