#include "scan/crash.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/crc32c.h"
#include "trawl/where.h"

static const char crash_file[] = "crashes.log";
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
#define CRASH_SIGNALS (sizeof(crash_signals) / sizeof(*crash_signals))

static volatile sig_atomic_t crash_dir = -1;

/** A record ready to be written: length, CRC-32C, place. Owned by the thread; read by its signal handler only. */
static _Thread_local struct buf crash_record;
static _Thread_local volatile sig_atomic_t crash_armed;

/** Runs with a broken heap, perhaps: system calls only. */
static void on_crash(int signal_number)
{
    int dir = (int)crash_dir;
    if (dir >= 0 && crash_armed) {
        int fd = openat(dir, crash_file, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd >= 0) {
            ssize_t ignored = write(fd, crash_record.data, crash_record.len);
            (void)ignored;
            fdatasync(fd);
            close(fd);
        }
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

void crash_install(int journal_dirfd)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    crash_dir = journal_dirfd;
#ifndef TRAWL_SANITIZED
    /* A sanitizer reports by handlers of its own. */
    for (size_t i = 0; i < CRASH_SIGNALS; i++)
        sigaction(crash_signals[i], &action, NULL);
#else
    (void)action;
    (void)on_crash;
#endif
}

void crash_remove(void)
{
    crash_dir = -1;
#ifndef TRAWL_SANITIZED
    for (size_t i = 0; i < CRASH_SIGNALS; i++)
        signal(crash_signals[i], SIG_DFL);
#endif
}

void crash_item(const struct where *where)
{
    crash_armed = 0;
    if (!where)
        return;
    struct buf place = {0};
    where_encode(where, &place);
    crash_record.len = 0;
    buf_u32(&crash_record, (uint32_t)place.len);
    buf_u32(&crash_record, crc32c(0, place.data, place.len));
    buf_put(&crash_record, place.data, place.len);
    buf_free(&place);
    crash_armed = 1;
}

void crash_thread_end(void)
{
    crash_armed = 0;
    buf_free(&crash_record);
}

static bool read_whole(int dirfd, struct buf *out)
{
    int fd = openat(dirfd, crash_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    ssize_t n;
    while ((n = read(fd, buf_reserve(out, 65536), 65536)) > 0)
        out->len += (size_t)n;
    close(fd);
    return true;
}

uint64_t crash_read(int journal_dirfd, void (*found)(void *context, const struct where *where), void *context)
{
    struct buf file = {0};
    uint64_t broken = 0;
    if (!read_whole(journal_dirfd, &file))
        return 0;
    struct reader in = {file.data, file.data + file.len, false};
    while (in.p < in.end) {
        uint32_t n = read_u32(&in), crc = read_u32(&in);
        const uint8_t *place = read_raw(&in, n);
        struct where *where = place && crc32c(0, place, n) == crc ? where_decode(place, n) : NULL;
        broken += !where;
        if (where && found)
            found(context, where);
        where_unref(where);
        if (in.bad)
            break;
    }
    buf_free(&file);
    return broken;
}
