/* videos.h (private): the videos of a part. */
#ifndef MATCH_VIDEOS_H
#define MATCH_VIDEOS_H

#include "match/part.h"

/** Counts the frames of each video that the part lists, for all look-ups to come. */
void videos_count(struct part *part);
/** Number of the posting's video in part->videos; part->n_videos where there is none, in a damaged index. */
size_t videos_find(const struct part *part, const struct posting *posting);

#endif
