/*
 * Hash databases as The Sleuth Kit makes them (schema version 1), for Autopsy and hfind: MD5, SHA-1 and SHA-256 of each
 * content, its places as file names, its matches as comments. Exact and near findings are databases of their own.
 */
#include "export/export.h"

#include "core/alloc.h"
#include "export/database.h"
#include "export/words.h"

static const char schema[] =
    "CREATE TABLE db_properties (name TEXT NOT NULL, value TEXT);"
    "INSERT INTO db_properties (name, value) VALUES ('Schema Version', '1');"
    "CREATE TABLE hashes (id INTEGER PRIMARY KEY AUTOINCREMENT, md5 BINARY(16) UNIQUE, sha1 BINARY(20), sha2_256 "
    "BINARY(32));"
    "CREATE TABLE file_names (name TEXT NOT NULL, hash_id INTEGER NOT NULL, PRIMARY KEY(name, hash_id));"
    "CREATE TABLE comments (comment TEXT NOT NULL, hash_id INTEGER NOT NULL, PRIMARY KEY(comment, hash_id));";

struct kdb {
    struct database *database;
    bool near;
    sqlite3_stmt *hash, *name, *comment;
};

static int kdb_open(struct output *out, bool near, void **state)
{
    struct kdb *kdb = ALLOC(struct kdb);
    *state = kdb;
    kdb->near = near;
    kdb->database = database_open(out);
    database_run(kdb->database, schema);
    /* Two contents of one MD5 are one row: names and comments of both lead to it. */
    kdb->hash = database_prepare(kdb->database,
                                 "INSERT INTO hashes (md5, sha1, sha2_256) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
    kdb->name = database_prepare(kdb->database, "INSERT INTO file_names (name, hash_id) SELECT ?1, id FROM hashes "
                                                "WHERE md5 = ?2 ON CONFLICT DO NOTHING");
    kdb->comment = database_prepare(kdb->database, "INSERT INTO comments (comment, hash_id) SELECT ?1, id FROM hashes "
                                                   "WHERE md5 = ?2 ON CONFLICT DO NOTHING");
    return database_error(kdb->database);
}

static int open_exact(const struct report *report, struct output *out, void **state)
{
    (void)report;
    return kdb_open(out, false, state);
}

static int open_near(const struct report *report, struct output *out, void **state)
{
    (void)report;
    return kdb_open(out, true, state);
}

static void bind_bytes(sqlite3_stmt *statement, int parameter, const void *bytes, int n)
{
    sqlite3_bind_blob(statement, parameter, bytes, n, SQLITE_TRANSIENT);
}

static void add_words(struct kdb *kdb, sqlite3_stmt *statement, const struct finding *finding, const struct buf *words)
{
    bind_text(statement, 1, (const char *)words->data, words->len);
    bind_bytes(statement, 2, finding->head.digests.md5, sizeof(finding->head.digests.md5));
    database_step(kdb->database, statement);
}

static int kdb_finding(void *state, const struct finding *finding)
{
    struct kdb *kdb = state;
    const struct digests *digests = &finding->head.digests;
    if (!finding->head.has_digests || finding_is_near(finding) != kdb->near || database_error(kdb->database))
        return database_error(kdb->database);
    bind_bytes(kdb->hash, 1, digests->md5, sizeof(digests->md5));
    bind_bytes(kdb->hash, 2, digests->sha1, sizeof(digests->sha1));
    bind_bytes(kdb->hash, 3, digests->sha256, sizeof(digests->sha256));
    database_step(kdb->database, kdb->hash);
    for (size_t i = 0; i < finding->head.matches.n; i++) {
        struct buf words = {0};
        match_words(&finding->head.matches.items[i], &words);
        add_words(kdb, kdb->comment, finding, &words);
        buf_free(&words);
    }
    return database_error(kdb->database);
}

static int kdb_place(void *state, const struct finding *finding, uint64_t number, const struct where *where)
{
    struct kdb *kdb = state;
    struct buf path = {0};
    (void)number;
    if (!finding->head.has_digests || finding_is_near(finding) != kdb->near)
        return 0;
    where_path(where, &path);
    add_words(kdb, kdb->name, finding, &path);
    buf_free(&path);
    return database_error(kdb->database);
}

static void finalise(struct kdb *kdb)
{
    database_finalise(kdb->hash);
    database_finalise(kdb->name);
    database_finalise(kdb->comment);
    kdb->hash = kdb->name = kdb->comment = NULL;
}

static int kdb_end(void *state, const struct report *report)
{
    struct kdb *kdb = state;
    (void)report;
    finalise(kdb);
    database_run(kdb->database, "CREATE INDEX md5_index ON hashes(md5)");
    return database_finish(kdb->database);
}

static void kdb_close(void *state)
{
    struct kdb *kdb = state;
    if (!kdb)
        return;
    finalise(kdb);
    database_close(kdb->database);
    free(kdb);
}

const struct report_store report_kdb_exact = {
    .format = REPORT_KDB,
    .file = "hits-exact.kdb",
    .open = open_exact,
    .finding = kdb_finding,
    .place = kdb_place,
    .end = kdb_end,
    .close = kdb_close,
};

const struct report_store report_kdb_near = {
    .format = REPORT_KDB,
    .file = "hits-near.kdb",
    .open = open_near,
    .finding = kdb_finding,
    .place = kdb_place,
    .end = kdb_end,
    .close = kdb_close,
};
