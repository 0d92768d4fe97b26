/*
 * jpeg_scan.h: the lowest luma coefficients of a Huffman-coded scan, the rest skipped.
 *
 * Four fifths of the time of a reduced decoding by libjpeg go to coefficients that the reduced picture does not show.
 * What is read here is read as libjpeg reads it; whatever it would complain of, and much that it would not, ends the
 * reading: the caller then asks libjpeg from the beginning.
 */
#ifndef DECODE_JPEG_SCAN_H
#define DECODE_JPEG_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "decode/jpeg_bits.h"
#include "decode/jpeg_huffman.h"

/** Room for the coefficients of a block, in zigzag order. */
#define SCAN_BLOCK(highest) ((highest) == 0 ? 1u : (highest) < 8 ? 8u : 16u)
/** The highest coefficient that a scan can be asked for. */
#define SCAN_HIGHEST 9u

/** One block of an MCU. */
struct scan_block {
    const struct huffman *dc, *ac;
    bool luma;
    /** Where in the MCU. */
    unsigned x, y;
};

struct jpeg_scan {
    struct jpeg_segment segment;
    struct jpeg_bits bits;
    struct huffman dc[NUM_HUFF_TBLS], ac[NUM_HUFF_TBLS];
    bool dc_made[NUM_HUFF_TBLS], ac_made[NUM_HUFF_TBLS];
    struct scan_block blocks[D_MAX_BLOCKS_IN_MCU];
    /** All of them; of the chroma component that has most of them. */
    unsigned blocks_in_mcu, skipped_in_mcu;
    /** Of the scan. */
    uint32_t mcus_in_row, mcu_rows;
    /** Luma blocks of a row of MCUs: `rows_in_mcu` rows of `row_blocks`. */
    uint32_t row_blocks;
    unsigned rows_in_mcu, columns_in_mcu;
    /** MCUs between restart markers, 0: none; MCUs to the next one, and its number. */
    uint32_t restart_interval, restart_left;
    unsigned restart_next;
    /** The highest coefficient wanted, in zigzag order; DC only where the scan has nothing else. */
    unsigned highest;
    bool dc_only;
    /** What one unit of DC stands for, 1 but in progressive scans; and the most units that 16 bits hold. */
    int32_t dc_unit, dc_most;
    /** DC of the last luma block. */
    int32_t luma_dc;
};

/**
 * Lays out the scan whose header libjpeg has just read and whose data are the `size` bytes at `data`. False where it is
 * none that is read here.
 */
bool scan_open(struct jpeg_scan *scan, const struct jpeg_decompress_struct *cinfo, const uint8_t *data, size_t size,
               unsigned highest);
/** The next row of MCUs: block x of row y at coefs[(y * row_blocks + x) * SCAN_BLOCK(highest)]. False if it is faulty.
 */
bool scan_row(struct jpeg_scan *scan, int16_t *coefs);
/** True if the data end where the last MCU does, with a marker, which is *marker. */
bool scan_end(struct jpeg_scan *scan, uint8_t *marker);

#endif
