/*
 * match.c: what look-ups cost: near ones by index, by scan, and in FAISS beside them in the same run; exact ones; the
 * start from a compiled index.
 *
 *     match [NUMBER OF HASHES]...        100000 and 1000000 without; 10000000 takes 6 GiB with FAISS, 2 GiB without
 *
 * A table, then the same as one line of JSON. Times are processor time, the least of several rounds; hashes are
 * uniformly random, one query in 16 is near one of them. All must find the same number of hits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "draw.h"
#include "match/builder.h"
#include "match/index.h"
#include "match/near_join.h"
#include "peers/faiss.h"

enum { RADIUS = 31, QUERIES = 4096, ROUNDS = 5 };
/** Of what takes milliseconds a query, so few are asked; of what takes nanoseconds, so many that they are not all in
 * the cache. */
enum { SLOW_QUERIES = 64, DIGESTS = 1 << 18 };

/** Microseconds a query that Meta's own multi-index hashing took on 10^6 hashes, on another machine: published with
 * research on this one, not measured here. */
static const double META_MIH = 1453;

static struct buf json;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/** One set of hashes with what is asked of it. */
struct trial {
    size_t n;
    struct part part;
    uint8_t queries[QUERIES][PDQ_BYTES];
    uint8_t digests[DIGESTS][16];
    double build_ms;
};

/** n PDQ and n MD5, as `trawl list build` makes them of lists. */
static void trial_build(struct trial *trial, size_t n)
{
    struct builder *builder = builder_new();
    struct posting posting = {0};
    uint8_t value[32];
    trial->n = n;
    uint32_t list = builder_list(builder, 0);
    for (size_t i = 0; i < n; i++) {
        draw(value, sizeof(value));
        posting.entry = (uint32_t)i + 1;
        posting.origin = list << 4 | SEVERITY_NONE;
        if (!builder_add(builder, HASH_PDQ, value, &posting) || !builder_add(builder, HASH_MD5, value + 8, &posting))
            exit(1);
    }
    double begun = now();
    builder_seal(builder, &trial->part, true);
    trial->build_ms = (now() - begun) / 1e3;
    builder_free(builder);
}

static void trial_ask(struct trial *trial)
{
    const struct table *pdq = &trial->part.tables[HASH_PDQ], *md5 = &trial->part.tables[HASH_MD5];
    draw(trial->queries[0], sizeof(trial->queries));
    draw(trial->digests[0], sizeof(trial->digests));
    for (size_t i = 0; i < QUERIES; i += 16) {
        memcpy(trial->queries[i], pdq->keys + draw64() % pdq->n * PDQ_BYTES, PDQ_BYTES);
        for (int b = 0; b < 24; b++)
            trial->queries[i][b] ^= 1;
    }
    for (size_t i = 0; i < DIGESTS; i += 16)
        memcpy(trial->digests[i], md5->keys + draw64() % md5->n * 16, 16);
}

/** What is timed: returns hits of the first n queries. */
typedef size_t search_function(const struct trial *trial, size_t n, int radius, void *index);

static size_t search_one(const struct trial *trial, size_t n, int radius, void *index)
{
    struct near_hits hits = {0};
    (void)index;
    for (size_t i = 0; i < n; i++)
        near_search(&trial->part.near, trial->queries[i], radius, &hits);
    free(hits.items);
    return hits.n;
}

static size_t search_many(const struct trial *trial, size_t n, int radius, void *index)
{
    struct near_hits hits[NEAR_TOGETHER] = {{0}};
    size_t sum = 0;
    (void)index;
    for (size_t at = 0; at < n; at += NEAR_TOGETHER) {
        const uint8_t *queries[NEAR_TOGETHER];
        for (size_t i = 0; i < NEAR_TOGETHER; i++) {
            queries[i] = trial->queries[at + i];
            hits[i].n = 0;
        }
        near_search_many(&trial->part.near, queries, NEAR_TOGETHER, radius, hits);
        for (size_t i = 0; i < NEAR_TOGETHER; i++)
            sum += hits[i].n;
    }
    for (size_t i = 0; i < NEAR_TOGETHER; i++)
        free(hits[i].items);
    return sum;
}

