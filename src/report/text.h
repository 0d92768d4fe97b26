/* text.h: foreign words (list names, labels, notes) in each medium, by way of their display form (core/escape.h). */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/** A JSON string, a CSV field, HTML text. */
void text_json(struct buf *out, const char *raw);
void text_csv(struct buf *out, const char *raw);
void text_html(struct buf *out, const char *raw);
/** A display form, no more than `max` bytes of it, cut at a character, with an ellipsis. */
void text_cut(struct buf *out, const char *text, size_t n, size_t max);
/** HTML text of a display form, no more than `max` bytes of it; says what was left out. */
void html_cut(struct buf *out, const char *text, size_t n, size_t max);
/** 1,234,567 */
void html_number(struct buf *out, uint64_t v);
/** "12.3 MiB". */
void html_bytes(struct buf *out, uint64_t v);

#endif
