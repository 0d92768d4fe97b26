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
    /** Their offsets in the segment, bit 63: packed; NULL: not read yet. */
    uint64_t *offsets;
};

struct ewf {
    struct ewf_table *tables;
    size_t n_tables, cap;
    /** Numbers that are in memory, and the table whose turn it is to be forgotten. */
    size_t loaded, next_forgotten;
    uint32_t chunk;
    uint64_t chunks, placed;
    bool has_volume, done;
    /** Of the segment being read. */
    uint64_t sectors_end;
};

#define EWF_PACKED (1ull << 63)

/** A section that tells of the case: "header", "header2", "hash", "digest". */
void ewf_case_section(struct medium *medium, const char *type, const struct segment *segment, uint64_t at,
                      uint64_t size);

#endif
