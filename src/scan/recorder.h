/* recorder.h: where the line writes what it found: the journal of a case, or (trawl hash) a sorter that prints at the
 * end. */
#ifndef SCAN_RECORDER_H
#define SCAN_RECORDER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/sorter.h"
#include "journal/done.h"
#include "journal/identity.h"
#include "scan/hide.h"
#include "trawl/item.h"
#include "trawl/journal.h"

struct recorder {
    /** Of a case; NULL for trawl hash. */
    struct journal *journal;
    /** What earlier runs of the case did; read-only. */
    struct done_set *done;
    /** Of a shard: files that are not as the plan has them. Guarded by the lock. */
    struct done_set *stale;
    /** --minimise: what the journal must not say; NULL without. */
    const struct hide *hide;
    /** Of trawl hash. */
    struct sorter *sorter;
    /** Guards the sorter, and `stale`. */
    pthread_mutex_t lock;
    /** First -errno of an output; checked by the workers, who then stop. */
    int error;
};

/** How an item is taken up. */
enum begin_how { BEGIN_BESIDE_OTHERS, BEGIN_ALONE };

/** What earlier runs say of a place; NULL: nothing. `identity` may be NULL. *changed: it was done, but from another
 * file. */
const struct done_row *recorder_find(const struct recorder *recorder, const struct where *where,
                                     const struct identity *identity, bool *changed);
/** Says that an item is taken up. Alone: returns once that is durable. */
void recorder_begin(struct recorder *recorder, const struct where *where, enum begin_how how);
/** Says which file a container of the host is. */
void recorder_open(struct recorder *recorder, const struct where *where, const struct identity *identity);
/** The payload of an item's record. */
void recorder_item_encode(const struct recorder *recorder, const struct item *item, const struct identity *identity,
                          struct buf *payload);
/** Records an item's end. */
void recorder_item(struct recorder *recorder, const struct item *item, const struct identity *identity);
/** Copies an item's record out of another case's journal, and says so. Returns 0 or -errno. */
int recorder_copy(struct recorder *recorder, const struct journal_record *record);
/** Says that a tree of containers is cut. */
void recorder_cut(struct recorder *recorder, const struct where *where, enum limit_id limit, uint64_t allowed);
/** What a shard knows of a container of which it reads a share. */
void recorder_ranges(struct recorder *recorder, const struct buf *payload);
/** Says that a file is not as it was when the plan was made. */
void recorder_stale(struct recorder *recorder, const struct where *where);
void recorder_note(struct recorder *recorder, const char *text);
int recorder_error(struct recorder *recorder);

/** The place as the journal has it: hidden, or itself; a new reference. */
struct where *recorder_place(const struct recorder *recorder, const struct where *where);
/** The identity as the journal has it. */
void recorder_identity(const struct recorder *recorder, const struct identity *identity, struct identity *out);

/** 64 bits of an identity, never 0. */
uint64_t identity_short(const struct identity *identity);
/** True if an item's record is a copy out of an older case. */
bool recorder_is_reused(const struct journal_record *record);
/** The place that resuming and cut trees know a recorded item by: --minimise keeps it beside that of a finding. A new
 * reference. */
struct where *recorder_item_place(const struct journal_record *record, const struct item *item);
/** Reads a JOURNAL_ITEM payload: the identity, if it has one (ctime 0 where that was not written), and the item's
 * bytes. False where it is none. */
bool recorder_read_item(const struct journal_record *record, struct identity *identity, bool *has_identity,
                        const uint8_t **item, size_t *n);

#endif
