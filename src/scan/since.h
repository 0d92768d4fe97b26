/*
 * since.h: scan --since: what an older case says of files that have not changed is copied, not found out again.
 *
 * Three steps: the older journal is read once (old_case.h); the walk asks the file system about each file, and opens
 * none that is the one of then; behind the line, the records of those files are copied. So a case stands alone, and is
 * what a full scan would have made of it. Whatever is in doubt is read again.
 */
#ifndef SCAN_SINCE_H
#define SCAN_SINCE_H

#include <stdbool.h>

#include "journal/identity.h"
#include "trawl/item.h"
#include "trawl/walk.h"

struct run;
struct since;
struct case_folder;
struct run_mark;

/**
 * Opens the older case that the options name and reads its journal; writes into the run's own what it is. Returns 0 or
 * an exit status, with words on stderr. Where there is none to go on from, *out is NULL.
 */
int since_open(struct run *run, struct case_folder *folder, bool resumed, const struct run_mark *mark,
               struct since **out);
/** The walk begins with a source. */
void since_source(struct since *since, const char *source);
/** What the walk met: true if nothing is left to do about it. Called by one worker at a time. */
bool since_met(struct since *since, const struct walk *walk, const struct walk_entry *entry);
/** The line of a file of the host is about to be written: compares it with that of then. Any thread. */
void since_item(struct since *since, const struct item *item, const struct identity *identity);
/** Nothing more is met: the walk came to its end, or (`whole` is false) was stopped. */
void since_walked(struct since *since, bool whole);
/** From now on, what is kept is copied beside the walk, on a thread of its own, as far as that has come. */
void since_copy_begin(struct since *since);
/** Behind the line: ends that; copies the rest, says what is gone. Counts verdicts in `folder`. Returns 0 or -errno. */
int since_copy(struct since *since, struct case_folder *folder);
/** Takes NULL. */
void since_close(struct since *since);

#endif
