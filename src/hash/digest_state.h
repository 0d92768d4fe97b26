/* digest_state.h (private): what a message is between its blocks, and how it ends. */
#ifndef HASH_DIGEST_STATE_H
#define HASH_DIGEST_STATE_H

#include "simd/digest_kernels.h"
#include "trawl/digest.h"

/** Of MD5, SHA-1 and SHA-256, one behind the other. */
extern const uint32_t digest_initial[STATE_WORDS];

/** The last one or two blocks of a message of `size` bytes, of which `rest` has what fills no block. Returns how many.
 */
size_t digest_pad(uint8_t tail[2 * DIGEST_BLOCK], const uint8_t *rest, uint64_t size);
/** Word k of the final state is state[k * stride]. */
void digest_state_out(const uint32_t *state, size_t stride, enum digest_kind which, struct digests *out);

/** Whether a stream of these goes through the kernel for all three, not through OpenSSL. */
bool digest_fused_used(enum digest_kind which);
/** digest_start for some of the three: the others are neither computed nor written. */
void digest_start_kinds(struct digest_stream *stream, enum digest_kind which);

#endif
