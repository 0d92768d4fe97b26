/*
 * rules.h: what lists make of an item: which entries it is on, and what is not done with it because of that. The line
 * asks while it reads, rematch.c asks again of what the journal kept: the same rules, so that both come to the same.
 */
#ifndef SCAN_RULES_H
#define SCAN_RULES_H

#include "trawl/item.h"
#include "trawl/match.h"

struct rules {
    /** Sealed; NULL for trawl hash. */
    const struct hashset *lists;
    /** Any list has PDQ entries; any is --known. */
    bool near, known;
    /** As scan_options has them. */
    int max_distance, min_quality, file_share, list_share;
    bool no_decode_hits, decode_exact, thumbnails;
};

/** Appends the entries that have one of the item's digests. */
void rules_digests(const struct rules *rules, struct item *item);
/** A file that is known and on no list: it is not looked into. Behind rules_digests. */
bool rules_suppress(const struct rules *rules, const struct item *item);
/** --no-decode-hits: a picture or video that is on a list already. Behind rules_digests. */
bool rules_skip(const struct rules *rules, const struct item *item);

/** What a screening hash says. */
enum screening {
    SCREEN_FAR,
    /** The picture is not good enough. */
    SCREEN_LOW,
    /** Only the exact hash can tell. */
    SCREEN_CANDIDATE,
};

/** `doubtful` as pdq_result has it. */
enum screening rules_screen(const struct rules *rules, const struct picture_hash *hash, int doubtful);
/** The radius within which a screening hash makes a candidate. */
int rules_screen_radius(const struct rules *rules);
/** The same without a look-up, where that is enough: SCREEN_CANDIDATE of what is doubtful, SCREEN_LOW of what no
 * look-up can make good enough; SCREEN_FAR: it must be looked up. */
enum screening rules_screen_early(const struct rules *rules, const struct picture_hash *hash, int doubtful);
/** Appends what an exact hash is near, or sets low_quality. */
void rules_near(const struct rules *rules, const struct picture_hash *hash, struct item *item);
/** Appends what the item's frames are near. */
void rules_video(const struct rules *rules, struct item *item);

#endif
