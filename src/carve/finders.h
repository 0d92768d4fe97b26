/* finders.h (private): one finder for each format, by families. */
#ifndef CARVE_FINDERS_H
#define CARVE_FINDERS_H

#include "carve/carve.h"

/** A magic of that many bytes, `before` bytes behind the beginning. */
#define FINDER_MAGIC(text, before) .magic = text, .magic_len = sizeof(text) - 1, .back = before

extern const struct finder jpeg_finder, png_finder, gif_finder, riff_finder, bmp_finder;
extern const struct finder film_finder, jp2_finder, jxl_finder, j2k_finder;
extern const struct finder tiff_little_finder, tiff_big_finder, bigtiff_little_finder, bigtiff_big_finder;
extern const struct finder mkv_finder, asf_finder, flv_finder;
extern const struct finder zip_finder, sevenzip_finder, pdf_finder;

/** Length of the JPEG 2000 codestream at `start`; more than there is room for where it does not end (j2k.c). */
uint64_t codestream_length(struct measure *m, uint64_t start);

#endif
