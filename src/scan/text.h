/* text.h: whether a text is worth a reader's child. */
#ifndef SCAN_TEXT_H
#define SCAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/type.h"

/** Looks for files in base64 in a text that comes in pieces. */
struct text_probe {
    /** It is a text that nobody reads otherwise. */
    bool wanted;
    bool found;
    /** The last bytes of the piece before. */
    uint8_t n, seam[24];
};

/** `head`: the first bytes of a file of that type. */
void text_probe_init(struct text_probe *probe, enum file_type type, const uint8_t *head, size_t n);
void text_probe_add(struct text_probe *probe, const uint8_t *p, size_t n);
/** True if a document of that type, whole at p, holds nothing that its reader would find: a mail of one text, a vCard
 * without a picture. */
bool text_is_plain(enum file_type type, const uint8_t *p, size_t n);

#endif
