/* digest_key.h: 16 bytes that stand for any number of them, so that sorters hold short keys. */
#ifndef REPORT_DIGEST_KEY_H
#define REPORT_DIGEST_KEY_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_KEY 16

/** The first half of SHA-256. */
void digest_key(const void *data, size_t n, uint8_t out[DIGEST_KEY]);

#endif
