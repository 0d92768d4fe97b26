/* embedded.h: the pictures inside a picture's file: thumbnails, previews, frames, pages; each becomes an item. */
#ifndef SCAN_EMBEDDED_H
#define SCAN_EMBEDDED_H

#include "scan/content.h"
#include "scan/examine.h"

/**
 * Examines and records what is in the picture that the worker has in its slot, and in the pictures inside that. Their
 * records are written before the picture's own: what is recorded is recorded with all inside. False where the run was
 * stopped meanwhile: the item says so.
 */
bool examine_embedded(struct content_view *view, struct work *work, struct item *item);
/** Asks for `count` of the extras of a picture, from `first` on. The caller frees them; NULL where the decoder came to
 * *end instead. */
struct decode_extras *embedded_list(struct worker *worker, const struct shown *shown, bool exact, uint32_t first,
                                    uint32_t count, struct decode_result *end);

#endif
