/*
 * index.h: the compiled index file: a header, then the sections of a part, each at a multiple of 64 bytes.
 *
 * The header names offset, size and SHA-256 of every section and ends with the SHA-256 of itself, which so names the
 * whole file. Opening reads the header alone; numbers are those of the machine that wrote it (the header's mark says
 * which).
 */
#ifndef MATCH_INDEX_H
#define MATCH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/part.h"

#define INDEX_VERSION 4
/** Files up to this size are checked in full when they are opened (10 ms); larger ones by `trawl list info`. */
#define INDEX_CHECK_MAX (UINT64_C(16) << 20)

/** True if a file begins as an index does, of any version. */
bool index_recognised(const uint8_t *head, size_t n);
/** Maps an index. Returns NULL, or why it cannot be used; the part is then empty. `check`: read and check all of it. */
const char *index_open(int fd, struct part *part, bool check);
/** Compares every section of a mapped part with its checksum: NULL, or what is wrong. */
const char *index_check(const struct part *part);
/** Writes a new file beside `path` and renames it into place. Returns 0 or -errno. */
int index_write(const struct part *part, const char *path);

#endif
