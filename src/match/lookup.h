/* lookup.h (private): what look-ups find, before it becomes matches. */
#ifndef MATCH_LOOKUP_H
#define MATCH_LOOKUP_H

#include "match/hashset.h"

/** One list entry found. */
struct hit {
    const struct part *part;
    enum hash_type type;
    uint32_t distance;
    /** enum pdq_rotation */
    uint8_t rotation;
    /** The set's number of the list. */
    uint32_t list;
    size_t key;
    const struct posting *posting;
    /** Of a video: the frame that is so near; what is to be said of it. */
    const struct video_frame *frame;
    struct match_video video;
};

/** A growing array; zero-initialise, free() items. */
struct hits {
    struct hit *items;
    size_t n, cap;
};

/** Each entry of a key. */
void hits_add(struct hits *hits, const struct part *part, enum hash_type type, size_t key, uint32_t distance,
              uint8_t rotation);
/** Distance, list, entry, type; the key last, so that the order is total. Entries of a list are numbered in its order.
 */
int hit_order(const void *a, const void *b);
/** Appends the match; borrowed until the next one. */
struct match *hit_emit(const struct hashset *set, const struct hit *hit, const uint8_t *observed,
                       struct match_list *out);

#endif
