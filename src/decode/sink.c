#include "decode/sink.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say(struct decode_result *result, const char *format, va_list args)
{
    vsnprintf(result->detail, sizeof(result->detail), format, args);
    for (char *p = result->detail; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
}

void decode_end(struct decode_result *result, enum trawl_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    result->status = status;
    result->limit = LIMIT_NONE;
    say(result, format, args);
    va_end(args);
}

void decode_end_limit(struct decode_result *result, enum limit_id limit, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    result->status = TRAWL_LIMIT;
    result->limit = limit;
    say(result, format, args);
    va_end(args);
}

void decode_end_memory(struct decode_result *result)
{
    decode_end_limit(result, LIMIT_DECODE_MEMORY, "the picture needs more memory than one decoder may have");
}

bool decode_memory(const struct picture *picture, uint64_t bytes, struct decode_result *result)
{
    void *volatile probe = NULL;
    if (!limit_exceeded(&picture->request->limits, LIMIT_DECODE_MEMORY, bytes))
        probe = malloc(bytes ? (size_t)bytes : 1);
    bool there = probe;
    free(probe);
    if (!there)
        decode_end_memory(result);
    return there;
}

bool decode_size(const struct picture *picture, uint32_t width, uint32_t height, struct decode_result *result)
{
    result->width = width;
    result->height = height;
    if (!limit_exceeded(&picture->request->limits, LIMIT_PIXELS, (uint64_t)width * height))
        return true;
    decode_end_limit(result, LIMIT_PIXELS, "%u x %u pixels", width, height);
    return false;
}

unsigned decode_percent(uint32_t n, uint32_t total)
{
    return total ? (unsigned)((uint64_t)n * 100 / total) : 0;
}

void decode_passes(const struct decode_request *request, const uint8_t *data, size_t size,
                   void (*pass)(const struct picture *picture, struct decode_result *result),
                   struct decode_result *result)
{
    decode_passes_part(request, data, size, 0, pass, result);
}

void decode_passes_part(const struct decode_request *request, const uint8_t *data, size_t size, uint64_t part,
                        void (*pass)(const struct picture *picture, struct decode_result *result),
                        struct decode_result *result)
{
    struct picture picture = {.request = request, .data = data, .size = size, .mode = PDQ_BANDED, .part = part};
    pass(&picture, result);
    if (!request->exact || !result->has_pdq ||
        (result->pdq.stable && result->rotations_stable == result->has_rotations))
        return;
    struct decode_result again;
    memset(&again, 0, sizeof(again));
    picture.mode = PDQ_REFERENCE;
    pass(&picture, &again);
    if (!again.has_pdq)
        return;
    /* A stable hash has the same bits, and says so whether or not rotations are asked for. */
    if (!result->pdq.stable)
        result->pdq = again.pdq;
    result->rotations_stable = again.rotations_stable;
    memcpy(result->rotations, again.rotations, sizeof(result->rotations));
    if (result->has_rotations)
        memcpy(result->rotations[PDQ_ORIGINAL], result->pdq.hash, PDQ_BYTES);
}

void decode_flatten(uint8_t *rgb, const uint8_t *rgba, uint32_t width)
{
    for (uint32_t x = 0; x < width; x++, rgba += 4, rgb += 3) {
        uint8_t alpha = rgba[3];
        rgb[0] = decode_over_white(rgba[0], alpha);
        rgb[1] = decode_over_white(rgba[1], alpha);
        rgb[2] = decode_over_white(rgba[2], alpha);
    }
}

static bool sink_start(struct sink *sink, uint32_t width, uint32_t height, uint32_t rows)
{
    sink->begun = true;
    sink->rows = 0;
    sink->height = rows;
    return width >= PDQ_MIN_SIDE && height >= PDQ_MIN_SIDE;
}

bool sink_begin(struct sink *sink, const struct picture *picture, uint32_t width, uint32_t height, unsigned channels)
{
    if (!sink_start(sink, width, height, height))
        return true;
    sink->put = channels == 1 ? pdq_row_gray : pdq_row_rgb;
    sink->pdq = pdq_new(width, height, picture->mode);
    return sink->pdq;
}

bool sink_begin_scaled(struct sink *sink, uint32_t width, uint32_t height, uint32_t scaled_width,
                       uint32_t scaled_height, unsigned denominator)
{
    if (!sink_start(sink, width, height, scaled_height))
        return true;
    sink->put = pdq_row_gray;
    sink->pdq = pdq_new_scaled(width, height, scaled_width, scaled_height, denominator);
    return sink->pdq;
}

void sink_row(struct sink *sink, const uint8_t *row)
{
    if (sink->rows == sink->height)
        return;
    sink->rows++;
    if (sink->pdq)
        sink->put(sink->pdq, row);
}

void sink_finish(struct sink *sink, const struct picture *picture, struct decode_result *result)
{
    if (result->status != TRAWL_OK && result->status != TRAWL_PARTIAL)
        return;
    if (sink->pdq) {
        pdq_finish(sink->pdq, &result->pdq);
        result->has_pdq = true;
        result->screen = !picture->request->exact;
        result->has_rotations = picture->request->rotations;
        /* What decides whether a screening hash is trusted counts for all that are looked up. */
        if (result->has_rotations)
            result->rotations_stable = pdq_rotations(sink->pdq, result->rotations, &result->pdq.doubtful);
        result->has_thumbnail = picture->request->thumbnail;
        if (result->has_thumbnail)
            pdq_thumbnail(sink->pdq, result->thumbnail);
    } else if (result->status == TRAWL_OK) {
        decode_end(result, TRAWL_OK, "smaller than 5 x 5 pixels: no PDQ");
    }
}

void sink_free(struct sink *sink)
{
    pdq_free(sink->pdq);
    sink->pdq = NULL;
}
