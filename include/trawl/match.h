/*
 * match.h: lists of known hashes, and what of a file is on them.
 *
 * A hashset holds all lists of a run. Lists live in the main process only, are loaded after the zygote was forked, and
 * never reach a child. Loading is single-threaded; after hashset_seal any number of threads may look up.
 */
#ifndef TRAWL_MATCH_H
#define TRAWL_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "trawl/digest.h"
#include "trawl/pdq.h"
#include "trawl/video.h"

struct buf;

/** Order is the journal's encoding: append only. */
enum hash_type {
    HASH_MD5,
    HASH_SHA1,
    HASH_SHA256,
    HASH_PDQ,
    HASH_VPDQ,
    HASH_TYPE_COUNT,
    HASH_UNKNOWN = HASH_TYPE_COUNT
};

/** True for hashes that are near each other: PDQ of pictures, and of the frames of videos (vPDQ). */
static inline bool hash_type_is_near(enum hash_type type)
{
    return type == HASH_PDQ || type == HASH_VPDQ;
}

/** "md5" ... "pdq", "vpdq". */
const char *hash_type_name(enum hash_type type);
/** The type of that name in either case, "sha-1" and "sha-256" too; HASH_UNKNOWN otherwise. */
enum hash_type hash_type_from_name(const char *name, size_t n);
/** 16, 20, 32, 32, 32 (of one frame). */
size_t hash_type_bytes(enum hash_type type);

/** Severity where a list says nothing; 1 is the most severe. */
#define SEVERITY_NONE 9
/** List entries under this many bits of distance count as near by default. */
#define PDQ_RADIUS 31

/** What a list says of an entry beside its category; a bit that is not set says nothing. Append only: the journal's. */
enum match_flag {
    MATCH_VICTIM_IDENTIFIED = 1 << 0,
    MATCH_VICTIM_UNIDENTIFIED = 1 << 1,
    MATCH_OFFENDER_IDENTIFIED = 1 << 2,
    MATCH_OFFENDER_UNIDENTIFIED = 1 << 3,
    MATCH_DISTRIBUTED = 1 << 4,
    MATCH_NOT_DISTRIBUTED = 1 << 5,
    /** Nobody graded it yet. */
    MATCH_SUSPECTED = 1 << 6,
    MATCH_SELF_GENERATED = 1 << 7,
    /** Illegal everywhere (ICSE's baseline). */
    MATCH_BASELINE = 1 << 8,
    /** The list itself says that it is of no interest: goes behind all else of severity 9. */
    MATCH_NOT_PERTINENT = 1 << 9,
    /** Somebody who shares the list disputes the entry. */
    MATCH_DISPUTED = 1 << 10,
    /** An entry of a video. */
    MATCH_VIDEO = 1 << 11,
    MATCH_FLAGS_ALL = (1 << 12) - 1
};

/** "victim-identified" ... of one bit; NULL for what is none. */
const char *match_flag_name(unsigned flag);

/** What a match of a video says beside its two hashes, which are of two frames then. */
struct match_video {
    /** False: not of a video, all else is zero. */
    bool is_video;
    /** The frame that is nearest to the list's hash: struct video_frame. */
    uint8_t track, quality;
    uint32_t number, time_ms;
    /** HASH_VPDQ: different frames of the file's track that are near one of the listed video, of all that are good
     * enough; and the other way round. */
    uint32_t file_near, file_frames, list_near, list_frames;
};

/** One list entry that hit. Strings are borrowed: from the hashset, or from the journal record it was read from. */
struct match {
    enum hash_type type;
    /** 0 for an exact digest. */
    uint16_t distance;
    /** 1 the most severe ... 9 unknown. */
    uint8_t severity;
    /** The list's name (its file name without folder). */
    const char *list;
    /** ID of the entry in the list, or its line number. */
    const char *entry;
    /** Label or category that the list gives; "" where none. */
    const char *category;
    /** The list's value and the file's; hash_type_bytes(type) of each. */
    uint8_t value[32];
    uint8_t observed[32];
    /** Which version of the picture is near: enum pdq_rotation; 0, the original, for digests. */
    uint8_t rotation;
    /** enum match_flag bits. */
    uint16_t flags;
    /**
     * The code that the category map was asked for ("1", "A1"), the name of the series, and the PhotoDNA as the list
     * has it (never computed). "" where none is; out of a hashset or a journal never NULL.
     */
    const char *code, *series, *photodna;
    struct match_video video;
};

/** The contract's word: "exact", "near", or "video" for a match of a whole video. */
const char *match_tier(const struct match *match);

/** A growing array of matches; zero-initialise, free() items. */
struct match_list {
    struct match *items;
    size_t n, cap;
};

/** One code of a list: what the category map in force makes of it. Strings owned, as escape_text writes them. */
struct list_category {
    char *code, *name;
    /** 1..9 */
    uint8_t severity;
    /** enum match_flag bits that the map adds: MATCH_NOT_PERTINENT. */
    uint16_t flags;
    /** The map has no such code: severity is the map's default. */
    bool unmapped;
    /** Entries of the list with that code. */
    uint64_t entries;
};

