/*
 * medium_dmg.c: Apple's disk images. A packed one (UDIF) ends with a block "koly" that leads to a property list, in
 * which each volume has a table of runs in base 64; a growing one (.sparseimage) begins with the numbers of its bands.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base64.h"
#include "disk/medium.h"

#define TRAILER   512
#define MOST_LIST (32u << 20)
/** A table's head, and one of its runs. */
#define TABLE 204
#define RUN   40
/** Bands that the head of a sparse image names. */
#define BANDS_AT    64
#define SPARSE_HEAD 4096
#define MOST_BANDS  ((SPARSE_HEAD - BANDS_AT) / 4)

enum run_kind {
    RUN_ZERO = 0,
    RUN_RAW = 1,
    RUN_IGNORED = 2,
    RUN_ZLIB = 0x80000005,
    RUN_COMMENT = 0x7ffffffe,
    RUN_END = 0xffffffff,
};

struct run {
    uint64_t start, length, at, packed;
    uint32_t kind;
};

struct dmg {
    struct run *runs;
    size_t n, cap;
    /** Of a sparse image; for each band its place in the file, from 1; 0: it reads as zeros. */
    uint64_t band;
    uint32_t places[MOST_BANDS];
};

/** Decodes in place; what is no digit is passed over. Returns how many bytes there are. */
static size_t from_base64(uint8_t *text, size_t n)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t made = 0;
    for (size_t i = 0; i < n; i++) {
        int value = base64_digit(text[i]);
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have >= 8)
            text[made++] = (uint8_t)(bits >> (have -= 8));
    }
    return made;
}

static bool take_run(struct medium *medium, const uint8_t *p, uint64_t first, uint64_t base)
{
    struct dmg *dmg = medium->state;
    struct run run = {.kind = (uint32_t)get_be(p, 4), .packed = get_be(p + 32, 8)};
    if (run.kind == RUN_COMMENT || run.kind == RUN_END || !get_be(p + 16, 8))
        return true;
    if (run.kind != RUN_ZERO && run.kind != RUN_RAW && run.kind != RUN_IGNORED && run.kind != RUN_ZLIB)
        return medium_fail(medium, TRAWL_UNSUPPORTED, "packed with method %#x, not with zlib", run.kind);
    if (__builtin_add_overflow(get_be(p + 8, 8), first, &run.start) ||
        __builtin_mul_overflow(run.start, 512, &run.start) ||
        __builtin_mul_overflow(get_be(p + 16, 8), 512, &run.length) ||
        __builtin_add_overflow(get_be(p + 24, 8), base, &run.at) || run.start > INT64_MAX || run.length > INT64_MAX)
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its tables");
    if (run.kind == RUN_ZLIB && run.length > medium->block)
        medium->block = run.length > MEDIUM_PACK_MAX ? MEDIUM_PACK_MAX + 1 : (size_t)run.length;
    if (dmg->n == dmg->cap) {
        size_t cap = dmg->cap ? 2 * dmg->cap : 256;
        struct run *more = realloc(dmg->runs, cap * sizeof(*more));
        if (!more)
            return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
        dmg->runs = more;
        dmg->cap = cap;
    }
    dmg->runs[dmg->n++] = run;
    medium->size = run.start + run.length > medium->size ? run.start + run.length : medium->size;
    return true;
}

static bool take_table(struct medium *medium, const uint8_t *table, size_t n, uint64_t fork)
{
    if (n < TABLE || memcmp(table, "mish", 4) != 0)
        return medium_fail(medium, TRAWL_DAMAGED, "a table of its runs is none");
    uint64_t first = get_be(table + 8, 8), base, runs = get_be(table + 200, 4);
    if (runs > (n - TABLE) / RUN || __builtin_add_overflow(get_be(table + 24, 8), fork, &base))
        return medium_fail(medium, TRAWL_DAMAGED, "a table of its runs is shorter than it says");
    for (uint64_t i = 0; i < runs; i++)
        if (!take_run(medium, table + TABLE + RUN * i, first, base))
            return false;
    return true;
}

static const uint8_t *find(const uint8_t *p, const uint8_t *end, const char *text)
{
    const uint8_t *at = p && p < end ? memmem(p, (size_t)(end - p), text, strlen(text)) : NULL;
    return at ? at + strlen(text) : NULL;
}

