/* shard.h: which units of a plan are whose. */
#ifndef PLAN_SHARD_H
#define PLAN_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHARDS_MAX (1u << 20)

/**
 * Gives the n units to `shards` shards: the heaviest first, each to the shard that has least so far (of equal units the
 * first, of equal shards the first). No shard then has more than 4/3 of what is possible. owner[i] is the shard of unit
 * i.
 */
void shard_assign(const uint64_t *weights, size_t n, uint32_t shards, uint32_t *owner);
/**
 * Reads "I/N", I from 0 to N - 1; or "auto/N": I is then what the scheduler says in SLURM_ARRAY_TASK_ID,
 * JOB_COMPLETION_INDEX (Kubernetes) or PARALLEL_SEQ (GNU parallel: counted from 1). False with a sentence in `why`.
 */
bool shard_parse(const char *text, uint32_t *shard, uint32_t *shards, char *why, size_t why_size);

#endif
