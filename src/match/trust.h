/* trust.h: opens what decides over findings: lists and category maps. */
#ifndef MATCH_TRUST_H
#define MATCH_TRUST_H

#include <stddef.h>

/**
 * Opens a file that only this user or root can write: whoever may write a list may hide findings. Returns a descriptor,
 * or -1 with a sentence that begins with `shown`, the path for people.
 */
int trust_open(const char *path, const char *shown, char *why, size_t why_size);

#endif
