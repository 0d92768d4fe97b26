/* item_peek.h: the few fields of an encoded item that say where it goes, without decoding the rest. */
#ifndef CORE_ITEM_PEEK_H
#define CORE_ITEM_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/status.h"

/** All borrowed from the encoding. */
struct item_peek {
    /** Encoding of its place. */
    const uint8_t *where;
    size_t where_len;
    /** It is a file of the host itself: then `name` is its path. */
    bool is_root;
    const uint8_t *name;
    size_t name_len;
    /** The word. */
    const uint8_t *type;
    size_t type_len;
    enum trawl_status status;
    /** Empty where there is none. */
    const uint8_t *detail;
    size_t detail_len;
    /** NULL: no digests. */
    const uint8_t *sha256;
    /** It is on a list. */
    bool listed;
};

/** False where the bytes do not begin as an item's do. */
bool item_peek(const uint8_t *bytes, size_t n, struct item_peek *out);

#endif
