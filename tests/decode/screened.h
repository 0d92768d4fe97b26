/*
 * screened.h: the screening decoder and libjpeg beside each other, for its test and its fuzz target. The rows go to a
 * tape (tape.h). To be included first.
 */
#ifndef TESTS_DECODE_SCREENED_H
#define TESTS_DECODE_SCREENED_H

#define TAPE_PREFIX screen_tape
#include "tape.h"
#include "pictures.h"

#include "decode/jpeg_run.c"
#include "decode/jpeg_screen.c"
#include "decode/sink.c"

/* From here on jpeg.c is libjpeg alone. */
static bool never(struct jpeg_run *run, unsigned denominator)
{
    return run && !denominator;
}
static bool (*const own_screen)(struct jpeg_run *run, unsigned denominator) = jpeg_screen;
#undef jpeg_screen
#define jpeg_screen never
#include "decode/jpeg.c"

/** The sides that the screening decoder may be asked for; of progressive files an eighth alone. */
static inline bool may_be_screened(const struct jpeg_run *run, unsigned denominator)
{
    return run->cinfo.image_width * run->cinfo.image_height < 1 << 18 && jpeg_is_luma(&run->cinfo) &&
           (!run->multiscan || (denominator == 8 && first_scan_will_do(run, denominator)));
}

/** True if the screening decoder takes the file; its rows are on the tape then. */
static inline bool screened(const struct file_bytes *file, unsigned denominator)
{
    struct decode_request request = request_for(TYPE_JPEG, false);
    struct picture picture = {.request = &request, .data = file->data, .size = file->size};
    struct decode_result result;
    struct jpeg_run run;
    memset(&result, 0, sizeof(result));
    jpeg_run_init(&run, &picture, file->size, &result);
    tape.n = 0;
    bool good =
        jpeg_run_guard(&run, read_header) && may_be_screened(&run, denominator) && own_screen(&run, denominator);
    jpeg_run_free(&run);
    return good;
}

/** libjpeg alone at an eighth, of progressive files the first scan. */
static inline void read_eighth(struct jpeg_run *run)
{
    struct jpeg_decompress_struct *cinfo = &run->cinfo;
    cinfo->out_color_space = JCS_GRAYSCALE;
    cinfo->scale_denom = 8;
    cinfo->buffered_image = cinfo->progressive_mode;
    cinfo->do_block_smoothing = FALSE;
    jpeg_start_decompress(cinfo);
    if (cinfo->buffered_image)
        jpeg_start_output(cinfo, 1);
    open_sink(run);
    while (cinfo->output_scanline < cinfo->output_height) {
        JSAMPROW row = run->row;
        jpeg_read_scanlines(cinfo, &row, 1);
        sink_row(&run->sink, row);
    }
    read_end(run);
}

/** True if libjpeg has nothing to say of the file; its rows at an eighth are on the tape then. */
static inline bool plain_is_sound(const struct file_bytes *file)
{
    struct decode_request request = request_for(TYPE_JPEG, false);
    struct picture picture = {.request = &request, .data = file->data, .size = file->size};
    struct decode_result result;
    struct jpeg_run run;
    memset(&result, 0, sizeof(result));
    jpeg_run_init(&run, &picture, file->size, &result);
    tape.n = 0;
    bool good = jpeg_run_guard(&run, read_header) && jpeg_run_guard(&run, read_eighth) && !run.losses && !run.exhausted;
    jpeg_run_free(&run);
    return good;
}

/** The bytes on the tape, to be freed. */
static inline struct file_bytes tape_take(void)
{
    struct file_bytes taken = {tape.bytes, tape.n};
    tape.bytes = NULL;
    tape.n = 0;
    return taken;
}

#endif
