/*
 * tiff.c: TIFF by libtiff, its first directory. All becomes 8-bit RGB; what is transparent shows white behind it. The
 * orientation is recorded and not applied. Further directories are counted.
 *
 * The bytes are read through callbacks: nothing is opened or mapped. While samples are read, zeros stand behind the end
 * of the file, since libtiff would not begin a strip that is cut; rows that came of such zeros are taken back.
 */
#include "decode/exif.h"
#include "decode/tiff_run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/extras.h"
#include "decode/tiff_pages.h"

static void on_error(thandle_t handle, const char *module, const char *format, va_list args)
{
    struct tiff_run *run = (struct tiff_run *)handle;
    (void)module;
    if (!run)
        return;
    run->errors++;
    if (!run->text[0])
        vsnprintf(run->text, sizeof(run->text), format, args);
}

static tmsize_t on_read(thandle_t handle, void *out, tmsize_t n)
{
    struct tiff_run *run = (struct tiff_run *)handle;
    uint64_t size = run->picture->size, end = size + run->padding, want = n > 0 ? (uint64_t)n : 0;
    if (run->at >= end)
        return 0;
    if (want > end - run->at)
        want = end - run->at;
    uint64_t real = run->at < size ? size - run->at : 0;
    if (real > want)
        real = want;
    if (real)
        memcpy(out, run->picture->data + run->at, real);
    if (real < want) {
        memset((uint8_t *)out + real, 0, want - real);
        run->padded++;
    }
    run->at += want;
    return (tmsize_t)want;
}

