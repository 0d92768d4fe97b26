/* near_cost.h: what the steps of a near look-up cost, for the choice between the index and the scan. */
#ifndef MATCH_NEAR_COST_H
#define MATCH_NEAR_COST_H

#include <stdint.h>

/** In tenths of a nanosecond. */
struct near_cost {
    /** Opening a bucket of the index. */
    int64_t probe;
    /** Comparing a sketch in it. */
    int64_t sketch;
    /** Reading a hash whose sketch passed. */
    int64_t verify;
    /** Comparing one of all hashes in order. */
    int64_t scan;
};

/** At the SIMD level in force. */
const struct near_cost *near_cost(void);

#endif
