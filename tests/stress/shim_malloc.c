/*
 * shim_malloc.c: preloaded; the FAULT_AT-th allocation of the main process fails, and the FAULT_FOR - 1 after it (0:
 * all). FAULT_COUNT names a file to which the number of allocations is written at the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "shim.h"

/* glibc's own, under names that are not interposed. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static uint64_t first, count, seen;
static const char *count_file;
static bool ready;

__attribute__((constructor)) static void shim_start(void)
{
    first = shim_number("FAULT_AT", 0);
    count = shim_number("FAULT_FOR", 1);
    count_file = getenv("FAULT_COUNT");
    shim_watch_forks();
    ready = true;
}

__attribute__((destructor)) static void shim_end(void)
{
    char text[32];
    if (shim_in_child || !count_file)
        return;
    int fd = open(count_file, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    int n = snprintf(text, sizeof(text), "%llu\n", (unsigned long long)seen);
    if (fd < 0 || write(fd, text, (size_t)n) != n)
        abort();
    close(fd);
}

static bool fails(void)
{
    if (!ready || shim_in_child)
        return false;
    uint64_t n = __atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED);
    if (!first || n < first || (count && n >= first + count))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *p = fails() ? NULL : __libc_memalign(alignment, size);
    if (!p)
        return ENOMEM;
    *out = p;
    return 0;
}
