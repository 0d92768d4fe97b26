/* medium_raw.c: a disk as it stands, in one file or in several that follow each other. */
#include "disk/medium.h"

static bool raw_open(struct medium *medium)
{
    for (size_t i = 0; i < medium->n_segments; i++)
        if (__builtin_add_overflow(medium->size, medium->segments[i].size, &medium->size))
            return medium_fail(medium, TRAWL_DAMAGED, "its parts are larger than any disk");
    return true;
}

static void raw_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    uint64_t start = 0;
    for (size_t i = 0; i < medium->n_segments; i++) {
        uint64_t size = medium->segments[i].size;
        if (offset - start < size) {
            *extent = (struct extent){.kind = EXTENT_RAW, .segment = (uint32_t)i, .start = start, .length = size};
            return;
        }
        start += size;
    }
}

const struct medium_format raw_medium = {"raw", raw_open, raw_locate, NULL};
