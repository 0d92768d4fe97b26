/* screen_edit.h: ordinary edits of a JPEG, in memory: decoded, changed, encoded again. */
#ifndef BENCH_SCREEN_EDIT_H
#define BENCH_SCREEN_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EDITS 10u

struct bytes {
    uint8_t *data;
    size_t size;
};

struct picture_rgb {
    uint32_t width, height;
    uint8_t *rgb;
};

bool edit_read(const char *path, struct bytes *out);
/** False where libjpeg gives no RGB; out->rgb is to be freed all the same. */
bool edit_open(const struct bytes *file, struct picture_rgb *out);
/** Variant number `edit`, to be freed; data is NULL where the picture would be too small. */
struct bytes edit_make(const struct picture_rgb *original, unsigned edit);

#endif
