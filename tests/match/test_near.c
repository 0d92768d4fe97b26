/* test_near.c: near look-ups against comparing with every hash. */
#include "match/near_join.h"
#include "match_test.h"
#include "simd/kernels.h"

/** Hashes with their index. */
struct fixture {
    struct near near;
    uint8_t *keys;
    uint32_t *offsets, *ids;
    uint16_t *sketches;
};

/** The definition: bit by bit, without any kernel. */
static unsigned distance_of(const uint8_t *a, const uint8_t *b)
{
    unsigned sum = 0;
    for (int i = 0; i < 32; i++)
        for (int bits = a[i] ^ b[i]; bits; bits &= bits - 1)
            sum++;
    return sum;
}

static struct fixture fixture_new(uint8_t *keys, size_t n)
{
    struct fixture f = {.keys = keys};
    near_prepare();
    f.offsets = mem_alloc(near_offsets_size());
    f.sketches = mem_alloc(near_sketches_size(n));
    f.ids = mem_alloc(near_ids_size(n));
    near_build(keys, n, f.offsets, f.sketches, f.ids);
    f.near = (struct near){.keys = keys, .n = n, .offsets = f.offsets, .sketches = f.sketches, .ids = f.ids};
    return f;
}

static void fixture_free(struct fixture *f)
{
    free(f->keys);
    free(f->offsets);
    free(f->sketches);
    free(f->ids);
}

static uint8_t *random_hashes(uint64_t *state, size_t n)
{
    uint8_t *keys = mem_alloc(n * 32);
    random_bytes(state, keys, n * 32);
    return keys;
}

/** Families of near copies, some of them hundreds of members wide, as edits of one picture or frames of one film are.
 */
static uint8_t *clustered_hashes(uint64_t *state, size_t n)
{
    uint8_t *keys = mem_alloc(n * 32), centre[32];
    for (size_t i = 0, left = 0; i < n; i++, left--) {
        if (!left) {
            left = 1 + random64(state) % (random64(state) % 8 ? 4 : 400);
            random_bytes(state, centre, 32);
        }
        memcpy(keys + 32 * i, centre, 32);
        flip_bits(state, keys + 32 * i, (unsigned)(random64(state) % 70));
    }
    return keys;
}

/** All within a few bits of each other: every bucket that is opened is crowded. */
static uint8_t *crowded_hashes(uint64_t *state, size_t n)
{
    uint8_t *keys = mem_alloc(n * 32), centre[32];
    random_bytes(state, centre, 32);
    for (size_t i = 0; i < n; i++) {
        memcpy(keys + 32 * i, centre, 32);
        flip_bits(state, keys + 32 * i, (unsigned)(random64(state) % 40));
    }
    return keys;
}

/** Hits of one radius compared with the distances of all hashes. */
static void assert_hits(const struct near_hits *hits, const uint16_t *distances, size_t n, int radius)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (distances[i] > radius)
            continue;
        cr_assert(at < hits->n, "n %zu radius %d: %zu hits and no more", n, radius, hits->n);
        cr_assert(hits->items[at].id == i && hits->items[at].distance == distances[i], "n %zu radius %d: hit %zu", n,
                  radius, at);
        at++;
    }
    cr_assert_eq(at, hits->n, "n %zu radius %d: %zu hits, not %zu", n, radius, hits->n, at);
}

static void assert_query(const struct fixture *f, const uint8_t *query, const int *radii, struct near_hits *hits)
{
    size_t n = f->near.n;
    struct near scan = {.keys = f->keys, .n = n};
    uint16_t *distances = mem_alloc(n * sizeof(uint16_t));
    for (size_t i = 0; i < n; i++)
        distances[i] = (uint16_t)distance_of(query, f->keys + 32 * i);
    for (const int *radius = radii; *radius >= 0; radius++) {
        hits->n = 0;
        near_search(&f->near, query, *radius, hits);
        assert_hits(hits, distances, n, *radius);
        hits->n = 0;
        near_search(&scan, query, *radius, hits);
        assert_hits(hits, distances, n, *radius);
        /* The index, whatever the scan would cost: up to radius 79 it knows how. */
        bool done;
        hits->n = 0;
        near_probe(&f->near, &query, 1, *radius, INT64_MAX, hits, &done);
        cr_assert_eq(done, *radius < 80);
        if (*radius < 80)
            assert_hits(hits, distances, n, *radius);
    }
    free(distances);
}

