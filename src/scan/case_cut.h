/*
 * case_cut.h: trees of containers that outgrew their limit, and where exactly they end.
 *
 * The line stops soon after the limit; how soon hangs on threads. Here the end is moved to the first item, in the order
 * of the inventory, with which the tree weighs more than it may: what was found to stand behind it is left out of the
 * reports, unless it is on a list (a finding is never left out), and one line `$unreached` says so. What stands before
 * it is complete in every run.
 */
#ifndef SCAN_CASE_CUT_H
#define SCAN_CASE_CUT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "trawl/item.h"

struct cut {
    struct where *root;
    /** Order key of the root; of the first item that is too much (empty: none is). */
    struct buf root_key, end_key;
    enum limit_id limit;
    uint64_t allowed;
    uint64_t sum;
};

struct cut_list {
    struct cut *items;
    size_t n, cap;
    /** Next cut whose `$unreached` line is to be given. */
    size_t next_rest;
};

/** Reads the journal for cuts, and finds their ends. `spill_dir` as for a sorter. Returns 0 or -errno. */
int cut_list_read(struct cut_list *cuts, int journal_dirfd, int spill_dir);
/** Adapts an item; returns false if it stands behind an end and is left out. */
bool cut_list_apply(const struct cut_list *cuts, struct item *item);
/** The `$unreached` lines, one a call; false when all were given. */
bool cut_list_rest(struct cut_list *cuts, struct item *item);
void cut_list_free(struct cut_list *cuts);

#endif
