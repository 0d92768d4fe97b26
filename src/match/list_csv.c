/* list_csv.c: tables whose first row names the columns. */
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "match/columns.h"
#include "match/csv.h"
#include "match/hex.h"
#include "match/list.h"

struct header {
    uint8_t separator;
    enum column columns[CSV_FIELDS_MAX];
    size_t n;
    size_t hashes, ids;
    /** Whose table it is: told by column names that nobody else has. */
    const struct family *family;
};

/** Tables that are known by name. */
static const struct family {
    const char *format;
    /** A column that the others have not, its name as column_of compares it. */
    const char *column;
    const char *map;
    const char *source;
} families[] = {
    {"tx", "signal_str", "tx", "python-threatexchange data set"},
    {"icse", "baseline", "icse", "ICSE hash set"},
    {"nsrl", "SpecialCode", NULL, "NSRL RDS 2"},
    {"hashkeeper", "hashset_id", NULL, "HashKeeper"},
};
#define N_FAMILIES (sizeof(families) / sizeof(families[0]))

static bool is_hash(const struct csv_field *field)
{
    return (field->n == 32 || field->n == 40 || field->n == 64) && hex_span(field->text, field->n) == field->n;
}

/**
 * A column just called "value" or "hash" is one only where none is called by a type; a column "type" says something of
 * hashes only where there is such a column.
 */
static void settle_columns(struct header *header)
{
    size_t count[COLUMN_OTHER + 1] = {0}, typed = 0;
    for (size_t i = 0; i < header->n; i++) {
        count[header->columns[i]]++;
        typed += header->columns[i] < COLUMN_HASH;
    }
    bool generic = count[COLUMN_HASH] && !typed;
    for (size_t i = 0; i < header->n && !generic; i++)
        if (header->columns[i] == COLUMN_HASH || header->columns[i] == COLUMN_TYPE)
            header->columns[i] = COLUMN_OTHER;
    header->hashes = typed + (generic ? count[COLUMN_HASH] : 0);
    header->ids = count[COLUMN_ID];
}

static const struct family *family_of(const struct csv_field *field)
{
    for (size_t i = 0; i < N_FAMILIES; i++)
        if (strlen(families[i].column) == field->n &&
            strncasecmp(families[i].column, (const char *)field->text, field->n) == 0)
            return &families[i];
    return NULL;
}

/** False where the row is no header: it names no hash, or holds one. */
static bool read_header(const struct csv_row *row, uint8_t separator, struct header *header)
{
    *header = (struct header){.separator = separator, .n = row->n};
    for (size_t i = 0; i < row->n; i++) {
        if (is_hash(&row->fields[i]))
            return false;
        header->columns[i] = column_of(row->fields[i].text, row->fields[i].n);
        header->family = header->family ? header->family : family_of(&row->fields[i]);
    }
    settle_columns(header);
    return header->hashes > 0;
}

/** The first line that is neither blank nor a comment. */
static const uint8_t *first_line(const uint8_t *text, size_t n, size_t *len)
{
    const uint8_t *end = text + n;
    while (text < end) {
        const uint8_t *newline = memchr(text, '\n', (size_t)(end - text));
        *len = (size_t)((newline ? newline + 1 : end) - text);
        if (*text != '#' && *text != ';' && *text != '\n' && *text != '\r')
            return text;
        text += *len;
    }
    return NULL;
}

/** Tries each separator; the one that names most hash columns, then most columns, wins. */
static bool find_header(const uint8_t *head, size_t n, struct header *best, const uint8_t **at, size_t *used)
{
    static const uint8_t separators[] = {',', ';', '\t'};
    struct csv_row row = {0};
    struct header header;
    size_t len = 0, row_used;
    *best = (struct header){0};
    *at = first_line(head, n, &len);
    for (size_t i = 0; *at && i < sizeof(separators); i++) {
        if (csv_split(*at, len, separators[i], &row, &row_used) != CSV_ROW ||
            !read_header(&row, separators[i], &header))
            continue;
        if (header.hashes > best->hashes || (header.hashes == best->hashes && header.n > best->n)) {
            *best = header;
            *used = row_used;
        }
    }
    csv_free(&row);
    return best->hashes > 0;
}