static size_t search_scan(const struct trial *trial, size_t n, int radius, void *index)
{
    struct near_hits hits = {0};
    (void)index;
    for (size_t i = 0; i < n; i++)
        near_scan(&trial->part.near, trial->queries[i], radius, &hits);
    free(hits.items);
    return hits.n;
}

static size_t search_faiss(const struct trial *trial, size_t n, int radius, void *index)
{
    return faiss_search(index, trial->queries[0], n, radius);
}

/** Microseconds a query. */
static double timed(const struct trial *trial, search_function *search, void *index, size_t queries, int radius)
{
    double best = 1e30;
    size_t expected = queries / 16, hits = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double begun = now();
        hits = search(trial, queries, radius, index);
        double took = (now() - begun) / (double)queries;
        best = took < best ? took : best;
    }
    if (radius == RADIUS && hits != expected) {
        fprintf(stderr, "%zu hits, not %zu\n", hits, expected);
        exit(1);
    }
    return best;
}

static void result(const struct trial *trial, const char *what, const char *level, int radius, double us, double best)
{
    printf("  %-34s %-7s radius %2d %10.3f us", what, level, radius, us);
    if (best > 0)
        printf("  %8.1f times the index's", us / best);
    putchar('\n');
    buf_printf(&json, "%s{\"hashes\":%zu,\"what\":\"%s\",\"level\":\"%s\",\"radius\":%d,\"us\":%.3f}",
               json.len ? "," : "", trial->n, what, level, radius, us);
}

static void bench_levels(const struct trial *trial)
{
    for (int level = 0; level <= (int)simd_level_best(); level++) {
        const char *name = simd_level_name((enum simd_level)level);
        simd_level_set((enum simd_level)level);
        result(trial, "index", name, RADIUS, timed(trial, search_one, NULL, QUERIES, RADIUS), 0);
        result(trial, "index, 16 queries at once", name, RADIUS, timed(trial, search_many, NULL, QUERIES, RADIUS), 0);
        result(trial, "scan", name, RADIUS, timed(trial, search_scan, NULL, SLOW_QUERIES, RADIUS), 0);
    }
}

static void bench_radii(const struct trial *trial)
{
    static const int radii[] = {0, 8, 16, 24, 40, 47, 55, 64};
    for (size_t i = 0; i < sizeof(radii) / sizeof(*radii); i++)
        result(trial, "whichever is cheaper", "best", radii[i],
               timed(trial, search_many, NULL, radii[i] < RADIUS ? QUERIES : SLOW_QUERIES, radii[i]), 0);
}

/** As a rematch asks: a million hashes at once, of which only is wanted whether anything is near. */
static void bench_join(const struct trial *trial)
{
    enum { MANY = NEAR_JOIN_MAX };
    uint8_t(*queries)[PDQ_BYTES] = mem_alloc(size_mul(MANY, PDQ_BYTES));
    bool *near = mem_alloc(MANY);
    size_t found = 0, expected = 0;
    for (size_t i = 0; i < MANY; i += QUERIES)
        memcpy(queries[i], trial->queries, sizeof(trial->queries));
    draw(queries[QUERIES], (MANY - QUERIES) * PDQ_BYTES);
    memset(near, 0, MANY);
    double begun = now();
    near_join(&trial->part.near, (const uint8_t(*)[PDQ_BYTES])queries, MANY, 47, near);
    double took = (now() - begun) / MANY;
    for (size_t i = 0; i < QUERIES; i++) {
        found += near[i];
        expected += i % 16 == 0;
    }
    if (found != expected)
        exit(1);
    result(trial, "join of 2^20 queries", "best", 47, took, 0);
    free(queries);
    free(near);
}

