/*
 * case.sqlite: every file found, every finding with its matches and places, and what was asked. Rows come in the order
 * of inventory.jsonl and of rank, so the pages of the file are the same in every run.
 */
#include "export/export.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/escape.h"
#include "export/database.h"
#include "export/words.h"
#include "report/order.h"
#include "trawl/pdq.h"

static const char schema[] =
    "PRAGMA application_id=1953653111; PRAGMA user_version=1;"
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
    "CREATE TABLE lists (number INTEGER PRIMARY KEY, name TEXT NOT NULL, path TEXT, sha256 TEXT, known INTEGER, "
    "format TEXT, source TEXT, map TEXT, bad_rows INTEGER, duplicates INTEGER);"
    "CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT NOT NULL, size INTEGER, type TEXT NOT NULL, status TEXT NOT "
    "NULL, limit_name TEXT, detail TEXT, md5 TEXT, sha1 TEXT, sha256 TEXT, width INTEGER, height INTEGER, pdq TEXT, "
    "pdq_screen TEXT, pdq_quality INTEGER, listed INTEGER NOT NULL, place TEXT NOT NULL);"
    "CREATE TABLE findings (rank INTEGER PRIMARY KEY, severity INTEGER NOT NULL, tier TEXT NOT NULL, algorithm TEXT "
    "NOT "
    "NULL, distance INTEGER NOT NULL, rotation TEXT, quality INTEGER, list TEXT NOT NULL, entry TEXT, category TEXT, "
    "md5 "
    "TEXT, sha1 TEXT, sha256 TEXT, size INTEGER, type TEXT NOT NULL, state TEXT, nearby INTEGER, demoted INTEGER, "
    "known "
    "INTEGER, places INTEGER NOT NULL);"
    "CREATE TABLE matches (rank INTEGER NOT NULL, number INTEGER NOT NULL, tier TEXT NOT NULL, algorithm TEXT NOT "
    "NULL, "
    "distance INTEGER NOT NULL, rotation TEXT, list TEXT NOT NULL, entry TEXT, category TEXT, code TEXT, series TEXT, "
    "flags TEXT, severity INTEGER NOT NULL, value TEXT, observed TEXT, PRIMARY KEY (rank, number)) WITHOUT ROWID;"
    "CREATE TABLE locations (rank INTEGER NOT NULL, number INTEGER NOT NULL, path TEXT NOT NULL, place TEXT NOT NULL, "
    "PRIMARY KEY (rank, number)) WITHOUT ROWID;"
    "CREATE VIEW hits AS SELECT rank, severity, tier, distance, list, entry, category, md5, sha256, size, type, path "
    "FROM "
    "findings JOIN locations USING (rank) ORDER BY rank, number;";

struct store {
    struct database *database;
    sqlite3_stmt *file, *finding, *match, *location;
};

