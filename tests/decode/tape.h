/*
 * tape.h: a decoder compiled once more, for one test file, under names of its own, with the rows going to a tape
 * instead of into a hash: a test can so compare every byte. Define TAPE_PREFIX, a word for these names, then include
 * this before anything of the project, and the decoder's .c files last.
 */
#ifndef TESTS_DECODE_TAPE_H
#define TESTS_DECODE_TAPE_H

#define TAPE_PASTE(prefix, name) prefix##name
#define TAPE_JOIN(prefix, name)  TAPE_PASTE(prefix, name)
#define TAPE_NAME(name)          TAPE_JOIN(TAPE_PREFIX, name)

#define decode_passes      TAPE_NAME(_decode_passes)
#define decode_passes_part TAPE_NAME(_decode_passes_part)
#define decode_end         TAPE_NAME(_decode_end)
#define decode_end_limit   TAPE_NAME(_decode_end_limit)
#define decode_end_memory  TAPE_NAME(_decode_end_memory)
#define decode_size        TAPE_NAME(_decode_size)
#define decode_percent     TAPE_NAME(_decode_percent)
#define decode_memory      TAPE_NAME(_decode_memory)
#define decode_flatten     TAPE_NAME(_decode_flatten)
#define sink_begin         TAPE_NAME(_sink_begin)
#define sink_begin_scaled  TAPE_NAME(_sink_begin_scaled)
#define sink_row           TAPE_NAME(_sink_row)
#define sink_finish        TAPE_NAME(_sink_finish)
#define sink_free          TAPE_NAME(_sink_free)
#define jpeg_decoder       TAPE_NAME(_jpeg_decoder)
#define png_decoder        TAPE_NAME(_png_decoder)
#define jpeg_run_init      TAPE_NAME(_jpeg_run_init)
#define jpeg_run_guard     TAPE_NAME(_jpeg_run_guard)
#define jpeg_run_create    TAPE_NAME(_jpeg_run_create)
#define jpeg_run_free      TAPE_NAME(_jpeg_run_free)
#define jpeg_run_position  TAPE_NAME(_jpeg_run_position)
#define jpeg_run_no_memory TAPE_NAME(_jpeg_run_no_memory)
#define jpeg_screen        TAPE_NAME(_jpeg_screen)
#define png_chunks_open    TAPE_NAME(_png_chunks_open)
#define png_chunks_read    TAPE_NAME(_png_chunks_read)
#define pdq_new            TAPE_NAME(_pdq_new)
#define pdq_new_scaled     TAPE_NAME(_pdq_new_scaled)
#define pdq_row_rgb        TAPE_NAME(_pdq_row_rgb)
#define pdq_row_gray       TAPE_NAME(_pdq_row_gray)
#define pdq_finish         TAPE_NAME(_pdq_finish)
#define pdq_free           TAPE_NAME(_pdq_free)
#define pdq_distance       TAPE_NAME(_pdq_distance)

#include <stdlib.h>
#include <string.h>

#include "trawl/pdq.h"

/** What a decoder gave in its last pass. */
static struct tape {
    uint8_t *bytes;
    size_t n;
    /** Bytes a pixel, row width, rows expected. */
    unsigned channels, width, rows;
    /** Of pdq_new_scaled; 0 for pdq_new. */
    unsigned denominator;
    enum pdq_mode mode;
    /** Passes begun, streams not yet freed. */
    unsigned passes, open;
    /** What pdq_finish says in the banded pass. */
    bool unstable;
    /** pdq_new gives NULL in this mode. */
    bool no_memory, no_memory_reference;
} tape;

struct pdq_stream *pdq_new_scaled(uint32_t width, uint32_t height, uint32_t scaled_width, uint32_t scaled_height,
                                  unsigned denominator)
{
    (void)width;
    (void)height;
    tape.width = scaled_width;
    tape.rows = scaled_height;
    tape.n = 0;
    tape.denominator = denominator;
    tape.mode = PDQ_BANDED;
    tape.passes++;
    if (tape.no_memory)
        return NULL;
    tape.open++;
    return (struct pdq_stream *)&tape;
}

struct pdq_stream *pdq_new(uint32_t width, uint32_t height, enum pdq_mode mode)
{
    struct pdq_stream *stream = pdq_new_scaled(width, height, width, height, 0);
    tape.mode = mode;
    if (stream && mode == PDQ_REFERENCE && tape.no_memory_reference) {
        tape.open--;
        return NULL;
    }
    return stream;
}

static void tape_put(const uint8_t *row, unsigned channels)
{
    size_t n = (size_t)tape.width * channels;
    tape.channels = channels;
    tape.bytes = realloc(tape.bytes, tape.n + n);
    memcpy(tape.bytes + tape.n, row, n);
    tape.n += n;
}

void pdq_row_rgb(struct pdq_stream *stream, const uint8_t *rgb)
{
    (void)stream;
    tape_put(rgb, 3);
}

void pdq_row_gray(struct pdq_stream *stream, const uint8_t *gray)
{
    (void)stream;
    tape_put(gray, 1);
}

void pdq_finish(struct pdq_stream *stream, struct pdq_result *out)
{
    (void)stream;
    memset(out, 0, sizeof(*out));
    out->hash[0] = tape.mode == PDQ_REFERENCE ? 2 : 1;
    out->stable = tape.mode == PDQ_REFERENCE || !tape.unstable;
}

void pdq_free(struct pdq_stream *stream)
{
    if (stream)
        tape.open--;
}

static inline void tape_clear(void)
{
    free(tape.bytes);
    tape = (struct tape){.bytes = NULL};
}

/** Rows that came in the last pass. */
static inline unsigned tape_rows(void)
{
    return tape.n ? (unsigned)(tape.n / ((size_t)tape.width * tape.channels)) : 0;
}

#endif
