/*
 * shards.c: how long 1, 16, 256 and 4,096 machines take for a petabyte, against the ideal, by simulation. The plan is
 * made and shared out as `trawl plan` and `trawl scan --shard` do (plan/shard.h): by bytes alone. What a plan cannot
 * know is drawn: what a byte costs, which machines are slow, which die.
 *
 *     shards [SEEDS]
 *
 * A scheduler starts shards in the order of their numbers on machines that are free. A machine that dies gives its
 * shard back: it goes on from its journal once the scheduler has it again, and loses no more than one item and 100 ms,
 * which is nothing here. No time is read: the same figures come out in every run.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "plan/shard.h"

/** The evidence: half of it disk images, half of it files and archives. */
#define IMAGES      1000
#define IMAGE_BYTES 500e9
#define FILES_BYTES 500e12
/** The reader of an image gives 64 ranges at most (UNPACK_RANGES). */
#define RANGES 64
/** Bytes a second of a machine of 32 cores, 100 MB/s each (docs/scale.md). */
#define SPEED 3.2e9
/** What a byte costs varies: standard deviation of its logarithm, by unit and by image. */
#define COST_SIGMA 0.5
/** Starting a shard: the scheduler's own pace, and opening lists. */
#define START_SECONDS 5.0
/** A died machine's shard is started again so much later. */
#define REQUEUE_SECONDS 120.0

/** What befalls machines. */
struct weather {
    const char *name;
    /** Share of machines that run at a third of the speed. */
    double slow;
    /** Mean time between a machine's deaths, in hours; 0: none dies. */
    double mtbf_hours;
    /** Images are read in ranges. */
    bool ranges;
    /** `--target-bytes`. */
    double target;
};

struct shard_run {
    /** Seconds of work left on a machine of full speed. */
    double left;
    /** Not to be started before. */
    double ready;
};

