#include "decode/tiff_pages.h"

/** A TIFF's bytes and how its numbers are written. */
struct layout {
    const uint8_t *data;
    size_t size;
    bool little, big_tiff;
};

/** n bytes at `at`; false where they are not there. */
static bool number(const struct layout *tiff, uint64_t at, unsigned n, uint64_t *value)
{
    if (at > tiff->size || tiff->size - at < n)
        return false;
    *value = 0;
    for (unsigned i = 0; i < n; i++)
        *value = *value << 8 | tiff->data[at + (tiff->little ? n - 1 - i : i)];
    return true;
}

/** Where the directory behind that at `at` begins; 0 where it is the last one. */
static bool next_directory(const struct layout *tiff, uint64_t at, uint64_t *next)
{
    unsigned count_bytes = tiff->big_tiff ? 8 : 2, entry = tiff->big_tiff ? 20 : 12;
    uint64_t entries;
    if (!number(tiff, at, count_bytes, &entries) || entries > tiff->size / entry)
        return false;
    return number(tiff, at + count_bytes + entries * entry, tiff->big_tiff ? 8 : 4, next);
}

enum tiff_chain tiff_pages(const uint8_t *data, size_t size, const struct limits *limits, uint64_t *pages)
{
    struct layout tiff = {data, size, size && data[0] == 'I', false};
    uint64_t version = 0, at = 0, waymark = 0, stride = 1;
    *pages = 0;
    if (number(&tiff, 2, 2, &version))
        tiff.big_tiff = version == 43;
    if (!number(&tiff, tiff.big_tiff ? 8 : 4, tiff.big_tiff ? 8 : 4, &at))
        return CHAIN_CUT;
    /* Brent: a waymark that is moved at powers of two is met again in any loop. */
    for (uint64_t steps = 0; at; steps++) {
        uint64_t next;
        if (at == waymark)
            return CHAIN_LOOP;
        if (steps == stride) {
            waymark = at;
            stride *= 2;
        }
        if (!next_directory(&tiff, at, &next))
            return CHAIN_CUT;
        ++*pages;
        if (limit_exceeded(limits, LIMIT_TIFF_DIRECTORIES, *pages))
            return CHAIN_LIMIT;
        at = next;
    }
    return CHAIN_END;
}
