/* embedded_exif.c: the thumbnail in the second directory of an EXIF block: a JPEG, or samples as they are. */
#include <string.h>

#include "decode/extras.h"
#include "decode/ifd.h"
#include "decode/sink.h"

#define COMPRESSION_NONE 1
#define PHOTOMETRIC_RGB  2
/** EXIF thumbnails are 160 x 120; none is larger than this. */
#define RAW_SIDE_MAX 4096

/** Samples of 8 bits, RGB, in one strip. */
static void raw_thumbnail(struct extras *extras, const struct ifd_file *file, uint64_t at)
{
    uint64_t width = ifd_get(file, at, IFD_WIDTH, 0), height = ifd_get(file, at, IFD_HEIGHT, 0);
    uint64_t from = ifd_get(file, at, IFD_STRIP_OFFSETS, 0);
    if (!width || !height || width > RAW_SIDE_MAX || height > RAW_SIDE_MAX || !from || from > file->size)
        return;
    struct decode_extra *extra = extras_count(extras, EXTRA_THUMBNAIL, 1);
    if (!extra)
        return;
    extra->result.width = (uint32_t)width;
    extra->result.height = (uint32_t)height;
    struct canvas canvas = {(uint32_t)width, (uint32_t)height, 3, (size_t)width * 3, file->data + from};
    if (ifd_get(file, at, IFD_PHOTOMETRIC, 0) != PHOTOMETRIC_RGB || ifd_get(file, at, IFD_SAMPLES, 0) != 3 ||
        ifd_get(file, at, IFD_BITS, 8) != 8)
        decode_end(&extra->result, TRAWL_UNSUPPORTED, "a thumbnail of samples that are not 8-bit RGB");
    else if (file->size - from < canvas.stride * canvas.height)
        decode_end(&extra->result, TRAWL_DAMAGED, "premature end of data");
    else
        canvas_hash(extras->request, &canvas, &extra->result);
}

void extras_exif(struct extras *extras, const uint8_t *data, size_t size, size_t at, size_t n)
{
    struct ifd_file file;
    uint64_t first;
    if (n >= 6 && memcmp(data + at, "Exif\0", 5) == 0) {
        at += 6;
        n -= 6;
    }
    if (!ifd_open(&file, data + at, n, &first))
        return;
    uint64_t second = ifd_next(&file, first);
    if (!second || second == first)
        return;
    uint64_t offset = ifd_get(&file, second, IFD_JPEG_OFFSET, 0), bytes = ifd_get(&file, second, IFD_JPEG_BYTES, 0);
    if (offset && bytes && offset < n) {
        /* Some writers count the bytes up to the end of what they padded. */
        uint64_t left = n - offset;
        extras_jpeg(extras, EXTRA_THUMBNAIL, data, size, at + offset, bytes < left ? bytes : left);
    } else if (ifd_get(&file, second, IFD_COMPRESSION, 0) == COMPRESSION_NONE) {
        raw_thumbnail(extras, &file, second);
    }
}
