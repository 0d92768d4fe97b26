/*
 * optical_pieces.h: how the input of fuzz_optical describes a disc: 16 bits, how many sectors it has; two bytes that
 * say how it is read a second time; then pieces: 8 bits of what follows, 16 bits sector, 16 bits length, and the bytes.
 */
#ifndef TESTS_FUZZ_OPTICAL_PIECES_H
#define TESTS_FUZZ_OPTICAL_PIECES_H

#define OPTICAL_PIECE 512u

enum {
    /** A descriptor with a tag, of which the sums are set. */
    OPTICAL_TAG = 1,
    /** Names with tags of their own; with OPTICAL_TAG: within a file entry. */
    OPTICAL_NAMES = 2,
};

#endif
