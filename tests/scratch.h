/* scratch.h: a folder of its own for a test, and files in it. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"

struct scratch {
    char path[64];
    int fd;
};

static inline struct scratch scratch_make(void)
{
    struct scratch s = {.path = P_tmpdir "/trawl-test-XXXXXX"};
    cr_assert_not_null(mkdtemp(s.path));
    s.fd = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_geq(s.fd, 0);
    return s;
}

/** Removes what is in a folder; trees here are shallow. */
static inline void scratch_empty(int dirfd)
{
    DIR *dir = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const struct dirent *d;
    while (dir && (d = readdir(dir))) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 || unlinkat(dirfd, d->d_name, 0) == 0)
            continue;
        int inner = openat(dirfd, d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (inner < 0)
            continue;
        scratch_empty(inner);
        close(inner);
        unlinkat(dirfd, d->d_name, AT_REMOVEDIR);
    }
    if (dir)
        closedir(dir);
}

static inline void scratch_remove(struct scratch *s)
{
    scratch_empty(s->fd);
    close(s->fd);
    cr_assert_eq(rmdir(s->path), 0, "something was left behind in %s", s->path);
}

static inline void scratch_write(int dirfd, const char *name, const void *bytes, size_t n)
{
    int fd = openat(dirfd, name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0, "%s", name);
    cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

/** A file's bytes, with a NUL behind them; empty where there is none. */
static inline struct buf scratch_read(int dirfd, const char *name)
{
    struct buf out = {0};
    int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : 1;
    while (got > 0) {
        got = read(fd, buf_reserve(&out, 65536), 65536);
        out.len += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        close(fd);
    buf_str(&out);
    return out;
}

/** Files that are open in this process. */
static inline unsigned scratch_open_files(void)
{
    unsigned n = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        n++;
    if (dir)
        closedir(dir);
    return n;
}

/** Numbers that look like chance and are the same in every run. */
static inline uint64_t scratch_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

#endif
