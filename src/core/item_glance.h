/* item_glance.h: which item an encoding is of, and what look-ups need of it, without taking it apart: nothing is
 * allocated. */
#ifndef CORE_ITEM_GLANCE_H
#define CORE_ITEM_GLANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/pdq.h"
#include "trawl/status.h"

/** All pointers are into the encoding. */
struct item_glance {
    /** It holds matches or the frames of a video: only item_decode takes them apart; what stands behind the first of
     * them is not told. */
    bool is_more;
    /** It is on a list. */
    bool listed;
    enum trawl_status status;
    /** For where_decode. */
    const uint8_t *where;
    size_t where_len;
    /** It is a file of the host itself: then `name` is its path. */
    bool is_root;
    const uint8_t *name;
    size_t name_len;
    /** The word. */
    const uint8_t *type;
    size_t type_len;
    /** Empty where there is none. */
    const uint8_t *detail;
    size_t detail_len;
    /** MD5, SHA-1, SHA-256 one behind the other; NULL without. */
    const uint8_t *digests, *sha256;
    /** PDQ_BYTES; NULL without. */
    const uint8_t *pdq;
    bool pdq_is_screen;
    int pdq_quality;
    /** struct picture_memory, where it was kept; the first hash turned, without itself; NULL without. */
    bool has_memory, exact_failed;
    int doubtful, first_quality;
    const uint8_t *turned;
};

/** False where the bytes are no item's as far as they were looked at; true says less than item_decode would. */
bool item_glance(const uint8_t *bytes, size_t n, struct item_glance *out);

#endif
