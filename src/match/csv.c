#include "match/csv.h"

#include <stdbool.h>
#include <string.h>

/** Where a split is. */
struct split {
    const uint8_t *p, *end;
    uint8_t separator;
    struct csv_row *row;
};

static bool at_line_end(const struct split *split)
{
    return split->p == split->end || *split->p == '\n' ||
           (*split->p == '\r' && (split->p + 1 == split->end || split->p[1] == '\n'));
}

/** Takes a quoted field without its quotes; "" is a quote. The buffer does not move: it was reserved for all of the
 * input. */
static enum csv_result take_quoted(struct split *split, struct csv_field *field)
{
    struct buf *text = &split->row->text;
    field->text = text->data + text->len;
    split->p++;
    for (;;) {
        const uint8_t *quote = memchr(split->p, '"', (size_t)(split->end - split->p));
        if (!quote)
            return CSV_OPEN;
        buf_put(text, split->p, (size_t)(quote - split->p));
        split->p = quote + 1;
        if (split->p == split->end || *split->p != '"')
            break;
        buf_byte(text, '"');
        split->p++;
    }
    field->n = (size_t)(text->data + text->len - field->text);
    return at_line_end(split) || *split->p == split->separator ? CSV_ROW : CSV_STRAY;
}

static void take_plain(struct split *split, struct csv_field *field)
{
    const uint8_t *begin = split->p;
    while (split->p < split->end && *split->p != split->separator && !at_line_end(split))
        split->p++;
    *field = (struct csv_field){begin, (size_t)(split->p - begin)};
}

static enum csv_result take_fields(struct split *split)
{
    struct csv_row *row = split->row;
    for (;;) {
        if (row->n == CSV_FIELDS_MAX)
            return CSV_MANY;
        struct csv_field *field = &row->fields[row->n++];
        if (split->p < split->end && *split->p == '"') {
            enum csv_result result = take_quoted(split, field);
            if (result != CSV_ROW)
                return result;
        } else {
            take_plain(split, field);
        }
        if (at_line_end(split))
            return CSV_ROW;
        split->p++;
    }
}

enum csv_result csv_split(const uint8_t *text, size_t n, uint8_t separator, struct csv_row *row, size_t *used)
{
    struct split split = {text, text + n, separator, row};
    row->n = 0;
    row->text.len = 0;
    buf_reserve(&row->text, n + 1);
    enum csv_result result = take_fields(&split);
    const uint8_t *from = result == CSV_ROW ? split.p : text;
    const uint8_t *newline = memchr(from, '\n', (size_t)(text + n - from));
    *used = newline ? (size_t)(newline - text) + 1 : n;
    return result;
}

void csv_free(struct csv_row *row)
{
    buf_free(&row->text);
}
