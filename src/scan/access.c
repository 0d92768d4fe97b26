#include "scan/access.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "core/io.h"
#include "match/rows.h"
#include "report/digest_key.h"

/** Longest line: what is left of a longer command line is cut. */
#define LINE_MAX_BYTES 65536
#define COMMAND_MAX    4096

static void put_text(struct buf *out, const char *name, const char *raw, size_t n)
{
    struct buf safe = {0};
    escape_text(&safe, raw, n);
    buf_printf(out, ",\"%s\":", name);
    escape_json(out, (const char *)safe.data, safe.len);
    buf_free(&safe);
}

/** This process's own arguments, with blanks between them. */
static void put_command(struct buf *out)
{
    char text[COMMAND_MAX];
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));
    if (fd >= 0)
        close(fd);
    n = n < 0 ? 0 : n;
    while (n && !text[n - 1])
        n--;
    for (ssize_t i = 0; i < n; i++)
        text[i] = text[i] ? text[i] : ' ';
    put_text(out, "command", text, (size_t)n);
}

static void put_who(struct buf *out)
{
    struct utsname host;
    const char *user = getenv("USER");
    if (uname(&host) < 0)
        memset(&host, 0, sizeof(host));
    buf_printf(out, ",\"uid\":%u", (unsigned)getuid());
    put_text(out, "user", user ? user : "", user ? strlen(user) : 0);
    put_text(out, "host", host.nodename, strlen(host.nodename));
    buf_printf(out, ",\"pid\":%ld", (long)getpid());
}

/** The last whole line of the file, without its end, into `out`. */
static int last_line(int fd, struct buf *out)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    size_t want = st.st_size < LINE_MAX_BYTES ? (size_t)st.st_size : LINE_MAX_BYTES;
    ssize_t n = pread(fd, buf_reserve(out, want + 1), want, st.st_size - (off_t)want);
    if (n < 0)
        return -errno;
    out->len = (size_t)n;
    while (out->len && out->data[out->len - 1] == '\n')
        out->len--;
    uint8_t *begin = out->len ? memrchr(out->data, '\n', out->len) : NULL;
    if (begin) {
        size_t keep = out->len - (size_t)(begin + 1 - out->data);
        memmove(out->data, begin + 1, keep);
        out->len = keep;
    }
    return 0;
}

static void put_link(struct buf *out, const void *line, size_t n)
{
    uint8_t key[DIGEST_KEY];
    digest_key(line, n, key);
    buf_puts(out, "\"after\":\"");
    buf_hex(out, key, sizeof(key));
    buf_byte(out, '"');
}

/** A line that was cut by a full disk is taken back: it would break the chain. */
static int write_line(int fd, const struct buf *line)
{
    off_t before = lseek(fd, 0, SEEK_END);
    int error = before < 0 ? -errno : io_write_all(fd, line->data, line->len);
    if (!error && fsync(fd) < 0)
        error = -errno;
    /* The first error is the one that is told. */
    if (error && before >= 0)
        (void)!ftruncate(fd, before);
    return error;
}

static int append(int fd, const char *what)
{
    struct buf last = {0}, line = {0};
    char time_text[32];
    time_t now = time(NULL);
    struct tm tm;
    int error = flock(fd, LOCK_EX) < 0 ? -errno : last_line(fd, &last);
    gmtime_r(&now, &tm);
    strftime(time_text, sizeof(time_text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    buf_byte(&line, '{');
    put_link(&line, last.data, last.len);
    put_text(&line, "time", time_text, strlen(time_text));
    put_who(&line);
    put_text(&line, "what", what, strlen(what));
    put_command(&line);
    buf_puts(&line, "}\n");
    error = error ? error : write_line(fd, &line);
    buf_free(&last);
    buf_free(&line);
    return error;
}

int access_log(int journal_dirfd, const char *what)
{
    int fd = openat(journal_dirfd, ACCESS_LOG, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int error = append(fd, what);
    close(fd);
    return error;
}

uint64_t access_check(int journal_dirfd, uint64_t *lines)
{
    struct rows rows;
    struct row row;
    struct buf link = {0};
    uint64_t broken = 0;
    int fd = openat(journal_dirfd, ACCESS_LOG, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    *lines = 0;
    if (fd < 0)
        return 0;
    buf_byte(&link, '{');
    put_link(&link, "", 0);
    rows_open(&rows, fd, LINE_MAX_BYTES, false);
    while (rows_next(&rows, &row)) {
        ++*lines;
        bool fits = !row.too_long && row.n >= link.len && memcmp(row.text, link.data, link.len) == 0;
        broken = broken || fits ? broken : *lines;
        link.len = 0;
        buf_byte(&link, '{');
        put_link(&link, row.text, row.too_long ? 0 : row.n);
    }
    rows_close(&rows);
    close(fd);
    buf_free(&link);
    return broken;
}
