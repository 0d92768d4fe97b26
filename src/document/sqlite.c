/*
 * sqlite.c: databases of SQLite (browsers, messengers, phones): every value that may be a file, or hold one.
 *
 * Tables are read one after the other, in the order of their rows. The schema is evidence, too: views, triggers and
 * virtual tables are passed over, and an authorizer lets nothing run but the reading of columns. What the library
 * cannot reach (free pages, the rest of a damaged database) is for the carver.
 */
#include "document/sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "document/heavy.h"

enum { SQLITE_VALUE_MOST = 512 << 20, SQLITE_STEPS = 100000, SQLITE_TABLES = 100000, SQLITE_HEAP = 640 << 20 };

struct database {
    struct delivery out;
    struct window window;
    sqlite3 *db;
    uint64_t broken;
};

/** Reads and selects, and the names of columns; no function, nothing that is attached. */
static int authorize(void *data, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)data, (void)b, (void)c, (void)d;
    if (action == SQLITE_PRAGMA)
        return a && !strcmp(a, "table_xinfo") ? SQLITE_OK : SQLITE_DENY;
    return action == SQLITE_SELECT || action == SQLITE_READ ? SQLITE_OK : SQLITE_DENY;
}

/** Called from time to time: it is alive. */
static int progress(void *data)
{
    struct unpack_sink *sink = ((struct database *)data)->out.sink;
    if (sink->alive)
        sink->alive(sink);
    return 0;
}

static void note(struct database *base, const char *what)
{
    int code = sqlite3_errcode(base->db);
    if (code == SQLITE_NOMEM)
        end_memory(base->out.end);
    else if (code == SQLITE_IOERR && base->window.error)
        end_note(base->out.end, TRAWL_IO_ERROR, "cannot be read at offset %llu",
                 (unsigned long long)base->window.error_at);
    else
        end_note(base->out.end, TRAWL_DAMAGED, "%s: %s", what, sqlite3_errmsg(base->db));
}

/** `table/column/row.ending`. */
static void deliver_value(struct database *base, sqlite3_stmt *row, int column, const char *table, const char *id)
{
    char name[DELIVER_NAME] = "";
    bool is_text = sqlite3_column_type(row, column) == SQLITE_TEXT;
    const uint8_t *p = is_text ? sqlite3_column_text(row, column) : sqlite3_column_blob(row, column);
    size_t n = (size_t)sqlite3_column_bytes(row, column);
    if (!p || (is_text ? !sniff_base64(p, n) : !deliver_worthy(p, n)))
        return;
    name_add(name, "%.160s/%.160s/%s", table, sqlite3_column_name(row, column), id);
    if (is_text)
        name_add(name, ".txt");
    else
        name_add_ending(name, p, n);
    struct parcel parcel = {.name = name, .name_len = strlen(name), .offset = UINT64_MAX, .bytes = p, .n = n};
    deliver(&base->out, &parcel);
}

/** A table as it is read. */
struct reading {
    const char *table;
    /** The first column is the row's number, of which the largest delivered is `last`. */
    bool numbered;
    sqlite3_int64 last;
    uint64_t rows;
};

static void read_row(struct database *base, sqlite3_stmt *row, const struct reading *reading)
{
    char id[32];
    sqlite3_int64 number = reading->numbered ? sqlite3_column_int64(row, 0) : (sqlite3_int64)reading->rows;
    sqlite3_snprintf(sizeof(id), id, "%lld", number);
    for (int i = reading->numbered; i < sqlite3_column_count(row); i++) {
        int type = sqlite3_column_type(row, i);
        if (type == SQLITE_BLOB || type == SQLITE_TEXT)
            deliver_value(base, row, i, reading->table, id);
    }
}

