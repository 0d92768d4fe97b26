/*
 * raw.c: camera RAW that is no plain TIFF (CR2, CR3, RAF, ORF, RW2, MRW, X3F): the JPEGs that the camera put into it, a
 * preview of full size among them as a rule, each with its own bytes. What the sensor gave is not developed: no two
 * programs do it alike, so nobody has hashes of it.
 *
 * They are found by their bytes, not by the dozen layouts of makers: entropy-coded data cannot hold a start-of-image
 * marker, and what begins as a JPEG must lead through its markers to its end.
 */
#include <string.h>

#include "decode/extras.h"
#include "decode/jpeg_extent.h"
#include "decode/sink.h"

/** A smaller one is a thumbnail. */
#define PREVIEW_SIDE 400
/** Beginnings that lead nowhere: each costs a walk over its markers. */
#define MAX_FALSE 4096

static void raw_extras(const uint8_t *data, size_t size, struct extras *extras)
{
    const uint8_t *p = data, *end = data + size;
    for (unsigned wrong = 0; wrong < MAX_FALSE && !extras_full(extras);) {
        struct jpeg_extent extent;
        p = memmem(p, (size_t)(end - p), "\xff\xd8\xff", 3);
        if (!p)
            return;
        if (!jpeg_extent(p, (size_t)(end - p), &extent)) {
            p += 3;
            wrong++;
            continue;
        }
        bool large = extent.width >= PREVIEW_SIDE || extent.height >= PREVIEW_SIDE;
        if (!extent.lossless)
            extras_jpeg(extras, large ? EXTRA_PREVIEW : EXTRA_THUMBNAIL, data, size, (uint64_t)(p - data), extent.size);
        p += extent.size;
    }
}

static void raw_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                       struct decode_result *result)
{
    result->has_extras = extras_any(request, data, size, raw_extras);
    if (result->has_extras)
        decode_end(result, TRAWL_OK, "camera RAW: the previews in it are hashed, not what the sensor gave");
    else
        decode_end(result, TRAWL_UNSUPPORTED, "camera RAW without a preview");
}

const struct decoder raw_decoder = {
    .type = TYPE_RAW_PHOTO, .name = "raw", .library = "trawl", .decode = raw_decode, .extras = raw_extras};
