/* origin.h: what a file system, a carver or a document knows of a file beside its name. Plain data of one size: it
 * crosses from the children by memcpy, and nothing of it is believed before origin_sane(). */
#ifndef TRAWL_ORIGIN_H
#define TRAWL_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct reader;

/** What kind of layer a file is, where that is not the type of its container. Append only: the journal stores the word,
 * the children the number. */
enum origin_kind {
    /** The container's type ("zip"). */
    ORIGIN_CONTAINER,
    /** Out of a file system. */
    ORIGIN_FS,
    /** Found by its bytes, where no name leads. */
    ORIGIN_CARVED,
    /** A volume itself. */
    ORIGIN_VOLUME,
    /** The whole medium that an image holds. */
    ORIGIN_MEDIUM,
    /** Inside a document or a picture. */
    ORIGIN_EMBEDDED,
    /** A picture's own small copy. */
    ORIGIN_THUMBNAIL,
    /** Attached to a message. */
    ORIGIN_ATTACHMENT,
    ORIGIN_KINDS
};

/** ORIGIN_SLACK: in blocks of another file, behind its end; `inode` and `attribute` are that file's. Append only. */
enum origin_allocated { ORIGIN_ALLOCATED_UNKNOWN, ORIGIN_ALLOCATED, ORIGIN_DELETED, ORIGIN_SLACK, ORIGIN_STATES };

enum origin_time { ORIGIN_CREATED, ORIGIN_WRITTEN, ORIGIN_ACCESSED, ORIGIN_CHANGED, ORIGIN_TIMES };

#define ORIGIN_UNKNOWN UINT64_MAX
#define ORIGIN_NO_TIME INT64_MIN
/** Runs that are carried. */
#define ORIGIN_RUNS 16

/** Bytes that follow each other in the medium. */
struct origin_run {
    /** In the medium; ORIGIN_UNKNOWN: a hole, or bytes that are packed. */
    uint64_t offset;
    uint64_t length;
};

struct origin {
    /** enum origin_kind. */
    uint32_t kind;
    /** Position in the table of volumes, from 1; 0: none. */
    uint32_t partition;
    /** Where the volume begins in the medium, in bytes; ORIGIN_UNKNOWN. */
    uint64_t volume;
    /** Inode or entry of the file table; ORIGIN_UNKNOWN. */
    uint64_t inode;
    /** NTFS: type and number of the attribute; type 0: none. */
    uint32_t attribute_type, attribute_id;
    /** enum origin_allocated; JSON has it as `allocated` and `slack`. */
    uint32_t allocated;
    /** Of `runs`; and how many the file has. */
    uint32_t n_runs;
    uint64_t all_runs;
    /** Nanoseconds since 1970, UTC; ORIGIN_NO_TIME. */
    int64_t times[ORIGIN_TIMES];
    /** "ntfs"; NUL-terminated lower case, digits and '-', '+', '/'; empty: unknown. */
    char file_system[16];
    struct origin_run runs[ORIGIN_RUNS];
};

/** An origin of that kind that knows nothing more. */
struct origin origin_of(enum origin_kind kind);
/** The word for it, a static string; NULL for ORIGIN_CONTAINER. */
const char *origin_kind_name(uint32_t kind);
/** True if every number is possible. */
bool origin_sane(const struct origin *origin);
/** Appends what is known as members of a JSON object, each with a comma before it. */
void origin_json(const struct origin *origin, struct buf *out);
/** The journal's encoding. origin_decode returns false where the bytes are not one. */
void origin_encode(const struct origin *origin, struct buf *out);
bool origin_decode(struct reader *in, struct origin *origin);

#endif
