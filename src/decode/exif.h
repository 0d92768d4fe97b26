/* exif.h: the EXIF values that are recorded. */
#ifndef DECODE_EXIF_H
#define DECODE_EXIF_H

#include <stddef.h>
#include <stdint.h>

#include "trawl/decode.h"

/**
 * The orientation (1..8) in IFD0 of an EXIF block, which may begin with "Exif\0\0" or with the TIFF header; 0 where
 * there is none or the block is malformed. Reads n bytes at most; follows no other offset than that of IFD0.
 */
uint32_t exif_orientation(const uint8_t *block, size_t n);
/**
 * Camera and time out of IFD0 and the EXIF directory that it names; fields that are missing or malformed stay as they
 * are. Reads n bytes at most, and two directories.
 */
void exif_camera(const uint8_t *block, size_t n, struct camera *camera);
/** Both into a result, unless an earlier block has said them. */
void exif_read(const uint8_t *block, size_t n, struct decode_result *result);

#endif
