/* content.h: the bytes of an item, wherever they are, read through one function. */
#ifndef SCAN_CONTENT_H
#define SCAN_CONTENT_H

#include "scan/evidence.h"
#include "scan/probe.h"
#include "scan/run.h"
#include "scan/text.h"

struct content_view {
    struct worker *worker;
    /** Set: the whole item is here. */
    const uint8_t *map;
    /** Else it is read from here. */
    struct evidence evidence;
    uint64_t size;
    /** Fed by content_digest. */
    struct text_probe probe;
    /** Looks for beginnings of other files while the bytes are digested. */
    struct probe magics;
};

/** Opens a view of a work's bytes (CONTENT_FILE or CONTENT_SLOT). */
void content_open(struct content_view *view, struct worker *worker, const struct work *work);
void content_close(struct content_view *view);
/** n bytes at offset: a pointer into the map, or into the worker's block (n at most BLOCK_SIZE). *got: how many there
 * are. */
const uint8_t *content_at(struct content_view *view, uint64_t offset, size_t n, size_t *got);
/** True if a zip at the end of such a file is a second file in it. A tar or a disk image may just end with a member
 * that is one. */
bool content_may_hide_zip(enum file_type type);
/** What the bytes are; and whether a zip ends them. */
enum file_type content_sniff(struct content_view *view, bool *zip_tail);
/** Feeds all bytes to the worker's digests. Returns false if the run was stopped meanwhile. */
bool content_digest(struct content_view *view, struct digests *out);
/** The same look, at bytes that were digested before and are in memory. */
void content_probe(struct content_view *view);
/** Loads a file of the host into the worker's slot, so that a decoder can be shown it; the view is then of the slot.
 * Returns 0 or -errno. */
int content_load(struct content_view *view);
/** Copies an item that waited in a hand into the worker's slot, for the same. */
void content_show(struct content_view *view);

#endif
