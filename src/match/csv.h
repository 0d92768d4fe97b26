/* csv.h: splits rows of comma-separated values as RFC 4180 has them, for any separator. */
#ifndef MATCH_CSV_H
#define MATCH_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

#define CSV_FIELDS_MAX 256

/** A field without its quotes. */
struct csv_field {
    const uint8_t *text;
    size_t n;
};

/** One row; reusable. Fields point into `text` or into the input. */
struct csv_row {
    struct csv_field fields[CSV_FIELDS_MAX];
    size_t n;
    struct buf text;
};

enum csv_result {
    CSV_ROW,
    /** The input ends within quotes: give more, or at the end of the file it is broken. */
    CSV_OPEN,
    /** Text behind a closing quote. */
    CSV_STRAY,
    /** More than CSV_FIELDS_MAX. */
    CSV_MANY
};

/**
 * Splits the row that the input begins with. *used: its bytes with the line end; for CSV_STRAY and CSV_MANY those of
 * its first line.
 */
enum csv_result csv_split(const uint8_t *text, size_t n, uint8_t separator, struct csv_row *row, size_t *used);
void csv_free(struct csv_row *row);

#endif