static int sqlite_open(const struct report *report, struct output *out, void **state)
{
    struct store *store = ALLOC(struct store);
    (void)report;
    *state = store;
    store->database = database_open(out);
    database_run(store->database, schema);
    store->file = database_prepare(
        store->database,
        "INSERT INTO files (path, size, type, status, limit_name, detail, md5, sha1, sha256, width, "
        "height, pdq, pdq_screen, pdq_quality, listed, place) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    store->finding =
        database_prepare(store->database, "INSERT INTO findings VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    store->match = database_prepare(store->database, "INSERT INTO matches VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    store->location = database_prepare(store->database, "INSERT INTO locations VALUES (?,?,?,?)");
    return database_error(store->database);
}

/** Raw words in their display form. */
static void bind_raw(sqlite3_stmt *statement, int parameter, const char *raw)
{
    struct buf text = {0};
    if (!raw)
        return;
    escape_text(&text, raw, strlen(raw));
    bind_text(statement, parameter, (const char *)text.data, text.len);
    buf_free(&text);
}

/** The same; NULL where there are none. */
static void bind_said(sqlite3_stmt *statement, int parameter, const char *raw)
{
    if (raw && *raw)
        bind_raw(statement, parameter, raw);
}

static void bind_path(sqlite3_stmt *statement, int parameter, const struct where *where)
{
    struct buf text = {0};
    where_path(where, &text);
    bind_text(statement, parameter, (const char *)text.data, text.len);
    buf_free(&text);
}

static void bind_place(sqlite3_stmt *statement, int parameter, const struct where *where)
{
    struct buf text = {0};
    where_json(where, &text);
    bind_text(statement, parameter, (const char *)text.data, text.len);
    buf_free(&text);
}

static void bind_size(sqlite3_stmt *statement, int parameter, uint64_t size)
{
    if (size != WHERE_UNKNOWN)
        bind_number(statement, parameter, size);
}

/** md5, sha1, sha256 from that parameter on. */
static void bind_digests(sqlite3_stmt *statement, int parameter, const struct item *item)
{
    if (!item->has_digests)
        return;
    bind_hex(statement, parameter, item->digests.md5, sizeof(item->digests.md5));
    bind_hex(statement, parameter + 1, item->digests.sha1, sizeof(item->digests.sha1));
    bind_hex(statement, parameter + 2, item->digests.sha256, sizeof(item->digests.sha256));
}

static void bind_picture(sqlite3_stmt *statement, int parameter, const struct item *item)
{
    if (item->width) {
        bind_number(statement, parameter, item->width);
        bind_number(statement, parameter + 1, item->height);
    }
    if (item->has_pdq) {
        bind_hex(statement, parameter + (item->pdq_is_screen ? 3 : 2), item->pdq, PDQ_BYTES);
        bind_number(statement, parameter + 4, (uint64_t)item->pdq_quality);
    }
}

static int sqlite_item(void *state, const struct item *item)
{
    struct store *store = state;
    sqlite3_stmt *row = store->file;
    bind_path(row, 1, item->where);
    bind_size(row, 2, item->size);
    bind_word(row, 3, type_name(item->type));
    bind_word(row, 4, status_name(item->status));
    if (item->limit != LIMIT_NONE)
        bind_word(row, 5, limit_table[item->limit].name);
    bind_raw(row, 6, item->detail);
    bind_digests(row, 7, item);
    bind_picture(row, 10, item);
    bind_number(row, 15, item->matches.n > 0);
    bind_place(row, 16, item->where);
    database_step(store->database, row);
    return database_error(store->database);
}

/** tier, algorithm, distance, rotation from that parameter on. */
static void bind_tier(sqlite3_stmt *row, int parameter, const struct match *match)
{
    bind_word(row, parameter, match_tier(match));
    bind_word(row, parameter + 1, hash_type_name(match->type));
    bind_number(row, parameter + 2, match->distance);
    if (match->rotation)
        bind_word(row, parameter + 3, pdq_rotation_name((enum pdq_rotation)match->rotation));
}

static void add_match(struct store *store, const struct finding *finding, size_t i)
{
    const struct match *match = &finding->head.matches.items[i];
    sqlite3_stmt *row = store->match;
    struct buf flags = {0};
    bind_number(row, 1, finding->rank);
    bind_number(row, 2, i + 1);
    bind_tier(row, 3, match);
    bind_raw(row, 7, match->list);
    bind_raw(row, 8, match->entry);
    bind_raw(row, 9, match->category);
    bind_said(row, 10, match->code);
    bind_said(row, 11, match->series);
    for (unsigned bit = 1; bit <= MATCH_FLAGS_ALL; bit <<= 1)
        if (match->flags & bit)
            buf_printf(&flags, "%s%s", flags.len ? " " : "", match_flag_name(bit));
    if (flags.len)
        bind_text(row, 12, (const char *)flags.data, flags.len);
    buf_free(&flags);
    bind_number(row, 13, match->severity);
    bind_hex(row, 14, match->value, hash_type_bytes(match->type));
    bind_hex(row, 15, match->observed, hash_type_bytes(match->type));
    database_step(store->database, row);
}

static int sqlite_finding(void *state, const struct finding *finding)
{
    struct store *store = state;
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    sqlite3_stmt *row = store->finding;
    bind_number(row, 1, finding->rank);
    bind_number(row, 2, best->severity);
    bind_tier(row, 3, best);
    if (match_quality(head, best) >= 0)
        bind_number(row, 7, (uint64_t)match_quality(head, best));
    bind_raw(row, 8, best->list);
    bind_raw(row, 9, best->entry);
    bind_raw(row, 10, best->category);
    bind_digests(row, 11, head);
    bind_size(row, 14, head->size);
    bind_word(row, 15, type_name(head->type));
    bind_word(row, 16, place_state_name(finding->state));
    bind_number(row, 17, finding->nearby);
    bind_number(row, 18, finding->n_clear == 0);
    bind_number(row, 19, finding->known);
    bind_number(row, 20, finding->n_places);
    database_step(store->database, row);
    for (size_t i = 0; i < head->matches.n; i++)
        add_match(store, finding, i);
    return database_error(store->database);
}

static int sqlite_place(void *state, const struct finding *finding, uint64_t number, const struct where *where)
{
    struct store *store = state;
    bind_number(store->location, 1, finding->rank);
    bind_number(store->location, 2, number);
    bind_path(store->location, 3, where);
    bind_place(store->location, 4, where);
    database_step(store->database, store->location);
    return database_error(store->database);
}

static void add_about(struct store *store, sqlite3_stmt *row, const char *name, size_t number, const char *raw)
{
    char numbered[64];
    snprintf(numbered, sizeof(numbered), number ? "%s %zu" : "%s", name, number);
    bind_word(row, 1, numbered);
    bind_raw(row, 2, raw);
    database_step(store->database, row);
}

static void add_all_about(struct store *store, const struct report *report)
{
    const struct case_info *info = report->info;
    sqlite3_stmt *row = database_prepare(store->database, "INSERT INTO about VALUES (?,?)");
    if (!row)
        return;
    add_about(store, row, "tool", 0, "trawl");
    add_about(store, row, "version", 0, info->version);
    add_about(store, row, "complete", 0, report->end->complete ? "true" : "false");
    for (size_t i = 0; i < info->n_sources; i++)
        add_about(store, row, "source", i + 1, info->sources[i]);
    for (size_t i = 0; i < info->n_options; i++)
        add_about(store, row, "option", i + 1, info->options[i]);
    for (size_t i = 0; i < report->end->n_notes; i++)
        add_about(store, row, "note", i + 1, report->end->notes[i]);
    database_finalise(row);
}

static void add_lists(struct store *store, const struct case_info *info)
{
    sqlite3_stmt *row = database_prepare(store->database, "INSERT INTO lists VALUES (?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; row && i < info->n_lists; i++) {
        const struct list_info *list = &info->lists[i];
        bind_number(row, 1, i + 1);
        bind_raw(row, 2, list->name);
        bind_raw(row, 3, list->path);
        bind_hex(row, 4, list->sha256, sizeof(list->sha256));
        bind_number(row, 5, list->known);
        bind_raw(row, 6, list->format);
        bind_raw(row, 7, list->source);
        bind_raw(row, 8, list->map);
        bind_number(row, 9, list->bad_rows);
        bind_number(row, 10, list->duplicates);
        database_step(store->database, row);
    }
    database_finalise(row);
}

static void finalise(struct store *store)
{
    database_finalise(store->file);
    database_finalise(store->finding);
    database_finalise(store->match);
    database_finalise(store->location);
    store->file = store->finding = store->match = store->location = NULL;
}

static int sqlite_end(void *state, const struct report *report)
{
    struct store *store = state;
    finalise(store);
    add_all_about(store, report);
    add_lists(store, report->info);
    database_run(store->database, "CREATE INDEX files_md5 ON files(md5);CREATE INDEX files_sha256 ON files(sha256);"
                                  "CREATE INDEX findings_sha256 ON findings(sha256)");
    return database_finish(store->database);
}

static void sqlite_close(void *state)
{
    struct store *store = state;
    if (!store)
        return;
    finalise(store);
    database_close(store->database);
    free(store);
}

const struct report_store report_sqlite = {
    .format = REPORT_SQLITE,
    .file = "case.sqlite",
    .open = sqlite_open,
    .item = sqlite_item,
    .finding = sqlite_finding,
    .place = sqlite_place,
    .end = sqlite_end,
    .close = sqlite_close,
};
