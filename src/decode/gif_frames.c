/*
 * gif_frames.c: frames of an animated GIF behind the first: some of them, spread evenly over all, each as it is shown:
 * drawn over what the frames before it left, with white where nothing is.
 */
#ifdef HAVE_GIF
#include "decode/gif_run.h"

#include <stdlib.h>
#include <string.h>

/** A screen on which the frames are drawn. */
struct screen {
    struct gif_run *run;
    uint32_t width, height;
    /** RGBA; the same before the frame in hand was drawn, where the file asks for it. Owned. */
    uint8_t *pixels, *before;
    /** One row of indices. Owned. */
    uint8_t *line;
    /** Of the frame that was drawn last. */
    GifImageDesc last;
    int last_disposal;
};

/** Frames in the file, at most LIMIT_GIF_FRAMES. */
static uint32_t count_frames(const struct picture *picture)
{
    struct gif_run run;
    struct decode_result ignored = {0};
    uint32_t frames = 0;
    bool trailer = false;
    gif_run_open(&run, picture, &ignored);
    while (run.gif && gif_next_frame(&run, &trailer) && !trailer) {
        if (limit_exceeded(&picture->request->limits, LIMIT_GIF_FRAMES, frames + 1))
            break;
        frames++;
        if (!gif_skip_frame(&run))
            break;
    }
    gif_run_close(&run);
    return frames;
}

static bool screen_open(struct screen *screen, struct gif_run *run, struct decode_result *result)
{
    const GifImageDesc *frame = &run->gif->Image;
    const struct limits *limits = &run->picture->request->limits;
    screen->width = run->gif->SWidth > 0 ? (uint32_t)run->gif->SWidth : (uint32_t)(frame->Left + frame->Width);
    screen->height = run->gif->SHeight > 0 ? (uint32_t)run->gif->SHeight : (uint32_t)(frame->Top + frame->Height);
    uint64_t pixels = (uint64_t)screen->width * screen->height;
    if (limit_exceeded(limits, LIMIT_PIXELS, pixels)) {
        decode_end_limit(result, LIMIT_PIXELS, "%u x %u pixels", screen->width, screen->height);
        return false;
    }
    if (pixels && !limit_exceeded(limits, LIMIT_DECODE_MEMORY, pixels * 4))
        screen->pixels = calloc((size_t)pixels, 4);
    screen->line = malloc(65536);
    if (!screen->pixels || !screen->line)
        decode_end_memory(result);
    return screen->pixels && screen->line;
}

static void screen_close(struct screen *screen)
{
    free(screen->pixels);
    free(screen->before);
    free(screen->line);
}

/** What the last frame's disposal leaves of it. */
static void dispose(struct screen *screen)
{
    const GifImageDesc *last = &screen->last;
    if (screen->last_disposal == DISPOSE_PREVIOUS && screen->before) {
        memcpy(screen->pixels, screen->before, (size_t)screen->width * screen->height * 4);
    } else if (screen->last_disposal == DISPOSE_BACKGROUND && (uint32_t)last->Left < screen->width) {
        uint32_t room = screen->width - (uint32_t)last->Left;
        uint32_t n = (uint32_t)last->Width < room ? (uint32_t)last->Width : room;
        for (int y = last->Top; y < last->Top + last->Height && (uint32_t)y < screen->height; y++)
            memset(screen->pixels + ((size_t)y * screen->width + (uint32_t)last->Left) * 4, 0, (size_t)n * 4);
    }
}

/** Remembers what the frame in hand will be taken back to. False where memory is missing. */
static bool remember(struct screen *screen)
{
    size_t bytes = (size_t)screen->width * screen->height * 4;
    if (screen->run->disposal != DISPOSE_PREVIOUS)
        return true;
    if (!screen->before && !limit_exceeded(&screen->run->picture->request->limits, LIMIT_DECODE_MEMORY, bytes * 2))
        screen->before = malloc(bytes);
    if (screen->before)
        memcpy(screen->before, screen->pixels, bytes);
    return screen->before;
}

