#include "plan/shard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

struct load {
    uint64_t weight;
    uint32_t shard;
};

struct ranked {
    uint64_t weight;
    size_t unit;
};

static int heaviest_first(const void *pa, const void *pb)
{
    const struct ranked *a = pa, *b = pb;
    if (a->weight != b->weight)
        return a->weight < b->weight ? 1 : -1;
    return (a->unit > b->unit) - (a->unit < b->unit);
}

static bool lighter(const struct load *a, const struct load *b)
{
    return a->weight != b->weight ? a->weight < b->weight : a->shard < b->shard;
}

/** The root of a heap has become heavier. */
static void sift_down(struct load *heap, uint32_t n)
{
    for (uint32_t i = 0;;) {
        uint32_t least = i;
        for (uint32_t child = 2 * i + 1; child < n && child <= 2 * i + 2; child++)
            if (lighter(&heap[child], &heap[least]))
                least = child;
        if (least == i)
            return;
        struct load swap = heap[i];
        heap[i] = heap[least];
        heap[least] = swap;
        i = least;
    }
}

void shard_assign(const uint64_t *weights, size_t n, uint32_t shards, uint32_t *owner)
{
    struct ranked *ranked = ALLOC_ARRAY(struct ranked, n + 1);
    struct load *heap = ALLOC_ARRAY(struct load, shards);
    for (size_t i = 0; i < n; i++)
        ranked[i] = (struct ranked){weights[i], i};
    qsort(ranked, n, sizeof(*ranked), heaviest_first);
    for (uint32_t s = 0; s < shards; s++)
        heap[s].shard = s;
    for (size_t i = 0; i < n; i++) {
        owner[ranked[i].unit] = heap[0].shard;
        if (__builtin_add_overflow(heap[0].weight, ranked[i].weight, &heap[0].weight))
            heap[0].weight = UINT64_MAX;
        sift_down(heap, shards);
    }
    free(ranked);
    free(heap);
}

/** Digits and no more, up to `end`. */
static bool number(const char *text, size_t n, uint32_t *out)
{
    uint64_t value = 0;
    if (!n || n > 9)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *out = (uint32_t)value;
    return true;
}

/** A variable in which a scheduler says which of its tasks this is. */
static const struct {
    const char *name;
    /** What it calls the first. */
    uint32_t first;
} variables[] = {{"SLURM_ARRAY_TASK_ID", 0}, {"JOB_COMPLETION_INDEX", 0}, {"PARALLEL_SEQ", 1}};
#define N_VARIABLES (sizeof(variables) / sizeof(*variables))

/** Two that say different things are refused: GNU parallel within a job of Slurm, say, has both. */
static bool from_environment(uint32_t *shard, char *why, size_t why_size)
{
    const char *said = NULL;
    for (size_t i = 0; i < N_VARIABLES; i++) {
        const char *text = getenv(variables[i].name);
        uint32_t value;
        if (!text || !*text)
            continue;
        if (!number(text, strlen(text), &value) || value < variables[i].first) {
            snprintf(why, why_size, "auto: %s is '%.40s', which is no number of a task", variables[i].name, text);
            return false;
        }
        value -= variables[i].first;
        if (said && value != *shard) {
            snprintf(why, why_size, "auto: %s and %s say different things; give the number", said, variables[i].name);
            return false;
        }
        said = variables[i].name;
        *shard = value;
    }
    if (!said)
        snprintf(why, why_size,
                 "auto: none of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX and PARALLEL_SEQ is in the environment");
    return said != NULL;
}

bool shard_parse(const char *text, uint32_t *shard, uint32_t *shards, char *why, size_t why_size)
{
    const char *slash = strchr(text, '/');
    if (!slash || !number(slash + 1, strlen(slash + 1), shards) || !*shards || *shards > SHARDS_MAX) {
        snprintf(why, why_size, "'%.60s' is not I/N or auto/N (N from 1 to %u)", text, SHARDS_MAX);
        return false;
    }
    if (slash - text == 4 && strncmp(text, "auto", 4) == 0) {
        if (!from_environment(shard, why, why_size))
            return false;
    } else if (!number(text, (size_t)(slash - text), shard)) {
        snprintf(why, why_size, "'%.60s' is not I/N or auto/N", text);
        return false;
    }
    if (*shard < *shards)
        return true;
    snprintf(why, why_size, "there is no shard %u of %u: they are counted from 0 to %u", *shard, *shards, *shards - 1);
    return false;
}
