/* match_pass.h: one reading of a journal, all items of which are matched against lists. */
#ifndef SCAN_MATCH_PASS_H
#define SCAN_MATCH_PASS_H

#include "scan/found.h"

struct match_pass {
    const struct found_rules *how;
    int journal_dirfd;
    unsigned jobs;
    struct found *found;
    /** What was met: items, those with hashes that were looked up, those whose scan could not examine them. */
    uint64_t items, hashes, unexamined;
    /** Pictures out of a journal of an older version, of which only those that come near a list are told. */
    uint64_t undecided;
};

/** Adds to pass->found what is on a list, and what only reading its file again can tell. Memory does not grow with the
 * journal: some 55 MB and, for each of `jobs`, 90 MB. Returns 0 or -errno. */
int match_pass(struct match_pass *pass);

#endif
