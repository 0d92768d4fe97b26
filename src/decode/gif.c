/*
 * gif.c: GIF by giflib. The first frame, at its place on the logical screen, with white wherever nothing is drawn or
 * the frame is transparent, as ImageMagick flattens it: the file's own background colour is ignored by browsers, too.
 * Further frames are counted; gif_frames.c.
 */
#include "decode/gif_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** How the records behind the first frame end. */
enum gif_tail { TAIL_TRAILER, TAIL_NO_TRAILER, TAIL_CUT, TAIL_BROKEN, TAIL_LIMIT };

/** One zero stands behind the last byte: what lacks only the end of its last block is whole. */
static int on_read(GifFileType *gif, GifByteType *out, int n)
{
    struct gif_run *run = gif->UserData;
    size_t left = run->picture->size - run->at, want = n > 0 ? (size_t)n : 0;
    if (want > left) {
        bool first = !run->exhausted && want == 1;
        run->exhausted = true;
        run->at = run->picture->size;
        if (first)
            *out = 0;
        return first;
    }
    memcpy(out, run->picture->data + run->at, want);
    run->at += want;
    return n;
}

static bool failed(struct gif_run *run)
{
    run->error = run->gif->Error;
    run->no_memory = run->no_memory || run->error == D_GIF_ERR_NOT_ENOUGH_MEM;
    return false;
}

const char *gif_reason(const struct gif_run *run)
{
    const char *text = run->error ? GifErrorString(run->error) : NULL;
    if (run->exhausted)
        return "premature end of data";
    /* giflib says so of a code size that it does not take. */
    return text && run->error != D_GIF_ERR_READ_FAILED ? text : "corrupt data";
}

/** The graphic control before a frame says which colour is transparent. */
static bool read_extension(struct gif_run *run)
{
    GifByteType *block;
    GraphicsControlBlock control;
    int code;
    if (DGifGetExtension(run->gif, &code, &block) == GIF_ERROR)
        return failed(run);
    if (block && code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
        run->transparent = control.TransparentColor;
        run->disposal = control.DisposalMode;
    }
    while (block)
        if (DGifGetExtensionNext(run->gif, &block) == GIF_ERROR)
            return failed(run);
    return true;
}