/** Radii at which the plan changes: before, at and behind each multiple of 16. */
static const int edges[] = {0, 1, 14, 15, 16, 30, 31, 32, 46, 47, 48, 63, 64, 79, 80, 100, 128, 255, 256, -1};

static void every_radius(int radii[70])
{
    int n = 0;
    for (int radius = 0; radius <= 64; radius++)
        radii[n++] = radius;
    radii[n++] = 100;
    radii[n++] = 256;
    radii[n] = -1;
}

/** Queries: hashes of the set with some bits turned, and strangers. */
static void assert_set(uint64_t *state, uint8_t *keys, size_t n, const int *radii, int queries)
{
    struct fixture f = fixture_new(keys, n);
    struct near_hits hits = {0};
    for (int q = 0; q < queries; q++) {
        uint8_t query[32];
        memcpy(query, keys + 32 * (random64(state) % n), 32);
        flip_bits(state, query, (unsigned)(random64(state) % 66));
        if (q % 4 == 3)
            random_bytes(state, query, 32);
        assert_query(&f, query, radii, &hits);
    }
    free(hits.items);
    fixture_free(&f);
}

Test(match_near, equals_brute_force_at_every_radius, .timeout = 120)
{
    uint64_t state = 1;
    int radii[70];
    every_radius(radii);
    for (int level = 0; level < SIMD_LEVEL_COUNT; level++) {
        simd_level_set((enum simd_level)level);
        assert_set(&state, random_hashes(&state, 100), 100, radii, 8);
        assert_set(&state, clustered_hashes(&state, 100), 100, radii, 16);
        assert_set(&state, random_hashes(&state, 5000), 5000, radii, 4);
        assert_set(&state, clustered_hashes(&state, 5000), 5000, radii, 8);
    }
}

Test(match_near, equals_brute_force_in_large_sets, .timeout = 120)
{
    uint64_t state = 2;
    int radii[70];
    every_radius(radii);
    for (int level = 0; level < SIMD_LEVEL_COUNT; level++) {
        simd_level_set((enum simd_level)level);
        assert_set(&state, random_hashes(&state, 60000), 60000, edges, 2);
        assert_set(&state, clustered_hashes(&state, 60000), 60000, level ? edges : radii, 4);
        assert_set(&state, crowded_hashes(&state, 30000), 30000, edges, 2);
    }
}

Test(match_near, small_sets_and_twins)
{
    uint64_t state = 3;
    for (size_t n = 1; n <= 70; n++) {
        uint8_t *keys = random_hashes(&state, n);
        for (size_t i = 0; i + 1 < n; i += 3)
            memcpy(keys + 32 * (i + 1), keys + 32 * i, 32);
        assert_set(&state, keys, n, edges, 3);
    }
    struct fixture empty = fixture_new(mem_alloc(0), 0);
    struct near_hits hits = {0};
    const uint8_t query[32] = {0};
    near_search(&empty.near, query, 256, &hits);
    near_search(&empty.near, query, -1, &hits);
    cr_assert_eq(hits.n, 0u);
    fixture_free(&empty);
}

