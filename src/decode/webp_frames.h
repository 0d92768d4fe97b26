/* webp_frames.h: what is in a WebP beside its first frame. */
#ifndef DECODE_WEBP_FRAMES_H
#define DECODE_WEBP_FRAMES_H

#include <stddef.h>
#include <stdint.h>

struct extras;

void webp_extras(const uint8_t *data, size_t size, struct extras *extras);

#endif
