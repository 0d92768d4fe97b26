/* list.h: loading of text lists. A format is one const struct and one row in list_formats. */
#ifndef MATCH_LIST_H
#define MATCH_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/buf.h"
#include "match/builder.h"
#include "match/codes.h"

#include "match/rows.h"

struct columns;

/** Bad rows that are shown; the others are counted. */
#define BAD_ROWS_SHOWN 20
/** PDQ quality under which an entry is called weak, as the reference discards such hashes. */
#define WEAK_QUALITY 50

/** Texts behind which a value is broken, or nobody's: no exchange has a title or a note that long. */
#define VALUE_MAX (16u << 20)
/** Arrays and objects in each other; VICS has five. */
#define NESTING_MAX 64

/** One list being loaded. */
struct loader {
    struct rows rows;
    /** As given, to look beside it. */
    const char *real_path;
    bool known;
    struct builder *builder;
    /** Number of the list in the builder. */
    uint32_t list;
    /** For messages: the path, escaped. */
    const char *path;
    /** --type. */
    enum hash_type bare;
    /** A bare row was seen, and what it said of --type: see loader_bare_type. */
    bool bare_seen, bare_by_length;
    uint64_t good, bad;
    /** A row counts once, however many of its fields are bad. */
    uint64_t bad_line;
    /** Number of the entry where several may share a line; else 0. */
    uint64_t ordinal;
    /** The map that the operator wants, or NULL; columns that the operator names, or NULL. */
    const struct category_map *map;
    const struct columns *columns;
    struct codes codes;
    /** What the list says it is. */
    struct buf source;
    uint64_t withdrawn, photodna;
    /** PhotoDNA values that are none: not carried. */
    uint64_t bad_photodna;
    /** Pages of an exchange may have nothing to say. */
    bool may_be_empty;
    /** The line of the first entry with a verdict; 0 as long as there is none. */
    uint64_t verdict;
    /** Formats that are told only while they are read. */
    const char *format;
    FILE *log;
    /** The one sentence of a list that fails; not "" means that it did. */
    char *why;
    size_t why_size;
    /** The label that was made last, raw, and its number: lists repeat them. */
    struct buf last_label, this_label;
    uint32_t last_number;
    struct buf scratch;
};

/** What a row says beside its hashes. Texts are raw. */
struct entry {
    uint64_t line;
    const uint8_t *id;
    size_t id_len;
    const uint8_t *label;
    size_t label_len;
    /** 1..9; SEVERITY_NONE: what the map makes of the code. */
    uint8_t severity;
    /** enum match_flag bits. */
    uint16_t flags;
    /** What the category map is asked for. */
    const uint8_t *code;
    size_t code_len;
    const uint8_t *series;
    size_t series_len;
    /** As the list has it. */
    const uint8_t *photodna;
    size_t photodna_len;
};

struct list_format {
    const char *name;
    /** True if the file, of which this is the beginning (without byte order mark), is of this format. */
    bool (*recognise)(const uint8_t *head, size_t n);
    /** Reads the rows. A list that fails says so by loader_fail. */
    void (*load)(struct loader *loader);
};

extern const struct list_format list_format_vpdq, list_format_hashdeep, list_format_csv, list_format_lines,
    list_format_json, list_format_xml, list_format_sqlite, list_format_encase, list_format_hfind, list_format_foreign;
/** In the order in which they are asked; NULL at the end. The last one takes everything. */
extern const struct list_format *const list_formats[];

/** Ends the loading of the list with a sentence; the first one stays. */
void loader_fail(struct loader *loader, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool loader_failed(const struct loader *loader);
/** Counts a bad row and shows the first ones. */
void loader_bad(struct loader *loader, uint64_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));
/** Puts the list's map in force, or the operator's; once, before the first entry. */
void loader_map(struct loader *loader, const char *builtin);
/** The list says which files are illegal, whatever its entries say. */
void loader_verdicts(struct loader *loader);
/** A sentence on the log that is no bad row. */
void loader_note(struct loader *loader, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Words of a library, which may quote the list: up to 160 bytes, escaped; good until the next call. */
const char *loader_words(struct loader *loader, const char *words);
/** Up to 40 bytes of a row for a message, escaped; good until the next call. */
const char *loader_quote(struct loader *loader, const uint8_t *text, size_t n);

/** Escapes and stores what goes with a row. False where there is no room (the list then failed). */
bool loader_posting(struct loader *loader, const struct entry *entry, struct posting *posting);
/** Adds one hash of a row. */
void loader_add(struct loader *loader, enum hash_type type, const uint8_t *digest, const struct posting *posting);
/**
 * Adds the frames of a video as video_signal.h has them; those of low quality are left out, for nobody matches them.
 * False: it is none (said).
 */
bool loader_add_video(struct loader *loader, uint64_t line, const uint8_t *text, size_t n,
                      const struct posting *posting);
/** Counts an entry whose PDQ says little. */
void loader_weak(struct loader *loader);

/**
 * The type of a bare hash of that many digits. 32 and 40 digits are MD5 and SHA-1; 64 digits are what --type says, and
 * without it fail the list. With --type, a list whose first bare row has the right length must keep to it: a hash of
 * another length is a cut one. A list whose first bare row has another length is not the list that --type was meant
 * for: there the length tells. HASH_UNKNOWN: the row is bad (said), or the list failed.
 */
enum hash_type loader_bare_type(struct loader *loader, uint64_t line, size_t digits);
/** Decodes a hash whose type is known. False: the row is bad (said). */
bool loader_decode(struct loader *loader, uint64_t line, enum hash_type type, const uint8_t *text, size_t n,
                   uint8_t digest[32]);

/** The name of a type as lists write it: also "video_md5", "SHA2-256", "HASH_PDQ", "ImagePDQ". */
enum hash_type list_type_from_name(const uint8_t *name, size_t n);
/** Types told by their number of digits. HASH_UNKNOWN where there is none of that length or, for 64, two. */
enum hash_type list_type_from_digits(size_t digits);
/** True if no picture with contents has such a hash: fewer than 96 or more than 160 of 256 bits set. */
bool pdq_is_weak(const uint8_t pdq[PDQ_BYTES]);

#endif
