/* gif_run.h: what the parts of the GIF decoder share. */
#ifndef DECODE_GIF_RUN_H
#define DECODE_GIF_RUN_H

#include <gif_lib.h>

#include "decode/extras.h"
#include "decode/sink.h"

/** One pass over one picture. */
struct gif_run {
    const struct picture *picture;
    struct decode_result *result;
    GifFileType *gif;
    size_t at;
    struct sink sink;
    /** The logical screen; the frame on it, as the file places it. */
    uint32_t width, height;
    GifImageDesc frame;
    /** -1: none. */
    int transparent;
    /** What becomes of the frame before the next one is drawn: DISPOSE_BACKGROUND ... */
    int disposal;
    uint8_t palette[256][3];
    /** Indices of one row, or of all where they are interlaced; one row of the screen. Owned. */
    uint8_t *indices, *rgb;
    /** Rows of the frame that have at least a coarse content, and those that were read. */
    uint32_t rows, lines;
    uint32_t frames;
    bool stray, exhausted, no_memory;
    /** GIF_ERROR's reason; 0 where there is none. */
    int error;
};

void gif_run_open(struct gif_run *run, const struct picture *picture, struct decode_result *result);
void gif_run_close(struct gif_run *run);
/** The next frame's header or the trailer. Bytes that begin no block are passed over, as viewers do. */
bool gif_next_frame(struct gif_run *run, bool *trailer);
/** A table of its own, or the file's; colours that neither has are black. */
void gif_read_palette(struct gif_run *run);
bool gif_read_line(struct gif_run *run, uint8_t *line);
bool gif_skip_frame(struct gif_run *run);
/** Why nothing more came, in words. */
const char *gif_reason(const struct gif_run *run);

/** gif_frames.c: the sampled frames behind the first. */
void gif_extras(const uint8_t *data, size_t size, struct extras *extras);

#endif
