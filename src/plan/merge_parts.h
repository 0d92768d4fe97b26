/* merge_parts.h: the parts that a merge was given: what each holds, and which of them is taken for a shard. */
#ifndef PLAN_MERGE_PARTS_H
#define PLAN_MERGE_PARTS_H

#include "plan/shard_state.h"
#include "scan/case.h"

/** A case folder, as the first reading found it. */
struct merge_part {
    const char *path;
    /** The shards that it holds: one, or several where it is merged; none where its beginning cannot be read. */
    struct shard_state *states;
    size_t n_states;
    bool is_merged;
    /** It has read parts of containers. */
    bool has_ranges;
};

struct merge_parts {
    struct merge_part *items;
    size_t n;
    /** What all were asked, without the number of the shard. */
    struct case_info info;
    /** Of the plan that all are of. */
    uint8_t plan[32];
    uint32_t shards;
    /** By shard: the part it is taken from, and 1 more than its number; 0: it is missing. */
    size_t *taken;
};

/** Reads all parts. Returns 0, or an exit status after one line on stderr. */
int merge_parts_read(struct merge_parts *parts, const char *const *paths, size_t n);
/** True if the part gives this shard. */
bool merge_parts_gives(const struct merge_parts *parts, const struct merge_part *part, uint32_t shard);
void merge_parts_free(struct merge_parts *parts);

#endif
