/* test_sieve.c: the innermost loop of near look-ups, against its definition. */
#include "match/sieve.h"
#include "match_test.h"

enum { N = 5000, SPANS = 40 };

struct trial {
    uint16_t sketches[N + SIEVE_LANES];
    struct bucket_span spans[SPANS];
    uint16_t wanted;
};

/** Spans of 0 to 300 sketches anywhere, the last ones at the end of the array. */
static void trial_fill(struct trial *trial, uint64_t *state)
{
    trial->wanted = (uint16_t)random64(state);
    for (size_t i = 0; i < N; i++) {
        trial->sketches[i] = trial->wanted;
        for (uint64_t flips = random64(state) % 17; flips; flips--)
            trial->sketches[i] ^= (uint16_t)(1u << random64(state) % 16);
    }
    /* What is behind the end must not be looked at, near as it is. */
    for (size_t i = N; i < N + SIEVE_LANES; i++)
        trial->sketches[i] = trial->wanted;
    for (size_t i = 0; i < SPANS; i++) {
        uint32_t length = (uint32_t)(random64(state) % (i % 4 ? 40 : 300));
        uint32_t begin = i + 5 < SPANS ? (uint32_t)(random64(state) % (N - 300)) : N - length;
        trial->spans[i] = (struct bucket_span){begin, begin + length, (uint32_t)(random64(state) % 17)};
    }
}

static size_t definition(const struct trial *trial, uint32_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < SPANS; i++)
        for (uint32_t at = trial->spans[i].begin; at < trial->spans[i].end; at++)
            if ((unsigned)__builtin_popcount(trial->sketches[at] ^ trial->wanted) <= trial->spans[i].limit)
                out[n++] = at;
    return n;
}

/** In pieces of `room`, as near_probe does. */
static size_t in_pieces(const struct trial *trial, sieve_function *function, size_t room, uint32_t *out)
{
    uint32_t piece[4 * SIEVE_ROOM];
    struct sieve sieve = {.sketches = trial->sketches,
                          .wanted = trial->wanted,
                          .spans = trial->spans,
                          .spans_end = trial->spans + SPANS,
                          .out = piece};
    size_t sum = 0;
    while (sieve.spans < sieve.spans_end) {
        size_t n = function(&sieve, room);
        cr_assert(n <= room && (n || sieve.spans == sieve.spans_end || sieve.done));
        memcpy(out + sum, piece, n * sizeof(*piece));
        sum += n;
    }
    return sum;
}

Test(match_sieve, equals_its_definition_at_every_level)
{
    uint64_t state = 31;
    struct trial *trial = ALLOC(struct trial);
    uint32_t *expected = ALLOC_ARRAY(uint32_t, SPANS * 300), *got = ALLOC_ARRAY(uint32_t, SPANS * 300);
    for (int round = 0; round < 30; round++) {
        trial_fill(trial, &state);
        size_t n = definition(trial, expected);
        cr_assert_gt(n, 100u);
        for (int level = 0; level <= (int)simd_level_best(); level++)
            for (size_t room = SIEVE_ROOM; room <= 4 * SIEVE_ROOM; room += 1 + random64(&state) % 20) {
                cr_assert_eq(in_pieces(trial, sieve_at((enum simd_level)level), room, got), n, "level %d", level);
                cr_assert_eq(memcmp(got, expected, n * sizeof(*got)), 0, "level %d", level);
            }
    }
    free(trial);
    free(expected);
    free(got);
}
