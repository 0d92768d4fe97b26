/* planned.h: a shard's share of a plan, as the walk would have met it. */
#ifndef PLAN_PLANNED_H
#define PLAN_PLANNED_H

#include "plan/plan.h"
#include "trawl/walk.h"

/** What the plan says of an entry beside the walk. */
struct planned_how {
    /** It is not what it was when the plan was made. */
    bool stale;
    /** A folder that could not be entered then, and can be now: what is in it is in no unit. */
    bool opened;
    struct unpack_share share;
};

struct planned;

/** `plan` and `limits` must outlive it. */
struct planned *planned_open(struct plan *plan, uint32_t shard, uint32_t shards, const struct limits *limits);
/** The next entry: 1, as of walk_next; 0 at the end; -1: the plan changed since it was opened. */
int planned_next(struct planned *planned, struct walk_entry *entry, struct planned_how *how);
/** Takes NULL. */
void planned_close(struct planned *planned);

#endif
