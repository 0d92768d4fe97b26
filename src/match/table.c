#include "match/table.h"

#include <string.h>

#define TOP_BITS_MAX 28

static uint64_t leading_bits(const uint8_t *digest, unsigned bits)
{
    uint64_t v;
    memcpy(&v, digest, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v >> (64 - bits);
}

unsigned table_top_bits(size_t n)
{
    unsigned bits = 1;
    while (bits < TOP_BITS_MAX && (n >> bits) > 4)
        bits++;
    return bits;
}

void table_fill_top(uint32_t *top, unsigned top_bits, const uint8_t *keys, size_t n, size_t width)
{
    size_t slots = (size_t)1 << top_bits, slot = 0;
    for (size_t i = 0; i < n; i++)
        for (uint64_t lead = leading_bits(keys + i * width, top_bits); slot <= lead; slot++)
            top[slot] = (uint32_t)i;
    for (; slot <= slots; slot++)
        top[slot] = (uint32_t)n;
}

struct span table_postings(const struct table *table, size_t key)
{
    size_t begin = table->first ? table->first[key] : key;
    size_t end = table->first ? table->first[key + 1] : key + 1;
    if (end > table->n_postings)
        end = table->n_postings;
    return (struct span){begin < end ? begin : end, end};
}

void table_fetch_slot(const struct table *table, const uint8_t *digest)
{
    if (table->n)
        __builtin_prefetch(table->top + leading_bits(digest, table->top_bits));
}

void table_fetch_keys(const struct table *table, const uint8_t *digest)
{
    if (!table->n)
        return;
    uint64_t lead = leading_bits(digest, table->top_bits);
    /* Where the search begins; the four keys of a slot fill a cache line. */
    size_t low = table->top[lead], high = table->top[lead + 1];
    size_t middle = low < high ? low + (high - low) / 2 : low;
    if (middle < table->n)
        __builtin_prefetch(table->keys + middle * table->width);
}

bool table_find(const struct table *table, const uint8_t *digest, size_t *key)
{
    if (!table->n)
        return false;
    uint64_t lead = leading_bits(digest, table->top_bits);
    size_t low = table->top[lead], high = table->top[lead + 1];
    if (high > table->n)
        high = table->n;
    /* Binary: whoever picks the digests of a list so that all fall into one slot gains nothing. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(table->keys + middle * table->width, digest, table->width);
        if (order == 0) {
            *key = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
