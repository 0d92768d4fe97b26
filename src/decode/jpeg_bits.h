/*
 * jpeg_bits.h: the bits of a JPEG scan, one segment (up to a marker) after the other.
 *
 * The stuffed zeros are taken out first, a piece at a time, so that the reader loads eight bytes wherever it is and
 * never asks what they are. It may read `BITS_SLACK` bytes between two calls of bits_more without looking where it is.
 */
#ifndef DECODE_JPEG_BITS_H
#define DECODE_JPEG_BITS_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Ten blocks of 64 symbols of at most 31 bits, and a word. */
#define BITS_SLACK (10 * 64 * 31 / 8 + 16)
/** Bytes taken out of the file at a time: they stay in the first-level cache. */
#define BITS_PIECE 16384
/** Bytes kept before `next`, for bits_back. */
#define BITS_BEHIND 8

struct jpeg_bits {
    /** The next bits, from the top; `count` of them are known to be there. */
    uint64_t word;
    unsigned count;
    /** What the word is filled from; `safe`: up to here a whole BITS_SLACK follows. */
    const uint8_t *next, *safe;
};

struct jpeg_segment {
    /** Bytes of the file not yet taken. At the end of a segment: at its marker. */
    const uint8_t *from, *end;
    /** Behind the last byte in `plain`. */
    const uint8_t *last;
    /** All bytes of the segment are in `plain`, or were. */
    bool whole;
    uint8_t plain[BITS_BEHIND + BITS_PIECE + 2 * BITS_SLACK];
};

/** Begins a segment at segment->from. */
void bits_begin(struct jpeg_segment *segment, struct jpeg_bits *bits);
/** Call where bits->next > bits->safe. False where the reader has read beyond the end of the segment. */
bool bits_more(struct jpeg_segment *segment, struct jpeg_bits *bits);
/** True if the segment is read to its end, but for bits that fill up its last byte, and a marker follows. */
bool bits_end(struct jpeg_segment *segment, struct jpeg_bits *bits);

/** Makes the count at least 56. What the word holds beyond its count is read again and is the same. */
static inline void bits_fill(struct jpeg_bits *bits)
{
    uint64_t load;
    memcpy(&load, bits->next, sizeof(load));
    bits->word |= be64toh(load) >> bits->count;
    bits->next += (63 - bits->count) >> 3;
    bits->count |= 56;
}

static inline void bits_drop(struct jpeg_bits *bits, unsigned n)
{
    bits->word <<= n;
    bits->count -= n;
}

/** Unreads n bits, of those that were read since the last bits_fill but one. */
static inline void bits_back(struct jpeg_bits *bits, unsigned n)
{
    unsigned count = bits->count + n, bytes = (count + 7) / 8, skip = bytes * 8 - count;
    uint64_t load;
    bits->next -= bytes;
    memcpy(&load, bits->next, sizeof(load));
    bits->word = be64toh(load) << skip;
    bits->next += 7;
    bits->count = 56 - skip;
}

#endif
