/* digest.h: MD5, SHA-1 and SHA-256: of one stream in one pass, or of many buffers at once. */
#ifndef TRAWL_DIGEST_H
#define TRAWL_DIGEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digests {
    uint8_t md5[16];
    uint8_t sha1[20];
    uint8_t sha256[32];
};

/** Which of them: any sum. */
enum digest_kind {
    DIGEST_MD5 = 1,
    DIGEST_SHA1 = 2,
    DIGEST_SHA256 = 4,
    DIGEST_ALL = DIGEST_MD5 | DIGEST_SHA1 | DIGEST_SHA256
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

/** A whole file in memory. */
struct digest_job {
    /** No alignment is asked; may be NULL where size is 0. */
    const uint8_t *data;
    size_t size;
    struct digests *out;
};

/** What digest_many keeps between calls. One owner at a time. */
struct digest_context;

struct digest_context *digest_context_new(void);
void digest_context_free(struct digest_context *context);
/**
 * Hashes n buffers at once, in lanes where the CPU and the SIMD level have them: the more buffers of like size there
 * are, up to 16, the less each costs; more than that fill the lanes that fall free. Of each `out` only what `which`
 * asks for is written. Where `stop` (may be NULL) becomes true, ends within some milliseconds and returns false: any of
 * the outputs may then be unwritten.
 */
bool digest_many(struct digest_context *context, const struct digest_job *jobs, size_t n, enum digest_kind which,
                 const atomic_bool *stop);

#endif