bool gif_next_frame(struct gif_run *run, bool *trailer)
{
    for (;;) {
        GifRecordType record;
        run->gif->Error = 0;
        if (DGifGetRecordType(run->gif, &record) == GIF_ERROR) {
            if (run->exhausted || run->gif->Error != D_GIF_ERR_WRONG_RECORD)
                return failed(run);
            run->stray = true;
            continue;
        }
        *trailer = record == TERMINATE_RECORD_TYPE;
        if (*trailer)
            return true;
        if (record == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageDesc(run->gif) == GIF_OK || failed(run);
        if (record == EXTENSION_RECORD_TYPE && !read_extension(run))
            return false;
    }
}

void gif_read_palette(struct gif_run *run)
{
    const ColorMapObject *map = run->frame.ColorMap ? run->frame.ColorMap : run->gif->SColorMap;
    for (int i = 0; map && i < map->ColorCount && i < 256; i++) {
        run->palette[i][0] = map->Colors[i].Red;
        run->palette[i][1] = map->Colors[i].Green;
        run->palette[i][2] = map->Colors[i].Blue;
    }
    if (run->transparent >= 0 && run->transparent < 256)
        memset(run->palette[run->transparent], 255, 3);
}

/** Sizes, and memory for rows. False where the picture ends here, with its status set. */
static bool begin(struct gif_run *run)
{
    const GifImageDesc *frame = &run->frame;
    uint32_t width = (uint32_t)frame->Width, height = (uint32_t)frame->Height;
    run->width = run->gif->SWidth > 0 ? (uint32_t)run->gif->SWidth : (uint32_t)frame->Left + width;
    run->height = run->gif->SHeight > 0 ? (uint32_t)run->gif->SHeight : (uint32_t)frame->Top + height;
    if (!width || !height || !run->width || !run->height) {
        decode_end(run->result, TRAWL_DAMAGED, "a frame without pixels");
        return false;
    }
    if (!decode_size(run->picture, run->width, run->height, run->result))
        return false;
    size_t bytes = frame->Interlace ? (size_t)width * height : width;
    if (limit_exceeded(&run->picture->request->limits, LIMIT_PIXELS, (uint64_t)width * height)) {
        decode_end_limit(run->result, LIMIT_PIXELS, "a frame of %u x %u pixels", width, height);
        return false;
    }
    if (!limit_exceeded(&run->picture->request->limits, LIMIT_DECODE_MEMORY, bytes))
        run->indices = calloc(1, bytes);
    run->rgb = malloc((size_t)run->width * 3);
    if (!run->indices || !run->rgb || !sink_begin(&run->sink, run->picture, run->width, run->height, 3))
        run->no_memory = true;
    return !run->no_memory;
}

static void put_row(struct gif_run *run, const uint8_t *indices)
{
    memset(run->rgb, 255, (size_t)run->width * 3);
    for (uint32_t i = 0, x = (uint32_t)run->frame.Left; indices && i < (uint32_t)run->frame.Width && x < run->width;
         i++, x++)
        memcpy(run->rgb + (size_t)x * 3, run->palette[indices[i]], 3);
    sink_row(&run->sink, run->rgb);
}

bool gif_read_line(struct gif_run *run, uint8_t *line)
{
    if (DGifGetLine(run->gif, line, run->frame.Width) == GIF_ERROR)
        return failed(run);
    run->lines++;
    return true;
}

static void read_streamed(struct gif_run *run)
{
    while (run->lines < (uint32_t)run->frame.Height && gif_read_line(run, run->indices)) {
        put_row(run, run->indices);
        run->rows = run->lines;
    }
}

/** Each line fills those below it that come later, so that a cut file shows a coarse picture, not a sparse one. */
static void read_interlaced(struct gif_run *run)
{
    static const uint8_t first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2}, fill[] = {8, 4, 2, 1};
    size_t width = (size_t)run->frame.Width;
    uint32_t height = (uint32_t)run->frame.Height;
    for (int pass = 0; pass < 4; pass++)
        for (uint32_t y = first[pass]; y < height; y += step[pass]) {
            uint8_t *line = run->indices + y * width;
            if (!gif_read_line(run, line))
                return;
            uint32_t last = y + fill[pass] < height ? y + fill[pass] : height;
            for (uint32_t below = y + 1; below < last; below++)
                memcpy(run->indices + below * width, line, width);
            if (pass == 0)
                run->rows = last;
        }
}

static void read_frame(struct gif_run *run)
{
    for (int y = 0; y < run->frame.Top; y++)
        put_row(run, NULL);
    if (run->frame.Interlace) {
        read_interlaced(run);
        for (uint32_t y = 0; y < run->rows; y++)
            put_row(run, run->indices + y * (size_t)run->frame.Width);
    } else {
        read_streamed(run);
    }
    while (run->rows == (uint32_t)run->frame.Height && run->sink.rows < run->sink.height)
        put_row(run, NULL);
}

bool gif_skip_frame(struct gif_run *run)
{
    GifByteType *block;
    int size;
    if (DGifGetCode(run->gif, &size, &block) == GIF_ERROR)
        return failed(run);
    while (block)
        if (DGifGetCodeNext(run->gif, &block) == GIF_ERROR)
            return failed(run);
    return true;
}

static enum gif_tail count_frames(struct gif_run *run)
{
    for (bool trailer = false;;) {
        size_t from = run->at;
        if (!gif_next_frame(run, &trailer))
            return !run->exhausted ? TAIL_BROKEN : from == run->picture->size ? TAIL_NO_TRAILER : TAIL_CUT;
        if (trailer)
            return TAIL_TRAILER;
        run->frames++;
        if (limit_exceeded(&run->picture->request->limits, LIMIT_GIF_FRAMES, run->frames))
            return TAIL_LIMIT;
        if (!gif_skip_frame(run))
            return run->exhausted ? TAIL_CUT : TAIL_BROKEN;
    }
}

