/*
 * part.h: some lists, ready for look-up: made in memory from text lists, or mapped from an index file. The sections are
 * the same in both.
 */
#ifndef MATCH_PART_H
#define MATCH_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/near.h"
#include "match/table.h"
#include "trawl/match.h"

/** Sections of each hash type's table. */
enum table_section { TABLE_KEYS, TABLE_TOP, TABLE_FIRST, TABLE_POSTINGS, TABLE_SECTIONS };

/** Order and numbers are the index file's: INDEX_VERSION changes with them. */
enum section_id {
    SECTION_LISTS,         /* struct list_record */
    SECTION_STRINGS,       /* NUL-ended, valid UTF-8 as escape_text gives */
    SECTION_LABELS,        /* struct label */
    SECTION_CATEGORIES,    /* struct category_record */
    SECTION_PHOTODNA_REFS, /* struct photodna_ref, by list and entry */
    SECTION_PHOTODNA,      /* PHOTODNA_BYTES each */
    SECTION_TABLES,
    SECTION_NEAR_OFFSETS = SECTION_TABLES + TABLE_SECTIONS * HASH_TYPE_COUNT,
    SECTION_NEAR_SKETCHES,
    SECTION_NEAR_IDS,
    /* The same of the frames of videos. */
    SECTION_VIDEO_OFFSETS,
    SECTION_VIDEO_SKETCHES,
    SECTION_VIDEO_IDS,
    SECTION_COUNT
};

/** Owned (free) unless the part is mapped. Empty sections may be NULL. */
struct section {
    void *data;
    size_t size;
    /** A file of its own, mapped. */
    bool mapped;
};

#define LIST_HAS_IDS 1
/** An entry has a severity or a code: the list says which files are illegal, and is no list of known, ignorable ones.
 */
#define LIST_HAS_VERDICTS 2

/** What many entries have in common. Texts are offsets in the strings. */
struct label {
    uint32_t category, code, series;
    /** enum match_flag bits. */
    uint32_t flags;
};

/** One code of a list and what its map makes of it. */
struct category_record {
    uint32_t code, name;
    uint32_t severity, flags;
    /** Entries with that code. */
    uint64_t entries;
    uint32_t unmapped, spare;
};

/** What is known of one list. */
struct list_record {
    /** Offset in the strings. */
    uint32_t name;
    /** LIST_HAS_IDS: entries are named by IDs, not by line numbers. LIST_HAS_VERDICTS. */
    uint32_t flags;
    /** Offsets: how it was read, what it says it is, which map is in force; 0 where nothing. */
    uint32_t format, source, map;
    /** Its rows in SECTION_CATEGORIES. */
    uint32_t first_category, n_categories, spare;
    uint8_t sha256[32];
    /** Distinct digests. */
    uint64_t entries[HASH_TYPE_COUNT];
    uint64_t duplicates;
    uint64_t bad_rows;
    /** PDQ entries that say little: see pdq_is_weak(). */
    uint64_t weak;
    /** Entries taken back by the list itself; entries with a PhotoDNA. */
    uint64_t withdrawn, photodna;
};

/** A video of a list: its frames are the entries of HASH_VPDQ with the same list and entry. */
struct listed_video {
    /** Of the part. */
    uint32_t list, entry;
    /** Different ones. */
    uint32_t frames;
};

struct part {
    struct section sections[SECTION_COUNT];
    /** Views into the sections. */
    struct table tables[HASH_TYPE_COUNT];
    struct near near, near_video;
    /** The videos, by list and entry; owned. Known once the set is sealed. */
    struct listed_video *videos;
    size_t n_videos;
    const struct list_record *lists;
    size_t n_lists;
    const char *strings;
    size_t strings_size;
    const struct label *labels;
    size_t n_labels;
    const struct category_record *categories;
    size_t n_categories;
    /** The set's number of each list; owned. */
    uint32_t *global;
    /** Of --known lists. */
    bool known;
    /** Made by this process: its strings need no checks. */
    bool trusted;
    /** The mapping, for parts out of a file. */
    void *map;
    size_t map_size;
};

static inline enum section_id section_of(enum hash_type type, enum table_section which)
{
    return (enum section_id)(SECTION_TABLES + TABLE_SECTIONS * (int)type + (int)which);
}

/** Sets the views. False where sizes of sections do not fit together: "why" in words. */
bool part_bind(struct part *part, const char **why);
void part_free(struct part *part);
/** The label of that number; the empty one where there is none. */
const struct label *part_label(const struct part *part, uint32_t number);
/** The string at an offset; "(damaged)" where there is none that can be shown. */
const char *part_string(const struct part *part, uint32_t offset);

#endif
