/*
 * sieve.h: which hashes of some buckets of the near index have a sketch near enough to be looked at: the innermost
 * loop of a near look-up, at every SIMD level.
 */
#ifndef MATCH_SIEVE_H
#define MATCH_SIEVE_H

#include <stddef.h>
#include <stdint.h>

#include "simd/level.h"

/** Sketches are compared so many at a time; so many elements are behind each array of them. */
#define SIEVE_LANES 32

/** A bucket: sketches begin .. end - 1, of which those within `limit` bits pass. */
struct bucket_span {
    uint32_t begin, end;
    uint32_t limit;
};

/** Sketches that passed, by their place in the array, and the buckets still to do. */
struct sieve {
    const uint16_t *sketches;
    /** What they are compared with. */
    uint16_t wanted;
    const struct bucket_span *spans, *spans_end;
    /** How far the first of the spans is done. */
    uint32_t done;
    uint32_t *out;
};

/** A sieve stops with fewer than this many places free, for one comparison may pass them all. */
#define SIEVE_ROOM SIEVE_LANES

/**
 * Appends to sieve->out what passes, until fewer than SIEVE_ROOM of `room` places are free or all spans are done (spans
 * == spans_end). Returns how many.
 */
typedef size_t sieve_function(struct sieve *sieve, size_t room);

/** The form of a level that this CPU has. */
sieve_function *sieve_at(enum simd_level level);

#endif
