/*
 * jpeg.c: JPEG by libjpeg-turbo.
 *
 * Exact: every sample, RGB, libjpeg's defaults (slow integer DCT, fancy upsampling), as the reference reads JPEG.
 * Fast: luma only at the smallest scale that screening bears; of large progressive files only the first scan.
 */
#include "decode/jpeg_run.h"

#include <stdlib.h>
#include <string.h>

#include <jerror.h>

#include "decode/extras.h"
#include "decode/jpeg_screen.h"

/**
 * The short side of a reduced picture: three pixels to a cell of the 64 x 64. Between 192 and 255 the mapped hash
 * is 1.7 bits off in the mean and 10 at most, as it is above; between 128 and 191 it is 7.6, and up to 78.
 */
#define SCREEN_SIDE 192

static bool jpeg_is_luma(const struct jpeg_decompress_struct *cinfo)
{
    return cinfo->jpeg_color_space == JCS_GRAYSCALE || cinfo->jpeg_color_space == JCS_YCbCr;
}

static unsigned screen_denominator(const struct jpeg_decompress_struct *cinfo)
{
    uint32_t side = cinfo->image_width < cinfo->image_height ? cinfo->image_width : cinfo->image_height;
    unsigned denominator = 8;
    while (denominator > 1 && (side + denominator - 1) / denominator < SCREEN_SIDE)
        denominator /= 2;
    return denominator;
}

/**
 * Walks the markers behind the first SOS without decoding. True if they lead to an end-of-image marker within
 * LIMIT_JPEG_SCANS: a file of which only the first scan is decoded must not look whole when it is cut or a bomb.
 */
static bool scans_lead_to_end(const struct jpeg_run *run)
{
    const uint8_t *p = run->picture->data + jpeg_run_position(run), *end = run->picture->data + run->size;
    uint64_t scans = 1;
    while ((p = memchr(p, 0xFF, (size_t)(end - p)))) {
        while (p < end && *p == 0xFF)
            p++;
        if (p == end)
            return false;
        uint8_t marker = *p++;
        if (marker == 0 || (marker >= JPEG_RST0 && marker <= JPEG_RST0 + 7))
            continue;
        if (marker == JPEG_EOI)
            return !limit_exceeded(&run->picture->request->limits, LIMIT_JPEG_SCANS, scans);
        if (end - p < 2)
            return false;
        size_t length = (size_t)p[0] << 8 | p[1];
        if (length > (size_t)(end - p))
            return false;
        p += length;
        scans += marker == 0xDA;
    }
    return false;
}

/** True if the first scan alone is a good enough picture: the luma DC of a large progressive file. */
static bool first_scan_will_do(const struct jpeg_run *run, unsigned denominator)
{
    const struct jpeg_decompress_struct *cinfo = &run->cinfo;
    bool luma = false;
    for (int i = 0; i < cinfo->comps_in_scan; i++)
        luma = luma || cinfo->cur_comp_info[i]->component_index == 0;
    return cinfo->progressive_mode && denominator == 8 && cinfo->Ss == 0 && cinfo->Se == 0 && luma &&
           scans_lead_to_end(run);
}

/** True if the picture went into the sink without libjpeg. */
static bool choose_fast(struct jpeg_run *run)
{
    struct jpeg_decompress_struct *cinfo = &run->cinfo;
    unsigned denominator = screen_denominator(cinfo);
    bool first = first_scan_will_do(run, denominator);
    if ((first || !run->multiscan) && jpeg_screen(run, denominator))
        return true;
    cinfo->out_color_space = JCS_GRAYSCALE;
    cinfo->scale_num = 1;
    cinfo->scale_denom = denominator;
    if (first) {
        cinfo->buffered_image = TRUE;
        cinfo->do_block_smoothing = FALSE;
    }
    return false;
}

static void choose_exact(struct jpeg_decompress_struct *cinfo)
{
    if (cinfo->jpeg_color_space == JCS_GRAYSCALE)
        cinfo->out_color_space = JCS_GRAYSCALE;
    else if (cinfo->jpeg_color_space == JCS_CMYK || cinfo->jpeg_color_space == JCS_YCCK)
        cinfo->out_color_space = JCS_CMYK;
    else
        cinfo->out_color_space = JCS_RGB;
}

static void read_header(struct jpeg_run *run)
{
    struct jpeg_decompress_struct *cinfo = &run->cinfo;
    jpeg_run_create(run);
    jpeg_read_header(cinfo, TRUE);
    run->multiscan = jpeg_has_multiple_scans(cinfo);
}

