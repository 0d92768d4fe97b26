/*
 * hide.h: scan --minimise: what the journal knows of files on no list. Their place keeps its shape (source, kinds,
 * positions: what resuming, totals and cut trees need) and loses its names: the file of the host becomes a digest under
 * a key of the case, names inside containers go. The key lies beside the journal until the scan is complete; then
 * nobody can tell any more which file a digest stands for.
 */
#ifndef SCAN_HIDE_H
#define SCAN_HIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "journal/identity.h"
#include "trawl/item.h"
#include "trawl/report.h"

#define HIDE_KEY_FILE "minimise.key"

struct hide {
    uint8_t key[32];
    /** Borrowed: a hidden place still says out of which source it is. */
    char *const *sources;
    size_t n_sources;
};

/** Makes the key of a new case, or reads that of one that goes on. Returns 0 or -errno. */
int hide_open(struct hide *hide, int journal_dirfd, const struct case_info *info, bool resumed);
/** The scan is complete: removes the key. */
void hide_end(int journal_dirfd);

/** What stands for the file of the host that a place is in: "SOURCE/32 digits". */
void hide_root(const struct hide *hide, const struct where *where, struct buf *out);
/** The place without its names, in that file; a new reference. */
struct where *hide_under(const struct where *where, const void *root, size_t n);
/** Both. */
struct where *hide_place(const struct hide *hide, const struct where *where);
/** The same for the same file, and tells nothing of it without the key. */
void hide_identity(const struct hide *hide, const struct identity *identity, struct identity *out);
/** All of an item that totals need and nothing that names it; a new item, to be cleared. */
void hide_item(const struct hide *hide, const struct item *item, struct item *out);

#endif
