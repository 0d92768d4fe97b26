/*
 * old_case.h: the case that scan --since goes on from: its journal read once, a row for every file of the host.
 *
 * The journal is the other case's and is never changed; a row is 80 bytes, so a million files take as many megabytes.
 */
#ifndef SCAN_OLD_CASE_H
#define SCAN_OLD_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/item_glance.h"
#include "journal/done.h"
#include "journal/identity.h"
#include "scan/case.h"
#include "scan/run_mark.h"

/** Bits of a row. */
enum old_mark {
    /** There is a line of the file itself, not only of what is inside. */
    OLD_HAS_LINE = 1,
    /** Its line, or one of something inside, may come out otherwise the next time. */
    OLD_UNSETTLED = 2,
    /** It may have changed behind its own times: it was new when it was read. */
    OLD_RACY = 4,
    /** A list is new to it, and only its bytes can tell what that means. */
    OLD_ASKS = 8,
    /** Its digests are compared with what is read now. */
    OLD_SAMPLED = 16,
    /** The walk has met it. */
    OLD_SEEN = 32,
    /** Its records are copied. */
    OLD_KEPT = 64,
    /** It is read again to be compared. */
    OLD_RECHECKED = 128,
};

/** What the copier notes of a row, which is nobody else's. */
enum old_copy {
    /** The new journal says which file it is. */
    COPY_OPENED = 1,
    /** Its records are copied once the walk is over. */
    COPY_LATER = 2,
};

struct old_row {
    struct done_key key;
    uint64_t dev, ino, size;
    int64_t mtime, ctime;
    /** Of the journal's record that counts as the file's line. */
    uint64_t sequence;
    /** Place in `extras`, from 1; 0: none. */
    uint32_t extra;
    /** enum file_type. */
    uint16_t type;
    /** Stored at once, and last, by the walk: the copier looks on. */
    uint16_t marks;
    /** enum old_copy. */
    uint8_t copy;
};

/** What few rows have. */
struct old_extra {
    /** struct identity: segments. */
    uint64_t segments;
    /** Of the words that say which image the file is a part of; 0: of none. */
    uint64_t part_of;
    /** OLD_SAMPLED. */
    bool has_sha256;
    uint8_t sha256[32];
};

struct old_case {
    struct case_folder folder;
    /** In the order of the journal. */
    struct old_row *rows;
    size_t n, cap;
    /** Place of each row from 1, by its key; a power of two. */
    uint32_t *index;
    size_t index_cap;
    struct old_extra *extras;
    size_t n_extras, cap_extras;
    /** Its last run. */
    bool has_run;
    struct run_mark run;
    bool ended;
};

/** What is to be done with each item while the journal is read. */
struct old_visit {
    /** Percent of files whose digests are kept for comparison. */
    unsigned sample;
    /** NULL: nothing. May change marks. */
    void (*item)(void *context, struct old_row *row, const uint8_t *bytes, size_t n);
    /** A content that is on a list. */
    void (*listed)(void *context, const uint8_t sha256[32]);
    void *context;
};

/** Reads the journal of `folder`, which is open. Returns 0 or -errno (-EBADMSG: its beginning cannot be read). */
int old_case_read(struct old_case *old, const struct old_visit *visit);
void old_case_free(struct old_case *old);
/** The key of a path on the host. */
void old_key_of(const void *path, size_t n, struct done_key *out);
/** NULL where there is none. */
struct old_row *old_case_find(const struct old_case *old, const struct done_key *key);
/** The same, faster where it is the row behind the one that was found last: *hint, 0 at first, is the caller's. */
struct old_row *old_case_next(const struct old_case *old, const struct done_key *key, size_t *hint);
/** The row of the file of the host that an item is or is in; NULL where there is none. */
struct old_row *old_case_row_of(const struct old_case *old, const struct journal_record *record,
                                const struct item_glance *glance, size_t *hint);
/** 64 bits of the words that say which image a file is a part of; 0: its words are others. */
uint64_t old_part_of(const void *detail, size_t n);

#endif
