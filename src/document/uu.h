/* uu.h (private): files that stand uuencoded in the text of a mail. */
#ifndef DOCUMENT_UU_H
#define DOCUMENT_UU_H

#include "document/deliver.h"

/** Delivers them as `prefix`NAME. */
void uu_deliver(struct delivery *out, const char *prefix, const uint8_t *p, size_t n);

#endif
