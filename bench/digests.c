/*
 * digests.c: what MD5, SHA-1 and SHA-256 of whole files cost, by SIMD level and by how many files are in memory at
 * once. scalar is OpenSSL, one file after the other.
 *
 * CPU time of this thread, the fastest of several rounds; ratios within one run are what counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "simd/level.h"
#include "trawl/digest.h"

enum { ROOM = 80 << 20, FILES = 20000, ROUNDS = 3 };

static uint8_t *bytes;
static struct digest_job jobs[FILES];
static struct digests results[FILES];
static struct digest_context *context;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint32_t random_next(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/** ns for n files, `batch` at a time. */
static double time_files(size_t n, size_t batch)
{
    double best = 1e30;
    for (unsigned round = 0; round < ROUNDS; round++) {
        double begun = now();
        for (size_t at = 0; at < n; at += batch)
            digest_many(context, jobs + at, batch < n - at ? batch : n - at, DIGEST_ALL, NULL);
        double took = now() - begun;
        best = took < best ? took : best;
    }
    return best;
}

/** One line: the cost by level, per byte or (per_file) per file. */
static void report(const char *name, size_t n, size_t batch, bool per_file)
{
    double total = 0, first = 0;
    for (size_t i = 0; i < n; i++)
        total += (double)jobs[i].size;
    printf("%-34s %3zu at once ", name, batch);
    for (unsigned level = 0; level <= simd_level_best(); level++) {
        if (level == SIMD_SSE41)
            continue;
        simd_level_set((enum simd_level)level);
        double cost = time_files(n, batch) / (per_file ? (double)n : total);
        first = level ? first : cost;
        printf(per_file ? "%10.0f (%4.2fx)" : "%10.3f (%4.2fx)", cost, first / cost);
    }
    printf(per_file ? "  ns/file\n" : "  ns/byte\n");
    simd_level_set(simd_level_best());
}

/** n files one behind the other, as if in the arenas of workers; from the front again where the room ends. */
static void place(size_t n, size_t (*size)(size_t i))
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        size_t bytes_of = size(i);
        if (at + bytes_of > ROOM)
            at = 0;
        jobs[i] = (struct digest_job){.data = bytes + at, .size = bytes_of, .out = &results[i]};
        at += (bytes_of + 63) / 64 * 64;
    }
}

static size_t size_large(size_t i)
{
    (void)i;
    return 64 << 20;
}

static size_t size_photo(size_t i)
{
    (void)i;
    return 4300000;
}

static size_t size_photos(size_t i)
{
    (void)i;
    return 2000000 + random_next() % 4600000;
}

/** Log-uniform: half of the files below 64 KiB, most of the bytes in the few large ones. */
static size_t size_mix(size_t i)
{
    (void)i;
    size_t top = (size_t)1024 << random_next() % 13;
    return top + random_next() % top;
}

/** A large file among small ones. */
static size_t size_one_among(size_t i)
{
    return i % 16 == 3 ? 16 << 20 : 100000 + random_next() % 100000;
}

static size_t size_64(size_t i)
{
    (void)i;
    return 64;
}

static size_t size_1500(size_t i)
{
    (void)i;
    return 1000 + random_next() % 1000;
}

static size_t size_13k(size_t i)
{
    (void)i;
    return 10000 + random_next() % 6000;
}

static void report_small(const char *name, size_t (*size)(size_t i))
{
    static const size_t batches[] = {1, 4, 16, 32};
    place(FILES, size);
    for (unsigned i = 0; i < 4; i++)
        report(name, FILES, batches[i], true);
}

static void report_mix(const char *name, size_t n, size_t (*size)(size_t i))
{
    place(n, size);
    for (size_t batch = 8; batch <= 32; batch *= 2)
        report(name, n, batch, false);
}

int main(void)
{
    context = digest_context_new();
    bytes = malloc(ROOM);
    if (!bytes)
        return 1;
    for (size_t i = 0; i < ROOM / 4; i++)
        ((uint32_t *)(void *)bytes)[i] = random_next();
    printf("%-47s ", "");
    for (unsigned level = 0; level <= simd_level_best(); level++)
        if (level != SIMD_SSE41)
            printf("%10s        ", simd_level_name((enum simd_level)level));
    printf("\n");
    place(1, size_large);
    report("one file of 64 MiB", 1, 1, false);
    place(16, size_photo);
    for (size_t batch = 1; batch <= 16; batch *= 2)
        report("photos of 4.3 MB", 16, batch, false);
    report_mix("photos of 2 to 6.6 MB", 64, size_photos);
    report_mix("files of 1 KiB to 8 MiB", 256, size_mix);
    report_mix("16 MiB among files of 150 kB", 32, size_one_among);
    report_small("64 B", size_64);
    report_small("1 to 2 kB", size_1500);
    report_small("10 to 16 kB", size_13k);
    digest_context_free(context);
    free(bytes);
    return 0;
}
