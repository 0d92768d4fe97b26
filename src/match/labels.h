/* labels.h: what entries of lists have in common, each combination once, by number. */
#ifndef MATCH_LABELS_H
#define MATCH_LABELS_H

#include "match/part.h"

struct labels {
    /** Number 0 is the empty label. */
    struct label *items;
    size_t n, cap;
    /** Open-addressing table of numbers + 1; 0 is free. A power of two of slots. */
    uint32_t *slots;
    size_t n_slots;
};

void labels_init(struct labels *labels);
void labels_free(struct labels *labels);
/** The number of a label; STRING_NONE where 2^32 - 1 are there. */
uint32_t labels_number(struct labels *labels, const struct label *label);

#endif
