/* sha256.h (private): SHA-256 of short things, a hundred thousand times a second: nothing is allocated. */
#ifndef HASH_SHA256_H
#define HASH_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256_part {
    const void *data;
    size_t n;
};

/** Of the parts, one behind the other. */
void sha256_parts(const struct sha256_part *parts, size_t n, uint8_t out[32]);

#endif
