/* hashset.h: what a hashset is made of; for this folder and for `trawl list`. */
#ifndef MATCH_HASHSET_H
#define MATCH_HASHSET_H

#include "match/builder.h"
#include "match/part.h"
#include "match/strings.h"
#include "trawl/match.h"

/** One list of the set. */
struct list {
    struct list_info info;
    /** PDQ entries that say little: see pdq_is_weak(). */
    uint64_t weak;
};

struct hashset {
    struct list *lists;
    size_t n_lists, cap_lists;
    /** What was sealed or mapped. */
    struct part *parts;
    size_t n_parts, cap_parts;
    /** Text lists until the seal: [known]. Lists to find and lists to ignore are looked up apart. */
    struct builder *builders[2];
    struct number_pool numbers;
    bool sealed;
    /** Maps an index only if all its checksums are right, whatever its size. */
    bool check_indexes;
};

/** A new list of the set, with strings of its own; `path` and `name` are escaped already. */
struct list *hashset_add_list(struct hashset *set, const char *path, const char *name, bool known, const char *format);

#endif
