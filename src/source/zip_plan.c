/*
 * zip_plan.c: the ranges in which several readers take a large zip apart.
 *
 * They are a matter of the central directory alone, never of how many workers there are: what a reader's death or its
 * deadline ends is a range, and that must be the same range in every run. A zip that could give more than its limits
 * allow has none, since where such a one ends is a matter of everything before.
 */
#include "source/zip.h"

/** What a range costs at least, in bytes: a child more costs 5 ms, most of it the pages of its ring, and this much some
 * 50 ms of unpacking and 300 ms of all that follows. */
#define RANGE_COST (32ull << 20)
/** What an entry costs beside its data. */
#define ENTRY_COST 4096u
/** Methods beside deflate are LZMA and its like: 50 ns a byte of photographs, all that follows 10. */
#define SLOW_COST 6u

/** Who reads behind the ranges passes over all entries, 0.6 us each, and may not be silent for seconds. */
#define MOST_ENTRIES 2000000u

struct tally {
    uint64_t entries, bytes, cost;
};

static uint64_t add(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

/** Half the bytes in, half the bytes out: of what is stored, all are both. */
static uint64_t cost_of(const struct zip_entry *entry)
{
    uint64_t cost = entry->csize / 2 + entry->usize / 2 + ENTRY_COST, slow;
    if (entry->method == ZIP_STORED || entry->method == ZIP_DEFLATED)
        return cost;
    return __builtin_mul_overflow(cost, SLOW_COST, &slow) ? UINT64_MAX : slow;
}

static struct tally count(struct zip *zip)
{
    struct tally tally = {0};
    struct zip_entry entry;
    for (uint64_t at = zip->place.directory; at < zip->place.directory_end && zip_central(zip, &at, &entry);) {
        tally.entries++;
        tally.bytes = add(tally.bytes, entry.usize);
        tally.cost = add(tally.cost, cost_of(&entry));
    }
    return tally;
}

/** Cuts the directory behind each n-th of the cost. Returns the number of ranges. */
static size_t cut(struct zip *zip, const struct tally *tally, size_t n, struct unpack_range *ranges)
{
    uint64_t at = zip->place.directory, index = 0, cost = 0;
    size_t made = 0;
    struct zip_entry entry;
    ranges[0] = (struct unpack_range){0, 0, at};
    while (index < tally->entries && zip_central(zip, &at, &entry)) {
        index++;
        cost = add(cost, cost_of(&entry));
        if (made + 1 < n && index < tally->entries && cost >= tally->cost / n * (made + 1)) {
            ranges[made].end = index;
            ranges[++made] = (struct unpack_range){index, 0, at};
        }
    }
    ranges[made].end = index;
    return index == tally->entries ? made + 1 : 0;
}

bool zip_plan(struct zip *zip, struct unpack_range *first)
{
    struct unpack_range ranges[UNPACK_RANGES];
    if (!zip->has_directory || !zip->sink->plan || !zip->input->split_bytes || zip->input->first_index)
        return false;
    struct tally tally = count(zip);
    uint64_t n = tally.cost / RANGE_COST;
    if (n < 2 || tally.entries > MOST_ENTRIES || tally.bytes > zip->input->split_bytes ||
        limit_exceeded(&zip->input->limits, LIMIT_ENTRIES, tally.entries))
        return false;
    size_t made = cut(zip, &tally, n < UNPACK_RANGES ? (size_t)n : UNPACK_RANGES, ranges);
    if (made < 2)
        return false;
    *first = ranges[0];
    zip->sink->plan(zip->sink, ranges, made);
    return true;
}
