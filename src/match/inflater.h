/* inflater.h: lists that are compressed (gzip, bzip2, xz, zstd), read as they are: bytes in, bytes out. */
#ifndef MATCH_INFLATER_H
#define MATCH_INFLATER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct inflater;

/** Where its bytes come from: like read(), -1 with errno. */
typedef ssize_t (*inflater_read)(void *context, void *out, size_t n);

/** True if a file begins as a stream of a kind that can be read. */
bool inflater_recognised(const uint8_t *head, size_t n);
/** `head` comes before what `read` gives; it is copied. */
struct inflater *inflater_new(const uint8_t *head, size_t n, inflater_read read, void *context);
void inflater_free(struct inflater *inflater);
/** Up to n bytes; 0 at the end; -1 with errno: EILSEQ where the stream is damaged or cut off. */
ssize_t inflater_get(struct inflater *inflater, void *out, size_t n);

#endif
