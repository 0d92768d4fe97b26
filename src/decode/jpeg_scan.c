#include "decode/jpeg_scan.h"

#include <string.h>

/* Layout */

static bool scan_tables(struct jpeg_scan *scan, const struct jpeg_decompress_struct *cinfo,
                        const jpeg_component_info *component, unsigned skip_bits)
{
    unsigned dc = (unsigned)component->dc_tbl_no, ac = (unsigned)component->ac_tbl_no;
    if (dc >= NUM_HUFF_TBLS || ac >= NUM_HUFF_TBLS)
        return false;
    if (!scan->dc_made[dc] && !huffman_init(&scan->dc[dc], cinfo->dc_huff_tbl_ptrs[dc], true))
        return false;
    scan->dc_made[dc] = true;
    if (scan->dc_only || scan->ac_made[ac])
        return true;
    if (!huffman_init(&scan->ac[ac], cinfo->ac_huff_tbl_ptrs[ac], false))
        return false;
    huffman_init_skip(&scan->ac[ac], skip_bits);
    scan->ac_made[ac] = true;
    return true;
}

static bool scan_component(struct jpeg_scan *scan, const struct jpeg_decompress_struct *cinfo,
                           const jpeg_component_info *component)
{
    bool alone = cinfo->comps_in_scan == 1, luma = component->component_index == 0;
    unsigned h = alone ? 1 : (unsigned)component->h_samp_factor, v = alone ? 1 : (unsigned)component->v_samp_factor;
    unsigned steps = (unsigned)component->quant_tbl_no;
    if (scan->blocks_in_mcu + h * v > D_MAX_BLOCKS_IN_MCU || steps >= NUM_QUANT_TBLS || !cinfo->quant_tbl_ptrs[steps])
        return false;
    for (unsigned i = 0; i < h * v; i++)
        scan->blocks[scan->blocks_in_mcu++] = (struct scan_block){.dc = &scan->dc[component->dc_tbl_no],
                                                                  .ac = &scan->ac[component->ac_tbl_no],
                                                                  .luma = luma,
                                                                  .x = i % h,
                                                                  .y = i / h};
    if (luma) {
        scan->columns_in_mcu = h;
        scan->rows_in_mcu = v;
    } else if (h * v > scan->skipped_in_mcu) {
        scan->skipped_in_mcu = h * v;
    }
    return true;
}

static uint32_t divide_up(uint32_t n, uint32_t by)
{
    return n / by + (n % by != 0);
}

static void scan_geometry(struct jpeg_scan *scan, const struct jpeg_decompress_struct *cinfo)
{
    bool alone = cinfo->comps_in_scan == 1;
    /* Luma has the largest factors. */
    unsigned h = alone ? 1 : (unsigned)cinfo->max_h_samp_factor, v = alone ? 1 : (unsigned)cinfo->max_v_samp_factor;
    scan->mcus_in_row = divide_up(cinfo->image_width, 8 * h);
    scan->mcu_rows = divide_up(cinfo->image_height, 8 * v);
    scan->row_blocks = scan->mcus_in_row * scan->columns_in_mcu;
    scan->restart_interval = cinfo->restart_interval;
    scan->restart_left = scan->restart_interval ? scan->restart_interval : UINT32_MAX;
}

/**
 * libjpeg stops where DC leaves 32 bits. That of chroma is not added up here: with differences of 11 bits it takes 2^20
 * blocks to reach that bound.
 */
static bool skipped_cannot_overflow(const struct jpeg_scan *scan)
{
    uint64_t mcus = (uint64_t)scan->mcus_in_row * scan->mcu_rows;
    if (scan->restart_interval && scan->restart_interval < mcus)
        mcus = scan->restart_interval;
    return mcus * scan->skipped_in_mcu <= 1u << 20;
}

/** A wide index costs some 60 us to make; a small file is read in that time. */
static unsigned skip_bits_for(size_t size)
{
    return size < 1 << 18 ? 10 : size < 1 << 20 ? 11 : HUFFMAN_SKIP_BITS;
}

static bool scan_readable(const struct jpeg_decompress_struct *cinfo)
{
    const jpeg_component_info *luma = cinfo->comp_info;
    bool sequential = cinfo->Ss == 0 && cinfo->Se == DCTSIZE2 - 1 && cinfo->Ah == 0 && cinfo->Al == 0 &&
                      cinfo->comps_in_scan == cinfo->num_components;
    bool first_dc = cinfo->Ss == 0 && cinfo->Se == 0 && cinfo->Ah == 0 && cinfo->Al <= 13;
    return !cinfo->arith_code && cinfo->data_precision == 8 && (cinfo->progressive_mode ? first_dc : sequential) &&
           luma->h_samp_factor == cinfo->max_h_samp_factor && luma->v_samp_factor == cinfo->max_v_samp_factor;
}

