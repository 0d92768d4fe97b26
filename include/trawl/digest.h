/* digest.h: MD5, SHA-1 and SHA-256 of one stream in one pass. */
#ifndef TRAWL_DIGEST_H
#define TRAWL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct digests {
    uint8_t md5[16];
    uint8_t sha1[20];
    uint8_t sha256[32];
};

/** A stream being hashed. One owner at a time; reusable after digest_finish. */
struct digest_stream;

/** Never NULL: memory that is missing ends the program (alloc.h). */
struct digest_stream *digest_new(void);
void digest_free(struct digest_stream *stream);
/** Forgets what was fed; must be called before the first digest_update of each file. */
void digest_start(struct digest_stream *stream);
void digest_update(struct digest_stream *stream, const void *data, size_t n);
void digest_finish(struct digest_stream *stream, struct digests *out);
/** All three of one buffer. */
void digest_buffer(const void *data, size_t n, struct digests *out);

#endif
