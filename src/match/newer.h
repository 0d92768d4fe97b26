/* newer.h: the entries of one set that another one has not. */
#ifndef MATCH_NEWER_H
#define MATCH_NEWER_H

#include "match/near_join.h"
#include "trawl/match.h"

/** The PDQ of each part of a set. */
struct near_list {
    struct near *items;
    /** Keys of their own, where some were left out; NULL where they are the part's. */
    uint8_t **owned;
    size_t n;
};

/** Those of lists to find; without those that `older` has too, where it is not NULL. */
struct near_list near_list_new(const struct hashset *set, const struct hashset *older);
void near_list_free(struct near_list *list);

#endif