static tmsize_t on_write(thandle_t handle, void *bytes, tmsize_t n)
{
    (void)handle;
    (void)bytes;
    (void)n;
    return -1;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    struct tiff_run *run = (struct tiff_run *)handle;
    run->at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? run->at + offset : run->picture->size + offset;
    return run->at;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t on_size(thandle_t handle)
{
    return ((const struct tiff_run *)handle)->picture->size;
}

static TIFF *open_bytes(struct tiff_run *run)
{
    TIFFSetErrorHandler(NULL);
    TIFFSetErrorHandlerExt(on_error);
    TIFFSetWarningHandler(NULL);
    TIFFSetWarningHandlerExt(NULL);
#if TIFFLIB_VERSION >= 20221213
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return NULL;
    uint64_t most = run->picture->request->limits.value[LIMIT_DECODE_MEMORY];
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, most < INT32_MAX ? (tmsize_t)most : INT32_MAX);
    TIFF *tif = TIFFClientOpenExt("", "rm", run, on_read, on_write, on_seek, on_close, on_size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return tif;
#else
    return TIFFClientOpen("", "rm", run, on_read, on_write, on_seek, on_close, on_size, NULL, NULL);
#endif
}

/** Sizes and orientation. False where the picture ends here, with its status set. */
static bool read_header(struct tiff_run *run)
{
    uint16_t orientation = 0;
    run->tif = open_bytes(run);
    if (!run->tif) {
        decode_end(run->result, TRAWL_DAMAGED, "no picture: %s", run->text[0] ? run->text : "no directory");
        return false;
    }
    if (run->picture->part && !TIFFSetSubDirectory(run->tif, run->picture->part)) {
        decode_end(run->result, TRAWL_DAMAGED, "no page: %s", run->text[0] ? run->text : "no directory");
        return false;
    }
    if (TIFFGetField(run->tif, TIFFTAG_ORIENTATION, &orientation) && orientation >= 1 && orientation <= 8)
        run->result->orientation = orientation;
    exif_camera(run->picture->data, run->picture->size, &run->result->camera);
    TIFFGetField(run->tif, TIFFTAG_IMAGEWIDTH, &run->width);
    TIFFGetField(run->tif, TIFFTAG_IMAGELENGTH, &run->height);
    if (!run->width || !run->height || run->width > INT32_MAX || run->height > INT32_MAX) {
        decode_end(run->result, TRAWL_DAMAGED, "a picture of %u x %u pixels", run->width, run->height);
        return false;
    }
    return decode_size(run->picture, run->width, run->height, run->result);
}

uint64_t tiff_block_bytes(struct tiff_run *run)
{
    uint64_t block = TIFFIsTiled(run->tif) ? TIFFTileSize64(run->tif) : TIFFStripSize64(run->tif);
    return block >> 60 ? 1ull << 60 : block;
}

uint32_t tiff_block_rows(struct tiff_run *run)
{
    uint32_t rows = 0;
    if (TIFFIsTiled(run->tif))
        TIFFGetField(run->tif, TIFFTAG_TILELENGTH, &rows);
    else
        TIFFGetFieldDefaulted(run->tif, TIFFTAG_ROWSPERSTRIP, &rows);
    return !rows || rows > run->height ? run->height : rows;
}

bool tiff_begin(struct tiff_run *run)
{
    run->padding = tiff_block_bytes(run) + (64 << 10);
    run->errors = run->padded = 0;
    run->text[0] = '\0';
    run->rgb = malloc((size_t)run->width * 3);
    return run->rgb && sink_begin(&run->sink, run->picture, run->width, run->height, 3);
}

void tiff_put_row(struct tiff_run *run)
{
    sink_row(&run->sink, run->rgb);
}

void tiff_end_band(struct tiff_run *run, uint32_t came, uint32_t rows)
{
    memset(run->rgb, 0, (size_t)run->width * 3);
    for (uint32_t y = came; y < rows; y++)
        tiff_put_row(run);
    run->rows += came;
    run->lost += rows - came;
}

static void end_whole(struct tiff_run *run)
{
    const struct limits *limits = &run->picture->request->limits;
    uint64_t pages;
    if (run->picture->part) {
        decode_end(run->result, TRAWL_OK, "%s", "");
        return;
    }
    enum tiff_chain chain = tiff_pages(run->picture->data, run->picture->size, limits, &pages);
    unsigned long long n = pages;
    if (chain == CHAIN_LIMIT)
        decode_end(run->result, TRAWL_PARTIAL,
                   "more pages than the limit tiff-directories allows: %llu; the first is hashed",
                   (unsigned long long)limits->value[LIMIT_TIFF_DIRECTORIES]);
    else if (chain == CHAIN_LOOP)
        decode_end(run->result, TRAWL_PARTIAL, "the chain of pages is a loop; the first is hashed");
    else if (chain == CHAIN_CUT)
        decode_end(run->result, TRAWL_PARTIAL, "the chain of pages leads out of the file; the first is hashed");
    else if (n > 1)
        decode_end(run->result, TRAWL_OK, "the first of %llu pages", n);
    else
        decode_end(run->result, TRAWL_OK, "%s", "");
}

static void end_with_rows(struct tiff_run *run)
{
    const char *why = run->padded ? "premature end of data" : run->text[0] ? run->text : "corrupt data";
    if (!run->rows)
        decode_end(run->result, TRAWL_DAMAGED, "no row decodes: %s", why);
    else if (run->lost)
        decode_end(run->result, TRAWL_PARTIAL, "%s; %u %% of the rows decode", why,
                   decode_percent(run->rows, run->height));
    else if (run->padded || run->errors)
        decode_end(run->result, TRAWL_PARTIAL, "%s", why);
    else
        end_whole(run);
}

static void read_picture(struct tiff_run *run)
{
    if (!read_header(run) || !(tiff_read_samples(run) || tiff_read_rendered(run)))
        return;
    if (run->result->status == TRAWL_OK)
        end_with_rows(run);
}

static void tiff_pass(const struct picture *picture, struct decode_result *result)
{
    struct tiff_run run;
    memset(&run, 0, sizeof(run));
    run.picture = picture;
    run.result = result;
    read_picture(&run);
    sink_finish(&run.sink, picture, result);
    if (run.tif)
        TIFFClose(run.tif);
    sink_free(&run.sink);
    free(run.rgb);
}

static void tiff_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                        struct decode_result *result)
{
    decode_passes(request, data, size, tiff_pass, result);
    result->has_extras = extras_any(request, data, size, tiff_extras);
}

void tiff_page(const struct decode_request *request, const uint8_t *data, size_t size, uint64_t directory,
               struct decode_result *result)
{
    decode_passes_part(request, data, size, directory, tiff_pass, result);
}

/** "LIBTIFF, Version 4.5.0" and a copyright: the number is wanted. */
static const char *tiff_version(void)
{
    static char text[24];
    const char *all = TIFFGetVersion(), *at = strpbrk(all, "0123456789");
    snprintf(text, sizeof(text), "%.*s", at ? (int)strspn(at, "0123456789.") : 0, at ? at : "");
    return text;
}

const struct decoder tiff_decoder = {.type = TYPE_TIFF,
                                     .name = "tiff",
                                     .library = "libtiff",
                                     .version = tiff_version,
                                     .decode = tiff_decode,
                                     .extras = tiff_extras};
