/* raster_rows.c: the rows of the table for what raster.c reads, and the previews in a PSD. */
#include "decode/raster.h"

#include "decode/extras.h"

/** Header, colour data and image resources of a PSD stand one behind the other, the latter two behind their lengths. */
#define PSD_HEADER 26

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void psd_extras(const uint8_t *data, size_t size, struct extras *extras)
{
    size_t at = PSD_HEADER;
    if (size < PSD_HEADER + 8 || be32(data + at) > size - at - 8)
        return;
    at += 4 + be32(data + at);
    size_t n = be32(data + at);
    at += 4;
    extras_photoshop(extras, data, size, at, n < size - at ? n : size - at);
}

#define ROW(word, row_type, list)                                                                                      \
    const struct decoder word##_decoder = {.type = row_type,                                                           \
                                           .name = #word,                                                              \
                                           .library = "libavcodec",                                                    \
                                           .version = raster_version,                                                  \
                                           .heavy = true,                                                              \
                                           .decode = raster_decode,                                                    \
                                           .extras = list}

ROW(psd, TYPE_PSD, psd_extras);
ROW(dds, TYPE_DDS, NULL);
ROW(pcx, TYPE_PCX, NULL);
ROW(tga, TYPE_TGA, NULL);
ROW(pnm, TYPE_PNM, NULL);
