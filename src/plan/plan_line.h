/* plan_line.h: the lines of a plan, one by one. */
#ifndef PLAN_PLAN_LINE_H
#define PLAN_PLAN_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/buf.h"
#include "trawl/digest.h"

enum plan_line_kind {
    PLAN_LINE_HEAD,
    PLAN_LINE_OPTION,
    PLAN_LINE_SOURCE,
    PLAN_LINE_UNIT,
    PLAN_LINE_FILE,
    PLAN_LINE_END
};

/** What may stand in a line: its keys, in the order of the table. */
enum plan_key {
    KEY_TRAWL_PLAN,
    KEY_VERSION,
    KEY_TARGET_BYTES,
    KEY_OPTION,
    KEY_OPTION_RAW,
    KEY_SOURCE,
    KEY_SOURCE_RAW,
    KEY_UNIT,
    KEY_FILES,
    KEY_BYTES,
    KEY_WEIGHT,
    KEY_FIRST,
    KEY_END_RANGE,
    KEY_OF,
    KEY_PATH,
    KEY_RAW,
    KEY_SOURCE_BYTES,
    KEY_UNKNOWN,
    KEY_TYPE,
    KEY_SIZE,
    KEY_MTIME,
    KEY_UNITS,
    PLAN_KEYS
};

/** Texts are borrowed from the line. */
struct plan_text {
    const uint8_t *text;
    size_t n;
};

struct plan_line {
    enum plan_line_kind kind;
    /** Bits of the keys that are there. */
    uint32_t keys;
    /** By key: numbers, and texts as they stand. */
    uint64_t numbers[PLAN_KEYS];
    struct plan_text texts[PLAN_KEYS];
    int64_t mtime;
    /** "end" is true, as in a plan's last line, not the number that a range has. */
    bool ends;
};

static inline bool plan_line_has(const struct plan_line *line, enum plan_key key)
{
    return line->keys >> key & 1;
}

/** Reads one line without its end. False where it is none of a plan. */
bool plan_line_parse(const uint8_t *text, size_t n, struct plan_line *line);
/** The bytes that `key` stands for, or `raw`, its hexadecimal form, where that is there; appended to `out`. False where
 * they are none. */
bool plan_line_bytes(const struct plan_line *line, enum plan_key key, enum plan_key raw, struct buf *out);

/** Lines of a file, and the digests of all its bytes. */
struct plan_lines {
    FILE *file;
    struct buf window;
    size_t at;
    bool at_end;
    struct digest_stream *digest;
};

void plan_lines_open(struct plan_lines *lines, FILE *file);
/** The next line, without its end, valid until the next call: 1; 0 at the end; -1: unreadable, too long, or cut. */
int plan_lines_next(struct plan_lines *lines, const uint8_t **text, size_t *n);
/** True where what was read last has no end: the file ends there. */
bool plan_lines_cut(const struct plan_lines *lines);
/** Of all bytes that were read. */
void plan_lines_digest(struct plan_lines *lines, uint8_t sha256[32]);
void plan_lines_close(struct plan_lines *lines);

#endif
