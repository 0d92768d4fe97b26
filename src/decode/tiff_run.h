/* tiff_run.h: what the parts of the TIFF decoder share. */
#ifndef DECODE_TIFF_RUN_H
#define DECODE_TIFF_RUN_H

#include "decode/sink.h"

#include <tiffio.h>

/** One pass over one picture; libtiff's client handle. */
struct tiff_run {
    const struct picture *picture;
    struct decode_result *result;
    TIFF *tif;
    uint64_t at;
    /** Zeros behind the last byte. */
    uint64_t padding;
    /** Reads that met the padding; errors; the first of them since the samples are read. */
    uint64_t padded, errors;
    char text[96];
    uint32_t width, height;
    /** One row of RGB. Owned. */
    uint8_t *rgb;
    /** Rows that decoded, and those of which there is nothing to show. */
    uint32_t rows, lost;
    struct sink sink;
};

/** Bytes that libtiff gives for a strip or tile, in one plane. At most 2^60. */
uint64_t tiff_block_bytes(struct tiff_run *run);
/** Rows of a strip or tile, at most those of the picture. */
uint32_t tiff_block_rows(struct tiff_run *run);
/** Begins to read samples: zeros stand behind the file, errors count from now on. False where memory is missing. */
bool tiff_begin(struct tiff_run *run);
/** The row in run->rgb goes on. */
void tiff_put_row(struct tiff_run *run);
/** Notes that of a band of `rows` rows `came` were put; black ones take the place of the others. */
void tiff_end_band(struct tiff_run *run, uint32_t came, uint32_t rows);

/** tiff_samples.c: reads grey, RGB, palettes and CMYK of any depth. False where the picture is none of these. */
bool tiff_read_samples(struct tiff_run *run);
/** tiff_render.c: everything that libtiff's own renderer reads. False with the status set where it does not. */
bool tiff_read_rendered(struct tiff_run *run);

#endif
