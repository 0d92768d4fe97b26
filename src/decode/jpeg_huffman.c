#include "decode/jpeg_huffman.h"

#include <string.h>

static unsigned entry_of(unsigned code_length, unsigned symbol)
{
    unsigned value = symbol & 15u, run = symbol >> 4;
    return (code_length + value) | code_length << 6 | (value || run == 15 ? run : FIRST_END) << 11;
}

unsigned huffman_search(const struct huffman *huffman, uint32_t bits16)
{
    for (unsigned n = 1; n <= 16; n++)
        if (bits16 < huffman->bound[n])
            return entry_of(n, huffman->symbols[(huffman->base[n] + (int32_t)(bits16 >> (16 - n))) & 255]);
    return 0;
}

/** Codes as the standard assigns them. */
static bool assign_codes(struct huffman *huffman, const JHUFF_TBL *table)
{
    uint32_t code = 0, symbols = 0;
    for (unsigned n = 1; n <= 16; n++) {
        code <<= 1;
        huffman->base[n] = (int32_t)symbols - (int32_t)code;
        code += table->bits[n];
        symbols += table->bits[n];
        if (code > 1u << n || symbols > 256)
            return false;
        huffman->bound[n] = code << (16 - n);
    }
    memcpy(huffman->symbols, table->huffval, sizeof(huffman->symbols));
    for (unsigned i = symbols; i < 256; i++)
        huffman->symbols[i] = 0;
    return symbols > 0;
}

bool huffman_init(struct huffman *huffman, const JHUFF_TBL *table, bool dc)
{
    if (!table || !assign_codes(huffman, table))
        return false;
    /* Longer differences than 8-bit samples can have are for libjpeg to judge. */
    for (unsigned i = 0; dc && i < 256; i++)
        if (huffman->symbols[i] > 11)
            return false;
    for (unsigned i = 0; i < 1u << HUFFMAN_FIRST_BITS; i++) {
        unsigned entry = huffman_search(huffman, i << (16 - HUFFMAN_FIRST_BITS));
        huffman->first[i] = (uint16_t)(FIRST_CODE(entry) <= HUFFMAN_FIRST_BITS ? entry : 0);
    }
    return true;
}

/** Entries of `skip` for one symbol each. */
static void skip_singles(struct huffman *huffman, uint16_t *entries)
{
    unsigned bits = huffman->skip_bits;
    for (unsigned i = 0; i < 1u << bits;) {
        unsigned entry = huffman_search(huffman, i << (16 - bits)), code = FIRST_CODE(entry);
        unsigned same = code && code <= bits ? 1u << (bits - code) : 1;
        uint16_t put = (uint16_t)(code && code <= bits ? entry : 0);
        for (; same > 0; same--)
            entries[i++] = put;
    }
}

/** As many symbols as the `bits` bits of index hold the codes of. */
static uint16_t skip_join(const uint16_t *singles, unsigned index, unsigned bits)
{
    unsigned used = 0, count = 0;
    while (used < bits) {
        unsigned entry = singles[(index << used) & ((1u << bits) - 1)];
        bool fits = entry && FIRST_CODE(entry) <= bits - used;
        if (fits && FIRST_RUN(entry) == FIRST_END)
            return (uint16_t)((used + FIRST_LENGTH(entry)) | (count + SKIP_END) << 6);
        if (!fits || count + FIRST_RUN(entry) + 1 > 63)
            break;
        used += FIRST_LENGTH(entry);
        count += FIRST_RUN(entry) + 1;
    }
    return (uint16_t)(used ? used | count << 6 : SKIP_NONE);
}

void huffman_init_skip(struct huffman *huffman, unsigned bits)
{
    uint16_t singles[1 << HUFFMAN_SKIP_BITS];
    huffman->skip_bits = bits;
    skip_singles(huffman, singles);
    for (unsigned i = 0; i < 1u << bits; i++)
        huffman->skip[i] = skip_join(singles, i, bits);
}
