/* hash_line.h: one line that names a hash, in any of the forms that tools write. */
#ifndef MATCH_HASH_LINE_H
#define MATCH_HASH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/match.h"

/**
 * Forms: `TYPE HEX [label]`, `HEX [label]`, `HEX  name` and `HEX *name` (md5sum and its kin; `\HEX  name` with
 * escapes), `TYPE (name) = HEX` (BSD, OpenSSL), `HEX,quality,path` (PDQ tools). Between HEX and label: blanks, tab,
 * comma or semicolon. Texts are borrowed from the line.
 */
struct hash_line {
    /** What the line says; HASH_UNKNOWN where it does not. */
    enum hash_type type;
    /**
     * What the form suggests of 64 digits where nothing else says it: SHA-256 for `HEX  name`, PDQ for
     * `HEX,quality,path`. One blank and a label suggests nothing: SHA-256 and PDQ lists both look so.
     */
    enum hash_type hint;
    const uint8_t *hex;
    size_t digits;
    const uint8_t *label;
    size_t label_len;
    /** The label has \\, \n and \r escapes. */
    bool escaped;
    /** -1 where there is none. If the hash is a PDQ, its label is what follows the quality. */
    int quality;
    const uint8_t *path;
    size_t path_len;
};

enum line_kind { LINE_BLANK, LINE_HASH, LINE_BAD };

/** `why` says in words what is wrong with a LINE_BAD. Lines that begin with # or ; are comments: LINE_BLANK. */
enum line_kind hash_line_parse(const uint8_t *text, size_t n, struct hash_line *line, const char **why);

#endif
