/* hex.h: hexadecimal digits of either case. */
#ifndef MATCH_HEX_H
#define MATCH_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Number of hex digits that the text begins with. */
size_t hex_span(const uint8_t *text, size_t n);
/** Decodes 2 * n_bytes digits. False where one of them is none. */
bool hex_decode(const uint8_t *text, uint8_t *out, size_t n_bytes);

/** 1 for yes, 0 for no, as tools write truths (true 1 yes y), -1 for anything else. */
int text_truth(const uint8_t *text, size_t n);

#endif
