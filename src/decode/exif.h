/* exif.h: the one EXIF value that is recorded. */
#ifndef DECODE_EXIF_H
#define DECODE_EXIF_H

#include <stddef.h>
#include <stdint.h>

/**
 * The orientation (1..8) in IFD0 of an EXIF block, which may begin with "Exif\0\0" or with the TIFF header; 0 where
 * there is none or the block is malformed. Reads n bytes at most; follows no other offset than that of IFD0.
 */
uint32_t exif_orientation(const uint8_t *block, size_t n);

#endif
