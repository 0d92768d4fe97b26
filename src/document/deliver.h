/* deliver.h (private): what readers of documents share: numbered members, names, a container whole in memory. */
#ifndef DOCUMENT_DELIVER_H
#define DOCUMENT_DELIVER_H

#include "source/bytes.h"
#include "source/member.h"
#include "source/window.h"
#include "trawl/carve.h"

/** A reader and where its members go, in the order in which they come. */
struct delivery {
    const struct unpack_input *input;
    struct unpack_sink *sink;
    struct unpack_end *end;
    uint64_t index;
    /** The limit of entries was reached. */
    bool full;
};

#define DELIVER_NAME 512

/** A member as its reader has it. */
struct parcel {
    const char *name;
    size_t name_len;
    /** In the container; UINT64_MAX where that says nothing. */
    uint64_t offset;
    const uint8_t *bytes;
    size_t n;
    enum trawl_status status;
    /** May be NULL. */
    const char *detail;
};

/** Begins: ok, nothing missing, everything accounted for, until something else is noted. */
void deliver_init(struct delivery *delivery, const struct unpack_input *input, struct unpack_sink *sink,
                  struct unpack_end *end);
/** Announces the next member. False, and noted, at the limit of entries. `size`: UINT64_MAX where unknown. */
bool deliver_begin(struct delivery *delivery, struct member *member, const struct parcel *parcel, uint64_t size);
/** A whole member. Returns false at the limit of entries. */
bool deliver(struct delivery *delivery, const struct parcel *parcel);

/** Appends to a name of DELIVER_NAME bytes, cutting what does not fit. */
void name_add(char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Appends "." and the usual ending of files that begin like this ("bin" where nobody knows). */
void name_add_ending(char *name, const uint8_t *bytes, size_t n);
/** Appends UTF-16 as UTF-8, up to a NUL; half surrogates become '?'. */
void name_add_utf16(char *name, const uint8_t *text, size_t bytes);

/** True, and noted, if the document has more objects than LIMIT_OBJECTS lets its reader look at. */
bool deliver_too_many(struct delivery *delivery, uint64_t objects);
/** Notes that something is nested deeper than `depth`, which its reader can follow. */
void deliver_too_deep(struct delivery *delivery, unsigned depth);
/** What the reader cannot reach: files by their content, as far as --carve allows it. */
void deliver_carved(struct delivery *delivery, const struct carve_range *ranges, size_t n);
/** The same of all behind the first byte: where the document could not be opened at all. */
void deliver_carved_whole(struct delivery *delivery);

/** True if such a value of a store may be, or hold, a file; keys and tokens are not delivered. */
bool deliver_worthy(const uint8_t *bytes, size_t n);

/**
 * All bytes of the container in memory, in a window as large as it, to be freed. NULL, and noted, where memory or a
 * read fails.
 */
const uint8_t *deliver_load(struct delivery *delivery, struct window *window);

/** Files in base64 in a text of any kind. */
void base64_members(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end);

/** The readers of this folder that need no library. */
extern const struct unpacker thumbcache_unpacker, thumbdata_unpacker, base64_unpacker, plist_unpacker, rtf_unpacker;

#endif
