/*
 * found.h: what a rematch found, sorted by place: hits that are certain, items that only reading their file again can
 * tell about, and what that reading came to. Memory is bounded; what does not fit is spilled.
 */
#ifndef SCAN_FOUND_H
#define SCAN_FOUND_H

#include <pthread.h>

#include "core/sorter.h"
#include "journal/done.h"
#include "scan/rules.h"

/** Journal places of one item, in the order in which they are believed. */
enum found_kind {
    /** Matched by what was stored of it. */
    FOUND_STORED,
    /** The stored item is not enough. */
    FOUND_PENDING,
    /** Its file was read again. */
    FOUND_READ,
    FOUND_KINDS
};

struct found {
    struct sorter *sorter;
    /** Guards all. */
    pthread_mutex_t lock;
    /** Files of the host that pending items are or are in. */
    struct done_set roots;
    uint64_t pending;
    /** First -errno. */
    int error;
};

/** Entries that do not count: `older` has them too; NULL: all count. */
struct found_rules {
    const struct rules *rules;
    const struct hashset *older;
};

/** What was written. */
struct found_totals {
    uint64_t hits, files, unconfirmed, undecided;
};

void found_init(struct found *found, int spill_dir);
void found_free(struct found *found);
/** Thread-safe. */
void found_add(struct found *found, enum found_kind kind, const struct item *item);
/** Leaves out the matches that do not count. */
void found_filter(const struct found_rules *how, struct match_list *matches);
/** What a screening hash may be near: within the wider radius. */
void found_screen(const struct found_rules *how, const struct item *item, struct match_list *out);
/** Writes a line for each hit to stdout, in the order of the inventory. Returns 0 or -errno. */
int found_write(struct found *found, const struct found_rules *how, struct found_totals *totals);

#endif
