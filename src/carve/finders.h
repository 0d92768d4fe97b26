/* finders.h (private): one finder for each format, by families. */
#ifndef CARVE_FINDERS_H
#define CARVE_FINDERS_H

#include "carve/carve.h"

/** A magic of that many bytes, `before` bytes behind the beginning. */
#define FINDER_MAGIC(text, before) .magic = text, .magic_len = sizeof(text) - 1, .back = before

/** jpeg.c */
extern const struct finder jpeg_finder;
/** png.c */
extern const struct finder png_finder;

#endif
