/* rematch.h: other lists for items that a journal kept, without reading their bytes again. */
#ifndef SCAN_REMATCH_H
#define SCAN_REMATCH_H

#include "scan/rules.h"

enum rematched {
    /** The item says what the line would say of the same bytes. */
    REMATCH_DONE,
    /** Only reading its file again can tell; what the item says of matches now is not all. */
    REMATCH_REREAD
};

/**
 * Matches an item that was read from a journal against the lists of `rules`, as the line would have done on reading its
 * file; the rules but for the lists are those of the scan that wrote it. Replaces its matches: their strings are the
 * lists'. What it cannot know without reading: whether a picture that was not decoded is near an entry now that it
 * would be decoded; the exact hash of one that was screened only; what is in a file that was known or is now; a
 * thumbnail of what was on no list.
 */
enum rematched rematch_item(const struct rules *rules, struct item *item);

#endif
