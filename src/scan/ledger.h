/*
 * ledger.h: how much comes out of one container of the host, all containers inside it together.
 *
 * Sixteen zips in a zip, five times over, make 1 TiB out of 22 kB without any of them being large. Workers take such a
 * tree apart in an order that no two runs share, so a sum of what is done so far would stop each run somewhere else.
 * The ledger therefore adds up the finished prefix only: everything before the first unfinished item, in the order of
 * the inventory. Once that prefix is over the limit, the tree is cut; where exactly is then a matter of the items alone
 * (case_cut.h), the same in every run.
 */
#ifndef SCAN_LEDGER_H
#define SCAN_LEDGER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "trawl/limits.h"
#include "trawl/status.h"
#include "trawl/where.h"

/** What an item weighs beside its bytes: a tree of empty files has an end, too. */
#define LEDGER_ITEM_WEIGHT 1024u

/** No tree is cut below this: 1 GiB, as for a single container, and room for the weight of 64 Ki items. */
#define LEDGER_FREE  (1ull << 30)
#define LEDGER_FLOOR (LEDGER_FREE + (64ull << 20))

struct ledger_entry;

/** The items of one open container, in order: finished weight between unfinished entries. */
struct ledger_list {
    struct ledger_entry *first, *last;
    /** Finished weight behind the last unfinished entry. */
    uint64_t tail;
    /** The part whose items these are; NULL where they are a container's. */
    struct ledger_entry *part;
};

/** An item that somebody has in hand, a container that is open, or a part of one that is read by itself. */
struct ledger_entry {
    struct ledger_list *list;
    struct ledger_entry *prev, *next;
    /** Finished weight between the entry before and this one. */
    uint64_t before;
    /** Own weight, and what is inside. */
    uint64_t weight;
    struct ledger_list inside;
    /** A part that gets no more items: gone with its last one. */
    bool complete;
};

/** One for each container of the host. */
struct ledger {
    pthread_mutex_t lock;
    struct ledger_list root;
    /** Weight that the tree may have. */
    uint64_t allowed;
    atomic_bool cut;
};

/** What an item counts as: its size; nothing where nobody knows it; more than any tree may weigh where it outgrew its
 * container's limit. */
static inline uint64_t ledger_size(uint64_t size, enum trawl_status status, enum limit_id limit)
{
    if (size != WHERE_UNKNOWN)
        return size;
    return status == TRAWL_LIMIT && (limit == LIMIT_RATIO || limit == LIMIT_CONTAINER_BYTES) ? UINT64_MAX / 4 : 0;
}

/** Sums stop at the top: sizes are what evidence says they are. */
static inline uint64_t ledger_add(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

void ledger_init(struct ledger *ledger, uint64_t allowed);
void ledger_destroy(struct ledger *ledger);
/** The next item of a container, in the container's own order. */
struct ledger_entry *ledger_begin(struct ledger *ledger, struct ledger_list *list);
/** The next part of a container that is read in several; without weight of its own, its items go into its list. */
struct ledger_entry *ledger_part(struct ledger *ledger, struct ledger_list *list);
/** The part has all its items: it ends with the last of them. Returns true if this was what cut the tree. Takes NULL.
 */
bool ledger_part_complete(struct ledger *ledger, struct ledger_entry *part);
/** How large it is, once that is known. */
void ledger_weigh(struct ledger *ledger, struct ledger_entry *entry, uint64_t size);
/** It holds something that has no entry of its own: weight and all. */
void ledger_grow(struct ledger *ledger, struct ledger_entry *entry, uint64_t weight);
/** It is done, with all inside. Returns true if this was what cut the tree. Takes NULL. */
bool ledger_end(struct ledger *ledger, struct ledger_entry *entry);

#endif
