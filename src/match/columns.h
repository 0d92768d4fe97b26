/* columns.h: what the columns of a table hold: by their names, or as the operator says (`--map md5=1,category=4`). */
#ifndef MATCH_COLUMNS_H
#define MATCH_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/csv.h"
#include "trawl/match.h"

/** What a column holds; hash types keep their numbers. */
enum column {
    COLUMN_HASH = HASH_TYPE_COUNT, /* of the type that COLUMN_TYPE says, or bare */
    COLUMN_TYPE,
    COLUMN_ID,
    COLUMN_LABEL,
    COLUMN_CODE,
    COLUMN_SEVERITY,
    COLUMN_SERIES,
    COLUMN_PHOTODNA,
    COLUMN_VICTIM,
    COLUMN_OFFENDER,
    COLUMN_DISTRIBUTED,
    COLUMN_BASELINE,
    COLUMN_MEDIA,
    COLUMN_OTHER
};

struct columns {
    enum column kinds[CSV_FIELDS_MAX];
    size_t n;
};

/**
 * The column of that name as tools write it; case, blanks, '-' and '_' do not count, nor does a "hash" before or behind
 * a type. COLUMN_OTHER where none is.
 */
enum column column_of(const void *name, size_t n);
/** Reads `md5=1,category=4` (columns count from 1). False with a sentence. */
bool columns_parse(const char *text, struct columns *columns, char *why, size_t why_size);

#endif
