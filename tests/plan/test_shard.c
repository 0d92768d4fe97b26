#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "plan/shard.h"

static uint64_t random_state = 1;

static uint64_t next_random(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return random_state >> 33;
}

/** The rule, by looking at all shards for each unit. */
static void assign_plainly(const uint64_t *weights, size_t n, uint32_t shards, uint32_t *owner)
{
    uint64_t *load = ALLOC_ARRAY(uint64_t, shards);
    bool *done = ALLOC_ARRAY(bool, n + 1);
    for (size_t round = 0; round < n; round++) {
        size_t unit = SIZE_MAX;
        for (size_t i = 0; i < n; i++)
            if (!done[i] && (unit == SIZE_MAX || weights[i] > weights[unit]))
                unit = i;
        uint32_t least = 0;
        for (uint32_t s = 1; s < shards; s++)
            if (load[s] < load[least])
                least = s;
        owner[unit] = least;
        load[least] += weights[unit];
        done[unit] = true;
    }
    free(load);
    free(done);
}

Test(shard, the_heaviest_first_to_the_lightest, .timeout = 60)
{
    enum { MOST = 200 };
    uint64_t weights[MOST];
    uint32_t got[MOST], wanted[MOST];
    for (int round = 0; round < 300; round++) {
        size_t n = next_random() % MOST;
        uint32_t shards = (uint32_t)(1 + next_random() % 40);
        uint64_t range = round % 3 ? 1 + next_random() % 1000 : 3;
        for (size_t i = 0; i < n; i++)
            weights[i] = next_random() % range;
        shard_assign(weights, n, shards, got);
        assign_plainly(weights, n, shards, wanted);
        cr_assert_eq(memcmp(got, wanted, n * sizeof(*got)), 0, "%zu units, %u shards", n, shards);
    }
}

Test(shard, weights_beyond_all_sums)
{
    uint64_t weights[] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, 1};
    uint32_t owner[4] = {9, 9, 9, 9};
    shard_assign(weights, 4, 2, owner);
    for (int i = 0; i < 4; i++)
        cr_assert_lt(owner[i], 2);
    cr_assert_neq(owner[0], owner[1]);
}

static bool parse(const char *text, uint32_t *shard, uint32_t *shards, char why[256])
{
    *why = '\0';
    bool good = shard_parse(text, shard, shards, why, 256);
    cr_assert_eq(good, !*why, "%s: %s", text, why);
    return good;
}

static void forget_environment(void)
{
    unsetenv("SLURM_ARRAY_TASK_ID");
    unsetenv("JOB_COMPLETION_INDEX");
    unsetenv("PARALLEL_SEQ");
}

Test(shard, numbers)
{
    static const char *const bad[] = {"",        "/",     "1",           "1/",   "/2",        "2/2",
                                      "3/2",     "-1/2",  "1/-2",        "0/0",  "1/1048577", "x/2",
                                      "1/2x",    "1/2/3", " 1/2",        "1 /2", "0x1/2",     "99999999999/2",
                                      "autos/2", "aut/2", "1/9999999999"};
    uint32_t shard, shards;
    char why[256];
    cr_assert(parse("0/1", &shard, &shards, why) && shard == 0 && shards == 1);
    cr_assert(parse("7/8", &shard, &shards, why) && shard == 7 && shards == 8);
    cr_assert(parse("007/1048576", &shard, &shards, why) && shard == 7 && shards == 1048576);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        cr_assert_not(parse(bad[i], &shard, &shards, why), "%s", bad[i]);
}

Test(shard, the_environment)
{
    uint32_t shard, shards;
    char why[256];
    forget_environment();
    cr_assert_not(parse("auto/8", &shard, &shards, why));
    setenv("JOB_COMPLETION_INDEX", "", 1);
    cr_assert_not(parse("auto/8", &shard, &shards, why));
    setenv("JOB_COMPLETION_INDEX", "0", 1);
    cr_assert(parse("auto/8", &shard, &shards, why) && shard == 0 && shards == 8);
    setenv("SLURM_ARRAY_TASK_ID", "1", 1);
    cr_assert_not(parse("auto/8", &shard, &shards, why));
    cr_assert_not_null(strstr(why, "SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX"));
    unsetenv("JOB_COMPLETION_INDEX");
    setenv("PARALLEL_SEQ", "2", 1);
    cr_assert(parse("auto/8", &shard, &shards, why) && shard == 1);
    unsetenv("SLURM_ARRAY_TASK_ID");
    setenv("PARALLEL_SEQ", "0", 1);
    cr_assert_not(parse("auto/8", &shard, &shards, why));
    setenv("PARALLEL_SEQ", "9", 1);
    cr_assert_not(parse("auto/8", &shard, &shards, why));
    setenv("PARALLEL_SEQ", "8 ", 1);
    cr_assert_not(parse("auto/8", &shard, &shards, why));
    forget_environment();
}
