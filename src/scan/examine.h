/* examine.h: what is done with one item, from its bytes to all that its record says. */
#ifndef SCAN_EXAMINE_H
#define SCAN_EXAMINE_H

#include "scan/run.h"

/**
 * An item whose bytes are in a file of the host or in the worker's slot. Returns the container that took the item over,
 * with a reference for the caller, or NULL: then the item is complete.
 */
struct container *examine_bytes(struct worker *worker, struct work *work, struct item *item, struct identity *identity);
/** An item whose bytes passed by. */
void examine_streamed(struct worker *worker, struct work *work, struct item *item);
/** What a decoder is asked, but for the type. */
void picture_request(const struct worker *worker, struct decode_request *request, bool exact);
/** Decodes the picture in the worker's slot and matches its hash. */
void examine_picture(struct worker *worker, struct item *item);
#endif
