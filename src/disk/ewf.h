/* ewf.h (private): an EnCase image: tables of chunks in sections that are chained through its segment files. */
#ifndef DISK_EWF_H
#define DISK_EWF_H

#include "disk/medium.h"

/** Chunks that one table section places. */
struct ewf_table {
    uint32_t segment, n;
    uint64_t first_chunk;
    /** Where the numbers stand in the segment, what they are counted from, and where the last chunk ends at most. */
    uint64_t entries, base, data_end;
    /** Their offsets in the segment, bit 63: packed; NULL: not read yet. `entries` is 0 where no table gave them. */
    uint64_t *offsets;
};

struct ewf {
    struct ewf_table *tables;
    size_t n_tables, cap;
    /** Numbers that are in memory, and the table whose turn it is to be forgotten. */
    size_t loaded, next_forgotten;
    uint32_t chunk;
    uint64_t chunks, placed, salvaged;
    /** Where chunks are missing, none behind them can be placed. */
    bool has_volume, done, lost;
    /** Of the segment being read: where the chunks stand that no table has placed yet, 0: none; and where they end. */
    uint64_t unplaced, sectors_end;
};

#define EWF_PACKED (1ull << 63)

/** A section that tells of the case: "header", "header2", "hash", "digest". */
void ewf_case_section(struct medium *medium, const char *type, const struct segment *segment, uint64_t at,
                      uint64_t size);

/** Takes over the table, and places its chunks behind those that are placed. */
bool ewf_table_add(struct medium *medium, const struct ewf_table *table);
/** Finds chunks without their table, one behind the other; false where they do not go on to `end`. */
bool ewf_salvage(struct medium *medium, uint32_t number, uint64_t at, uint64_t end);

/** Unpacks a text of the case into memory of its own: `n` bytes and two NULs; NULL: it is broken. */
uint8_t *ewf_text_unpack(const struct segment *segment, uint64_t at, uint64_t size, size_t *n);
/** UTF-16, either order, to UTF-8 in place; surrogates become '?'. */
void ewf_text_utf8(uint8_t *text, size_t n);
/** Copies one value: no control characters, cut at the end of the field. */
void ewf_put(char *field, size_t size, const char *value, size_t n);
/** Seconds since 1970, or year, month, day, hour, minute and second with blanks between (which zone, nobody says). */
void ewf_put_date(char *field, size_t size, const char *value, size_t n);

/** The second version of the format: what its two texts say of the disk. */
struct ewf2_numbers {
    uint64_t sectors, sector, per_chunk;
};

/** Reads the text that describes the device or the case; false where it is broken. */
bool ewf2_case_text(struct acquisition *a, const struct segment *segment, uint64_t at, uint64_t size,
                    struct ewf2_numbers *numbers);

extern const struct medium_format ewf2_medium;

#endif
