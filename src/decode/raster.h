/* raster.h: the reader of old picture formats; what of it is in trawl-readers only is declared weak. */
#ifndef DECODE_RASTER_H
#define DECODE_RASTER_H

#include "trawl/decode.h"

extern const struct decoder psd_decoder, dds_decoder, pcx_decoder, tga_decoder, pnm_decoder;

void raster_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                   struct decode_result *result) __attribute__((weak));
const char *raster_version(void) __attribute__((weak));

#endif
