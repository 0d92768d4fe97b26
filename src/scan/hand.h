/*
 * hand.h: small items that a worker collects, so that they can be hashed together.
 *
 * MD5 of one buffer is bound by latency; sixteen buffers take little longer. So a worker whose source gives small files
 * keeps their bytes aside until it has a handful, hashes them at once, and puts the hand on the stack, innermost of all
 * sources: whoever is free takes items out of it, and nobody waits behind a slow one. The slot, and with it the
 * decoder, still holds one item at a time.
 */
#ifndef SCAN_HAND_H
#define SCAN_HAND_H

#include "scan/run.h"

/** Larger items are hashed by themselves: they fill no more lanes than they would empty the cache. */
#define HAND_ITEM_BYTES (128u << 10)
/** Stays in the second-level cache between copying and hashing. */
#define HAND_BYTES (1u << 20)
#define HAND_ITEMS 32

/** What a turn of pulling came to. */
struct haul {
    /** An item that is in no hand: too large, or alone. The worker has it in its slot. */
    struct work work;
    bool has_work;
    /** The source gave its last item. */
    bool ended;
    /** Items that were put aside; NULL: none. Not hashed yet. */
    struct hand *hand;
};

/** Pulls from a source: one item, or a handful of small ones. */
void hand_pull(struct worker *worker, struct source *source, struct haul *haul);
/** Hashes all items of a new hand, decodes the pictures among them where the worker's slot may be used for that, and
 * puts it on the stack. */
void hand_push(struct worker *worker, struct hand *hand, bool slot_is_free);
/** An item of a hand is done with its bytes. Takes NULL. */
void hand_unref(struct hand *hand);

#endif
