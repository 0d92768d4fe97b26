/* list_hashdeep.c: files of hashdeep and md5deep: "%%%% HASHDEEP-1.0", a line that names the columns, then rows. */
#include <string.h>

#include "match/list.h"

#define COLUMNS_MAX 16
/** Column numbers that are no hash type. */
enum { FIELD_OTHER = HASH_TYPE_COUNT, FIELD_SIZE, FIELD_NAME };

struct fields {
    int kinds[COLUMNS_MAX];
    size_t n;
    bool has_hash;
};

static const char magic[] = "%%%% HASHDEEP-";

static bool recognise(const uint8_t *head, size_t n)
{
    return n >= sizeof(magic) - 1 && memcmp(head, magic, sizeof(magic) - 1) == 0;
}

static bool text_is(const uint8_t *text, size_t n, const char *want)
{
    return strlen(want) == n && memcmp(text, want, n) == 0;
}

/** Tiger, whirlpool and what else there is: passed over. */
static int column_kind(const uint8_t *name, size_t n)
{
    if (text_is(name, n, "size"))
        return FIELD_SIZE;
    if (text_is(name, n, "filename"))
        return FIELD_NAME;
    enum hash_type type = list_type_from_name(name, n);
    return type == HASH_UNKNOWN || type == HASH_PDQ ? FIELD_OTHER : (int)type;
}

/** The text up to the next comma. */
static size_t field_len(const uint8_t *text, size_t n)
{
    const uint8_t *comma = memchr(text, ',', n);
    return comma ? (size_t)(comma - text) : n;
}

/** "%%%% size,md5,sha256,filename" */
static void read_columns(struct loader *loader, const struct row *row, struct fields *columns)
{
    const uint8_t *text = row->text + 5;
    size_t n = row->n - 5;
    *columns = (struct fields){0};
    for (;;) {
        size_t len = field_len(text, n);
        int kind = column_kind(text, len);
        if (columns->n == COLUMNS_MAX) {
            loader_fail(loader, "%s:%llu: more than %d columns", loader->path, (unsigned long long)row->line,
                        COLUMNS_MAX);
            return;
        }
        columns->kinds[columns->n++] = kind;
        columns->has_hash |= kind < HASH_TYPE_COUNT;
        if (len == n)
            break;
        text += len + 1;
        n -= len + 1;
    }
    if (!columns->has_hash)
        loader_fail(loader, "%s:%llu: none of the columns is md5, sha1 or sha256", loader->path,
                    (unsigned long long)row->line);
}

static bool all_digits(const uint8_t *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return n;
}

/** Splits a row; the file name, which may hold commas, is the rest. Returns why not. */
static const char *split(const struct row *row, const struct fields *columns, struct row *fields)
{
    const uint8_t *text = row->text;
    size_t n = row->n;
    for (size_t i = 0; i < columns->n; i++) {
        bool last = i + 1 == columns->n;
        size_t len = last ? n : field_len(text, n);
        if (!last && len == n)
            return "fewer fields than columns";
        fields[i] = (struct row){.text = text, .n = len};
        if (columns->kinds[i] == FIELD_SIZE && !all_digits(text, len))
            return "no size where the size should be";
        text += last ? len : len + 1;
        n -= last ? len : len + 1;
    }
    return NULL;
}

static void load_row(struct loader *loader, const struct row *row, const struct fields *columns)
{
    struct row fields[COLUMNS_MAX];
    struct entry entry = {.line = row->line, .severity = SEVERITY_NONE};
    struct posting posting;
    const char *why = memchr(row->text, '\0', row->n) ? "it holds NUL bytes" : split(row, columns, fields);
    if (why) {
        loader_bad(loader, row->line, "%s: \"%s\"", why, loader_quote(loader, row->text, row->n));
        return;
    }
    for (size_t i = 0; i < columns->n; i++)
        if (columns->kinds[i] == FIELD_NAME) {
            entry.label = fields[i].text;
            entry.label_len = fields[i].n;
        }
    if (!loader_posting(loader, &entry, &posting))
        return;
    for (size_t i = 0; i < columns->n; i++) {
        uint8_t digest[32];
        enum hash_type type = (enum hash_type)columns->kinds[i];
        if (columns->kinds[i] < HASH_TYPE_COUNT &&
            loader_decode(loader, row->line, type, fields[i].text, fields[i].n, digest))
            loader_add(loader, type, digest, &posting);
    }
}

static void load(struct loader *loader)
{
    struct fields columns = {0};
    struct row row;
    while (!loader_failed(loader) && rows_next(&loader->rows, &row)) {
        if (row.too_long)
            loader_bad(loader, row.line, "longer than %d bytes", ROW_MAX);
        else if (!row.n || row.text[0] == '#' || recognise(row.text, row.n))
            continue;
        else if (row.n > 5 && memcmp(row.text, "%%%% ", 5) == 0)
            read_columns(loader, &row, &columns);
        else if (!columns.n)
            loader_bad(loader, row.line, "no line has named the columns yet");
        else
            load_row(loader, &row, &columns);
    }
}

const struct list_format list_format_hashdeep = {"hashdeep", recognise, load};