/** The operator's columns: the separator that gives most fields; a first row without a hash in them names them. */
static void use_columns(const struct columns *columns, const uint8_t *head, size_t n, struct header *header,
                        const uint8_t **at, size_t *used)
{
    static const uint8_t separators[] = {',', ';', '\t', '|'};
    struct csv_row row = {0};
    size_t len = 0, row_used, most = 0;
    *header = (struct header){.separator = ',', .n = CSV_FIELDS_MAX, .hashes = 1};
    *at = first_line(head, n, &len);
    *used = 0;
    for (size_t i = 0; i < CSV_FIELDS_MAX; i++)
        header->columns[i] = columns->kinds[i];
    for (size_t i = 0; i < columns->n; i++)
        header->ids += columns->kinds[i] == COLUMN_ID;
    for (size_t i = 0; *at && i < sizeof(separators); i++) {
        if (csv_split(*at, len, separators[i], &row, &row_used) != CSV_ROW || row.n <= most)
            continue;
        bool hash = false;
        for (size_t k = 0; k < row.n; k++)
            hash = hash || (columns->kinds[k] <= COLUMN_HASH && is_hash(&row.fields[k]));
        most = row.n;
        header->separator = separators[i];
        *used = hash ? 0 : row_used;
    }
    csv_free(&row);
}

static bool recognise(const uint8_t *head, size_t n)
{
    struct header header;
    const uint8_t *at;
    size_t used;
    return find_header(head, n, &header, &at, &used);
}

static void trim(struct csv_field *field)
{
    while (field->n && (*field->text == ' ' || *field->text == '\t'))
        field->text++, field->n--;
    while (field->n && (field->text[field->n - 1] == ' ' || field->text[field->n - 1] == '\t'))
        field->n--;
}

/** Databases write these where a record has no hash of a kind. */
static bool is_absent(const struct csv_field *field)
{
    static const char *const words[] = {"-", "null", "n/a", "none"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i]) == field->n && strncasecmp(words[i], (const char *)field->text, field->n) == 0)
            return true;
    return !field->n;
}

/** One row on its way into the list. */
struct table_row {
    struct loader *loader;
    const struct header *header;
    const struct csv_row *csv;
    struct entry entry;
    /** What COLUMN_TYPE says; HASH_UNKNOWN without one. */
    enum hash_type type;
    struct buf *label;
};

static void read_severity(struct table_row *row, const struct csv_field *field)
{
    if (field->n == 1 && *field->text >= '1' && *field->text <= '9')
        row->entry.severity = (uint8_t)(*field->text - '0');
    else if (!is_absent(field))
        loader_bad(row->loader, row->entry.line, "severity \"%s\" is not 1 to 9: its hashes are kept without one",
                   loader_quote(row->loader, field->text, field->n));
}

/** Yes and no as tools write them; anything else says nothing. */
static void read_flag(struct table_row *row, const struct csv_field *field, enum match_flag yes, enum match_flag no)
{
    int truth = text_truth(field->text, field->n);
    row->entry.flags |= truth > 0 ? yes : truth == 0 ? no : 0;
}

static void add_label(struct table_row *row, const struct csv_field *field)
{
    if (row->label->len && field->n)
        buf_puts(row->label, ", ");
    buf_put(row->label, field->text, field->n);
}

/** Without a map a code is a label. */
static void read_code(struct table_row *row, const struct csv_field *field)
{
    if (!row->loader->codes.map || row->entry.code_len) {
        add_label(row, field);
        return;
    }
    row->entry.code = field->text;
    row->entry.code_len = field->n;
}

/** ICSE has no codes but this column: yes is a code, and so is no. */
static void read_baseline(struct table_row *row, const struct csv_field *field)
{
    int truth = text_truth(field->text, field->n);
    if (truth < 0)
        return;
    row->entry.flags |= truth ? MATCH_BASELINE : 0;
    if (row->loader->codes.map && !row->entry.code_len) {
        row->entry.code = (const uint8_t *)(truth ? "baseline" : "other");
        row->entry.code_len = strlen((const char *)row->entry.code);
    }
}

