/*
 * shim_sectors.c: preloaded; a disk with bad sectors. FAULT_SECTORS names a file of lines "OFFSET LENGTH PATH": reads
 * of that file that meet such a range fail with EIO, in the children too. FAULT_PARTS=1: what lies before the range is
 * given first.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim.h"

struct bad {
    dev_t dev;
    ino_t ino;
    uint64_t start, end;
};

static struct bad *bads;
static size_t n_bads;
static bool parts;
static ssize_t (*real_pread)(int fd, void *data, size_t n, off_t offset);
static int (*real_dup2)(int from, int to);
/** In a child, where nothing may be asked any more: which file the descriptors 0..7 are. */
#define KNOWN 8
static struct stat known[KNOWN];

static void load(const char *path)
{
    FILE *file = fopen(path, "re");
    unsigned long long offset, length;
    char name[PATH_MAX];
    struct stat st;
    while (file && fscanf(file, "%llu %llu %4095[^\n]", &offset, &length, name) == 3) {
        if (stat(name, &st) < 0)
            continue;
        bads = realloc(bads, (n_bads + 1) * sizeof(*bads));
        if (!bads)
            abort();
        bads[n_bads++] = (struct bad){st.st_dev, st.st_ino, offset, offset + length};
    }
    if (file)
        fclose(file);
}

__attribute__((constructor)) static void shim_start(void)
{
    real_pread = (__typeof__(real_pread))dlsym(RTLD_NEXT, "pread");
    real_dup2 = (__typeof__(real_dup2))dlsym(RTLD_NEXT, "dup2");
    parts = shim_number("FAULT_PARTS", 0) != 0;
    const char *list = getenv("FAULT_SECTORS");
    if (list)
        load(list);
    shim_watch_forks();
}

/** The zygote's children get their descriptors by dup2, before the sandbox closes. */
int dup2(int from, int to)
{
    int r = real_dup2(from, to);
    if (shim_in_child && r >= 0 && r < KNOWN && fstat(r, &known[r]) < 0)
        memset(&known[r], 0, sizeof(known[r]));
    return r;
}

static bool which_file(int fd, struct stat *st)
{
    if (!shim_in_child)
        return fstat(fd, st) == 0;
    if (fd < 0 || fd >= KNOWN)
        return false;
    *st = known[fd];
    return true;
}

ssize_t pread(int fd, void *data, size_t n, off_t offset)
{
    struct stat st;
    uint64_t start = (uint64_t)offset, end = start + n;
    if (n_bads && which_file(fd, &st)) {
        uint64_t stop = UINT64_MAX;
        for (size_t i = 0; i < n_bads; i++)
            if (bads[i].ino == st.st_ino && bads[i].dev == st.st_dev && bads[i].start < end && bads[i].end > start &&
                bads[i].start < stop)
                stop = bads[i].start;
        if (stop <= start || (stop < end && !parts)) {
            errno = EIO;
            return -1;
        }
        if (stop < end)
            n = (size_t)(stop - start);
    }
    return real_pread(fd, data, n, offset);
}