static void bench_faiss(const struct trial *trial, double ours)
{
    static const char *const names[] = {
        [FAISS_FLAT] = "FAISS IndexBinaryFlat", [FAISS_MULTI_HASH] = "FAISS IndexBinaryMultiHash 16x16+1"};
    if (!faiss_build) {
        printf("  FAISS: not built in (libfaiss-dev)\n");
        return;
    }
    for (int kind = FAISS_FLAT; kind <= FAISS_MULTI_HASH; kind++) {
        void *index = faiss_build((enum faiss_kind)kind, trial->part.near.keys, trial->part.near.n);
        result(trial, names[kind], "-", RADIUS, timed(trial, search_faiss, index, SLOW_QUERIES, RADIUS), ours);
        faiss_free(index);
    }
    if (trial->n == 1000000)
        printf("  %-34s %-7s radius %2d %10.2f us  %8.1f times the index's (published, another machine)\n",
               "Meta's MIH", "-", RADIUS, META_MIH, META_MIH / ours);
}

/** One after the other, and fetched 16 at a time as hashset_match_values does. */
static void bench_exact(const struct trial *trial)
{
    const struct table *table = &trial->part.tables[HASH_MD5];
    double best[2] = {1e30, 1e30};
    for (int round = 0; round < ROUNDS; round++)
        for (int together = 0; together < 2; together++) {
            size_t key, found = 0;
            double begun = now();
            for (size_t at = 0; at < DIGESTS; at += 16) {
                for (size_t i = at; together && i < at + 16; i++)
                    table_fetch_slot(table, trial->digests[i]);
                for (size_t i = at; together && i < at + 16; i++)
                    table_fetch_keys(table, trial->digests[i]);
                for (size_t i = at; i < at + 16; i++)
                    found += table_find(table, trial->digests[i], &key);
            }
            double took = (now() - begun) / DIGESTS;
            best[together] = took < best[together] ? took : best[together];
            if (found != DIGESTS / 16)
                exit(1);
        }
    result(trial, "exact MD5 look-up", "-", 0, best[0], 0);
    result(trial, "exact MD5 look-up, 16 at once", "-", 0, best[1], 0);
}

/** Writes the index, opens it, looks up one digest and one PDQ. */
static void bench_start(const struct trial *trial)
{
    char path[] = P_tmpdir "/trawl-bench-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || index_write(&trial->part, path) != 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(1);
    }
    close(fd);
    struct part part;
    struct near_hits hits = {0};
    size_t key;
    double begun = wall();
    fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *why = index_open(fd, &part, false);
    if (why || !table_find(&part.tables[HASH_MD5], trial->digests[0], &key))
        exit(1);
    double first = wall();
    near_search(&part.near, trial->queries[0], RADIUS, &hits);
    double near = wall();
    printf("  sealed in %.0f ms; index of %.0f MB: opened and one digest found in %.3f ms, one PDQ in %.3f ms\n",
           trial->build_ms, (double)part.map_size / 1e6, first - begun, near - first);
    buf_printf(&json, ",{\"hashes\":%zu,\"what\":\"start\",\"exact_ms\":%.3f,\"near_ms\":%.3f,\"seal_ms\":%.0f}",
               trial->n, first - begun, near - first, trial->build_ms);
    free(hits.items);
    part_free(&part);
    close(fd);
    unlink(path);
}

static void bench(size_t n)
{
    struct trial *trial = ALLOC(struct trial);
    trial_build(trial, n);
    trial_ask(trial);
    printf("%zu PDQ and as many MD5\n", n);
    bench_levels(trial);
    bench_radii(trial);
    bench_join(trial);
    bench_faiss(trial, timed(trial, search_one, NULL, QUERIES, RADIUS));
    bench_exact(trial);
    bench_start(trial);
    part_free(&trial->part);
    free(trial);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        bench(100000);
        bench(1000000);
    }
    for (int i = 1; i < argc; i++) {
        size_t n = strtoull(argv[i], NULL, 10);
        if (n < 1000 || n > 100000000) {
            fprintf(stderr, "%s: 1000 to 100000000\n", argv[i]);
            return 64;
        }
        bench(n);
    }
    printf("[%s]\n", buf_str(&json));
    buf_free(&json);
    return 0;
}
