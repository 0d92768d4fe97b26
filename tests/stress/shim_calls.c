/*
 * shim_calls.c: preloaded; system calls of the main process fail at the Nth.
 *
 *   FAULT_CALLS   of write fsync open rename mkdir read pread: which calls are counted, comma-separated (write means
 * pwrite and ftruncate too, fsync means fdatasync too; open only where it makes a file) FAULT_UNDER   count only calls
 * on files below this folder FAULT_AT      the first call that fails; 0: none FAULT_FOR     how many fail; 0: all from
 * then on FAULT_ERROR   number of the error; 0: the call does half of what it was asked (a short read or write)
 *   FAULT_COUNT   file to which the number of calls is written at the end
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "shim.h"

static uint64_t first, count, seen;
static int error_number;
static const char *calls, *under, *count_file;

#define REAL(name) static __typeof__(&name) real_##name
REAL(write);
REAL(pwrite);
REAL(ftruncate);
REAL(fsync);
REAL(fdatasync);
REAL(read);
REAL(pread);
REAL(openat);
REAL(renameat);
REAL(mkdir);
REAL(mkdirat);
#define FIND(name) real_##name = (__typeof__(real_##name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void shim_start(void)
{
    FIND(write);
    FIND(pwrite);
    FIND(ftruncate);
    FIND(fsync);
    FIND(fdatasync);
    FIND(read);
    FIND(pread);
    FIND(openat);
    FIND(renameat);
    FIND(mkdir);
    FIND(mkdirat);
    first = shim_number("FAULT_AT", 0);
    count = shim_number("FAULT_FOR", 0);
    error_number = (int)shim_number("FAULT_ERROR", ENOSPC);
    calls = getenv("FAULT_CALLS");
    under = getenv("FAULT_UNDER");
    count_file = getenv("FAULT_COUNT");
    shim_watch_forks();
}

__attribute__((destructor)) static void shim_end(void)
{
    char text[32];
    if (shim_in_child || !count_file)
        return;
    int fd = open(count_file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    int n = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)seen);
    if (fd < 0 || real_write(fd, text, (size_t)n) != n)
        abort();
    close(fd);
}

static bool is_counted(const char *call)
{
    size_t n = strlen(call);
    for (const char *at = calls; at && (at = strstr(at, call)); at += n)
        if ((at == calls || at[-1] == ',') && (at[n] == ',' || !at[n]))
            return true;
    return false;
}

static bool is_under(const char *path)
{
    size_t n = under ? strlen(under) : 0;
    return !n || (strncmp(path, under, n) == 0 && (!path[n] || path[n] == '/'));
}

/** True if the descriptor is of a file below the folder; unlinked files are told by their old name. */
static bool fd_is_under(int fd)
{
    char link[40], path[PATH_MAX];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof(path) - 1);
    if (n < 0)
        return false;
    path[n] = '\0';
    return is_under(path);
}

/** True if this call is one of those that fail; errno is set. `fd` -1: the path tells. */
static bool fails(const char *call, int fd, const char *path)
{
    if (shim_in_child || !is_counted(call))
        return false;
    int before = errno;
    bool mine = path && path[0] == '/' ? is_under(path) : fd == AT_FDCWD ? !under || is_under(path) : fd_is_under(fd);
    errno = before;
    if (!mine)
        return false;
    uint64_t n = __atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED);
    if (!first || n < first || (count && n >= first + count))
        return false;
    errno = error_number;
    return true;
}

/** What a call that fails gives, where it may do a part instead: `call`, with HALF of its bytes. */
#define PART(call) (error_number ? -1 : (call))
#define HALF(n)    ((n) > 1 ? (n) / 2 : (n))

ssize_t write(int fd, const void *data, size_t n)
{
    return fails("write", fd, NULL) ? PART(real_write(fd, data, HALF(n))) : real_write(fd, data, n);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t offset)
{
    return fails("write", fd, NULL) ? PART(real_pwrite(fd, data, HALF(n), offset)) : real_pwrite(fd, data, n, offset);
}

int ftruncate(int fd, off_t size)
{
    return fails("write", fd, NULL) ? -1 : real_ftruncate(fd, size);
}

int fsync(int fd)
{
    return fails("fsync", fd, NULL) ? -1 : real_fsync(fd);
}

int fdatasync(int fd)
{
    return fails("fsync", fd, NULL) ? -1 : real_fdatasync(fd);
}

ssize_t read(int fd, void *data, size_t n)
{
    return fails("read", fd, NULL) ? PART(real_read(fd, data, HALF(n))) : real_read(fd, data, n);
}

ssize_t pread(int fd, void *data, size_t n, off_t offset)
{
    return fails("pread", fd, NULL) ? PART(real_pread(fd, data, HALF(n), offset)) : real_pread(fd, data, n, offset);
}

static bool makes_file(int flags)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

int openat(int dirfd, const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = makes_file(flags) ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (makes_file(flags) && fails("open", dirfd, path))
        return -1;
    return real_openat(dirfd, path, flags, mode);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    return fails("rename", to_dir, to) ? -1 : real_renameat(from_dir, from, to_dir, to);
}

int mkdir(const char *path, mode_t mode)
{
    return fails("mkdir", AT_FDCWD, path) ? -1 : real_mkdir(path, mode);
}

int mkdirat(int dirfd, const char *path, mode_t mode)
{
    return fails("mkdir", dirfd, path) ? -1 : real_mkdirat(dirfd, path, mode);
}
