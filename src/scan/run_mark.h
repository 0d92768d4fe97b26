/* run_mark.h: JOURNAL_RUN: when a run began, and what it was besides its question. */
#ifndef SCAN_RUN_MARK_H
#define SCAN_RUN_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct scan_options;

struct run_mark {
    /** Nanoseconds since 1970. */
    int64_t clock;
    /** Stands for this build: its version, its readers and decoders, and their libraries. */
    uint8_t build[32];
    /** Stands for how lists were read: maps, and the type of bare values. */
    uint64_t reading;
};

/** Of a run that begins now. */
void run_mark_of(const struct scan_options *options, struct run_mark *mark);
void run_mark_encode(const struct run_mark *mark, struct buf *out);
/** False where the bytes are none. */
bool run_mark_decode(const uint8_t *bytes, size_t n, struct run_mark *mark);

#endif
