/* carved.h: carves bytes in memory, and says what came out. */
#ifndef TESTS_CARVE_CARVED_H
#define TESTS_CARVE_CARVED_H

#include <criterion/criterion.h>

#include "../decode/pictures.h"
#include "../source/record.h"
#include "trawl/carve.h"

/** A medium in memory; bytes from `bad` to `bad_end` cannot be read. */
struct medium {
    struct carve_source source;
    uint8_t *bytes;
    size_t n, cap;
    uint64_t bad, bad_end;
    /** Bytes that were asked for. */
    uint64_t read;
};

static inline size_t medium_read(struct carve_source *source, void *to, size_t n, uint64_t offset)
{
    struct medium *medium = (struct medium *)source;
    if (offset >= medium->n)
        return 0;
    n = n < medium->n - offset ? n : (size_t)(medium->n - offset);
    memcpy(to, medium->bytes + offset, n);
    for (uint64_t i = medium->bad; i < medium->bad_end; i++)
        if (i >= offset && i - offset < n) {
            ((uint8_t *)to)[i - offset] = 0;
            source->holes++;
        }
    medium->read += n;
    return n;
}

static inline struct medium medium_new(void)
{
    return (struct medium){.source = {.read = medium_read}};
}

static inline void medium_free(struct medium *medium)
{
    free(medium->bytes);
    medium->bytes = NULL;
}

/** Appends; returns where. */
static inline size_t medium_put(struct medium *medium, const void *bytes, size_t n)
{
    size_t at = medium->n;
    if (at + n > medium->cap) {
        medium->cap = 2 * (at + n);
        medium->bytes = realloc(medium->bytes, medium->cap);
    }
    if (bytes)
        memcpy(medium->bytes + at, bytes, n);
    else
        memset(medium->bytes + at, 0, n);
    medium->n += n;
    return at;
}

/** Bytes in which nothing begins: random, but none of the magics' first ones. */
static inline size_t medium_noise(struct medium *medium, size_t n)
{
    static const char first[] = "\xff\x89%\x1aGRFMIBfjJP7\x30";
    static uint32_t seed = 7;
    size_t at = medium_put(medium, NULL, n);
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = (uint8_t)noise(&seed);
        medium->bytes[at + i] = memchr(first, byte, sizeof(first) - 1) ? 'x' : byte;
    }
    return at;
}

static inline struct record carved_ranges(struct medium *medium, const struct carve_range *ranges, size_t n,
                                          bool joined, const struct limits *limits)
{
    struct record record = record_new();
    struct limits by_default;
    limits_default(&by_default);
    record.keep = 64 << 20;
    struct carve_job job = {
        .source = &medium->source,
        .ranges = ranges,
        .n_ranges = n,
        .joined = joined,
        .sink = &record.sink,
        .limits = limits ? limits : &by_default,
    };
    uint64_t behind = carve_run(&job, &record.end);
    cr_assert_null(record.broken, "%s", record.broken);
    cr_assert_eq(behind, record.n);
    cr_assert_eq(record.end.entries, record.n);
    return record;
}

/** All of the medium. */
static inline struct record carved(struct medium *medium)
{
    const struct carve_range all = {0, medium->n};
    return carved_ranges(medium, &all, 1, false, NULL);
}

/** Number i is these bytes, whole, from that offset. */
static inline void assert_carved(const struct record *record, size_t i, uint64_t offset, const void *bytes, size_t n,
                                 const char *suffix)
{
    char name[64];
    snprintf(name, sizeof(name), "$carved/%016llu.%s", (unsigned long long)offset, suffix);
    cr_assert_lt(i, record->n, "%s is not there", name);
    const struct record_member *member = &record->members[i];
    cr_assert_eq(member->offset, offset, "%s: it is at %llu", name, (unsigned long long)member->offset);
    cr_assert_eq(member->size, n, "%s: %llu bytes of %zu", name, (unsigned long long)member->size, n);
    cr_assert(member_is(member, name, bytes, n), "%s: called %s", name, (const char *)member->name);
    cr_assert_eq(member->status, TRAWL_OK, "%s: %s", name, member->detail);
    cr_assert_eq(member->declared, n);
}

/** Number i begins there, and is the first n bytes of something. */
static inline void assert_partial(const struct record *record, size_t i, uint64_t offset, const void *bytes, size_t n)
{
    cr_assert_lt(i, record->n);
    const struct record_member *member = &record->members[i];
    cr_assert_eq(member->offset, offset, "number %zu is at %llu", i, (unsigned long long)member->offset);
    cr_assert_eq(member->status, TRAWL_PARTIAL, "number %zu is whole", i);
    cr_assert(*member->detail);
    cr_assert_eq(member->size, n, "number %zu: %llu bytes of %zu", i, (unsigned long long)member->size, n);
    cr_assert(member->n == n && !memcmp(member->data, bytes, n));
}

/** The file alone between noise, at four alignments: found whole, with its exact length. */
static inline void assert_found(struct file_bytes file, const char *suffix)
{
    for (unsigned shift = 0; shift < 4; shift++) {
        struct medium medium = medium_new();
        medium_noise(&medium, 512 + shift);
        size_t at = medium_put(&medium, file.data, file.size);
        medium_noise(&medium, 3000);
        struct record record = carved(&medium);
        cr_assert_eq(record.n, 1u, "%s: %zu files", suffix, record.n);
        assert_carved(&record, 0, at, file.data, file.size, suffix);
        record_free(&record);
        medium_free(&medium);
    }
}

/**
 * The file cut at `steps` places, with another behind it: the other is always found whole, and what comes of the first
 * is a prefix of it and what follows, and partial; that cannot be told where the end of the format is not `marked`.
 */
static inline unsigned assert_cuts(struct file_bytes file, unsigned steps, bool marked)
{
    struct file_bytes other = make_photo_jpeg(40, 30, PHOTO_JPEG);
    unsigned partial = 0;
    for (unsigned step = 0; step < steps; step++) {
        struct medium medium = medium_new();
        size_t cut = (size_t)((uint64_t)file.size * step / steps);
        medium_noise(&medium, 100);
        medium_put(&medium, file.data, cut);
        size_t at = medium_put(&medium, other.data, other.size);
        medium_noise(&medium, 100);
        struct record record = carved(&medium);
        unsigned found = 0;
        for (size_t i = 0; i < record.n; i++) {
            const struct record_member *member = &record.members[i];
            if (member->offset == at) {
                assert_carved(&record, i, at, other.data, other.size, "jpg");
                found++;
            } else if (member->offset == 100) {
                cr_assert(member->status == TRAWL_PARTIAL || !marked, "cut at %zu of %zu", cut, file.size);
                cr_assert(!memcmp(member->data, medium.bytes + 100, member->n));
                partial++;
            }
        }
        cr_assert_eq(found, 1u, "cut at %zu of %zu: the next file is lost", cut, file.size);
        record_free(&record);
        medium_free(&medium);
    }
    free(other.data);
    return partial;
}

#endif
