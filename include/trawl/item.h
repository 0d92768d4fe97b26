/* item.h: one file found, all that is known of it. Moves down the line with one owner; the journal stores it; reports
 * are made of it. */
#ifndef TRAWL_ITEM_H
#define TRAWL_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/camera.h"
#include "trawl/digest.h"
#include "trawl/limits.h"
#include "trawl/match.h"
#include "trawl/pdq.h"
#include "trawl/status.h"
#include "trawl/type.h"
#include "trawl/video.h"
#include "trawl/where.h"

struct buf;

/** A hash of a picture, as far as looking it up needs it. */
struct picture_hash {
    uint8_t pdq[PDQ_BYTES];
    int quality;
    bool stable;
    /** --rotations: PDQ_ROTATIONS hashes, this one first; owned by an item; NULL without. */
    uint8_t (*turned)[PDQ_BYTES];
};

/** What came of decoding a picture beside what its line says: with it other lists can be asked without reading it
 * again. Journal only. */
struct picture_memory {
    bool kept;
    /** The hash that `pdq` of the item is, with its own quality, and its pdq_result.doubtful. */
    struct picture_hash first;
    int doubtful;
    /** It was decoded exactly too: what came of it, or that nothing did and the item says so. */
    bool has_exact, exact_failed;
    struct picture_hash exact;
};

struct item {
    /** Owns a reference. */
    struct where *where;
    /** In bytes; WHERE_UNKNOWN where its container ended before anybody could know. */
    uint64_t size;
    enum file_type type;
    enum trawl_status status;
    /** Which limit, where status is TRAWL_LIMIT. */
    enum limit_id limit;
    /** Why, in words; owned, valid UTF-8; NULL where there is nothing to say. */
    char *detail;
    /** What it says of itself (facts.h); owned; NULL where that is nothing. */
    char *facts;
    /** digests are of the whole file. False where bytes were unreadable or never came. */
    bool has_digests;
    struct digests digests;
    /** Pixels as coded; 0 where unknown. */
    uint32_t width, height;
    /** EXIF orientation 1..8; 0 where the file says nothing. */
    uint32_t orientation;
    /** Zeros where the file says nothing. */
    struct camera camera;
    /** The screening hash (fast) or the exact one. */
    bool has_pdq;
    /** pdq is a screening hash: written as "pdq_screen". */
    bool pdq_is_screen;
    uint8_t pdq[PDQ_BYTES];
    int pdq_quality;
    /** False where bits hang on rounding (flat, symmetric pictures). */
    bool pdq_stable;
    struct picture_memory memory;
    /** `trawl hash --rotations`: the exact hashes of the picture turned and mirrored, from PDQ_ROTATE90 on. */
    bool has_rotations;
    uint8_t rotations[PDQ_ROTATIONS - 1][PDQ_BYTES];
    /** A video: how long it says that it is, and the frames that were hashed; owned. */
    uint64_t duration_ms;
    struct video_hashes frames;
    /** --thumbnails: THUMBNAIL_BYTES of a picture that is on a list; owned; NULL without. */
    uint8_t *thumbnail;
    /** A near match was not looked for because pdq_quality is under --min-quality. */
    bool low_quality;
    /** Every list entry that hit; strings owned by `strings` where the item was read from a journal, else by the
     * hashset. */
    struct match_list matches;
    /** Backing of borrowed strings; owned. */
    char *strings;
};

/** Frees what the item owns, not the item itself; leaves it empty. */
void item_clear(struct item *item);
/** Sets detail to a formatted sentence, escaped to valid UTF-8. */
void item_detail(struct item *item, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** The journal's encoding. item_decode returns false where the bytes are not one; it then leaves the item empty. */
void item_encode(const struct item *item, struct buf *out);
bool item_decode(const uint8_t *bytes, size_t n, struct item *item);
/** Appends the inventory's line, newline included (CONTRACT: inventory.jsonl). */
void item_json(const struct item *item, struct buf *out);

#endif