/** SplitMix64. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/** In (0, 1). */
static double uniform(uint64_t *state)
{
    return ((double)(next_random(state) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(uint64_t *state)
{
    double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(6.283185307179586 * uniform(state));
}

struct units {
    uint64_t *bytes;
    double *seconds;
    size_t n, cap, seconds_cap;
};

static void add_unit(struct units *units, double bytes, double cost)
{
    size_t n = units->n;
    RESERVE(units->bytes, units->n, units->cap);
    RESERVE(units->seconds, n, units->seconds_cap);
    units->bytes[n] = (uint64_t)bytes;
    units->seconds[n] = bytes * cost / SPEED;
    units->n++;
}

static void draw_units(struct units *units, const struct weather *weather, uint64_t *random)
{
    for (int i = 0; i < IMAGES; i++) {
        double bytes = IMAGE_BYTES * exp(0.7 * normal(random) - 0.245), cost = exp(COST_SIGMA * normal(random));
        double parts = weather->ranges ? fmin(RANGES, ceil(bytes / weather->target)) : 1;
        for (int part = 0; part < (int)parts; part++)
            add_unit(units, bytes / parts, cost * exp(0.3 * normal(random)));
    }
    for (double left = FILES_BYTES; left > 0; left -= weather->target)
        add_unit(units, weather->target, exp(COST_SIGMA * normal(random)));
}

/** The next shard that may be started at `now`; the earliest one otherwise. n: none is left. `*from`: all before it are
 * over. */
static size_t next_shard(const struct shard_run *shards, size_t n, double now, size_t *from)
{
    size_t best = n;
    while (*from < n && shards[*from].left <= 0)
        (*from)++;
    for (size_t i = *from; i < n; i++) {
        if (shards[i].left <= 0)
            continue;
        if (shards[i].ready <= now)
            return i;
        if (best == n || shards[i].ready < shards[best].ready)
            best = i;
    }
    return best;
}

static size_t first_free(const double *free_at, size_t machines)
{
    size_t best = 0;
    for (size_t i = 1; i < machines; i++)
        if (free_at[i] < free_at[best])
            best = i;
    return best;
}

/** Runs all shards; returns when the last one ends. */
static double makespan(struct shard_run *shards, size_t n, size_t machines, const struct weather *weather,
                       uint64_t *random)
{
    double *free_at = ALLOC_ARRAY(double, machines), *speed = ALLOC_ARRAY(double, machines), end = 0;
    size_t from = 0;
    for (size_t m = 0; m < machines; m++)
        speed[m] = uniform(random) < weather->slow ? 1.0 / 3 : 1;
    for (;;) {
        size_t m = first_free(free_at, machines), s = next_shard(shards, n, free_at[m], &from);
        if (s == n)
            break;
        double start = fmax(free_at[m], shards[s].ready) + START_SECONDS, stop = start + shards[s].left / speed[m];
        double death = weather->mtbf_hours ? start - weather->mtbf_hours * 3600 * log(uniform(random)) : INFINITY;
        if (death < stop) {
            shards[s].left -= (death - start) * speed[m];
            shards[s].ready = death + REQUEUE_SECONDS;
            /* It starts again, or another one takes its place, about when the shard comes back. */
            free_at[m] = death + REQUEUE_SECONDS;
            continue;
        }
        shards[s].left = 0;
        free_at[m] = stop;
        end = fmax(end, stop);
    }
    free(free_at);
    free(speed);
    return end;
}

/** Makespan over the ideal: all work spread evenly over machines of full speed. */
static double one_run(const struct weather *weather, size_t machines, size_t each, uint64_t seed, double *ideal)
{
    uint64_t random = seed;
    struct units units = {0};
    size_t n = machines * each;
    draw_units(&units, weather, &random);
    struct shard_run *shards = ALLOC_ARRAY(struct shard_run, n);
    uint32_t *shard_of = ALLOC_ARRAY(uint32_t, units.n);
    double total = 0;
    shard_assign(units.bytes, units.n, (uint32_t)n, shard_of);
    for (size_t i = 0; i < units.n; i++) {
        shards[shard_of[i]].left += units.seconds[i];
        total += units.seconds[i];
    }
    *ideal = total / (double)machines;
    double took = makespan(shards, n, machines, weather, &random);
    free(shards);
    free(shard_of);
    free(units.bytes);
    free(units.seconds);
    return took / *ideal;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_row(const struct weather *weather, size_t machines, size_t each, int seeds)
{
    double *ratios = ALLOC_ARRAY(double, (size_t)seeds), ideal = 0;
    for (int i = 0; i < seeds; i++)
        ratios[i] = one_run(weather, machines, each, (uint64_t)i + 1, &ideal);
    qsort(ratios, (size_t)seeds, sizeof(*ratios), by_value);
    printf("%-34s %8zu %8zu %11.2f %8.2f %8.2f\n", weather->name, machines, machines * each, ideal / 3600,
           ratios[seeds / 2], ratios[seeds - 1]);
    free(ratios);
}

int main(int argc, char **argv)
{
    static const struct weather weathers[] = {
        {"50 GB units, images in one piece", 0, 0, false, 50e9},
        {"50 GB units, images in ranges", 0, 0, true, 50e9},
        {"5 GB units, images in ranges", 0, 0, true, 5e9},
        {"... 2 % at a third of the speed", 0.02, 0, true, 5e9},
        {"... each dies every 100 hours", 0, 100, true, 5e9},
        {"... both", 0.02, 100, true, 5e9},
    };
    static const size_t machines[] = {1, 16, 256, 4096}, each[] = {1, 4, 16};
    int seeds = argc > 1 ? atoi(argv[1]) : 9;
    if (seeds < 1)
        return 2;
    printf("%-34s %8s %8s %11s %8s %8s\n", "a petabyte", "machines", "shards", "ideal hours", "median", "worst");
    for (size_t w = 0; w < sizeof(weathers) / sizeof(*weathers); w++)
        for (size_t m = 0; m < sizeof(machines) / sizeof(*machines); m++)
            for (size_t e = 0; e < sizeof(each) / sizeof(*each); e++)
                print_row(&weathers[w], machines[m], each[e], seeds);
    return 0;
}