static bool begins(const struct csv_field *field, const char *word)
{
    size_t n = strlen(word);
    return field->n >= n && strncasecmp((const char *)field->text, word, n) == 0;
}

static bool read_type(struct table_row *row, const struct csv_field *field)
{
    if (is_absent(field))
        return true;
    row->type = list_type_from_name(field->text, field->n);
    if (row->type != HASH_UNKNOWN)
        return true;
    loader_bad(row->loader, row->entry.line, "a type of hash that is not known here: \"%s\"",
               loader_quote(row->loader, field->text, field->n));
    return false;
}

/** A column of words about the entry. */
static void read_words(struct table_row *row, enum column column, const struct csv_field *field)
{
    struct entry *entry = &row->entry;
    if (column == COLUMN_SERIES && !is_absent(field)) {
        entry->series = field->text;
        entry->series_len = field->n;
    } else if (column == COLUMN_PHOTODNA) {
        entry->photodna = field->text;
        entry->photodna_len = is_absent(field) ? 0 : field->n;
        row->loader->photodna += !is_absent(field);
    } else if (column == COLUMN_VICTIM) {
        read_flag(row, field, MATCH_VICTIM_IDENTIFIED, MATCH_VICTIM_UNIDENTIFIED);
    } else if (column == COLUMN_OFFENDER) {
        read_flag(row, field, MATCH_OFFENDER_IDENTIFIED, MATCH_OFFENDER_UNIDENTIFIED);
    } else if (column == COLUMN_DISTRIBUTED) {
        read_flag(row, field, MATCH_DISTRIBUTED, MATCH_NOT_DISTRIBUTED);
    } else if (column == COLUMN_BASELINE) {
        read_baseline(row, field);
    } else if (column == COLUMN_MEDIA && (begins(field, "video") || begins(field, "movie"))) {
        entry->flags |= MATCH_VIDEO;
    }
}

/** Everything but the hashes. False: the row is bad (said). */
static bool read_entry(struct table_row *row)
{
    row->label->len = 0;
    for (size_t i = 0; i < row->csv->n && i < row->header->n; i++) {
        struct csv_field field = row->csv->fields[i];
        trim(&field);
        enum column column = row->header->columns[i];
        if (column == COLUMN_ID && !row->entry.id_len) {
            row->entry.id = field.text;
            row->entry.id_len = field.n;
        } else if (column == COLUMN_LABEL) {
            add_label(row, &field);
        } else if (column == COLUMN_CODE) {
            read_code(row, &field);
        } else if (column == COLUMN_SEVERITY) {
            read_severity(row, &field);
        } else if (column == COLUMN_TYPE && !read_type(row, &field)) {
            return false;
        } else {
            read_words(row, column, &field);
        }
    }
    row->entry.label = row->label->data;
    row->entry.label_len = row->label->len;
    return true;
}

static void add_hash(struct table_row *row, enum column column, const struct csv_field *field,
                     const struct posting *posting)
{
    struct loader *loader = row->loader;
    uint8_t digest[32];
    enum hash_type type = column == COLUMN_HASH ? row->type : (enum hash_type)column;
    if (type == HASH_VPDQ) {
        loader_add_video(loader, row->entry.line, field->text, field->n, posting);
        return;
    }
    if (type == HASH_UNKNOWN) {
        size_t digits = hex_span(field->text, field->n);
        if (digits != field->n) {
            loader_bad(loader, row->entry.line, "no hash: \"%s\"", loader_quote(loader, field->text, field->n));
            return;
        }
        type = loader_bare_type(loader, row->entry.line, digits);
    }
    if (type == HASH_UNKNOWN || !loader_decode(loader, row->entry.line, type, field->text, field->n, digest))
        return;
    loader_add(loader, type, digest, posting);
    if (type == HASH_PDQ && pdq_is_weak(digest))
        loader_weak(loader);
}

