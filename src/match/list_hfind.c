/* list_hfind.c: the indexes that hfind and Autopsy make of hash lists (.idx): two rows of header, then HASH|offset. */
#include <string.h>

#include "match/hex.h"
#include "match/list.h"

/** Of the rows of the header, before '|'. */
#define HEADER_DIGITS 41

static bool recognise(const uint8_t *head, size_t n)
{
    if (n <= HEADER_DIGITS || head[HEADER_DIGITS] != '|')
        return false;
    size_t i = 0;
    while (i < HEADER_DIGITS && head[i] == '0')
        i++;
    return i == HEADER_DIGITS;
}

static void load_row(struct loader *loader, const struct row *row)
{
    uint8_t digest[32];
    struct posting posting;
    struct entry entry = {.line = row->line, .severity = SEVERITY_NONE};
    size_t digits = hex_span(row->text, row->n);
    enum hash_type type = list_type_from_digits(digits);
    if (digits == HEADER_DIGITS && row->line <= 2) {
        if (row->line == 2) {
            buf_puts(&loader->source, "hfind index of ");
            buf_put(&loader->source, row->text + digits + 1, row->n > digits ? row->n - digits - 1 : 0);
        }
        return;
    }
    if (type == HASH_UNKNOWN || digits == row->n || row->text[digits] != '|')
        loader_bad(loader, row->line, "no HASH|offset: \"%s\"", loader_quote(loader, row->text, row->n));
    else if (loader_decode(loader, row->line, type, row->text, digits, digest) &&
             loader_posting(loader, &entry, &posting))
        loader_add(loader, type, digest, &posting);
}

static void load(struct loader *loader)
{
    struct row row;
    while (!loader_failed(loader) && rows_next(&loader->rows, &row)) {
        if (row.too_long)
            loader_bad(loader, row.line, "longer than %d bytes", ROW_MAX);
        else if (row.n)
            load_row(loader, &row);
    }
}

const struct list_format list_format_hfind = {"hfind", recognise, load};
