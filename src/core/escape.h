/* escape.h: names out of evidence are hostile. One function for each medium they are written to. */
#ifndef CORE_ESCAPE_H
#define CORE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/** True if the bytes are well-formed UTF-8 (no overlong forms, no surrogates). */
bool utf8_valid(const void *text, size_t n);
/**
 * The display form of raw bytes: valid UTF-8 on one line; control characters (C0, DEL, C1), line separators, bidi
 * controls, the byte order mark, invalid UTF-8 and the backslash as \xHH for each of their bytes. Reversible. Returns
 * true if anything had to be escaped.
 */
bool escape_text(struct buf *out, const void *raw, size_t n);
/** A JSON string, with its quotes, of text that is valid UTF-8 (as escape_text gives); `<`, U+2028 and U+2029 as \u. */
void escape_json(struct buf *out, const char *text, size_t n);
void escape_json_str(struct buf *out, const char *text);
/**
 * An RFC 4180 field in quotes. An apostrophe goes before what a spreadsheet would run as a formula: = + - @, tab, CR or
 * LF, and the full-width signs, also behind blanks and quotes, at the beginning and behind each `;` and tab.
 */
void escape_csv(struct buf *out, const char *text, size_t n);
/** HTML text: & < > " ' as entities. */
void escape_html(struct buf *out, const char *text, size_t n);

#endif
