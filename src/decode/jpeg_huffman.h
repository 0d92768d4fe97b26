/*
 * jpeg_huffman.h: Huffman tables of JPEG for a reader that skips most of what it reads.
 *
 * An entry of `first` is one symbol, an entry of `skip` as many as the next bits hold whole: with codes and values of
 * some 5 bits each, two or three coefficients go by with one look-up.
 */
#ifndef DECODE_JPEG_HUFFMAN_H
#define DECODE_JPEG_HUFFMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

/** Bits that `first` is indexed by. */
#define HUFFMAN_FIRST_BITS 9
/** The most bits that `skip` is indexed by. */
#define HUFFMAN_SKIP_BITS 12
/** The longest entry: the code of its last symbol ends within the index, up to 15 bits of value follow. */
#define HUFFMAN_LONGEST (HUFFMAN_SKIP_BITS + 15)

/*
 * The length of an entry is in its lowest six bits, for a shift by a register takes no more of it: masking them would
 * be one of the nine cycles that a look-up takes, each waiting for the last one's length.
 */

/* An entry of `first`: bits 0-5 the length of code and value, 6-10 that of the code, 11-15 the run, for the end of the
 * block FIRST_END. 0: the code is longer, or none. */
#define FIRST_LENGTH(entry) ((entry)&63u)
#define FIRST_CODE(entry)   ((entry) >> 6 & 31u)
#define FIRST_RUN(entry)    ((entry) >> 11)
#define FIRST_END           31u

/* An entry of `skip`: bits 0-5 the length of all symbols, above it the number of coefficients that they stand for, with
 * SKIP_END where the last symbol ends the block. SKIP_NONE: the first code is longer, or none. */
#define SKIP_LENGTH(entry) ((entry)&63u)
#define SKIP_COUNT(entry)  ((entry) >> 6)
#define SKIP_END           128u
#define SKIP_NONE          (255u << 6)

struct huffman {
    /** Codes of length n are those below bound[n], left-aligned in 16 bits, and not below bound[n - 1]. */
    uint32_t bound[17];
    /** symbols[base[n] + code] */
    int32_t base[17];
    uint8_t symbols[256];
    uint16_t first[1 << HUFFMAN_FIRST_BITS];
    /** For AC only. `skip_bits` is how many it is indexed by. */
    unsigned skip_bits;
    uint16_t skip[1 << HUFFMAN_SKIP_BITS];
};

/** Makes codes and `first`. False where libjpeg would not take the table either. */
bool huffman_init(struct huffman *huffman, const JHUFF_TBL *table, bool dc);
/** Makes `skip` for an AC table, indexed by that many bits. */
void huffman_init_skip(struct huffman *huffman, unsigned bits);
/** The entry as in `first` of the code that the 16 bits begin with, however long; 0 if there is none. */
unsigned huffman_search(const struct huffman *huffman, uint32_t bits16);

#endif