bool scan_open(struct jpeg_scan *scan, const struct jpeg_decompress_struct *cinfo, const uint8_t *data, size_t size,
               unsigned highest)
{
    if (!scan_readable(cinfo) || highest > SCAN_HIGHEST)
        return false;
    scan->dc_only = cinfo->progressive_mode;
    scan->highest = scan->dc_only ? 0 : highest;
    scan->dc_unit = 1 << cinfo->Al;
    scan->dc_most = INT16_MAX >> cinfo->Al;
    scan->blocks_in_mcu = scan->rows_in_mcu = scan->skipped_in_mcu = 0;
    scan->restart_next = 0;
    scan->luma_dc = 0;
    memset(scan->dc_made, 0, sizeof(scan->dc_made));
    memset(scan->ac_made, 0, sizeof(scan->ac_made));
    unsigned skip_bits = skip_bits_for(size);
    for (int i = 0; i < cinfo->comps_in_scan; i++)
        if (!scan_tables(scan, cinfo, cinfo->cur_comp_info[i], skip_bits) ||
            !scan_component(scan, cinfo, cinfo->cur_comp_info[i]))
            return false;
    if (!scan->rows_in_mcu)
        return false;
    scan_geometry(scan, cinfo);
    scan->segment.from = data;
    scan->segment.end = data + size;
    bits_begin(&scan->segment, &scan->bits);
    return skipped_cannot_overflow(scan);
}

/* Symbols */

/** The entry of the next symbol; 0: no code. */
static inline unsigned next_entry(const struct jpeg_bits *bits, const struct huffman *huffman)
{
    unsigned entry = huffman->first[bits->word >> (64 - HUFFMAN_FIRST_BITS)];
    return __builtin_expect(entry != 0, 1) ? entry : huffman_search(huffman, (uint32_t)(bits->word >> 48));
}

/** The value behind the code of an entry: a first bit of 0 stands for a negative one. */
static inline int32_t entry_value(const struct jpeg_bits *bits, unsigned entry)
{
    unsigned n = FIRST_LENGTH(entry) - FIRST_CODE(entry);
    uint64_t word = bits->word << FIRST_CODE(entry);
    int32_t value = (int32_t)(word >> 1 >> (63 - n));
    return value - (((int32_t)1 << n) - 1) * (int32_t)(1 - (word >> 63));
}

/** Skips from coefficient k to the end of the block, a symbol at a time. */
static __attribute__((noinline)) bool skip_slowly(struct jpeg_bits *bits, const struct huffman *ac, unsigned k)
{
    while (k < DCTSIZE2) {
        bits_fill(bits);
        unsigned entry = next_entry(bits, ac);
        if (!entry)
            return false;
        bits_drop(bits, FIRST_LENGTH(entry));
        if (FIRST_RUN(entry) == FIRST_END)
            return true;
        k += FIRST_RUN(entry) + 1;
    }
    return k == DCTSIZE2;
}

/**
 * Skips from coefficient k to the end of the block, several symbols at a time. Two look-ups a fill: each takes 28 bits
 * at most.
 */
static inline __attribute__((always_inline)) bool skip_block(struct jpeg_bits *bits, const struct huffman *ac,
                                                             unsigned shift, unsigned k)
{
    unsigned entry;
    for (;;) {
        bits_fill(bits);
        entry = ac->skip[bits->word >> shift];
        bits_drop(bits, SKIP_LENGTH(entry));
        k += SKIP_COUNT(entry);
        if (k >= DCTSIZE2)
            break;
        entry = ac->skip[bits->word >> shift];
        bits_drop(bits, SKIP_LENGTH(entry));
        k += SKIP_COUNT(entry);
        if (k >= DCTSIZE2)
            break;
    }
    if (__builtin_expect(k == DCTSIZE2 || (k ^ SKIP_END) < DCTSIZE2, 1))
        return true;
    /* A copy: the address of `bits` itself must not leave this file's loops, or they keep it in memory. */
    struct jpeg_bits slow = *bits;
    bits_back(&slow, SKIP_LENGTH(entry));
    bool good = skip_slowly(&slow, ac, k - SKIP_COUNT(entry));
    *bits = slow;
    return good;
}

