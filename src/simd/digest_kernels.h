/* digest_kernels.h: MD5, SHA-1 and SHA-256 of whole blocks: of many messages side by side, or of one. */
#ifndef SIMD_DIGEST_KERNELS_H
#define SIMD_DIGEST_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/digest.h"

/** A block of any of the three; how many lanes there are at most; where each one's words begin in a state. */
enum { DIGEST_BLOCK = 64, DIGEST_LANES = 16, STATE_MD5 = 0, STATE_SHA1 = 4, STATE_SHA256 = 9, STATE_WORDS = 17 };

/** Messages side by side: word k of the state of message i is state[k][i]. */
struct digest_lanes {
    _Alignas(64) uint32_t state[STATE_WORDS][DIGEST_LANES];
    const uint8_t *data[DIGEST_LANES];
};

/**
 * Takes `blocks` blocks from each data[i] into the states of `which` (the pointers stay). Bit i of `final`: the last of
 * these blocks is the last of message i, its length in bits in the last eight bytes as MD5 has it.
 */
typedef void digest_lanes_run(struct digest_lanes *lanes, size_t blocks, uint32_t final, enum digest_kind which);

/* Sixteen lanes, and eight. They do nothing on CPUs of another make; call none above the level of the CPU. */
digest_lanes_run digest_lanes_avx512;
digest_lanes_run digest_lanes_avx512_half;
digest_lanes_run digest_lanes_avx2;

/** Whether this CPU has the SHA extensions, and ANDN: what the rest asks for, with AVX2. */
bool digest_fused_present(void);
/* One message, and two. Always all three digests. */
digest_lanes_run digest_lanes_one;
digest_lanes_run digest_lanes_two;
/** One message; word k of its state is state[k * stride]. `final`: the last of these blocks ends it, as above. */
void digest_fused(uint32_t *state, size_t stride, const uint8_t *data, size_t blocks, bool final);

#endif
