#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "simd/level.h"
#include "trawl/digest.h"

enum { MOST = 1 << 20, SMALL = 4200, TOGETHER = 40 };

/** Random bytes. */
static uint8_t *bytes;
static uint64_t state = 88172645463325252u;

static uint32_t random_next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static void make_bytes(void)
{
    bytes = malloc(MOST + 256);
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < MOST + 256; i++)
        bytes[i] = (uint8_t)random_next();
}

/** At the scalar level all is OpenSSL's. */
static void expect(const struct digest_job *job, struct digests *out)
{
    enum simd_level level = simd_level();
    simd_level_set(SIMD_SCALAR);
    digest_buffer(job->data, job->size, out);
    simd_level_set(level);
}

static struct digest_job job_of(size_t size, struct digests *out)
{
    return (struct digest_job){.data = bytes + random_next() % 256, .size = size, .out = out};
}

/** What was not asked for must stay as it was. */
static void mask(struct digests *digests, enum digest_kind which)
{
    if (!(which & DIGEST_MD5))
        memset(digests->md5, 0x5a, sizeof(digests->md5));
    if (!(which & DIGEST_SHA1))
        memset(digests->sha1, 0x5a, sizeof(digests->sha1));
    if (!(which & DIGEST_SHA256))
        memset(digests->sha256, 0x5a, sizeof(digests->sha256));
}

/** n files at once against OpenSSL, one by one; up to TOGETHER. */
static void check(struct digest_context *context, const size_t *sizes, size_t n, enum digest_kind which)
{
    static struct digests got[TOGETHER], want[TOGETHER];
    struct digest_job jobs[TOGETHER];
    for (size_t i = 0; i < n; i++) {
        jobs[i] = job_of(sizes[i], &got[i]);
        expect(&jobs[i], &want[i]);
        mask(&want[i], which);
        mask(&got[i], 0);
    }
    cr_assert(digest_many(context, jobs, n, which, NULL));
    for (size_t i = 0; i < n; i++)
        cr_assert(memcmp(&got[i], &want[i], sizeof(*want)) == 0, "%s, kinds %u: %zu bytes, %zu of %zu",
                  simd_level_name(simd_level()), which, sizes[i], i, n);
}

static void for_each_level(void (*run)(struct digest_context *))
{
    make_bytes();
    for (unsigned level = 0; level <= simd_level_best(); level++) {
        struct digest_context *context = digest_context_new();
        simd_level_set((enum simd_level)level);
        run(context);
        digest_context_free(context);
    }
    simd_level_set(simd_level_best());
    free(bytes);
}

/** Every length up to SMALL, TOGETHER at a time: the lanes are full, then fewer. */
static void small_lengths(struct digest_context *context)
{
    size_t sizes[TOGETHER];
    for (size_t size = 0; size <= SMALL; size += TOGETHER) {
        for (size_t i = 0; i < TOGETHER; i++)
            sizes[i] = size + i;
        check(context, sizes, TOGETHER, DIGEST_ALL);
        check(context, sizes, TOGETHER, (enum digest_kind)(1 + random_next() % (DIGEST_ALL - 1)));
    }
}

Test(digest_many, every_small_length, .timeout = 120)
{
    for_each_level(small_lengths);
}

/** Between 1 and TOGETHER files whose lengths are of any magnitude. */
static void mixes(struct digest_context *context)
{
    size_t sizes[TOGETHER];
    for (unsigned round = 0; round < 60; round++) {
        size_t n = 1 + random_next() % TOGETHER;
        for (size_t i = 0; i < n; i++)
            sizes[i] = random_next() % (((size_t)1 << random_next() % 21) + 1);
        check(context, sizes, n, round % 3 ? DIGEST_ALL : (enum digest_kind)(1 + random_next() % DIGEST_ALL));
    }
}

Test(digest_many, mixes, .timeout = 120)
{
    for_each_level(mixes);
}

/** 1 to 17 files of one length, one of each residue mod 64. */
static void lanes(struct digest_context *context)
{
    static const size_t bases[] = {0, 8192, MOST - 64};
    size_t sizes[17];
    for (unsigned base = 0; base < 3; base++)
        for (size_t residue = 0; residue < 64; residue += base == 2 ? 13 : 1) {
            size_t n = 1 + (residue * 5 + base) % 17;
            for (size_t i = 0; i < n; i++)
                sizes[i] = bases[base] + residue;
            check(context, sizes, n, DIGEST_ALL);
        }
}

Test(digest_many, lanes, .timeout = 120)
{
    for_each_level(lanes);
}

/** One alone, and fewer than there are lanes, of each kind. */
static void kinds(struct digest_context *context)
{
    static const size_t sizes[] = {0, 100, 55, 56, 5000, 64, 640, 1, 700, 2, 3};
    for (unsigned which = 1; which <= DIGEST_ALL; which++)
        for (size_t n = 0; n <= sizeof(sizes) / sizeof(*sizes); n++)
            check(context, sizes, n, (enum digest_kind)which);
}

Test(digest_many, kinds)
{
    for_each_level(kinds);
}

/** The streams of each level, however they are cut. */
static void streams(struct digest_context *context)
{
    (void)context;
    struct digests got, want;
    struct digest_stream *stream = digest_new();
    for (size_t size = 0; size <= SMALL; size++) {
        struct digest_job job = job_of(size, &got);
        expect(&job, &want);
        digest_start(stream);
        for (size_t at = 0, piece; at < size; at += piece) {
            piece = random_next() % 200;
            piece = piece < size - at ? piece : size - at;
            digest_update(stream, job.data + at, piece);
        }
        digest_finish(stream, &got);
        cr_assert(memcmp(&got, &want, sizeof(got)) == 0, "%s: %zu bytes", simd_level_name(simd_level()), size);
    }
    digest_free(stream);
}

Test(digest_many, streams, .timeout = 120)
{
    for_each_level(streams);
}

static void stops(struct digest_context *context)
{
    atomic_bool stop = true;
    struct digests got[16];
    struct digest_job jobs[16];
    for (unsigned i = 0; i < 16; i++)
        jobs[i] = job_of(MOST, &got[i]);
    cr_assert_not(digest_many(context, jobs, 16, DIGEST_ALL, &stop));
    cr_assert_not(digest_many(context, jobs, 1, DIGEST_ALL, &stop));
    atomic_store(&stop, false);
    cr_assert(digest_many(context, jobs, 16, DIGEST_ALL, &stop));
    cr_assert(digest_many(context, NULL, 0, DIGEST_ALL, &stop));
}

Test(digest_many, stops)
{
    for_each_level(stops);
    digest_context_free(NULL);
}

Test(digest_many, a_pointer_of_no_bytes)
{
    struct digests got[9], want;
    struct digest_job jobs[9];
    struct digest_context *context = digest_context_new();
    digest_buffer("", 0, &want);
    for (unsigned i = 0; i < 9; i++)
        jobs[i] = (struct digest_job){.out = &got[i]};
    cr_assert(digest_many(context, jobs, 9, DIGEST_ALL, NULL));
    for (unsigned i = 0; i < 9; i++)
        cr_assert(memcmp(&got[i], &want, sizeof(want)) == 0);
    digest_context_free(context);
}