static void end_whole(struct gif_run *run, enum gif_tail tail)
{
    struct decode_result *result = run->result;
    if (tail == TAIL_LIMIT)
        decode_end(result, TRAWL_PARTIAL, "more frames than the limit gif-frames allows: %llu; the first is hashed",
                   (unsigned long long)run->picture->request->limits.value[LIMIT_GIF_FRAMES]);
    else if (tail == TAIL_CUT)
        decode_end(result, TRAWL_PARTIAL, "premature end of data behind the first frame (of %u or more)", run->frames);
    else if (tail == TAIL_BROKEN)
        decode_end(result, TRAWL_PARTIAL, "broken behind frame %u: %s", run->frames, gif_reason(run));
    else if (tail == TAIL_NO_TRAILER)
        decode_end(result, TRAWL_OK, "the file ends without a trailer");
    else if (run->frames > 1)
        decode_end(result, TRAWL_OK, "the first of %u frames", run->frames);
    else
        decode_end(result, TRAWL_OK, "%s", run->stray ? "stray bytes between blocks" : "");
}

static void end_with_rows(struct gif_run *run)
{
    uint32_t height = (uint32_t)run->frame.Height;
    if (run->rows < height)
        decode_end(run->result, TRAWL_PARTIAL, "%s after %u %% of the rows", gif_reason(run),
                   decode_percent(run->rows, height));
    else if (run->lines < height)
        decode_end(run->result, TRAWL_PARTIAL, "%s; the picture is there, but coarse", gif_reason(run));
    else
        end_whole(run, run->exhausted ? TAIL_NO_TRAILER : count_frames(run));
}

static void read_picture(struct gif_run *run)
{
    bool trailer = false;
    if (!gif_next_frame(run, &trailer) || trailer) {
        decode_end(run->result, TRAWL_DAMAGED, "no frame: %s", trailer ? "the trailer comes first" : gif_reason(run));
        return;
    }
    run->frame = run->gif->Image;
    run->frames = 1;
    gif_read_palette(run);
    if (!begin(run))
        return;
    read_frame(run);
    if (run->rows)
        end_with_rows(run);
    else
        decode_end(run->result, TRAWL_DAMAGED, "no row decodes: %s", gif_reason(run));
}

void gif_run_open(struct gif_run *run, const struct picture *picture, struct decode_result *result)
{
    memset(run, 0, sizeof(*run));
    run->picture = picture;
    run->result = result;
    run->transparent = NO_TRANSPARENT_COLOR;
    run->gif = DGifOpen(run, on_read, &run->error);
    run->no_memory = run->error == D_GIF_ERR_NOT_ENOUGH_MEM;
}

void gif_run_close(struct gif_run *run)
{
    if (run->gif)
        DGifCloseFile(run->gif, NULL);
    sink_free(&run->sink);
    free(run->indices);
    free(run->rgb);
}

static void gif_pass(const struct picture *picture, struct decode_result *result)
{
    struct gif_run run;
    gif_run_open(&run, picture, result);
    if (run.gif)
        read_picture(&run);
    else
        decode_end(result, TRAWL_DAMAGED, "no picture: %s", gif_reason(&run));
    if (run.no_memory)
        decode_end_memory(result);
    sink_finish(&run.sink, picture, result);
    result->has_extras = run.frames > 1;
    gif_run_close(&run);
}

static void gif_decode(const struct decode_request *request, const uint8_t *data, size_t size,
                       struct decode_result *result)
{
    decode_passes(request, data, size, gif_pass, result);
}

/** giflib tells its version to the compiler only. */
static const char *gif_version(void)
{
    static char text[24];
    snprintf(text, sizeof(text), "%d.%d.%d", GIFLIB_MAJOR, GIFLIB_MINOR, GIFLIB_RELEASE);
    return text;
}

const struct decoder gif_decoder = {.type = TYPE_GIF,
                                    .name = "gif",
                                    .library = "giflib",
                                    .version = gif_version,
                                    .decode = gif_decode,
                                    .extras = gif_extras};