static void put_line(struct screen *screen, uint32_t y)
{
    const struct gif_run *run = screen->run;
    const GifImageDesc *frame = &run->frame;
    uint32_t row = (uint32_t)frame->Top + y;
    if (row >= screen->height)
        return;
    uint8_t *to = screen->pixels + (size_t)row * screen->width * 4;
    for (uint32_t i = 0, x = (uint32_t)frame->Left; i < (uint32_t)frame->Width && x < screen->width; i++, x++) {
        if (screen->line[i] == run->transparent)
            continue;
        memcpy(to + (size_t)x * 4, run->palette[screen->line[i]], 3);
        to[(size_t)x * 4 + 3] = 255;
    }
}

static bool draw(struct screen *screen)
{
    static const uint8_t first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    struct gif_run *run = screen->run;
    uint32_t height = (uint32_t)run->frame.Height;
    for (int pass = 0; pass < (run->frame.Interlace ? 4 : 1); pass++)
        for (uint32_t y = run->frame.Interlace ? first[pass] : 0; y < height;
             y += run->frame.Interlace ? step[pass] : 1) {
            if (!gif_read_line(run, screen->line))
                return false;
            put_line(screen, y);
        }
    return true;
}

/** Draws the next frame over what is there. False where there is none, or where it breaks. */
static bool next_frame(struct screen *screen, struct decode_result *result)
{
    struct gif_run *run = screen->run;
    bool trailer = false;
    run->transparent = NO_TRANSPARENT_COLOR;
    run->disposal = DISPOSAL_UNSPECIFIED;
    if (!gif_next_frame(run, &trailer) || trailer) {
        decode_end(result, TRAWL_DAMAGED, "no frame: %s", trailer ? "the trailer comes first" : gif_reason(run));
        return false;
    }
    run->frame = run->gif->Image;
    memset(run->palette, 0, sizeof(run->palette));
    gif_read_palette(run);
    if (!screen->pixels && !screen_open(screen, run, result))
        return false;
    dispose(screen);
    if (!remember(screen)) {
        decode_end_memory(result);
        return false;
    }
    screen->last = run->frame;
    screen->last_disposal = run->disposal;
    if (draw(screen))
        return true;
    decode_end(result, TRAWL_PARTIAL, "%s", gif_reason(run));
    return false;
}

/** Hashes what is on the screen; `end` is ok, or says why the frame is not whole. */
static void hash_frame(const struct screen *screen, const struct decode_request *request,
                       const struct decode_result *end, struct decode_result *result)
{
    struct canvas canvas = {screen->width, screen->height, 4, (size_t)screen->width * 4, screen->pixels};
    if (end->status != TRAWL_OK && end->status != TRAWL_PARTIAL) {
        *result = *end;
        return;
    }
    canvas_hash(request, &canvas, result);
    if (result->status == TRAWL_OK && end->status == TRAWL_PARTIAL) {
        result->status = TRAWL_PARTIAL;
        memcpy(result->detail, end->detail, sizeof(result->detail));
    }
}

void gif_extras(const uint8_t *data, size_t size, struct extras *extras)
{
    const struct picture picture = {.request = extras->request, .data = data, .size = size};
    uint32_t frames = count_frames(&picture), samples = extras_samples(extras, frames), drawn = 0;
    struct decode_result end = {0};
    struct gif_run run;
    struct screen screen = {.run = &run};
    gif_run_open(&run, &picture, &end);
    for (uint32_t i = 1; run.gif && i < samples && !extras_full(extras); i++) {
        uint32_t wanted = extras_sample(frames, samples, i);
        struct decode_extra *extra = extras_next(extras, EXTRA_FRAME, wanted + 1);
        if (!extra)
            continue;
        while (drawn <= wanted && end.status == TRAWL_OK && next_frame(&screen, &end))
            drawn++;
        hash_frame(&screen, extras->request, &end, &extra->result);
        /* What comes behind a break was not drawn. */
        if (end.status == TRAWL_PARTIAL)
            end.status = TRAWL_DAMAGED;
    }
    screen_close(&screen);
    gif_run_close(&run);
}
#endif