static void add_row(struct table_row *row)
{
    struct posting posting;
    size_t present = 0;
    if (!read_entry(row) || !loader_posting(row->loader, &row->entry, &posting))
        return;
    for (size_t i = 0; i < row->csv->n && i < row->header->n; i++) {
        struct csv_field field = row->csv->fields[i];
        trim(&field);
        if (row->header->columns[i] > COLUMN_HASH || is_absent(&field))
            continue;
        present++;
        add_hash(row, row->header->columns[i], &field, &posting);
    }
    if (!present)
        loader_bad(row->loader, row->entry.line, "no hash in any of its columns");
}

/** Fields behind the last column hold text whose separator was not quoted: then columns may have shifted. */
static bool too_many_fields(const struct csv_row *csv, const struct header *header)
{
    for (size_t i = header->n; i < csv->n; i++)
        if (csv->fields[i].n)
            return true;
    return false;
}

static bool is_blank(const struct csv_row *csv)
{
    for (size_t i = 0; i < csv->n; i++)
        if (csv->fields[i].n)
            return false;
    return true;
}

/** A first field may well begin with '#': only a row without any hash is a comment. */
static bool is_comment(const struct csv_row *csv)
{
    if (!csv->fields[0].n || csv->fields[0].text[0] != '#')
        return false;
    for (size_t i = 0; i < csv->n; i++)
        if (is_hash(&csv->fields[i]))
            return false;
    return true;
}

/** One row that was split. */
static void load_row(struct loader *loader, const struct header *header, const struct csv_row *csv, struct buf *label)
{
    struct table_row row = {.loader = loader, .header = header, .csv = csv, .type = HASH_UNKNOWN, .label = label};
    row.entry.line = loader->rows.line;
    row.entry.severity = SEVERITY_NONE;
    if (is_blank(csv) || is_comment(csv))
        return;
    if (too_many_fields(csv, header))
        loader_bad(loader, row.entry.line, "%zu fields, but the header has %zu", csv->n, header->n);
    else
        add_row(&row);
}

/** The next row: false at the end. Quotes that nobody closes make their first line bad, not the rest of the file. */
static bool next_row(struct loader *loader, const struct header *header, struct csv_row *csv, struct buf *label)
{
    const uint8_t *text;
    size_t n = rows_peek(&loader->rows, &text), used;
    if (!n)
        return false;
    enum csv_result result = csv_split(text, n, header->separator, csv, &used);
    if (result == CSV_ROW && used <= loader->rows.max) {
        load_row(loader, header, csv, label);
        rows_skip(&loader->rows, used);
        return true;
    }
    struct row line;
    const char *why = result == CSV_OPEN    ? "a quote that is not closed"
                      : result == CSV_STRAY ? "text behind a closing quote"
                      : result == CSV_MANY  ? "more than 256 fields"
                                            : "longer than any row may be";
    rows_next(&loader->rows, &line);
    loader_bad(loader, line.line, "%s: \"%s\"", line.too_long ? "longer than any row may be" : why,
               loader_quote(loader, line.text, line.n));
    return true;
}

static void load(struct loader *loader)
{
    struct csv_row *csv = ALLOC(struct csv_row);
    struct header header;
    struct buf label = {0};
    const uint8_t *text, *at;
    size_t n = rows_peek(&loader->rows, &text), used = 0;
    if (loader->columns)
        use_columns(loader->columns, text, n, &header, &at, &used);
    else
        find_header(text, n, &header, &at, &used);
    rows_skip(&loader->rows, at ? (size_t)(at - text) + used : 0);
    loader_map(loader, header.family ? header.family->map : NULL);
    if (header.family) {
        loader->format = header.family->format;
        buf_puts(&loader->source, header.family->source);
    }
    if (header.ids)
        loader->builder->lists[loader->list].flags |= LIST_HAS_IDS;
    while (!loader_failed(loader) && next_row(loader, &header, csv, &label))
        continue;
    buf_free(&label);
    csv_free(csv);
    free(csv);
}

const struct list_format list_format_csv = {"csv", recognise, load};
