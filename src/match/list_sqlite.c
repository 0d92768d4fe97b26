/*
 * list_sqlite.c: databases: NSRL RDSv3 (FILE) and Autopsy's .kdb (hashes, comments).
 *
 * Opened read-only and as it is: no journal is rolled back, nothing is written beside it. A database is a program too
 * (views, triggers): its schema is not trusted, and a query that yields no row for long is ended.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "match/hex.h"
#include "match/list.h"

/**
 * Steps of SQLite's machine without a row: a sort takes some ten for each byte of the file, so more than this many, and
 * this many for each byte, are a view that never ends.
 */
#define STEPS_EACH     100000
#define STEPS_MAX      10000000
#define STEPS_PER_BYTE 64
/** Longest text of a database that is looked at. */
#define TEXT_MAX (1 << 20)

struct base {
    struct loader *loader;
    sqlite3 *db;
    sqlite3_stmt *query;
    /** Calls of the progress handler since the last row. */
    uint64_t idle, idle_max;
};

static int on_progress(void *context)
{
    struct base *base = context;
    return ++base->idle > base->idle_max;
}

static void fail(struct base *base)
{
    loader_fail(base->loader, "%s: the database cannot be read: %s", base->loader->path,
                loader_words(base->loader, sqlite3_errmsg(base->db)));
}

/** Rows that are still in a log beside the database would be missed. */
static bool has_log(const struct loader *loader, const uint8_t *head)
{
    struct buf path = {0};
    struct stat st;
    buf_printf(&path, "%s-%s", loader->real_path, head[18] == 2 ? "wal" : "journal");
    bool there = stat(buf_str(&path), &st) == 0 && st.st_size > 0;
    buf_free(&path);
    return there;
}

#define DESCRIPTORS "/proc/self/fd/"

/** SQLite follows no link; the one of a descriptor is none that anybody could have laid. */
static int open_descriptor(const char *path, int flags, int mode)
{
    bool own = strncmp(path, DESCRIPTORS, sizeof(DESCRIPTORS) - 1) == 0;
    return open(path, own ? flags & ~O_NOFOLLOW : flags, mode);
}

/** The path of a descriptor is its full path: followed, it would be that of another file, or of one without a name. */
static int full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
    (void)vfs;
    return snprintf(out, (size_t)size, "%s", path) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

/** SQLite's own way to files, but for that. */
static const char *descriptor_vfs(void)
{
    static sqlite3_vfs vfs;
    if (vfs.zName)
        return vfs.zName;
    const sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
    if (!usual)
        return NULL;
    vfs = *usual;
    vfs.zName = "trawl-descriptor";
    vfs.pNext = NULL;
    vfs.xFullPathname = full_path;
    vfs.xSetSystemCall(&vfs, "open", (sqlite3_syscall_ptr)open_descriptor);
    sqlite3_vfs_register(&vfs, 0);
    return vfs.zName;
}

static bool open_base(struct base *base)
{
    struct loader *loader = base->loader;
    char uri[80];
    struct stat st;
    int yes;
    base->idle_max = STEPS_MAX / STEPS_EACH;
    if (fstat(loader->rows.fd, &st) == 0)
        base->idle_max += (uint64_t)st.st_size * STEPS_PER_BYTE / STEPS_EACH;
    snprintf(uri, sizeof(uri), "file:" DESCRIPTORS "%d?mode=ro&immutable=1", loader->rows.fd);
    if (sqlite3_open_v2(uri, &base->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                        descriptor_vfs()) != SQLITE_OK) {
        fail(base);
        return false;
    }
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_DEFENSIVE, 1, &yes);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &yes);
    sqlite3_db_config(base->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, &yes);
    sqlite3_limit(base->db, SQLITE_LIMIT_LENGTH, TEXT_MAX);
    sqlite3_limit(base->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_exec(base->db, "PRAGMA cell_size_check=ON", NULL, NULL, NULL);
    sqlite3_progress_handler(base->db, STEPS_EACH, on_progress, base);
    return true;
}

static bool has_column(struct base *base, const char *table, const char *column)
{
    sqlite3_stmt *query;
    bool there = false;
    if (sqlite3_prepare_v2(base->db, "SELECT 1 FROM pragma_table_info(?1) WHERE lower(name)=?2", -1, &query, NULL) !=
        SQLITE_OK)
        return false;
    sqlite3_bind_text(query, 1, table, -1, SQLITE_STATIC);
    sqlite3_bind_text(query, 2, column, -1, SQLITE_STATIC);
    there = sqlite3_step(query) == SQLITE_ROW;
    sqlite3_finalize(query);
    return there;
}

/** A digest as bytes or as digits. NULL and "" are none. */
static void add_column(struct base *base, int column, enum hash_type type, const struct posting *posting,
                       uint64_t number)
{
    struct loader *loader = base->loader;
    uint8_t digest[32];
    const uint8_t *bytes = sqlite3_column_blob(base->query, column);
    size_t n = (size_t)sqlite3_column_bytes(base->query, column);
    if (!bytes || !n)
        return;
    if (n == hash_type_bytes(type))
        memcpy(digest, bytes, n);
    else if (!loader_decode(loader, number, type, bytes, n, digest))
        return;
    loader_add(loader, type, digest, posting);
}

