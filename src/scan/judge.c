/* judge.c: trawl review: what people say of findings goes into the journal, and the reports are written again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/io.h"
#include "match/csv.h"
#include "match/hex.h"
#include "match/rows.h"
#include "report/verdict.h"
#include "scan/access.h"
#include "scan/case.h"
#include "trawl/scan.h"

/** Words of a reviewer that are kept with a verdict, and bad rows that are shown. */
#define WORDS_MAX 1024
#define SHOWN_MAX 20

/** A table of verdicts while it is read. */
struct table {
    const char *path;
    struct rows rows;
    uint8_t separator;
    /** Columns; SIZE_MAX where there is none. */
    size_t sha256, verdict, reviewer;
    uint64_t line, taken, empty, bad;
};

static bool is_named(const struct csv_field *field, const char *const *names)
{
    size_t n = field->n;
    const char *text = (const char *)field->text;
    while (n && (text[n - 1] == ' ' || text[n - 1] == '\r'))
        n--;
    for (; *names; names++)
        if (strlen(*names) == n && strncasecmp(text, *names, n) == 0)
            return true;
    return false;
}

static size_t column(const struct csv_row *row, const char *const *names)
{
    for (size_t i = 0; i < row->n; i++)
        if (is_named(&row->fields[i], names))
            return i;
    return SIZE_MAX;
}

/** Finds the separator with which the first row names both columns. */
static bool read_header(struct table *table, struct csv_row *row)
{
    static const char *const digests[] = {"sha256", "sha-256", NULL};
    static const char *const verdicts[] = {"verdict", "decision", "result", "review", NULL};
    static const char *const reviewers[] = {"reviewer", "examiner", "by", NULL};
    static const uint8_t separators[] = {',', ';', '\t'};
    const uint8_t *text;
    size_t n = rows_peek(&table->rows, &text), mark = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0, used;
    for (size_t i = 0; i < sizeof(separators); i++) {
        if (csv_split(text + mark, n - mark, separators[i], row, &used) != CSV_ROW)
            continue;
        table->separator = separators[i];
        table->sha256 = column(row, digests);
        table->verdict = column(row, verdicts);
        table->reviewer = column(row, reviewers);
        if (table->sha256 == SIZE_MAX || table->verdict == SIZE_MAX)
            continue;
        rows_skip(&table->rows, mark + used);
        return true;
    }
    return false;
}

static void bad_row(struct table *table, const char *why)
{
    if (table->bad++ < SHOWN_MAX)
        fprintf(stderr, "trawl: %s:%llu: %s\n", table->path, (unsigned long long)table->line, why);
}

/** One row into the journal. Returns 0 or -errno. */
static int take_row(struct table *table, const struct csv_row *row, struct journal *journal)
{
    struct buf payload = {0};
    uint8_t sha256[32];
    if (table->verdict >= row->n || !row->fields[table->verdict].n) {
        table->empty++;
        return 0;
    }
    const struct csv_field *word = &row->fields[table->verdict], *digest = &row->fields[table->sha256];
    enum verdict verdict = verdict_from_word((const char *)word->text, word->n);
    if (!verdict) {
        bad_row(table, "no verdict: confirmed, rejected or unsure");
        return 0;
    }
    if (table->sha256 >= row->n || digest->n != 64 || !hex_decode(digest->text, sha256, sizeof(sha256))) {
        bad_row(table, "no SHA-256");
        return 0;
    }
    buf_u8(&payload, (uint8_t)verdict);
    buf_put(&payload, sha256, sizeof(sha256));
    if (table->reviewer < row->n)
        buf_put(&payload, row->fields[table->reviewer].text,
                row->fields[table->reviewer].n < WORDS_MAX ? row->fields[table->reviewer].n : WORDS_MAX);
    table->taken++;
    int error = journal_append(journal, JOURNAL_VERDICT, payload.data, payload.len, false);
    buf_free(&payload);
    return error;
}

