/* tiff_pages.h: how many pictures a TIFF holds, counted without reading them. */
#ifndef DECODE_TIFF_PAGES_H
#define DECODE_TIFF_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/limits.h"

/** What ends the chain of directories. */
enum tiff_chain { CHAIN_END, CHAIN_LOOP, CHAIN_CUT, CHAIN_LIMIT };

/**
 * Follows the chain of directories, classic or BigTIFF, in memory of a fixed size. `pages` is the number of those that
 * were seen, at most one more than LIMIT_TIFF_DIRECTORIES.
 */
enum tiff_chain tiff_pages(const uint8_t *data, size_t size, const struct limits *limits, uint64_t *pages);

/** tiff.c: decodes the directory at that offset. */
struct decode_request;
struct decode_result;
void tiff_page(const struct decode_request *request, const uint8_t *data, size_t size, uint64_t directory,
               struct decode_result *result);
/** tiff_extras.c: the pages behind the first, and what cameras and Photoshop put beside them. */
struct extras;
void tiff_extras(const uint8_t *data, size_t size, struct extras *extras);

#endif
