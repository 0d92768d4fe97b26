/*
 * png.c: PNG by libpng. Every colour type and depth becomes 8-bit grey or RGB; what is transparent shows white behind
 * it. No gamma, no colour management: the reference has none. Of an animation only its default image is read.
 */
#include "decode/sink.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "decode/extras.h"
#include "decode/png_chunks.h"

/** One pass of libpng over one picture. Everything that must be freed hangs here, so that a longjmp loses nothing. */
struct png_run {
    png_structp png;
    png_infop info;
    jmp_buf failed;
    const struct picture *picture;
    struct decode_result *result;
    struct png_chunks chunks;
    struct sink sink;
    uint32_t width, height;
    /** Samples of a pixel as libpng gives them: grey, grey + alpha, RGB, RGBA. */
    unsigned channels;
    /** One row, or all of an interlaced picture; one row of RGB where it has to be made. Owned. */
    uint8_t *pixels, *rgb;
    /** Rows that have at least a coarse content. */
    uint32_t rows;
    /** libpng asked for bytes beyond the last one. */
    bool exhausted;
    bool no_memory;
    /** Its first warning that matters, its last one that does not, the error that ended the run; or empty. */
    char warning[96], remark[96], fatal[96];
};

static _Noreturn void stop(struct png_run *run, const char *why)
{
    snprintf(run->fatal, sizeof(run->fatal), "%s", why);
    longjmp(run->failed, 1);
}

static void on_error(png_structp png, png_const_charp text)
{
    stop(png_get_error_ptr(png), text);
}

/** Bytes too many take nothing from the picture. */
static bool warning_harmless(const char *text)
{
    return strstr(text, "Extra compressed data") || strstr(text, "Too much image data");
}

static void on_warning(png_structp png, png_const_charp text)
{
    struct png_run *run = png_get_error_ptr(png);
    if (warning_harmless(text))
        snprintf(run->remark, sizeof(run->remark), "%s", text);
    else if (!run->warning[0])
        snprintf(run->warning, sizeof(run->warning), "%s", text);
}

static void on_read(png_structp png, png_bytep out, size_t n)
{
    struct png_run *run = png_get_io_ptr(png);
    if (png_chunks_read(&run->chunks, out, n) == n)
        return;
    run->exhausted = true;
    stop(run, "premature end of data");
}

static png_voidp on_malloc(png_structp png, png_alloc_size_t n)
{
    struct png_run *run = png_get_mem_ptr(png);
    void *p = malloc(n);
    if (!p)
        run->no_memory = true;
    return p;
}

static void on_free(png_structp png, png_voidp p)
{
    (void)png;
    free(p);
}

static bool guard(struct png_run *run, void (*step)(struct png_run *run))
{
    if (setjmp(run->failed))
        return false;
    step(run);
    return true;
}

static void *run_alloc(struct png_run *run, size_t n, size_t size)
{
    size_t bytes;
    void *p = NULL;
    if (!__builtin_mul_overflow(n, size, &bytes) &&
        !limit_exceeded(&run->picture->request->limits, LIMIT_DECODE_MEMORY, bytes))
        p = calloc(1, bytes ? bytes : 1);
    if (!p) {
        run->no_memory = true;
        stop(run, "out of memory");
    }
    return p;
}

static void read_header(struct png_run *run)
{
    run->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, run, on_error, on_warning, run, on_malloc, on_free);
    run->info = run->png ? png_create_info_struct(run->png) : NULL;
    if (!run->info) {
        run->no_memory = true;
        stop(run, "out of memory");
    }
    png_set_read_fn(run->png, run, on_read);
    /* LIMIT_PIXELS decides; libpng's own bound of a million to a side would refuse strips that are no danger. */
    png_set_user_limits(run->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_benign_errors(run->png, 1);
    png_set_crc_action(run->png, PNG_CRC_WARN_USE, PNG_CRC_WARN_USE);
    /* Some writers declare a window smaller than the one they use. */
    png_set_option(run->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
    png_read_info(run->png, run->info);
    run->width = png_get_image_width(run->png, run->info);
    run->height = png_get_image_height(run->png, run->info);
}

static void rgb_from_grey_alpha(uint8_t *rgb, const uint8_t *in, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++, in += 2, rgb += 3)
        rgb[0] = rgb[1] = rgb[2] = decode_over_white(in[0], in[1]);
}

static void put_row(struct png_run *run, const uint8_t *row)
{
    if (run->channels == 2)
        rgb_from_grey_alpha(run->rgb, row, run->width);
    else if (run->channels == 4)
        decode_flatten(run->rgb, row, run->width);
    sink_row(&run->sink, run->rgb ? run->rgb : row);
}

static void read_streamed(struct png_run *run, size_t row_bytes)
{
    run->pixels = run_alloc(run, 1, row_bytes);
    for (uint32_t y = 0; y < run->height; y++) {
        png_read_row(run->png, run->pixels, NULL);
        put_row(run, run->pixels);
        run->rows = y + 1;
    }
}

