/*
 * table.h: digests of one type, sorted, each with its postings: what lists say of it.
 *
 * The arrays are those of the index file: in memory or mapped, there is one look-up. A mapped file may be damaged, so
 * every number out of it is bounded where it is used.
 */
#ifndef MATCH_TABLE_H
#define MATCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One list entry of a digest. */
struct posting {
    /** Line number, or offset of the ID in the strings (LIST_HAS_IDS). */
    uint32_t entry;
    /** Number of the label in its part; 0 is the empty one. */
    uint32_t label;
    /** Number of the list in its part << 4 | severity. */
    uint32_t origin;
};

#define POSTING_LIST_MAX (UINT32_MAX >> 4)

static inline uint32_t posting_list(const struct posting *posting)
{
    return posting->origin >> 4;
}

struct table {
    /** n unique digests of `width` bytes in order of memcmp. */
    const uint8_t *keys;
    size_t n, width;
    /** top[x] is the first key whose top_bits leading bits are x or more: 2^top_bits + 1 of them. */
    const uint32_t *top;
    unsigned top_bits;
    /** Postings first[i] .. first[i + 1] - 1 belong to key i; NULL where each key has exactly one. */
    const uint32_t *first;
    const struct posting *postings;
    size_t n_postings;
};

/** A range of postings. */
struct span {
    size_t begin, end;
};

/** Bits of the top table for n keys: about four keys a slot (research: 84 ns a look-up at 10^8 keys). */
unsigned table_top_bits(size_t n);
/** Fills 2^top_bits + 1 offsets. */
void table_fill_top(uint32_t *top, unsigned top_bits, const uint8_t *keys, size_t n, size_t width);
/** Postings of a key. */
struct span table_postings(const struct table *table, size_t key);
/**
 * What table_find will read, on its way into the cache: first the digest's slot, then (once that has come) the keys
 * there. Several look-ups fetched together take half the time of one after the other: 73 ns instead of 143 at 2 * 10^7
 * digests in a mapped index.
 */
void table_fetch_slot(const struct table *table, const uint8_t *digest);
void table_fetch_keys(const struct table *table, const uint8_t *digest);
/** True, and the number of its key, if a digest is there. */
bool table_find(const struct table *table, const uint8_t *digest, size_t *key);

#endif
