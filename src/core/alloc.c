#include "core/alloc.h"

#include <string.h>
#include <unistd.h>

#include "trawl/status.h"

/** Nothing that needs memory may run here. The journal holds what was done: the case resumes. */
_Noreturn void mem_missing(void)
{
    static const char text[] = "trawl: out of memory; the case can be resumed\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)ignored;
    _exit(EXIT_INTERNAL);
}

void *mem_alloc(size_t size)
{
    void *p = size == SIZE_MAX ? NULL : malloc(size ? size : 1);
    if (!p)
        mem_missing();
    return p;
}

void *mem_zalloc(size_t size)
{
    void *p = size == SIZE_MAX ? NULL : calloc(1, size ? size : 1);
    if (!p)
        mem_missing();
    return p;
}

void *mem_realloc(void *old, size_t size)
{
    void *p = size == SIZE_MAX ? NULL : realloc(old, size ? size : 1);
    if (!p)
        mem_missing();
    return p;
}

void *mem_dup(const void *data, size_t n)
{
    void *copy = mem_alloc(n);
    if (n)
        memcpy(copy, data, n);
    return copy;
}

char *mem_strndup(const char *text, size_t n)
{
    char *copy = mem_alloc(size_add(n, 1));
    if (n)
        memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}
