/* ahead.h: the pictures of a hand, decoded before anybody takes them out of it. */
#ifndef SCAN_AHEAD_H
#define SCAN_AHEAD_H

#include "scan/run.h"

/**
 * Decodes what is a picture among n works whose bytes and digests are there, several in a round trip to the decoder,
 * and remembers what comes (seen.h). Small pictures take less time than going to another process and back. What fails
 * is left for examine_picture, which asks for each by itself.
 */
void decode_ahead(struct worker *worker, const struct work *works, unsigned n);

#endif
