/* shard_state.h: what became of one shard, as a merged case keeps it, and what is said of all of them. */
#ifndef PLAN_SHARD_STATE_H
#define PLAN_SHARD_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct shard_state {
    /** SHA-256 of the plan, as in struct shard_info. */
    uint8_t plan[32];
    uint32_t shard, shards;
    /** Its scan came to its end. */
    bool complete;
    /** Places of its journal that are damaged; files that are not as they were when the plan was made; items. */
    uint64_t damaged, stale, items;
    /** The beginning of its journal's last link: of two that are equal in all else the same one is taken in any order.
     */
    uint64_t chain;
};

void shard_state_encode(const struct shard_state *state, struct buf *out);
bool shard_state_decode(const uint8_t *bytes, size_t n, struct shard_state *state);
/** True if `a` is to be taken rather than `b`, both of one shard: complete, whole and not stale come first. */
bool shard_state_better(const struct shard_state *a, const struct shard_state *b);

/** The shards that a case holds; zeros: it is not merged. */
struct shard_cover {
    /** One for each shard; `shards` is 0 in one that is missing. */
    struct shard_state *states;
    uint32_t shards;
};

/** Adds a shard. False where it is of another plan, or there already. */
bool shard_cover_add(struct shard_cover *cover, const struct shard_state *state);
/** Tells in sentences what is missing, shards in ranges; returns true where nothing is. */
bool shard_cover_tell(const struct shard_cover *cover, void (*tell)(void *context, const char *text, size_t n),
                      void *context);
void shard_cover_free(struct shard_cover *cover);

#endif