/** What loading one list gave; shown in summary.json. Each list inside a compiled index has one of its own. */
struct list_info {
    char *path;                        /* as given (of the index, for a list inside one), as escape_text writes it */
    char *name;                        /* file name without folder, likewise */
    bool known;                        /* a --known list */
    const char *format;                /* "lines", "hashdeep", "csv", "index"; static */
    uint8_t sha256[32];                /* of the file's bytes; inside an index: of the list that was compiled */
    uint64_t entries[HASH_TYPE_COUNT]; /* good entries by type, duplicates within the list counted once; known after
                                          hashset_seal */
    uint64_t duplicates;               /* likewise */
    uint64_t bad_rows;
    char *source;                     /* what the list says it is: "VICS 2.0 hash set, region US"; NULL where nothing */
    char *map;                        /* name of the category map in force; NULL where the list has no codes */
    uint64_t withdrawn;               /* entries that the list itself takes back: not searched for */
    uint64_t photodna;                /* entries with a PhotoDNA, which is carried through */
    struct list_category *categories; /* the map: all its codes, then those that it has not */
    size_t n_categories;
};

/** Frees all that is owned. */
void list_info_clear(struct list_info *info);
/** A copy whose strings are its own; format stays borrowed. */
struct list_info list_info_copy(const struct list_info *info);

struct hashset;

struct hashset *hashset_new(void);
void hashset_free(struct hashset *set);

/**
 * Adds one list. `bare` is the type of bare hex lines (HASH_UNKNOWN: told by length; a bare 64-digit line is then an
 * error, since it may be SHA-256 or PDQ). Bad rows are counted, the first 20 shown on `log` as "FILE:LINE: why", and
 * passed over. Returns 0; or -1 with one sentence in `why`: cannot be read, no good row, ambiguous rows, others may
 * write to it.
 */
int hashset_load(struct hashset *set, const char *path, bool known, enum hash_type bare, FILE *log, char *why,
                 size_t why_size);
/**
 * How lists are read from now on: under another name than their file's (NULL: that), with `n` maps, each the columns of
 * a table ("md5=1,category=4"), or a category map: one built in ("vics-uk"), or a file. -1 with a sentence.
 */
int hashset_reading(struct hashset *set, const char *name, const char *const *maps, size_t n, char *why,
                    size_t why_size);
/** Sorts and indexes. No load after it, no look-up before it. */
void hashset_seal(struct hashset *set);

size_t hashset_lists(const struct hashset *set);
const struct list_info *hashset_list(const struct hashset *set, size_t i);
/** True if any list that is not --known holds PDQ entries: else nobody needs near matching. */
bool hashset_has_pdq(const struct hashset *set);

/** True if a --known list has one of the digests. */
bool hashset_known(const struct hashset *set, const struct digests *digests);
/** True if hashset_match_digests would append something. */
bool hashset_lists_digests(const struct hashset *set, const struct digests *digests);
/** Appends every entry equal to one of the digests. Order is fixed: list order, then entry order. */
void hashset_match_digests(const struct hashset *set, const struct digests *digests, struct match_list *out);
/** Appends every entry of `type` equal to `value` (`trawl match`). */
void hashset_match_value(const struct hashset *set, enum hash_type type, const uint8_t *value, struct match_list *out);
/** One value to look up, and what is found. */
struct value_query {
    enum hash_type type;
    const uint8_t *value;
    struct match_list *out;
};
/** hashset_match_value for n values: faster than one after the other, for their cache misses overlap. */
void hashset_match_values(const struct hashset *set, const struct value_query *queries, size_t n);
/** Appends every PDQ entry within `radius` bits (0..256), exact like brute force. Order: distance, list order, entry
 * order. */
void hashset_match_pdq(const struct hashset *set, const uint8_t pdq[PDQ_BYTES], int radius, struct match_list *out);

/**
 * The same for n hashes at once, to out[0 .. n - 1]: faster than one after the other, for the cache misses of several
 * look-ups overlap.
 */
void hashset_match_pdq_many(const struct hashset *set, const uint8_t (*pdq)[PDQ_BYTES], size_t n, int radius,
                            struct match_list *out);
/** The same for all versions of one picture (pdq_rotations): each entry once, at its nearest one. */
void hashset_match_rotations(const struct hashset *set, const uint8_t pdq[PDQ_ROTATIONS][PDQ_BYTES], int radius,
                             struct match_list *out);

/** The hashed frames of a video, by track, and what counts as a match. */
struct video_query {
    const struct video_frame *frames;
    size_t n;
    /** Frames of less are left out. */
    int min_quality;
    /** Distance in bits at which two frames are near. */
    int radius;
    /** Percent of the file's frames that must be near one of the listed video; and the other way round. */
    unsigned file_share, list_share;
};

/** True if any list that is not --known has videos. */
bool hashset_has_videos(const struct hashset *set);
/** Appends each listed video that matches (HASH_VPDQ), and each listed picture that some frame is near (HASH_PDQ) with
 * the nearest frame; of each track by itself. */
void hashset_match_video(const struct hashset *set, const struct video_query *query, struct match_list *out);

/** Writes the compiled index of a sealed set to `path` (new file, renamed into place). Returns 0 or -errno. */
int hashset_write_index(const struct hashset *set, const char *path);

#endif
