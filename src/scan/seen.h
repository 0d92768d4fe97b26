/* seen.h: what decoding gave for contents that were met before in this run: the same picture is decoded once. */
#ifndef SCAN_SEEN_H
#define SCAN_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "trawl/decode.h"

/** 131,072 contents and about 20 MB at most; beyond that the newest replace others. */
#define SEEN_CONTENTS (1u << 17)
/** Extras take as much again at most: those that come later are asked for anew. */
#define SEEN_EXTRAS_BYTES (20u << 20)

struct seen;

/** `contents` is rounded up to a power of two. */
struct seen *seen_new(unsigned contents);
/** Takes NULL. */
void seen_free(struct seen *seen);
/** True if that content was decoded that way before: then *out is what came of it. Thread-safe. */
bool seen_find(struct seen *seen, const uint8_t sha256[32], bool exact, struct decode_result *out);
/** Remembers it. Thread-safe. */
void seen_add(struct seen *seen, const uint8_t sha256[32], bool exact, const struct decode_result *result);
/** The same for what the content holds beside its picture, from number `first` on. */
bool seen_find_extras(struct seen *seen, const uint8_t sha256[32], bool exact, uint32_t first,
                      struct decode_extras *out);
void seen_add_extras(struct seen *seen, const uint8_t sha256[32], bool exact, uint32_t first,
                     const struct decode_extras *extras);

#endif