/** Columns of every query: id, md5, sha1, sha256, label. */
static void add_row(struct base *base, uint64_t number)
{
    struct loader *loader = base->loader;
    struct posting posting;
    struct entry entry = {.line = number, .severity = SEVERITY_NONE};
    sqlite3_int64 id = sqlite3_column_int64(base->query, 0);
    if (id > 0 && id < UINT32_MAX)
        entry.line = (uint64_t)id;
    loader->ordinal = number;
    entry.label = sqlite3_column_text(base->query, 4);
    entry.label_len = entry.label ? strlen((const char *)entry.label) : 0;
    uint64_t good = loader->good;
    if (!loader_posting(loader, &entry, &posting))
        return;
    add_column(base, 1, HASH_MD5, &posting, number);
    add_column(base, 2, HASH_SHA1, &posting, number);
    add_column(base, 3, HASH_SHA256, &posting, number);
    if (loader->good == good)
        loader_bad(loader, number, "no hash in it");
}

static void run_query(struct base *base, const char *sql)
{
    struct loader *loader = base->loader;
    int status = sqlite3_prepare_v2(base->db, sql, -1, &base->query, NULL);
    for (uint64_t number = 1; status == SQLITE_OK || status == SQLITE_ROW; number++) {
        base->idle = 0;
        status = sqlite3_step(base->query);
        if (status == SQLITE_ROW && !loader_failed(loader))
            add_row(base, number);
        if (loader_failed(loader))
            break;
    }
    loader->ordinal = 0;
    if (status == SQLITE_INTERRUPT)
        loader_fail(loader, "%s: a query of the database does not end", loader->path);
    else if (status != SQLITE_DONE)
        fail(base);
    sqlite3_finalize(base->query);
}

static void load_nsrl(struct base *base)
{
    struct buf sql = {0};
    static const char *const columns[] = {"md5", "sha1", "sha256"};
    base->loader->format = "nsrl";
    buf_puts(&base->loader->source, "NSRL RDS 3");
    buf_puts(&sql, "SELECT 0");
    for (size_t i = 0; i < 3; i++)
        buf_printf(&sql, ",%s", has_column(base, "FILE", columns[i]) ? columns[i] : "NULL");
    buf_puts(&sql, ",NULL FROM FILE");
    if (!base->loader->known)
        loader_note(base->loader, "NSRL lists what is known, good or not: it is meant for --known");
    run_query(base, buf_str(&sql));
    buf_free(&sql);
}

static void load_kdb(struct base *base)
{
    base->loader->format = "kdb";
    buf_puts(&base->loader->source, "Autopsy hash set");
    if (has_column(base, "comments", "comment"))
        run_query(base, "SELECT h.id,h.md5,h.sha1,h.sha2_256,c.comment FROM hashes h LEFT JOIN (SELECT hash_id,"
                        "min(comment) AS comment FROM comments GROUP BY hash_id) c ON c.hash_id=h.id ORDER BY h.id");
    else
        run_query(base, "SELECT id,md5,sha1,sha2_256,NULL FROM hashes ORDER BY id");
}

/** A database that was compressed becomes a file of its own, without a name. */
static bool settle_file(struct loader *loader)
{
    const uint8_t *text;
    size_t n;
    if (!rows_inflating(&loader->rows))
        return true;
    FILE *file = tmpfile();
    while (file && (n = rows_peek(&loader->rows, &text))) {
        if (fwrite(text, 1, n, file) != n)
            break;
        rows_skip(&loader->rows, n);
    }
    bool good = file && !loader->rows.error && fflush(file) == 0 && !ferror(file);
    if (good)
        loader->rows.spooled = dup(fileno(file));
    if (file)
        fclose(file);
    if (!good && !loader->rows.error)
        loader_fail(loader, "%s: cannot be unpacked into the folder for temporary files", loader->path);
    return good;
}

static void load(struct loader *loader)
{
    struct base base = {.loader = loader};
    const uint8_t *head;
    size_t n = rows_peek(&loader->rows, &head);
    int fd = loader->rows.fd;
    if (n >= 100 && !rows_inflating(&loader->rows) && has_log(loader, head)) {
        loader_fail(loader, "%s: has a log beside it, whose rows would be missed; close the program that writes it",
                    loader->path);
        return;
    }
    if (!settle_file(loader))
        return;
    loader->rows.fd = loader->rows.spooled > 0 ? loader->rows.spooled : fd;
    bool opened = open_base(&base);
    if (opened && (has_column(&base, "FILE", "md5") || has_column(&base, "FILE", "sha1")))
        load_nsrl(&base);
    else if (opened && has_column(&base, "hashes", "md5"))
        load_kdb(&base);
    else if (opened)
        loader_fail(loader, "%s: is an SQLite database without FILE or hashes: no list that is known here",
                    loader->path);
    sqlite3_close(base.db);
    if (loader->rows.spooled > 0)
        close(loader->rows.spooled);
    loader->rows.fd = fd;
}

static bool recognise(const uint8_t *head, size_t n)
{
    return n >= 16 && memcmp(head, "SQLite format 3", 16) == 0;
}

const struct list_format list_format_sqlite = {"sqlite", recognise, load};
