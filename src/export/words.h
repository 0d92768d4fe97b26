/* words.h: what several exports say in the same words: places taken apart, matches, types, identifiers. */
#ifndef EXPORT_WORDS_H
#define EXPORT_WORDS_H

#include "core/buf.h"
#include "report/context.h"
#include "trawl/origin.h"

/** A place as folder and name, and the same of the container it is in: display forms. */
struct place_words {
    /** The contract's path; the last name in it begins at `name`. */
    struct buf path;
    size_t name;
    /** The container's path and where its last name begins; empty for a file of the host. */
    struct buf parent;
    size_t parent_name;
    /** The file of the host that it is, or is in. */
    struct buf source;
};

void place_words(const struct where *where, struct place_words *words);
void place_words_free(struct place_words *words);

/** What is known of where a file lay: from its own layer and from those around it. */
struct place_facts {
    /** Of the file itself; NULL where nothing is known. */
    const struct origin *origin;
    /** It, or what it is in, was deleted; was carved out of bytes that no file has. */
    bool deleted, carved;
    /** First byte in the medium; WHERE_UNKNOWN. */
    uint64_t offset;
};

struct place_facts place_facts(const struct where *where);
/** A time of the file; ORIGIN_NO_TIME. */
int64_t place_time(const struct place_facts *facts, enum origin_time which);
/** "2026-11-23T23:27:57.123Z". */
void time_iso(int64_t ns, struct buf *out);

/** True if the best match of a finding is not exact. */
bool finding_is_near(const struct finding *finding);
/** "exact md5 match; list a.txt, entry 17, label; severity 1": of a match, display form. */
void match_words(const struct match *match, struct buf *out);
/** The exact PDQ of the picture as it is: the head's, or what a near match saw; NULL where only screening saw it. */
const uint8_t *finding_pdq(const struct finding *finding);

/** "image/jpeg"; "application/octet-stream" for what has no name of its own. Never NULL. */
const char *type_mime(enum file_type type);

/** Appends a UUID (version 8) that hangs on the bytes alone; `kind` keeps those of different things apart. */
void uuid_of(const char *kind, const void *bytes, size_t n, struct buf *out);
/** Of the case: what was asked, and what all adds up to. */
void uuid_of_case(const struct report *report, struct buf *out);

/** Uppercase hex. */
void buf_hex_upper(struct buf *out, const void *bytes, size_t n);
/** XML text of words that may be raw: by way of their display form. */
void text_xml(struct buf *out, const char *raw);
/** `,"name":"text"` of a display form; `,"name":"text"` of raw words; `,"name":n`. */
void put_json_text(struct buf *out, const char *name, const char *text, size_t n);
void put_json_raw(struct buf *out, const char *name, const char *raw);
void put_json_number(struct buf *out, const char *name, uint64_t v);

#endif
