/* fuzz_carve.c: carving: every finder, over one range or several, alone or as one. What is found lies in the ranges, is
 * what stands there, and is the same at every SIMD level. */
#include "fuzz.h"
#include "simd/level.h"
#include "trawl/carve.h"

enum { FILES_MAX = 1000 };

struct fuzz_medium {
    struct carve_source source;
    const uint8_t *bytes;
    size_t n;
    uint64_t read;
};

static size_t fuzz_read(struct carve_source *source, void *to, size_t n, uint64_t offset)
{
    struct fuzz_medium *medium = (struct fuzz_medium *)source;
    CHECK(offset <= medium->n && n <= medium->n - offset);
    memcpy(to, medium->bytes + offset, n);
    medium->read += n;
    return n;
}

struct fuzz_found {
    struct unpack_sink sink;
    const struct fuzz_medium *medium;
    struct origin origin;
    uint64_t files, size, given, hash;
    bool open;
};

static int found_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    struct fuzz_found *found = (struct fuzz_found *)sink;
    CHECK(!found->open && entry->index == found->files && entry->size && entry->size <= found->medium->n);
    CHECK(entry->origin && origin_sane(entry->origin) && entry->origin->kind == ORIGIN_CARVED);
    CHECK(entry->origin->n_runs && entry->origin->runs[0].offset == entry->offset);
    CHECK(entry->name_len > 8 && memcmp(entry->name, "$carved/", 8) == 0);
    found->files++;
    found->origin = *entry->origin;
    found->size = entry->size;
    found->given = 0;
    found->open = true;
    found->hash = (found->hash ^ entry->offset) * 0x100000001b3 + entry->size;
    return 0;
}

static int found_data(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset)
{
    struct fuzz_found *found = (struct fuzz_found *)sink;
    CHECK(found->open && n && offset == found->given && n <= found->size - offset);
    if (found->origin.all_runs == 1)
        CHECK(memcmp(data, found->medium->bytes + found->origin.runs[0].offset + offset, n) == 0);
    found->given += n;
    return 0;
}

static void found_end(struct unpack_sink *sink, enum trawl_status status, uint64_t size, const char *detail)
{
    struct fuzz_found *found = (struct fuzz_found *)sink;
    CHECK(found->open && size == found->size && found->given == size);
    CHECK(status == TRAWL_OK || (status == TRAWL_PARTIAL && *detail));
    found->hash = (found->hash ^ status) * 0x100000001b3;
    found->open = false;
}

static struct fuzz_found carve(struct fuzz_medium *medium, const struct carve_range *ranges, size_t n, bool joined)
{
    struct fuzz_found found = {.sink = {.entry = found_entry, .data = found_data, .entry_end = found_end},
                               .medium = medium};
    struct unpack_end end = {0};
    struct limits limits;
    limits_default(&limits);
    limits.value[LIMIT_ENTRIES] = FILES_MAX;
    struct carve_job job = {.source = &medium->source,
                            .ranges = ranges,
                            .n_ranges = n,
                            .joined = joined,
                            .sink = &found.sink,
                            .limits = &limits};
    CHECK(carve_run(&job, &end) == found.files && !found.open && end.entries == found.files);
    CHECK(end.status == TRAWL_OK || (end.status == TRAWL_LIMIT && end.limit && *end.detail));
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct carve_range ranges[3];
    uint64_t how = fuzz_number(&in, 1), cut = fuzz_number(&in, 2), gap = fuzz_number(&in, 1);
    struct fuzz_medium medium = {.source = {.read = fuzz_read}, .bytes = in.p, .n = in.n};
    size_t n = 0;
    uint64_t at = 0;
    for (; how & 2 && n < 2 && at + cut + gap < in.n; at += cut + gap)
        ranges[n++] = (struct carve_range){at, at + cut};
    ranges[n++] = (struct carve_range){at, in.n};
    struct fuzz_found best = carve(&medium, ranges, n, how & 1);
    /* The first credit, and what is scanned, read and handed over once. */
    CHECK(medium.read <= 64ull * (256 << 10) + (64 + 8 + 8) * (uint64_t)in.n + (4u << 20));
    enum simd_level level = simd_level();
    simd_level_set(SIMD_SCALAR);
    struct fuzz_found scalar = carve(&medium, ranges, n, how & 1);
    simd_level_set(level);
    CHECK(scalar.files == best.files && scalar.hash == best.hash);
    (void)carve_probe(in.p, in.n);
    return 0;
}