/** All tables in the property list, which is overwritten. */
static bool take_list(struct medium *medium, uint8_t *list, size_t n, uint64_t fork)
{
    const uint8_t *end = list + n, *at = find(list, end, "<key>blkx</key>");
    const uint8_t *last = at ? find(at, end, "</array>") : NULL;
    if (!last)
        return medium_fail(medium, TRAWL_DAMAGED, "its property list has no tables");
    while ((at = find(at, last, "<data>"))) {
        const uint8_t *behind = find(at, last, "</data>");
        if (!behind)
            return medium_fail(medium, TRAWL_DAMAGED, "its property list is cut");
        uint8_t *table = list + (at - list);
        if (!take_table(medium, table, from_base64(table, (size_t)(behind - 7 - at)), fork))
            return false;
        at = behind;
    }
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct run *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static bool open_packed(struct medium *medium)
{
    const struct segment *file = &medium->segments[0];
    struct dmg *dmg = medium->state;
    uint8_t trailer[TRAILER];
    if (file->size < TRAILER || !segment_read(file, trailer, TRAILER, file->size - TRAILER) ||
        memcmp(trailer, "koly", 4) != 0)
        return medium_fail(medium, TRAWL_DAMAGED, "it does not end as it should");
    uint64_t at = get_be(trailer + 216, 8), n = get_be(trailer + 224, 8);
    if (get_be(trailer + 60, 4) > 1)
        return medium_fail(medium, TRAWL_UNSUPPORTED, "one of several parts");
    if (!n || n > MOST_LIST)
        return medium_fail(medium, TRAWL_DAMAGED, "its property list has %llu bytes", (unsigned long long)n);
    uint8_t *list = malloc((size_t)n);
    if (!list)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    bool whole = segment_read(file, list, (size_t)n, at)
                     ? take_list(medium, list, (size_t)n, get_be(trailer + 24, 8))
                     : medium_fail(medium, TRAWL_DAMAGED, "its property list is cut");
    free(list);
    if (whole && !dmg->n)
        return medium_fail(medium, TRAWL_DAMAGED, "its tables are empty");
    if (whole)
        qsort(dmg->runs, dmg->n, sizeof(*dmg->runs), by_start);
    return whole;
}

static bool open_sparse(struct medium *medium, const uint8_t head[SPARSE_HEAD])
{
    struct dmg *dmg = medium->state;
    uint64_t sectors = get_be(head + 16, 4), band = get_be(head + 8, 4);
    if (!sectors || !band || band > (1u << 20))
        return medium_fail(medium, TRAWL_DAMAGED, "impossible numbers in its header");
    dmg->band = band * 512;
    medium->size = sectors * 512;
    uint64_t bands = (sectors + band - 1) / band;
    if (bands > MOST_BANDS)
        return medium_fail(medium, TRAWL_UNSUPPORTED, "more bands than its first header can name");
    for (uint32_t i = 0; i < MOST_BANDS; i++) {
        uint64_t number = get_be(head + BANDS_AT + 4 * i, 4);
        if (number && number <= bands)
            dmg->places[number - 1] = i + 1;
    }
    return true;
}

static bool dmg_open(struct medium *medium)
{
    uint8_t head[SPARSE_HEAD] = {0};
    medium->state = calloc(1, sizeof(struct dmg));
    if (!medium->state)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    bool full = segment_read(&medium->segments[0], head, sizeof(head), 0);
    if (!full && !segment_read(&medium->segments[0], head, 8, 0))
        return medium_fail(medium, TRAWL_DAMAGED, "shorter than its header");
    if (!memcmp(head, "encrcdsa", 8))
        return medium_fail(medium, TRAWL_ENCRYPTED, "an encrypted disk image: needs its password");
    if (memcmp(head, "sprs", 4) != 0)
        return open_packed(medium);
    return full ? open_sparse(medium, head) : medium_fail(medium, TRAWL_DAMAGED, "shorter than its header");
}

static void locate_band(const struct dmg *dmg, uint64_t offset, struct extent *extent)
{
    uint64_t number = offset / dmg->band, place = dmg->places[number];
    *extent = (struct extent){.kind = EXTENT_ZERO, .start = number * dmg->band, .length = dmg->band};
    if (!place)
        return;
    extent->kind = EXTENT_RAW;
    extent->at = SPARSE_HEAD + (place - 1) * dmg->band;
}

static void dmg_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    const struct dmg *dmg = medium->state;
    size_t low = 0, high = dmg->n;
    if (dmg->band) {
        locate_band(dmg, offset, extent);
        return;
    }
    /* The last run that begins at or before it. */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (dmg->runs[middle].start <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    const struct run *run = low ? &dmg->runs[low - 1] : NULL;
    if (!run || offset - run->start >= run->length) {
        uint64_t next = low < dmg->n ? dmg->runs[low].start : medium->size;
        *extent = (struct extent){.kind = EXTENT_MISSING, .start = offset, .length = next - offset};
        return;
    }
    *extent = (struct extent){.start = run->start, .length = run->length, .at = run->at};
    extent->kind = run->kind == RUN_ZLIB ? EXTENT_ZLIB : run->kind == RUN_RAW ? EXTENT_RAW : EXTENT_ZERO;
    extent->packed = run->packed > UINT32_MAX ? UINT32_MAX : (uint32_t)run->packed;
}

static void dmg_close(struct medium *medium)
{
    struct dmg *dmg = medium->state;
    if (dmg)
        free(dmg->runs);
    free(dmg);
}

const struct medium_format dmg_medium = {"dmg", dmg_open, dmg_locate, dmg_close};
