/* index_file.h: the header of an index file, as it lies in the file. */
#ifndef MATCH_INDEX_FILE_H
#define MATCH_INDEX_FILE_H

#include <stdint.h>

#include "match/part.h"

#define INDEX_MAGIC      "TRAWLIDX"
#define INDEX_BYTE_ORDER UINT32_C(0x01020304)
/** Of sections: a cache line. */
#define INDEX_ALIGN 64

struct index_section {
    uint64_t offset, size;
    uint8_t sha256[32];
};

/** No padding: all of it is hashed. */
struct index_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    /** NEAR_PERMUTATION_ID */
    uint32_t permutation;
    uint32_t n_sections;
    uint64_t file_size;
    struct index_section sections[SECTION_COUNT];
    /** Of all bytes of the header before it. */
    uint8_t sha256[32];
};

/** SHA-256 of n bytes. */
void index_digest(const void *data, size_t n, uint8_t out[32]);

#endif