/** Reads rows to the end, or down to the last one that was delivered before. False if the database is damaged there. */
static bool read_rows(struct database *base, sqlite3_stmt *rows, struct reading *reading, bool backwards)
{
    int r = SQLITE_DONE;
    while (!base->out.full && (r = sqlite3_step(rows)) == SQLITE_ROW) {
        sqlite3_int64 number = sqlite3_column_int64(rows, 0);
        if (backwards && reading->rows && number <= reading->last)
            return true;
        read_row(base, rows, reading);
        if (!backwards) {
            reading->last = number;
            reading->rows++;
        }
    }
    return base->out.full || r == SQLITE_DONE;
}

/** A query about one table. */
static sqlite3_stmt *query(struct database *base, char *text)
{
    sqlite3_stmt *rows = NULL;
    if (text)
        sqlite3_prepare_v2(base->db, text, -1, &rows, NULL);
    sqlite3_free(text);
    return rows;
}

/** The columns that are stored, each with a comma before it: one that is computed would run what the evidence says. To
 * be freed. */
static char *columns_of(struct database *base, const char *table)
{
    enum { NAME = 1, HIDDEN = 6, STORED = 3 };
    sqlite3_stmt *rows = query(base, sqlite3_mprintf("PRAGMA main.table_xinfo(\"%w\")", table));
    sqlite3_str *list = sqlite3_str_new(base->db);
    while (rows && sqlite3_step(rows) == SQLITE_ROW) {
        int hidden = sqlite3_column_int(rows, HIDDEN);
        if (hidden == 0 || hidden == STORED)
            sqlite3_str_appendf(list, ", \"%w\"", (const char *)sqlite3_column_text(rows, NAME));
    }
    sqlite3_finalize(rows);
    return sqlite3_str_finish(list);
}

/** A table that is damaged in the middle is read from its end, too. */
static void read_table(struct database *base, const char *table)
{
    struct reading reading = {.table = table, .numbered = true};
    char *columns = columns_of(base, table);
    sqlite3_stmt *rows =
        columns ? query(base, sqlite3_mprintf("SELECT rowid%s FROM main.\"%w\" NOT INDEXED", columns, table)) : NULL;
    if (columns && !rows) {
        reading.numbered = false;
        rows = query(base, sqlite3_mprintf("SELECT %s FROM main.\"%w\" NOT INDEXED", columns + 2, table));
    }
    bool good = rows && read_rows(base, rows, &reading, false);
    if (!good) {
        base->broken++;
        note(base, "a table");
    }
    sqlite3_finalize(rows);
    if (!good && columns && reading.numbered) {
        rows = query(
            base, sqlite3_mprintf("SELECT rowid%s FROM main.\"%w\" NOT INDEXED ORDER BY rowid DESC", columns, table));
        if (rows)
            read_rows(base, rows, &reading, true);
        sqlite3_finalize(rows);
    }
    sqlite3_free(columns);
}