static void open_sink(struct jpeg_run *run)
{
    struct jpeg_decompress_struct *cinfo = &run->cinfo;
    bool grey = cinfo->out_color_space == JCS_GRAYSCALE, cmyk = cinfo->out_color_space == JCS_CMYK;
    run->row = malloc((size_t)cinfo->output_width * (size_t)cinfo->out_color_components);
    run->rgb = cmyk ? malloc((size_t)cinfo->output_width * 3) : NULL;
    bool begun = grey && !run->picture->request->exact
                     ? sink_begin_scaled(&run->sink, cinfo->image_width, cinfo->image_height, cinfo->output_width,
                                         cinfo->output_height, cinfo->scale_denom)
                     : sink_begin(&run->sink, run->picture, cinfo->image_width, cinfo->image_height, grey ? 1 : 3);
    if (!run->row || (cmyk && !run->rgb) || !begun)
        jpeg_run_no_memory(run);
}

static uint8_t ink_product(unsigned colour, unsigned black)
{
    return (uint8_t)((colour * black + 127) / 255);
}

/** Adobe writes ink inverted, 255 for none; files without its marker mean what they say, 0 for none. */
static void rgb_from_cmyk(uint8_t *rgb, const uint8_t *cmyk, uint32_t width, bool adobe)
{
    uint8_t flip = adobe ? 0 : 255;
    for (uint32_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
        unsigned black = cmyk[3] ^ flip;
        rgb[0] = ink_product(cmyk[0] ^ flip, black);
        rgb[1] = ink_product(cmyk[1] ^ flip, black);
        rgb[2] = ink_product(cmyk[2] ^ flip, black);
    }
}

/** Progressive files refine each coefficient down to its last bit; true if that was done for all of them. */
static bool scans_complete(const struct jpeg_run *run)
{
    const struct jpeg_decompress_struct *cinfo = &run->cinfo;
    if (!cinfo->coef_bits)
        return !run->multiscan;
    for (int i = 0; i < cinfo->num_components; i++)
        for (int k = 0; k < DCTSIZE2; k++)
            if (cinfo->coef_bits[i][k] != 0)
                return false;
    return true;
}

static void read_rows(struct jpeg_run *run)
{
    struct jpeg_decompress_struct *cinfo = &run->cinfo;
    if (run->picture->request->exact || !jpeg_is_luma(cinfo))
        choose_exact(cinfo);
    else if (choose_fast(run))
        return;
    jpeg_start_decompress(cinfo);
    if (cinfo->buffered_image)
        jpeg_start_output(cinfo, cinfo->input_scan_number);
    open_sink(run);
    while (cinfo->output_scanline < cinfo->output_height) {
        JSAMPROW row = run->row;
        jpeg_read_scanlines(cinfo, &row, 1);
        if (run->rgb)
            rgb_from_cmyk(run->rgb, run->row, cinfo->output_width, cinfo->saw_Adobe_marker);
        sink_row(&run->sink, run->rgb ? run->rgb : run->row);
    }
    run->complete = scans_complete(run);
}

/** Reads on to the end-of-image marker: bytes left over behind the last row tell of corrupt data. */
static void read_end(struct jpeg_run *run)
{
    if (!run->cinfo.buffered_image && run->cinfo.output_scanline)
        jpeg_finish_decompress(&run->cinfo);
}

static bool code_unsupported(int code)
{
    switch (code) {
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_EMPTY_IMAGE:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_IMAGE_TOO_BIG:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED:
    case JERR_WIDTH_OVERFLOW:
        return true;
    default:
        return false;
    }
}

static void end_at_limit(const struct jpeg_run *run)
{
    if (run->limit == LIMIT_JPEG_SCANS)
        decode_end_limit(run->result, run->limit, "more scans than the limit allows");
    else if (run->limit == LIMIT_JPEG_WARNINGS)
        decode_end_limit(run->result, run->limit, "more warnings than the limit allows: %s", run->loss_text);
    else
        decode_end_memory(run->result);
}

static void end_without_rows(const struct jpeg_run *run)
{
    const char *text = run->fatal ? run->fatal_text : run->loss_text;
    if (code_unsupported(run->fatal))
        decode_end(run->result, TRAWL_UNSUPPORTED, "%s", text);
    else if (run->exhausted)
        decode_end(run->result, TRAWL_DAMAGED, "premature end of data before the first row%s%s", *text ? ": " : "",
                   text);
    else
        decode_end(run->result, TRAWL_DAMAGED, "no row decodes: %s", text);
}

