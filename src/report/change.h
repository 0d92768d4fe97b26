/* change.h: what scan --since says of files of the host: records of the journal, and what reports make of them. */
#ifndef REPORT_CHANGE_H
#define REPORT_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sorter.h"
#include "journal/identity.h"

struct buf;

/** Order is the journal's encoding: append only. */
enum change_kind {
    /** A content that was on a list in the older case already: 32 bytes SHA-256. All others are of files. */
    CHANGE_FOUND_BEFORE = 1,
    /** The older case has no line of it. */
    CHANGE_NEW,
    CHANGE_CHANGED,
    CHANGE_VANISHED,
    /** Nobody could look: a folder on the way to it could not be read. */
    CHANGE_UNREADABLE,
    /** Read again, though nothing had changed, and the same. */
    CHANGE_RECHECKED,
    /** Read again, and other bytes, though size and times say that nothing changed. */
    CHANGE_SILENT,
    CHANGE_KINDS
};

/** A file then, or now. */
struct change_state {
    bool known;
    uint64_t size;
    int64_t mtime, ctime;
    bool has_sha256;
    uint8_t sha256[32];
};

struct change {
    enum change_kind kind;
    /** Borrowed. CHANGE_FOUND_BEFORE: the digest. */
    const uint8_t *path;
    size_t path_len;
    struct change_state before, now;
};

/** The word for it ("changed"). */
const char *change_name(enum change_kind kind);
void change_encode(const struct change *change, struct buf *out);
/** False where the bytes are none. */
bool change_decode(const uint8_t *bytes, size_t n, struct change *out);
/** Its line in changes.jsonl. */
void change_json(const struct change *change, struct buf *out);

/** The older case, and what it was good for: JOURNAL_SINCE. */
struct since_info {
    /** As given; owned. */
    char *path;
    /** Its last link. */
    uint8_t chain[16];
    uint32_t recheck;
    /** Why nothing of it could be used; owned; empty where something could. */
    char *refused;
};

void since_info_encode(const struct since_info *info, struct buf *out);
bool since_info_decode(const uint8_t *bytes, size_t n, struct since_info *info);
void since_info_clear(struct since_info *info);

/** What a case says of changes, for its reports. */
struct since_told {
    struct since_info info;
    /** Adds every record of changes (change_encode) to a sorter, under whatever key. Returns 0 or -errno. */
    int (*records)(const void *context, int (*take)(void *to, const uint8_t *bytes, size_t n), void *to);
    const void *context;
    /** Files of the host whose lines are copies; counted while items pass. */
    uint64_t reused;
};

/** All changes of a case, in the order of paths. */
struct changes {
    struct sorter *files;
    /** Contents that were findings before, as verdicts are kept (verdict.h). */
    struct sorter *found;
    uint64_t n[CHANGE_KINDS];
    /** Silent changes, the first in the order of paths. */
    char *silent[8];
};

/** Reads them. Returns 0 or -errno. */
int changes_open(struct changes *changes, const struct since_told *told, int spill_dirfd, size_t memory);
struct verdicts;
/** Contents that were on a list before, in order; they are the caller's from now on. Returns 0 or -errno. */
int changes_found(struct changes *changes, struct verdicts *found);
struct output;
/** Counts them, and writes changes.jsonl; names only where `names`. Returns 0 or -errno. */
int changes_write(struct changes *changes, struct output *out, bool names);
void changes_free(struct changes *changes);

#endif
