/*
 * sqlite_vfs.c: the descriptor of a container as a file of SQLite: read by position, never written, nothing else
 * opened. That it says it is immutable keeps the library from locks, journals and logs.
 */
#include "document/sqlite.h"

#include <string.h>

#include "core/still.h"

struct vfs_file {
    sqlite3_file base;
    struct window *window;
};

static struct window *vfs_window;

static int vfs_close(sqlite3_file *file)
{
    (void)file;
    return SQLITE_OK;
}

static int vfs_read(sqlite3_file *file, void *to, int n, sqlite3_int64 offset)
{
    struct window *window = ((struct vfs_file *)file)->window;
    int done = 0;
    while (done < n) {
        size_t got;
        const uint8_t *p = window_at(window, (uint64_t)offset + (uint64_t)done, 1, &got);
        if (!p)
            break;
        got = got < (size_t)(n - done) ? got : (size_t)(n - done);
        memcpy((uint8_t *)to + done, p, got);
        done += (int)got;
    }
    if (done == n)
        return SQLITE_OK;
    memset((uint8_t *)to + done, 0, (size_t)(n - done));
    return window->error ? SQLITE_IOERR_READ : SQLITE_IOERR_SHORT_READ;
}

static int vfs_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 offset)
{
    (void)file, (void)from, (void)n, (void)offset;
    return SQLITE_READONLY;
}

static int vfs_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    (void)file, (void)size;
    return SQLITE_READONLY;
}

/** As long as the header says: of a database that is cut off the library would read nothing at all. What is missing
 * reads as zeros, and is damaged where it is used. */
static int vfs_size(sqlite3_file *file, sqlite3_int64 *size)
{
    struct window *window = ((struct vfs_file *)file)->window;
    size_t n;
    const uint8_t *p = window_at(window, 0, 100, &n);
    uint64_t declared = 0;
    if (p && n >= 100) {
        uint64_t page = (uint64_t)p[16] << 8 | p[17];
        declared =
            ((uint64_t)p[28] << 24 | (uint64_t)p[29] << 16 | (uint64_t)p[30] << 8 | p[31]) * (page == 1 ? 65536 : page);
    }
    *size = (sqlite3_int64)(declared > window->size ? declared : window->size);
    return SQLITE_OK;
}

static int vfs_sector(sqlite3_file *file)
{
    (void)file;
    return 512;
}

static int vfs_traits(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_IMMUTABLE;
}

static const sqlite3_io_methods vfs_methods = {
    .iVersion = 1,
    .xClose = vfs_close,
    .xRead = vfs_read,
    .xWrite = vfs_write,
    .xTruncate = vfs_truncate,
    .xSync = still_sync,
    .xFileSize = vfs_size,
    .xLock = still_lock,
    .xUnlock = still_lock,
    .xCheckReservedLock = still_reserved,
    .xFileControl = still_control,
    .xSectorSize = vfs_sector,
    .xDeviceCharacteristics = vfs_traits,
};

/** The database itself; temporary files are refused. */
static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs, (void)name;
    file->pMethods = NULL;
    if (!(flags & SQLITE_OPEN_MAIN_DB))
        return SQLITE_CANTOPEN;
    file->pMethods = &vfs_methods;
    ((struct vfs_file *)file)->window = vfs_window;
    if (out)
        *out = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs, (void)name, (void)sync;
    return SQLITE_IOERR_DELETE;
}

static int vfs_time(sqlite3_vfs *vfs, double *time)
{
    (void)vfs;
    *time = 2440587.5;
    return SQLITE_OK;
}

static sqlite3_vfs vfs = {
    .iVersion = 1,
    .szOsFile = sizeof(struct vfs_file),
    .mxPathname = 64,
    .zName = "container",
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = still_access,
    .xFullPathname = still_path,
    .xRandomness = still_random,
    .xSleep = still_sleep,
    .xCurrentTime = vfs_time,
    .xGetLastError = still_error,
};

int vfs_register(void)
{
    return sqlite3_vfs_register(&vfs, 0);
}

int vfs_open_database(struct window *window, sqlite3 **db)
{
    vfs_window = window;
    return sqlite3_open_v2("database", db, SQLITE_OPEN_READONLY | SQLITE_OPEN_PRIVATECACHE, "container");
}
