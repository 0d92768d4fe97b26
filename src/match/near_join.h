/* near_join.h: which of very many hashes are near any of a list: several times faster than asking for each. */
#ifndef MATCH_NEAR_JOIN_H
#define MATCH_NEAR_JOIN_H

#include "match/near.h"

/** Hashes of one call at the most; 36 bytes each are needed beside them. */
#define NEAR_JOIN_MAX (1u << 20)
/** Fewer are asked for one by one: what a join costs hangs on the list, not on them, until they are many. */
#define NEAR_JOIN_MIN (1u << 14)

/** Sets near[i] where query i is within `radius` bits of a key; leaves the others as they are. What is set already is
 * not looked for. */
void near_join(const struct near *keys, const uint8_t (*queries)[PDQ_BYTES], size_t n, int radius, bool *near);

#endif