static uint32_t be32_at(struct database *base, uint64_t at)
{
    size_t n;
    const uint8_t *p = window_at(&base->window, at, 4, &n);
    return p && n >= 4 ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static int by_start(const void *a, const void *b)
{
    uint64_t x = ((const struct carve_range *)a)->start, y = ((const struct carve_range *)b)->start;
    return x < y ? -1 : x > y;
}

/** Adjoining pages become one range, a page that is listed twice one page. Returns how many are left. */
static size_t join_ranges(struct carve_range *ranges, size_t n)
{
    size_t k = 0;
    qsort(ranges, n, sizeof(*ranges), by_start);
    for (size_t i = 0; i < n; i++) {
        if (k && ranges[i].start <= ranges[k - 1].end)
            ranges[k - 1].end = ranges[i].end > ranges[k - 1].end ? ranges[i].end : ranges[k - 1].end;
        else
            ranges[k++] = ranges[i];
    }
    return k;
}

/** Free pages keep what was deleted: along the chain of pages that list them. */
static void carve_free(struct database *base, uint32_t page)
{
    uint64_t size = base->out.input->size, most = size / page, n = 0;
    struct carve_range *ranges = calloc((size_t)most + 1, sizeof(*ranges));
    uint32_t trunk = be32_at(base, 32);
    for (uint64_t steps = 0; ranges && trunk && trunk <= most && steps < most; steps++) {
        uint64_t at = (uint64_t)(trunk - 1) * page, leaves = be32_at(base, at + 4);
        for (uint64_t i = 0; i < leaves && i < page / 4 - 2 && n < most; i++) {
            uint64_t leaf = be32_at(base, at + 8 + 4 * i);
            if (leaf > 1 && leaf <= most)
                ranges[n++] = (struct carve_range){(leaf - 1) * page, leaf * page};
        }
        trunk = be32_at(base, at);
    }
    if (ranges)
        deliver_carved(&base->out, ranges, join_ranges(ranges, (size_t)n));
    free(ranges);
}

/** What no table leads to: free pages, or of a database without a schema all of it. */
static void carve_database(struct database *base, bool readable)
{
    uint32_t page = be32_at(base, 16) >> 16;
    page = page == 1 ? 65536 : page;
    if (!readable)
        deliver_carved_whole(&base->out);
    else if (page >= 512 && !(page & (page - 1)))
        carve_free(base, page);
}

/** Names of the real tables: not those of a module, which only ask it for what stands in others. */
static char **read_names(struct database *base, size_t *n)
{
    static const char query[] = "SELECT name, sql FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0";
    sqlite3_stmt *rows = NULL;
    char **names = calloc(SQLITE_TABLES, sizeof(*names));
    int r = SQLITE_OK;
    *n = 0;
    if (!names || (r = sqlite3_prepare_v2(base->db, query, -1, &rows, NULL)) != SQLITE_OK) {
        note(base, "its schema");
        base->broken++;
        return names;
    }
    while (*n < SQLITE_TABLES && (r = sqlite3_step(rows)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(rows, 0);
        if (name && (names[*n] = strdup(name)))
            ++*n;
    }
    if (r != SQLITE_DONE && r != SQLITE_ROW) {
        note(base, "its schema");
        base->broken++;
    } else if (r == SQLITE_ROW) {
        end_note(base->out.end, TRAWL_DAMAGED, "it has more than %d tables", SQLITE_TABLES);
    }
    sqlite3_finalize(rows);
    return names;
}

static void read_database(struct database *base)
{
    size_t n;
    char **names = read_names(base, &n);
    for (size_t i = 0; names && i < n; i++) {
        if (!base->out.full && !deliver_too_many(&base->out, i + 1))
            read_table(base, names[i]);
        free(names[i]);
    }
    free(names);
    carve_database(base, n || !base->broken);
}

static void harden(struct database *base)
{
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
    sqlite3_limit(base->db, SQLITE_LIMIT_LENGTH, SQLITE_VALUE_MOST);
    sqlite3_limit(base->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_set_authorizer(base->db, authorize, NULL);
    sqlite3_progress_handler(base->db, SQLITE_STEPS, progress, base);
}

void sqlite_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct database base = {0};
    deliver_init(&base.out, input, sink, end);
    /* Pages stand together; a window larger than a few would be read again and again where they do not. */
    if (!window_init(&base.window, input->fd, input->size, 64 << 10)) {
        end_memory(end);
        end->missing = UINT64_MAX;
        return;
    }
    if (vfs_open_database(&base.window, &base.db) == SQLITE_OK) {
        harden(&base);
        read_database(&base);
    } else {
        note(&base, "it cannot be opened");
        base.broken++;
        deliver_carved_whole(&base.out);
    }
    if (base.window.holes)
        end_note(end, TRAWL_IO_ERROR, HOLES_DETAIL);
    if (base.broken)
        end->missing = UINT64_MAX;
    sqlite3_close_v2(base.db);
    window_free(&base.window);
}

const char *sqlite_version(void)
{
    return sqlite3_libversion();
}

void sqlite_warm_up(void)
{
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_initialize();
    sqlite3_hard_heap_limit64(SQLITE_HEAP);
    vfs_register();
}
