/* hashset.h: what a hashset is made of; for this folder and for `trawl list`. */
#ifndef MATCH_HASHSET_H
#define MATCH_HASHSET_H

#include "match/builder.h"
#include "match/category_map.h"
#include "match/columns.h"
#include "match/part.h"
#include "match/strings.h"
#include "trawl/match.h"

/** One list of the set. */
struct list {
    struct list_info info;
    /** PDQ entries that say little: see pdq_is_weak(). */
    uint64_t weak;
    /** It says which files are illegal. */
    bool verdicts;
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
    /** How lists are read from now on: hashset_reading. */
    char *name;
    const struct category_map *map;
    struct category_map *own_map;
    struct columns *columns;
};

/** What a part's record says of a list, into its info. */
void list_take_record(struct list *list, const struct part *part, const struct list_record *record);

/** A new list of the set, with strings of its own; `path` and `name` are escaped already. */
struct list *hashset_add_list(struct hashset *set, const char *path, const char *name, bool known, const char *format);

#endif
