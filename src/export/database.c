#include "export/database.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/spill.h"
#include "core/still.h"

/** What SQLite may hold of the file and when it sorts, in KiB; results do not depend on it. */
#define CACHE_KIB "16384"

struct database {
    sqlite3 *handle;
    sqlite3_vfs vfs;
    struct output *out;
    int error;
    char name[40];
};

/** A file as SQLite has it: the output, or one of its own without a name. */
struct store_file {
    sqlite3_file base;
    struct database *database;
    int fd;
    bool own;
};

static struct store_file *store_file(sqlite3_file *file)
{
    return (struct store_file *)file;
}

/** Keeps the first error. */
static int fail(struct database *database, int error, int code)
{
    if (!database->error)
        database->error = error;
    return code;
}

static int file_close(sqlite3_file *file)
{
    struct store_file *f = store_file(file);
    return f->own && close(f->fd) < 0 ? fail(f->database, -errno, SQLITE_IOERR_CLOSE) : SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *data, int n, sqlite3_int64 offset)
{
    struct store_file *f = store_file(file);
    size_t got = 0;
    while (got < (size_t)n) {
        ssize_t r = pread(f->fd, (char *)data + got, (size_t)n - got, offset + (off_t)got);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return fail(f->database, -errno, SQLITE_IOERR_READ);
        if (r == 0)
            break;
        got += (size_t)r;
    }
    memset((char *)data + got, 0, (size_t)n - got);
    return got < (size_t)n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int file_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 offset)
{
    struct store_file *f = store_file(file);
    for (size_t done = 0; done < (size_t)n;) {
        ssize_t w = pwrite(f->fd, (const char *)data + done, (size_t)n - done, offset + (off_t)done);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return fail(f->database, -errno, errno == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE);
        done += (size_t)w;
    }
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct store_file *f = store_file(file);
    return ftruncate(f->fd, size) < 0 ? fail(f->database, -errno, SQLITE_IOERR_TRUNCATE) : SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    off_t end = lseek(store_file(file)->fd, 0, SEEK_END);
    *size = end;
    return end < 0 ? fail(store_file(file)->database, -errno, SQLITE_IOERR_FSTAT) : SQLITE_OK;
}

static int file_sector(sqlite3_file *file)
{
    (void)file;
    return 4096;
}

static int file_traits(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    /* The output is synced when it is finished. */
    .xSync = still_sync,
    .xFileSize = file_size,
    .xLock = still_lock,
    .xUnlock = still_lock,
    .xCheckReservedLock = still_reserved,
    .xFileControl = still_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    struct database *database = vfs->pAppData;
    struct store_file *f = store_file(file);
    bool main_file = flags & SQLITE_OPEN_MAIN_DB;
    (void)name;
    *f = (struct store_file){.database = database, .own = !main_file};
    f->fd = main_file ? database->out->fd : spill_open(database->out->dirfd);
    if (f->fd < 0)
        return fail(database, f->fd, SQLITE_CANTOPEN);
    f->base.pMethods = &file_methods;
    if (out_flags)
        *out_flags = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_OK;
}

static int vfs_time(sqlite3_vfs *vfs, double *day)
{
    (void)vfs;
    *day = 0;
    return SQLITE_OK;
}

/** Errors that SQLite has of its own: memory ends the program as everywhere, anything else is an input/output error. */
static void check(struct database *database, int code)
{
    if (code == SQLITE_NOMEM)
        mem_missing();
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        fail(database, -EIO, code);
}

static void vfs_init(struct database *database)
{
    snprintf(database->name, sizeof(database->name), "trawl-%p", (void *)database);
    database->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = sizeof(struct store_file),
        .mxPathname = 64,
        .zName = database->name,
        .pAppData = database,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = still_access,
        .xFullPathname = still_path,
        .xRandomness = still_random,
        .xSleep = still_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = still_error,
    };
}

struct database *database_open(struct output *out)
{
    struct database *database = ALLOC(struct database);
    database->out = out;
    database->error = out->error;
    vfs_init(database);
    if (database->error)
        return database;
    check(database, sqlite3_vfs_register(&database->vfs, 0));
    check(database,
          sqlite3_open_v2("main", &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, database->name));
    database_run(database, "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                           "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=FILE; PRAGMA secure_delete=ON;"
                           "PRAGMA cache_size=-" CACHE_KIB "; BEGIN");
    return database;
}

void database_run(struct database *database, const char *sql)
{
    if (!database->error)
        check(database, sqlite3_exec(database->handle, sql, NULL, NULL, NULL));
}

sqlite3_stmt *database_prepare(struct database *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (!database->error)
        check(database, sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL));
    return statement;
}

void database_finalise(sqlite3_stmt *statement)
{
    sqlite3_finalize(statement);
}

void database_step(struct database *database, sqlite3_stmt *statement)
{
    if (database->error)
        return;
    check(database, sqlite3_step(statement));
    check(database, sqlite3_reset(statement));
    sqlite3_clear_bindings(statement);
}

int database_error(const struct database *database)
{
    return database->error;
}

/** The version of the library is not part of the content: a fixed one stands in its place. */
static void hide_version(struct database *database)
{
    static const uint8_t version[4] = {0, 0x2e, 0x5f, 0x18}; /* 3.39.0 */
    if (!database->error && pwrite(database->out->fd, version, sizeof(version), 96) != sizeof(version))
        fail(database, errno ? -errno : -EIO, 0);
}

int database_finish(struct database *database)
{
    database_run(database, "COMMIT");
    if (!database->error) {
        check(database, sqlite3_close(database->handle));
        database->handle = NULL;
    }
    hide_version(database);
    return database->error;
}

void database_close(struct database *database)
{
    if (!database)
        return;
    sqlite3_close(database->handle);
    sqlite3_vfs_unregister(&database->vfs);
    free(database);
}

void bind_number(sqlite3_stmt *statement, int parameter, uint64_t v)
{
    sqlite3_bind_int64(statement, parameter, v > INT64_MAX ? INT64_MAX : (sqlite3_int64)v);
}

void bind_text(sqlite3_stmt *statement, int parameter, const char *text, size_t n)
{
    sqlite3_bind_text64(statement, parameter, n ? text : "", n, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void bind_word(sqlite3_stmt *statement, int parameter, const char *word)
{
    if (word)
        bind_text(statement, parameter, word, strlen(word));
}

void bind_hex(sqlite3_stmt *statement, int parameter, const void *bytes, size_t n)
{
    struct buf hex = {0};
    buf_hex(&hex, bytes, n);
    bind_text(statement, parameter, (const char *)hex.data, hex.len);
    buf_free(&hex);
}