/** Each pass fills the blocks that later ones refine, so that a cut file shows a coarse picture, not a sparse one. */
static void read_interlaced(struct png_run *run, size_t row_bytes, int passes)
{
    run->pixels = run_alloc(run, run->height, row_bytes);
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t y = 0; y < run->height; y++) {
            png_read_row(run->png, NULL, run->pixels + y * row_bytes);
            if (pass == 0)
                run->rows = y + 1;
        }
    }
}

static void read_rows(struct png_run *run)
{
    png_set_expand(run->png);
    png_set_scale_16(run->png);
    int passes = png_set_interlace_handling(run->png);
    png_read_update_info(run->png, run->info);
    size_t row_bytes = png_get_rowbytes(run->png, run->info);
    run->channels = png_get_channels(run->png, run->info);
    if (run->channels == 2 || run->channels == 4)
        run->rgb = run_alloc(run, run->width, 3);
    if (!sink_begin(&run->sink, run->picture, run->width, run->height, run->channels == 1 ? 1 : 3)) {
        run->no_memory = true;
        stop(run, "out of memory");
    }
    if (passes == 1)
        read_streamed(run, row_bytes);
    else
        read_interlaced(run, row_bytes, passes);
}

/** Reads on to IEND: checksums and leftovers tell of corrupt data. */
static void read_end(struct png_run *run)
{
    png_read_end(run->png, NULL);
}

static void put_interlaced(struct png_run *run)
{
    size_t row_bytes = (size_t)run->width * run->channels;
    for (uint32_t y = 0; y < run->rows; y++)
        put_row(run, run->pixels + y * row_bytes);
}

static void end_without_rows(struct png_run *run)
{
    const struct png_chunks *chunks = &run->chunks;
    if (chunks->broken[0])
        decode_end(run->result, TRAWL_DAMAGED, "no picture data; chunk %s claims more bytes than there are",
                   chunks->broken);
    else
        decode_end(run->result, TRAWL_DAMAGED, "no row decodes: %s", run->fatal);
}

/** `whole`: all pixels came. */
static void end_with_rows(struct png_run *run, bool whole)
{
    struct decode_result *result = run->result;
    if (!whole && run->rows < run->height)
        decode_end(result, TRAWL_PARTIAL, "%s after %u %% of the rows", run->fatal,
                   decode_percent(run->rows, run->height));
    else if (!whole)
        decode_end(result, TRAWL_PARTIAL, "%s; the picture is there, but coarse", run->fatal);
    else if (run->warning[0])
        decode_end(result, TRAWL_PARTIAL, "%s", run->warning);
    else if (run->chunks.unknown[0])
        decode_end(result, TRAWL_PARTIAL, "unknown critical chunk %s", run->chunks.unknown);
    else if (run->exhausted)
        decode_end(result, TRAWL_OK, "the file ends without an IEND chunk");
    else if (run->fatal[0])
        decode_end(result, TRAWL_PARTIAL, "broken behind the last row: %s", run->fatal);
    else
        decode_end(result, TRAWL_OK, "%s", run->remark);
}

static void read_picture(struct png_run *run)
{
    if (guard(run, read_header) && !decode_size(run->picture, run->width, run->height, run->result))
        return;
    bool whole = !run->fatal[0] && guard(run, read_rows);
    if (run->no_memory) {
        decode_end_memory(run->result);
        return;
    }
    if (whole)
        guard(run, read_end);
    if (run->rows > run->sink.rows)
        put_interlaced(run);
    if (run->rows)
        end_with_rows(run, whole);
    else
        end_without_rows(run);
    sink_finish(&run->sink, run->picture, run->result);
}

static void png_pass(const struct picture *picture, struct decode_result *result)
{
    struct png_run run;
    memset(&run, 0, sizeof(run));
    run.picture = picture;
    run.result = result;
    png_chunks_open(&run.chunks, picture->data, picture->size, &picture->request->limits);
    result->orientation = run.chunks.orientation;
    result->has_extras = run.chunks.exif_bytes;
    result->camera = run.chunks.camera;
    if (run.chunks.apple)
        decode_end(result, TRAWL_UNSUPPORTED, "Apple's CgBI variant of PNG");
    else
        read_picture(&run);
    if (run.png)
        png_destroy_read_struct(&run.png, &run.info, NULL);
    sink_free(&run.sink);
    free(run.pixels);
    free(run.rgb);
}

/** The thumbnail in its EXIF, which stands among the first chunks or behind the pixels. */
static void png_extras(const uint8_t *data, size_t size, struct extras *extras)
{
    struct png_chunks chunks;
    png_chunks_open(&chunks, data, size, &extras->request->limits);
    if (chunks.exif_bytes)
        extras_exif(extras, data, size, chunks.exif_at, chunks.exif_bytes);
}

static void png_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                       struct decode_result *result)
{
    decode_passes(request, data, size, png_pass, result);
    if (result->has_extras)
        result->has_extras = extras_any(request, data, size, png_extras);
}

static const char *png_version(void)
{
    return png_get_libpng_ver(NULL);
}

const struct decoder png_decoder = {.type = TYPE_PNG,
                                    .name = "png",
                                    .library = "libpng",
                                    .version = png_version,
                                    .decode = png_decode,
                                    .extras = png_extras};
