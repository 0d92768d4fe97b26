/* heif_parts.h: the pictures of a HEIF beside the primary one. */
#ifndef DECODE_HEIF_PARTS_H
#define DECODE_HEIF_PARTS_H

#include <libheif/heif.h>

#include "trawl/decode.h"

struct extras;

/** A part's handle: the primary picture's where it is 0. The caller releases it. */
struct heif_error heif_part_handle(struct heif_context *context, uint64_t part, struct heif_image_handle **out);
/** True if there may be anything beside the primary picture. */
bool heif_has_extras(struct heif_context *context, const struct heif_image_handle *primary);
void heif_extras(const uint8_t *data, size_t size, struct extras *extras);

/** heif.c: decodes a part. */
void heif_part_decode(const struct decode_request *request, const uint8_t *data, size_t size, uint64_t part,
                      struct decode_result *result);

#endif