/**
 * The coefficients 1 to `highest`; then the rest is skipped. One branch a symbol: nobody can foretell at which one a
 * block ends, and each wrong guess costs as much as two look-ups. So the end of the block counts as a run that leads
 * out of the loop, and what lies above `highest` goes to the last place of the block, which is not used.
 */
static inline __attribute__((always_inline)) bool low_block(struct jpeg_bits *bits, const struct huffman *ac,
                                                            unsigned shift, unsigned highest, int16_t *coefs)
{
    const unsigned spare = SCAN_BLOCK(highest) - 1;
    unsigned k = 1;
    while (k <= highest) {
        bits_fill(bits);
        unsigned entry = next_entry(bits, ac);
        if (__builtin_expect(!entry, 0))
            return false;
        int32_t value = entry_value(bits, entry);
        bits_drop(bits, FIRST_LENGTH(entry));
        k += FIRST_RUN(entry);
        coefs[k < spare ? k : spare] = (int16_t)value;
        k++;
    }
    return k > FIRST_END || skip_block(bits, ac, shift, k);
}

/* Blocks */

/** A restart marker is due: it must be there, with nothing left before it. */
static bool restart(struct jpeg_scan *scan)
{
    struct jpeg_segment *segment = &scan->segment;
    if (!bits_end(segment, &scan->bits) || segment->from[1] != JPEG_RST0 + scan->restart_next)
        return false;
    segment->from += 2;
    bits_begin(segment, &scan->bits);
    scan->restart_next = (scan->restart_next + 1) & 7;
    scan->restart_left = scan->restart_interval;
    scan->luma_dc = 0;
    return true;
}

/** What is due before an MCU now and then. `scan->bits` is where the reading stands. */
static __attribute__((noinline)) bool before_mcu(struct jpeg_scan *scan)
{
    if (scan->restart_left == 0 && !restart(scan))
        return false;
    return scan->bits.next <= scan->bits.safe || bits_more(&scan->segment, &scan->bits);
}

/** `highest` and `dc_only` are constants where this is called, so that each use is compiled on its own. */
static inline __attribute__((always_inline)) bool read_row(struct jpeg_scan *scan, int16_t *coefs, unsigned highest,
                                                           bool dc_only)
{
    struct jpeg_bits bits = scan->bits;
    const size_t room = SCAN_BLOCK(highest), row = scan->row_blocks * room;
    for (uint32_t mcu = 0; mcu < scan->mcus_in_row; mcu++, coefs += scan->columns_in_mcu * room) {
        if (__builtin_expect(bits.next > bits.safe || scan->restart_left == 0, 0)) {
            scan->bits = bits;
            if (!before_mcu(scan))
                return false;
            bits = scan->bits;
        }
        scan->restart_left--;
        for (const struct scan_block *block = scan->blocks; block < scan->blocks + scan->blocks_in_mcu; block++) {
            bits_fill(&bits);
            unsigned entry = next_entry(&bits, block->dc), shift = 64 - block->ac->skip_bits;
            if (__builtin_expect(!entry, 0))
                return false;
            int32_t value = entry_value(&bits, entry);
            bits_drop(&bits, FIRST_LENGTH(entry));
            if (!block->luma) {
                if (!dc_only && !skip_block(&bits, block->ac, shift, 1))
                    return false;
                continue;
            }
            int16_t *out = coefs + block->y * row + block->x * room;
            scan->luma_dc += value;
            if (scan->luma_dc > scan->dc_most || scan->luma_dc < -scan->dc_most)
                return false;
            out[0] = (int16_t)(scan->luma_dc * scan->dc_unit);
            if (!dc_only && !low_block(&bits, block->ac, shift, highest, out))
                return false;
        }
    }
    scan->bits = bits;
    return true;
}

bool scan_row(struct jpeg_scan *scan, int16_t *coefs)
{
    if (scan->highest)
        memset(coefs, 0, scan->row_blocks * scan->rows_in_mcu * SCAN_BLOCK(scan->highest) * sizeof(*coefs));
    if (scan->dc_only)
        return read_row(scan, coefs, 0, true);
    switch (scan->highest) {
    case 0:
        return read_row(scan, coefs, 0, false);
    case 4:
        return read_row(scan, coefs, 4, false);
    default:
        return read_row(scan, coefs, SCAN_HIGHEST, false);
    }
}

bool scan_end(struct jpeg_scan *scan, uint8_t *marker)
{
    if (!bits_end(&scan->segment, &scan->bits))
        return false;
    *marker = scan->segment.from[1];
    return true;
}
