/* tiff_render.c: YCbCr, Lab, LogLuv and old-style JPEG inside TIFF, by libtiff's own renderer. */
#ifdef HAVE_TIFF
#include "decode/tiff_run.h"

#include <stdlib.h>
#include <string.h>

/** Pixels that are rendered at once: a strip or a row of tiles, or part of a larger one, which is then read again. */
#define BAND_PIXELS (64u << 20)

/** libtiff's renderer and what it gives: ABGR, colours multiplied by their alpha. */
struct render {
    TIFFRGBAImage image;
    uint32_t band;
    /** Owned. */
    uint32_t *raster;
};

static uint8_t over_white(uint32_t colour, uint32_t alpha)
{
    uint32_t sum = colour + 255 - alpha;
    return (uint8_t)(sum > 255 ? 255 : sum);
}

static void put_row(struct tiff_run *run, const struct render *render, const uint32_t *pixels)
{
    uint8_t *rgb = run->rgb;
    for (uint32_t x = 0; x < run->width; x++, rgb += 3) {
        uint32_t v = pixels[x], alpha = render->image.alpha ? TIFFGetA(v) : 255;
        rgb[0] = over_white(TIFFGetR(v), alpha);
        rgb[1] = over_white(TIFFGetG(v), alpha);
        rgb[2] = over_white(TIFFGetB(v), alpha);
    }
    tiff_put_row(run);
}

/** Of a band that broke, the rows before all the last ones that are one and the same pixel. */
static uint32_t rows_that_came(const struct render *render, uint32_t width, uint32_t rows)
{
    size_t n = (size_t)width * rows;
    const uint32_t last = render->raster[n - 1];
    while (n && render->raster[n - 1] == last)
        n--;
    return (uint32_t)((n + width - 1) / width);
}

static void read_band(struct tiff_run *run, struct render *render, uint32_t first, uint32_t rows)
{
    uint64_t errors = run->errors, padded = run->padded;
    memset(render->raster, 0, (size_t)run->width * rows * sizeof(uint32_t));
    render->image.row_offset = (int)first;
    bool got = TIFFRGBAImageGet(&render->image, render->raster, run->width, rows);
    bool whole = got && run->errors == errors && run->padded == padded;
    uint32_t came = whole ? rows : rows_that_came(render, run->width, rows);
    for (uint32_t y = 0; y < came; y++)
        put_row(run, render, render->raster + (size_t)y * run->width);
    tiff_end_band(run, came, rows);
}

/** Memory for a band beside what libtiff holds: a block of each of up to four planes. */
static bool begin_band(struct tiff_run *run, struct render *render)
{
    uint64_t limit = run->picture->request->limits.value[LIMIT_DECODE_MEMORY], block = tiff_block_bytes(run) * 4;
    uint64_t most = block < limit ? (limit - block) / 2 / sizeof(uint32_t) : 0;
    uint32_t rows = tiff_block_rows(run);
    if (most > BAND_PIXELS)
        most = BAND_PIXELS;
    render->band = rows > most / run->width ? (uint32_t)(most / run->width) : rows;
    if (render->band)
        render->raster = malloc((size_t)run->width * render->band * sizeof(uint32_t));
    return render->raster;
}

static void read_bands(struct tiff_run *run, struct render *render)
{
    /* As coded: nothing is turned. */
    render->image.orientation = render->image.req_orientation = ORIENTATION_TOPLEFT;
    uint32_t block = tiff_block_rows(run);
    for (uint32_t y = 0; y < run->height;) {
        /* A band ends where its strip does. */
        uint32_t left = block - y % block, rows = run->height - y;
        rows = rows < left ? rows : left;
        rows = rows < render->band ? rows : render->band;
        read_band(run, render, y, rows);
        y += rows;
    }
}

bool tiff_read_rendered(struct tiff_run *run)
{
    struct render render;
    char why[1024] = "";
    memset(&render, 0, sizeof(render));
    if (!TIFFRGBAImageOK(run->tif, why)) {
        decode_end(run->result, TRAWL_UNSUPPORTED, "%s", why[0] ? why : "libtiff does not render this kind of samples");
        return false;
    }
    bool memory = begin_band(run, &render) && tiff_begin(run);
    bool begun = memory && TIFFRGBAImageBegin(&render.image, run->tif, 0, why);
    if (begun)
        read_bands(run, &render);
    else if (memory)
        decode_end(run->result, TRAWL_UNSUPPORTED, "%s", why[0] ? why : "libtiff does not render this kind of samples");
    else
        decode_end_memory(run->result);
    if (begun)
        TIFFRGBAImageEnd(&render.image);
    free(render.raster);
    return begun;
}
#endif
