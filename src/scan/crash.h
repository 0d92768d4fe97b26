/*
 * crash.h: if the main process itself crashes, the item in hand is written down first, so that an item which does it
 * again is known and set aside. An item in flight when the power failed or somebody sent SIGKILL is not accused.
 */
#ifndef SCAN_CRASH_H
#define SCAN_CRASH_H

#include <stddef.h>
#include <stdint.h>

struct where;

/** Installs the handlers; `journal_dirfd` takes the file `crashes.log`. */
void crash_install(int journal_dirfd);
/** Removes them. */
void crash_remove(void);
/** This thread has an item in hand; NULL: none. Keeps a copy. */
void crash_item(const struct where *where);
/** Frees what crash_item keeps of this thread. */
void crash_thread_end(void);
/** Calls back for each item written down. Returns the number of broken records. */
uint64_t crash_read(int journal_dirfd, void (*found)(void *context, const struct where *where), void *context);

#endif
