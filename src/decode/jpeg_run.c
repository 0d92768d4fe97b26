#include "decode/jpeg_run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <jerror.h>

#include "decode/exif.h"

#define MARKER_APP1 (JPEG_APP0 + 1)

static struct jpeg_run *run_of(j_common_ptr cinfo)
{
    return cinfo->client_data;
}

static struct jpeg_point point_here(const struct jpeg_run *run)
{
    const struct jpeg_decompress_struct *cinfo = &run->cinfo;
    return (struct jpeg_point){
        .scan = cinfo->input_scan_number, .row = cinfo->input_iMCU_row, .rows = cinfo->total_iMCU_rows};
}

static _Noreturn void stop(struct jpeg_run *run)
{
    longjmp(run->failed, 1);
}

static _Noreturn void stop_at_limit(struct jpeg_run *run, enum limit_id limit)
{
    run->limit = limit;
    stop(run);
}

void jpeg_run_no_memory(struct jpeg_run *run)
{
    stop_at_limit(run, LIMIT_DECODE_MEMORY);
}

/* Errors */

static void error_exit(j_common_ptr cinfo)
{
    struct jpeg_run *run = run_of(cinfo);
    run->fatal = cinfo->err->msg_code;
    if (run->fatal == JERR_OUT_OF_MEMORY || run->fatal == JERR_NO_BACKING_STORE)
        jpeg_run_no_memory(run);
    cinfo->err->format_message(cinfo, run->fatal_text);
    stop(run);
}

/** Warnings about things that take nothing from the picture. */
static bool warning_harmless(int code)
{
    return code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR || code == JWRN_NOT_SEQUENTIAL || code == JWRN_BOGUS_ICC;
}

static void emit_message(j_common_ptr cinfo, int level)
{
    struct jpeg_run *run = run_of(cinfo);
    if (level >= 0)
        return;
    cinfo->err->num_warnings++;
    if (limit_exceeded(&run->picture->request->limits, LIMIT_JPEG_WARNINGS, (uint64_t)cinfo->err->num_warnings))
        stop_at_limit(run, LIMIT_JPEG_WARNINGS);
    if (warning_harmless(cinfo->err->msg_code))
        return;
    if (!run->losses++) {
        run->loss = point_here(run);
        cinfo->err->format_message(cinfo, run->loss_text);
    }
    if (cinfo->err->msg_code == JWRN_HIT_MARKER && run->cinfo.unread_marker == JPEG_EOI && !run->end.scan)
        run->end = point_here(run);
}

static void output_message(j_common_ptr cinfo)
{
    (void)cinfo;
}

/** Called before each row of MCUs and each run of markers. Scans cost time without bytes: the bound is checked as they
 * come. */
static void progress_monitor(j_common_ptr cinfo)
{
    struct jpeg_run *run = run_of(cinfo);
    run->good = jpeg_run_position(run);
    if (limit_exceeded(&run->picture->request->limits, LIMIT_JPEG_SCANS, (uint64_t)run->cinfo.input_scan_number))
        stop_at_limit(run, LIMIT_JPEG_SCANS);
}

/* Source */

static void source_nothing(j_decompress_ptr cinfo)
{
    (void)cinfo;
}

/**
 * Behind the last byte libjpeg gets an end-of-image marker, as its own sources do, so that it gives what it has; but it
 * is on record. The Huffman decoder looks ahead and says itself when bits were really missing; the arithmetic one takes
 * the missing bytes for zeros and says nothing.
 */
static boolean source_fill(j_decompress_ptr cinfo)
{
    static const JOCTET end[2] = {0xFF, JPEG_EOI};
    struct jpeg_run *run = run_of((j_common_ptr)cinfo);
    if (cinfo->arith_code && !run->exhausted && !run->end.scan && cinfo->input_iMCU_row < cinfo->total_iMCU_rows)
        run->end = point_here(run);
    run->exhausted = true;
    cinfo->src->next_input_byte = end;
    cinfo->src->bytes_in_buffer = sizeof(end);
    return TRUE;
}

static void source_skip(j_decompress_ptr cinfo, long n)
{
    if (n <= 0)
        return;
    if ((size_t)n > cinfo->src->bytes_in_buffer) {
        source_fill(cinfo);
        return;
    }
    cinfo->src->next_input_byte += n;
    cinfo->src->bytes_in_buffer -= (size_t)n;
}

/** APP1 in place: saving it (jpeg_save_markers) would copy every one of a file full of them. */
static boolean read_app1(j_decompress_ptr cinfo)
{
    struct jpeg_run *run = run_of((j_common_ptr)cinfo);
    struct jpeg_source_mgr *source = cinfo->src;
    const uint8_t *p = source->next_input_byte;
    size_t n = source->bytes_in_buffer;
    if (n < 2) {
        source_fill(cinfo);
        return TRUE;
    }
    size_t length = (size_t)p[0] << 8 | p[1];
    size_t there = length < n ? length : n;
    if (there > 8 && memcmp(p + 2, "Exif\0", 5) == 0)
        exif_read(p + 2, there - 2, run->result);
    source_skip(cinfo, length < 2 ? 2 : (long)length);
    return TRUE;
}

size_t jpeg_run_position(const struct jpeg_run *run)
{
    if (run->exhausted)
        return run->size;
    return run->size - run->source.bytes_in_buffer - (run->cinfo.unread_marker ? 2 : 0);
}

/* The run */

void jpeg_run_init(struct jpeg_run *run, const struct picture *picture, size_t size, struct decode_result *result)
{
    memset(run, 0, sizeof(*run));
    run->picture = picture;
    run->result = result;
    run->size = size;
    run->cinfo.err = jpeg_std_error(&run->errors);
    run->cinfo.client_data = run;
    run->errors.error_exit = error_exit;
    run->errors.emit_message = emit_message;
    run->errors.output_message = output_message;
    run->source = (struct jpeg_source_mgr){.next_input_byte = picture->data,
                                           .bytes_in_buffer = size,
                                           .init_source = source_nothing,
                                           .fill_input_buffer = source_fill,
                                           .skip_input_data = source_skip,
                                           .resync_to_restart = jpeg_resync_to_restart,
                                           .term_source = source_nothing};
    run->progress.progress_monitor = progress_monitor;
}

bool jpeg_run_guard(struct jpeg_run *run, void (*step)(struct jpeg_run *run))
{
    if (setjmp(run->failed))
        return false;
    step(run);
    return true;
}

void jpeg_run_create(struct jpeg_run *run)
{
    uint64_t memory = run->picture->request->limits.value[LIMIT_DECODE_MEMORY];
    jpeg_create_decompress(&run->cinfo);
    run->cinfo.src = &run->source;
    run->cinfo.progress = &run->progress;
    /* Bounds the coefficients of a progressive file where RLIMIT_AS does not (and overrides JMEMMEM of the
     * environment). */
    run->cinfo.mem->max_memory_to_use = memory < LONG_MAX ? (long)memory : LONG_MAX;
    jpeg_set_marker_processor(&run->cinfo, MARKER_APP1, read_app1);
}

void jpeg_run_free(struct jpeg_run *run)
{
    jpeg_destroy_decompress(&run->cinfo);
    sink_free(&run->sink);
    free(run->row);
    free(run->rgb);
}