/** Words for what was lost. In a file of several scans every row is there, but coarser. */
static void end_partial(const struct jpeg_run *run, const char *what, struct jpeg_point point, const char *text)
{
    const char *colon = *text ? ": " : "";
    unsigned percent = decode_percent(point.row, point.rows);
    if (run->multiscan)
        decode_end(run->result, TRAWL_PARTIAL, "%s in scan %d after %u %% of its rows%s%s", what, point.scan, percent,
                   colon, text);
    else
        decode_end(run->result, TRAWL_PARTIAL, "%s after %u %% of the rows%s%s", what, percent, colon, text);
}

static void end_with_rows(const struct jpeg_run *run)
{
    if (run->fatal && run->sink.rows == run->sink.height)
        decode_end(run->result, TRAWL_PARTIAL, "broken behind the last row: %s", run->fatal_text);
    else if (run->fatal)
        decode_end(run->result, TRAWL_PARTIAL, "broken after %u %% of the rows: %s",
                   decode_percent(run->sink.rows, run->sink.height), run->fatal_text);
    else if (run->end.scan)
        end_partial(run, "premature end of data", run->end, run->loss_text);
    else if (run->exhausted && !run->complete)
        decode_end(run->result, TRAWL_PARTIAL, "premature end of data after scan %d%s%s", run->cinfo.input_scan_number,
                   *run->loss_text ? ": " : "", run->loss_text);
    else if (run->losses)
        end_partial(run, "corrupt data", run->loss, run->loss_text);
    else if (run->exhausted)
        decode_end(run->result, TRAWL_OK, "the file ends without an end-of-image marker");
    else
        decode_end(run->result, TRAWL_OK, "%s", "");
}

static void decide(struct jpeg_run *run)
{
    bool first_row_lost = run->end.scan == 1 && run->end.row == 0;
    if (run->limit)
        end_at_limit(run);
    else if (!run->sink.rows || first_row_lost)
        end_without_rows(run);
    else
        end_with_rows(run);
    sink_finish(&run->sink, run->picture, run->result);
}

/**
 * One attempt on the first `size` bytes. Returns 0, or where to cut the data for another attempt, and why: an error
 * between the scans of a file (a bad table) would otherwise take the good scans before it along.
 */
static size_t attempt(const struct picture *picture, size_t size, char why[JMSG_LENGTH_MAX],
                      struct decode_result *result)
{
    struct jpeg_run run;
    jpeg_run_init(&run, picture, size, result);
    size_t cut = 0;
    bool header = jpeg_run_guard(&run, read_header);
    if (!header || decode_size(picture, run.cinfo.image_width, run.cinfo.image_height, result)) {
        if (header && jpeg_run_guard(&run, read_rows))
            jpeg_run_guard(&run, read_end);
        decide(&run);
        if (header && run.fatal && run.multiscan && !run.sink.rows && run.good < size)
            cut = run.good;
        snprintf(why, JMSG_LENGTH_MAX, "%s", run.exhausted ? "premature end of data" : run.fatal_text);
    }
    jpeg_run_free(&run);
    return cut;
}

static void jpeg_pass(const struct picture *picture, struct decode_result *result)
{
    char why[JMSG_LENGTH_MAX], again[JMSG_LENGTH_MAX];
    size_t cut = attempt(picture, picture->size, why, result);
    if (!cut)
        return;
    attempt(picture, cut, again, result);
    if (result->status == TRAWL_OK || result->status == TRAWL_PARTIAL)
        decode_end(result, TRAWL_PARTIAL, "broken between scans, hashed from those before it: %s", why);
}

static void jpeg_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                        struct decode_result *result)
{
    decode_passes(request, data, size, jpeg_pass, result);
    result->has_extras = extras_any(request, data, size, extras_of_jpeg);
}

#define TEXT(x)    #x
#define TEXT_OF(x) TEXT(x)

/** That of the headers: libjpeg's interface cannot be asked at run time. */
static const char *jpeg_version(void)
{
    return TEXT_OF(LIBJPEG_TURBO_VERSION);
}

const struct decoder jpeg_decoder = {.type = TYPE_JPEG,
                                     .name = "jpeg",
                                     .library = "libjpeg-turbo",
                                     .version = jpeg_version,
                                     .decode = jpeg_decode,
                                     .extras = extras_of_jpeg};
