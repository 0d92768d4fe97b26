#include "decode/jpeg_screen.h"

#include <stdlib.h>
#include <string.h>

#include "decode/jpeg_pixels.h"
#include "decode/jpeg_scan.h"

struct screen {
    struct jpeg_scan scan;
    struct pixels pixels;
    /** A row of MCUs: coefficients, pixels. Owned. */
    int16_t *coefs;
    uint8_t *bytes;
    size_t row_bytes;
};

static bool screen_open(struct screen *screen, const struct jpeg_run *run, unsigned side)
{
    const struct jpeg_decompress_struct *cinfo = &run->cinfo;
    const struct jpeg_scan *scan = &screen->scan;
    size_t position = jpeg_run_position(run);
    if (!scan_open(&screen->scan, cinfo, run->picture->data + position, run->size - position, pixels_highest(side)) ||
        scan->highest != pixels_highest(side) ||
        !pixels_init(&screen->pixels, side, cinfo->quant_tbl_ptrs[cinfo->comp_info[0].quant_tbl_no]->quantval))
        return false;
    size_t blocks = (size_t)scan->row_blocks * scan->rows_in_mcu + PIXELS_GROUP;
    screen->row_bytes = (size_t)scan->row_blocks * side;
    screen->coefs = calloc(blocks, SCAN_BLOCK(scan->highest) * sizeof(*screen->coefs));
    screen->bytes = malloc(blocks * side * side);
    return screen->coefs && screen->bytes;
}

/** A row of MCUs, from bits to the sink. */
static bool screen_row(struct screen *screen, struct sink *sink)
{
    struct jpeg_scan *scan = &screen->scan;
    const unsigned side = screen->pixels.side;
    const size_t room = SCAN_BLOCK(scan->highest);
    if (!scan_row(scan, screen->coefs))
        return false;
    for (unsigned y = 0; y < scan->rows_in_mcu; y++)
        if (!pixels_row(&screen->pixels, screen->bytes + y * side * screen->row_bytes, screen->row_bytes,
                        screen->coefs + (size_t)y * scan->row_blocks * room, room, scan->row_blocks))
            return false;
    for (unsigned y = 0; y < scan->rows_in_mcu * side; y++)
        sink_row(sink, screen->bytes + y * screen->row_bytes);
    return true;
}

static bool screen_rows(struct screen *screen, struct jpeg_run *run, unsigned denominator)
{
    uint32_t width = run->cinfo.image_width, height = run->cinfo.image_height;
    uint8_t marker = 0;
    if (!sink_begin_scaled(&run->sink, width, height, (width + denominator - 1) / denominator,
                           (height + denominator - 1) / denominator, denominator))
        return false;
    for (uint32_t y = 0; y < screen->scan.mcu_rows; y++)
        if (!screen_row(screen, &run->sink))
            return false;
    /* The other scans of a progressive file have been looked for. */
    return scan_end(&screen->scan, &marker) && (marker == JPEG_EOI || screen->scan.dc_only);
}

bool jpeg_screen(struct jpeg_run *run, unsigned denominator)
{
    if (run->losses || run->exhausted || denominator < 2)
        return false;
    struct screen *screen = malloc(sizeof(*screen));
    if (!screen)
        return false;
    screen->coefs = NULL;
    screen->bytes = NULL;
    bool good = screen_open(screen, run, 8 / denominator) && screen_rows(screen, run, denominator);
    free(screen->coefs);
    free(screen->bytes);
    free(screen);
    if (!good)
        sink_free(&run->sink);
    return good;
}
