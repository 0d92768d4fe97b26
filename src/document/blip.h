/* blip.h (private): the pictures of Office's drawing records, wherever they stand in a stream. */
#ifndef DOCUMENT_BLIP_H
#define DOCUMENT_BLIP_H

#include "document/deliver.h"

/** Delivers all blips among n bytes as `path`/NUMBER.ENDING. Returns how many there are. */
uint64_t blip_deliver(struct delivery *out, const char *path, const uint8_t *p, size_t n);
/** The same for the records of an Excel stream, whose drawings are cut into pieces. */
uint64_t blip_deliver_excel(struct delivery *out, const char *path, const uint8_t *p, size_t n);
/** A bitmap without a file header, with one put before it. */
bool deliver_dib(struct delivery *out, struct parcel *parcel);
/** zlib's data, inflated, to be freed; NULL where it is none, or memory is missing. *size: how much; `most` at most. */
uint8_t *inflate_all(const uint8_t *p, size_t n, size_t most, size_t *size);

#endif
