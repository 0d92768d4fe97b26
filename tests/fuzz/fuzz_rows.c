/* fuzz_rows.c: lines of a file, and rows of comma-separated values, compared with a plain splitting of the same bytes.
 */
#include "fuzz.h"
#include "match/csv.h"
#include "match/rows.h"

static const uint8_t *line_end(const uint8_t *p, const uint8_t *end)
{
    const uint8_t *newline = memchr(p, '\n', (size_t)(end - p));
    return newline ? newline : end;
}

/** Each line comes once, with its number; one that is too long is said to be. */
static void check_lines(const uint8_t *bytes, size_t n, size_t max)
{
    struct rows rows;
    struct row row;
    int fd = fuzz_memfd(bytes, n);
    const uint8_t *p = bytes, *end = bytes + n;
    uint64_t number = 1;
    rows_open(&rows, fd, max, false);
    while (rows_next(&rows, &row)) {
        CHECK(p < end);
        const uint8_t *stop = line_end(p, end);
        size_t len = (size_t)(stop - p);
        len -= len && p[len - 1] == '\r';
        CHECK(row.line == number++);
        CHECK(row.too_long == (len > max));
        CHECK(row.too_long ? !row.n : row.n == len && (!len || memcmp(row.text, p, len) == 0));
        p = stop < end ? stop + 1 : end;
    }
    CHECK(p == end && !rows.error);
    rows_close(&rows);
    close(fd);
}

/** rows_peek and rows_skip give the same bytes, in whatever pieces. */
static void check_peek(const uint8_t *bytes, size_t n, size_t max, uint64_t steps)
{
    struct rows rows;
    const uint8_t *text;
    int fd = fuzz_memfd(bytes, n);
    size_t at = 0, have;
    rows_open(&rows, fd, max, false);
    while ((have = rows_peek(&rows, &text)) > 0) {
        CHECK(have <= n - at && memcmp(text, bytes + at, have) == 0);
        CHECK(have > max || have == n - at);
        size_t step = 1 + (size_t)(steps >> at % 48 & 15);
        step = step < have ? step : have;
        rows_skip(&rows, step);
        at += step;
    }
    CHECK(at == n);
    rows_close(&rows);
    close(fd);
}

/** Writes the fields again, all in quotes, and splits that. */
static void check_again(const struct csv_row *row, uint8_t separator)
{
    struct buf text = {0};
    struct csv_row *again = calloc(1, sizeof(*again));
    size_t used;
    CHECK(again);
    for (size_t i = 0; i < row->n; i++) {
        if (i)
            buf_byte(&text, separator);
        buf_byte(&text, '"');
        for (size_t k = 0; k < row->fields[i].n; k++) {
            if (row->fields[i].text[k] == '"')
                buf_byte(&text, '"');
            buf_byte(&text, row->fields[i].text[k]);
        }
        buf_byte(&text, '"');
    }
    buf_byte(&text, '\n');
    CHECK(csv_split(text.data, text.len, separator, again, &used) == CSV_ROW && used == text.len && again->n == row->n);
    for (size_t i = 0; i < row->n; i++)
        CHECK(again->fields[i].n == row->fields[i].n &&
              (!row->fields[i].n || memcmp(again->fields[i].text, row->fields[i].text, row->fields[i].n) == 0));
    buf_free(&text);
    csv_free(again);
    free(again);
}

static void check_csv(const uint8_t *bytes, size_t n, uint8_t separator)
{
    struct csv_row *row = calloc(1, sizeof(*row));
    CHECK(row);
    for (size_t at = 0; at < n;) {
        size_t used = 0;
        enum csv_result result = csv_split(bytes + at, n - at, separator, row, &used);
        CHECK(used > 0 && used <= n - at && row->n <= CSV_FIELDS_MAX);
        CHECK(used == n - at || bytes[at + used - 1] == '\n');
        if (result == CSV_ROW) {
            CHECK(row->n > 0);
            check_again(row, separator);
        } else {
            CHECK(result == CSV_OPEN || result == CSV_STRAY || result == CSV_MANY);
        }
        at += used;
    }
    csv_free(row);
    free(row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t separators[] = {',', ';', '\t'};
    struct fuzz_input in = {data, size};
    unsigned how = (unsigned)fuzz_number(&in, 1);
    uint64_t steps = fuzz_number(&in, 6);
    uint8_t *bytes = fuzz_copy(in.p, in.n);
    /* A longest line of 4 bytes meets every edge of the buffer. */
    size_t max = how & 8 ? 4 + (how >> 4) : 1024;
    check_lines(bytes, in.n, max);
    check_peek(bytes, in.n, max, steps);
    check_csv(bytes, in.n, separators[how % 3]);
    free(bytes);
    return 0;
}
