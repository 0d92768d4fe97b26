/* limits.h: every bound on what evidence may cost, in one struct, checked by one function. */
#ifndef TRAWL_LIMITS_H
#define TRAWL_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

enum limit_id {
    LIMIT_NONE,
    LIMIT_DEPTH,
    LIMIT_DIR_DEPTH,
    LIMIT_ENTRIES,
    LIMIT_MEMBER_BYTES,
    LIMIT_CONTAINER_BYTES,
    LIMIT_RATIO,
    LIMIT_DECODE_BYTES,
    LIMIT_PIXELS,
    LIMIT_JPEG_SCANS,
    LIMIT_JPEG_WARNINGS,
    LIMIT_PNG_CHUNK_BYTES,
    LIMIT_GIF_FRAMES,
    LIMIT_TIFF_DIRECTORIES,
    LIMIT_FRAMES,
    LIMIT_PICTURES,
    LIMIT_DECODE_SECONDS,
    LIMIT_DECODE_MEMORY,
    LIMIT_UNPACK_STALL,
    LIMIT_UNPACK_SECONDS,
    LIMIT_UNPACK_MEMORY,
    LIMIT_VIDEO_SECONDS,
    LIMIT_VIDEO_FRAMES,
    LIMIT_VIDEO_TRACKS,
    LIMIT_VIDEO_PIXELS,
    LIMIT_VIDEO_CPU,
    LIMIT_CARVE_WORK,
    LIMIT_CARVE_PARTIAL,
    LIMIT_OBJECTS,
    LIMIT_COUNT
};

/** One value per limit; plain data, so that it crosses to the children by memcpy. */
struct limits {
    uint64_t value[LIMIT_COUNT];
};

/** A row of the table that feeds --limit and --help. */
struct limit_info {
    const char *name; /* as in --limit NAME=VALUE and in the inventory's "limit" */
    uint64_t value;   /* default */
    char unit;        /* 'n' a count, 'b' bytes (takes K M G T), 's' seconds of processor time */
    const char *help; /* one line */
};

extern const struct limit_info limit_table[LIMIT_COUNT];

void limits_default(struct limits *limits);

/** True if value is beyond the limit. The only place where a limit is compared. */
bool limit_exceeded(const struct limits *limits, enum limit_id id, uint64_t value);

/** True if a container that gave `out` bytes from `in` is past LIMIT_RATIO (only from 1 GiB on). */
bool limit_ratio_exceeded(const struct limits *limits, uint64_t in, uint64_t out);

/** Digits, and where unit is 'b' a K, M, G or T (either case) behind them. False where it is anything else or too
 * large. */
bool limit_value_parse(const char *text, char unit, uint64_t *value);

/** Sets one limit from "NAME=VALUE". Returns 0, or -1 with a sentence in `why`. */
int limits_parse(struct limits *limits, const char *text, char *why, unsigned why_size);

#endif