/** From no bit set to all of them, so that every distance occurs. */
Test(match_near, extreme_hashes)
{
    uint64_t state = 4;
    uint8_t *keys = mem_zalloc(300 * 32);
    for (size_t i = 0; i < 257; i++)
        for (size_t bit = 0; bit < i; bit++)
            keys[32 * i + bit / 8] |= (uint8_t)(1u << bit % 8);
    random_bytes(&state, keys + 32 * 257, 32 * 43);
    struct fixture f = fixture_new(keys, 300);
    struct near_hits hits = {0};
    int radii[70];
    every_radius(radii);
    for (size_t i = 0; i < 300; i += 16)
        assert_query(&f, keys + 32 * i, radii, &hits);
    free(hits.items);
    fixture_free(&f);
}

Test(match_near, permutation_is_one)
{
    bool seen[256] = {false};
    near_prepare();
    for (unsigned bit = 0; bit < 256; bit++) {
        uint8_t hash[32] = {0};
        uint16_t chunks[NEAR_CHUNKS];
        hash[bit / 8] = (uint8_t)(1u << bit % 8);
        near_chunks(hash, chunks);
        int set = 0;
        for (unsigned c = 0; c < NEAR_CHUNKS; c++)
            for (unsigned b = 0; b < 16; b++)
                if (chunks[c] >> b & 1) {
                    set++;
                    cr_assert(!seen[16 * c + b]);
                    seen[16 * c + b] = true;
                }
        cr_assert_eq(set, 1);
    }
}

/** Index files hold chunks: a permutation that changes must change NEAR_PERMUTATION_ID too. */
Test(match_near, permutation_stays)
{
    uint8_t hash[32];
    uint16_t chunks[NEAR_CHUNKS];
    unhex(PDQ_A, hash);
    near_prepare();
    near_chunks(hash, chunks);
    cr_assert_eq(NEAR_PERMUTATION_ID, 1);
    cr_assert_eq(chunks[0], 0x98a5, "%04x", chunks[0]);
    cr_assert_eq(chunks[15], 0x4700, "%04x", chunks[15]);
}

/** Marks of a join against the definition; what is marked already stays, and is not looked for. */
static void check_join(uint8_t *keys, size_t n_keys, uint64_t *state, size_t n, int radius)
{
    struct fixture f = fixture_new(keys, n_keys);
    uint8_t(*queries)[PDQ_BYTES] = (uint8_t(*)[PDQ_BYTES])random_hashes(state, n);
    bool *near = ALLOC_ARRAY(bool, n);
    for (size_t i = 0; i < n; i += 3) {
        memcpy(queries[i], keys + 32 * (random64(state) % n_keys), 32);
        flip_bits(state, queries[i], (unsigned)(random64(state) % (2 * (unsigned)radius + 2)));
    }
    near[1] = true;
    near_join(&f.near, (const uint8_t(*)[PDQ_BYTES])queries, n, radius, near);
    for (size_t i = 0; i < n; i++) {
        bool expected = i == 1;
        for (size_t k = 0; k < n_keys && !expected; k++)
            expected = distance_of(queries[i], keys + 32 * k) <= (unsigned)radius;
        cr_assert_eq(near[i], expected, "n %zu keys %zu radius %d: query %zu", n, n_keys, radius, i);
    }
    free(queries);
    free(near);
    fixture_free(&f);
}

Test(near, join_marks_what_is_near, .timeout = 120)
{
    uint64_t state = 77;
    for (int level = 0; level <= (int)simd_level_best(); level++) {
        simd_level_set((enum simd_level)level);
        check_join(random_hashes(&state, 60), 60, &state, NEAR_JOIN_MIN + 5, 47);
        check_join(clustered_hashes(&state, 60), 60, &state, NEAR_JOIN_MIN, 31);
    }
    check_join(crowded_hashes(&state, 40), 40, &state, NEAR_JOIN_MIN, 47);
    check_join(random_hashes(&state, 1), 1, &state, NEAR_JOIN_MIN, 0);
    check_join(random_hashes(&state, 9), 9, &state, NEAR_JOIN_MIN, 63);
    check_join(random_hashes(&state, 9), 9, &state, NEAR_JOIN_MIN, 80);
    check_join(random_hashes(&state, 200), 200, &state, 100, 47);
}