static int take_rows(struct table *table, struct csv_row *row, struct journal *journal)
{
    const uint8_t *text;
    size_t n, used;
    int error = 0;
    while (!error && (n = rows_peek(&table->rows, &text)) > 0) {
        table->line = table->rows.line;
        if (csv_split(text, n, table->separator, row, &used) == CSV_ROW) {
            error = row->n == 1 && !row->fields[0].n ? 0 : take_row(table, row, journal);
            rows_skip(&table->rows, used);
        } else {
            struct row line;
            rows_next(&table->rows, &line);
            bad_row(table, "quotes that do not fit");
        }
    }
    return error ? error : table->rows.error ? -table->rows.error : 0;
}

/** A segment of its own takes them. Returns 0 or -errno. */
static int record(struct case_folder *folder, struct table *table, struct csv_row *row)
{
    struct journal *journal;
    int error = journal_open(folder->journal_dirfd, folder->state.segments + 1, folder->state.sequence,
                             folder->state.chain, &journal);
    if (error)
        return error;
    error = take_rows(table, row, journal);
    int closed = journal_close(journal);
    return error ? error : closed;
}

/** transparency.json to stdout. */
static int show(const struct case_folder *folder)
{
    char block[65536];
    int fd = openat(folder->dirfd, "transparency.json", O_RDONLY | O_CLOEXEC | O_NOFOLLOW), error = 0;
    ssize_t n = 0;
    while (fd >= 0 && !error && (n = read(fd, block, sizeof(block))) > 0)
        error = io_write_all(STDOUT_FILENO, block, (size_t)n);
    if (fd < 0 || n < 0)
        error = -errno;
    if (fd >= 0)
        close(fd);
    return error;
}

static int judge(struct case_folder *folder, struct table *table, bool quiet)
{
    struct report_totals totals;
    struct csv_row *row = ALLOC(struct csv_row);
    int error = 0, status = 0;
    if (!read_header(table, row)) {
        fprintf(stderr, "trawl: %s: its first row names no columns sha256 and verdict\n", table->path);
        status = EXIT_USAGE;
    } else {
        error = record(folder, table, row);
        folder->verdicts += table->taken;
        error =
            error ? error : case_report(folder, folder->dirfd, REPORT_DEFAULT | report_present(folder->dirfd), &totals);
        error = error ? error : show(folder);
    }
    csv_free(row);
    free(row);
    if (error) {
        fprintf(stderr, "trawl: %s: %s\n", folder->path, strerror(-error));
        return EXIT_OUTPUT;
    }
    if (!status && !quiet)
        fprintf(stderr, "trawl: %llu verdicts taken, %llu rows without one, %llu bad rows\n",
                (unsigned long long)table->taken, (unsigned long long)table->empty, (unsigned long long)table->bad);
    return status ? status : table->bad ? EXIT_UNEXAMINED : 0;
}

static int read_case(struct case_folder *folder, const char *case_dir)
{
    char why[CASE_WHY];
    int status = case_open(folder, case_dir, why);
    if (status) {
        fprintf(stderr, "trawl: %s\n", why);
        return status;
    }
    int r = case_read(folder);
    case_settle(folder);
    if (!r && !folder->resumed)
        r = -EBADMSG;
    if (r)
        fprintf(stderr, "trawl: %s: the journal cannot be read: %s\n", case_dir, strerror(-r));
    else if (!folder->finished)
        fprintf(stderr, "trawl: %s: its scan is not finished\n", case_dir);
    return r || !folder->finished ? EXIT_USAGE : 0;
}

int scan_review(const char *case_dir, const char *verdicts, bool quiet)
{
    struct case_folder folder = {.dirfd = -1, .journal_dirfd = -1};
    struct table table = {.path = verdicts};
    int fd = open(verdicts, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "trawl: %s: %s\n", verdicts, strerror(errno));
        return EXIT_USAGE;
    }
    int status = read_case(&folder, case_dir);
    if (!status) {
        access_log(folder.journal_dirfd, "review");
        rows_open(&table.rows, fd, ROW_MAX, false);
        status = judge(&folder, &table, quiet);
        rows_close(&table.rows);
    }
    case_close(&folder);
    close(fd);
    return status;
}
