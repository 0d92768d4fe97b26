/*
 * carve.c: what it costs to look for files in bytes that hold none: the scan alone by SIMD level, beside memchr and
 * memcpy; and carving as a whole, with reading, out of memory and out of a file.
 *
 *   bench/carve            random bytes, zeros, text
 *   bench/carve FILE       carving of that file, whatever is in it
 *
 * CPU time of this thread, the fastest of several rounds; ratios within one run are what counts.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "simd/kernels.h"
#include "trawl/carve.h"
#include "trawl/digest.h"

enum { BYTES = 256 << 20, PIECE = 1 << 20, ROUNDS = 3, HITS = 1024 };

static uint8_t *bytes, *copy;
static uint32_t hits[HITS];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/** Bytes a second of the fastest round. */
static double fastest(void (*run)(const void *), const void *with)
{
    double best = 1e30;
    for (unsigned round = 0; round < ROUNDS; round++) {
        double begun = now();
        run(with);
        double took = now() - begun;
        best = took < best ? took : best;
    }
    return BYTES / best / 1e9;
}

static void scan_all(const void *table)
{
    const struct kernels *k = table;
    for (size_t at = 0; at < BYTES; at += PIECE)
        k->magic_scan(bytes + at, PIECE, hits, HITS);
}

static void probe_all(const void *nothing)
{
    (void)nothing;
    for (size_t at = 0; at < BYTES; at += PIECE)
        hits[0] += carve_probe(bytes + at, PIECE);
}

static void memchr_all(const void *nothing)
{
    (void)nothing;
    for (const uint8_t *p = bytes; (p = memchr(p, 0xfe, (size_t)(bytes + BYTES - p)));)
        p++;
}

static void memcpy_all(const void *nothing)
{
    (void)nothing;
    memcpy(copy, bytes, BYTES);
}

static void digest_all(const void *nothing)
{
    struct digests out;
    (void)nothing;
    digest_buffer(bytes, BYTES, &out);
}

static size_t memory_read(struct carve_source *source, void *to, size_t n, uint64_t offset)
{
    (void)source;
    memcpy(to, bytes + offset, n);
    return n;
}

static int pass_over(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    (void)sink;
    (void)entry;
    return 1;
}

static int take_data(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset)
{
    (void)sink;
    (void)data;
    (void)n;
    (void)offset;
    return 0;
}

static void pass_end(struct unpack_sink *sink, enum trawl_status status, uint64_t size, const char *detail)
{
    (void)sink;
    (void)status;
    (void)size;
    (void)detail;
}

static void carve_memory(const void *nothing)
{
    struct carve_source source = {.read = memory_read};
    struct carve_range all = {0, BYTES};
    struct unpack_sink sink = {.entry = pass_over, .data = take_data, .entry_end = pass_end};
    struct unpack_end end = {0};
    struct limits limits;
    (void)nothing;
    limits_default(&limits);
    struct carve_job job = {.source = &source, .ranges = &all, .n_ranges = 1, .sink = &sink, .limits = &limits};
    carve_run(&job, &end);
}

static void report(const char *name)
{
    printf("%-8s", name);
    for (unsigned level = 0; level <= simd_level_best(); level++)
        printf("  %s %5.2f", simd_level_name((enum simd_level)level),
               fastest(scan_all, kernels_at((enum simd_level)level)));
    printf("  first look %5.2f  carving %5.2f  memchr %5.2f  memcpy %5.2f  digests %5.2f GB/s\n",
           fastest(probe_all, NULL), fastest(carve_memory, NULL), fastest(memchr_all, NULL), fastest(memcpy_all, NULL),
           fastest(digest_all, NULL));
}

static int count_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    (void)sink;
    hits[0]++;
    hits[1] += (uint32_t)(entry->size >> 10);
    return 0;
}

/** A file as the carver's child reads it. */
static int carve_file(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return 1;
    struct unpack_input input = {.fd = fd, .size = (uint64_t)st.st_size, .carve = CARVE_ALL};
    struct unpack_sink sink = {.entry = count_entry, .data = take_data, .entry_end = pass_end};
    struct unpack_end end;
    limits_default(&input.limits);
    double begun = now();
    carver_unpacker.run(&input, &sink, &end);
    double took = now() - begun;
    printf("%u files of %.1f MB in %.1f MB: %.3f s, %.2f GB/s\n", hits[0], hits[1] / 1024.0, (double)st.st_size / 1e6,
           took, (double)st.st_size / took / 1e9);
    close(fd);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t state = 88172645463325252u;
    if (argc > 1)
        return carve_file(argv[1]);
    bytes = malloc(BYTES);
    copy = malloc(BYTES);
    if (!bytes || !copy)
        return 1;
    for (size_t i = 0; i < BYTES; i += 8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(bytes + i, &state, 8);
    }
    memset(copy, 1, BYTES);
    report("random");
    memset(bytes, 0, BYTES);
    report("zeros");
    static const char words[] =
        "The quick brown fox jumps over the lazy dog; Pack my box with five dozen liquor jugs. ";
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)words[i % (sizeof(words) - 1)];
    report("text");
    free(bytes);
    free(copy);
    return 0;
}
