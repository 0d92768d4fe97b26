/* walked.h: all that a walk meets, sorted; and deep trees. */
#ifndef TESTS_SOURCE_WALKED_H
#define TESTS_SOURCE_WALKED_H

#include "../scratch.h"
#include "core/alloc.h"
#include "trawl/walk.h"

/** What was met, sorted by path. */
struct met {
    char *path;
    enum file_type type;
    int error;
    enum limit_id limit;
    /** Bytes of a file that was open; -1: none was. */
    long size;
};

struct walked {
    struct met *items;
    size_t n, cap;
    int is_directory;
};

static inline int compare_met(const void *a, const void *b)
{
    return strcmp(((const struct met *)a)->path, ((const struct met *)b)->path);
}

static inline long read_to_end(int fd)
{
    char bytes[4096];
    long sum = 0;
    ssize_t n;
    while ((n = read(fd, bytes, sizeof(bytes))) > 0)
        sum += n;
    return n < 0 ? -2 : sum;
}

static inline struct walked walk_limited(const char *source, const struct limits *limits)
{
    struct walked out = {0};
    struct walk_entry e;
    struct walk *walk = walk_open(source, limits);
    cr_assert_eq(walk_is_directory(walk), 0);
    while (walk_next(walk, &e)) {
        RESERVE(out.items, out.n, out.cap);
        out.items[out.n++] =
            (struct met){mem_strdup(e.path), e.type, e.error, e.limit, e.fd >= 0 ? read_to_end(e.fd) : -1};
        if (e.fd < 0)
            continue;
        struct stat st;
        cr_assert(fcntl(e.fd, F_GETFD) & FD_CLOEXEC);
        cr_assert_eq(fstat(e.fd, &st), 0);
        cr_assert(S_ISREG(st.st_mode), "only regular files are open");
        cr_assert(st.st_ino == e.st.st_ino && st.st_dev == e.st.st_dev);
        close(e.fd);
    }
    cr_assert_eq(walk_next(walk, &e), 0, "the end stays the end");
    out.is_directory = walk_is_directory(walk);
    walk_close(walk);
    if (out.n)
        qsort(out.items, out.n, sizeof(*out.items), compare_met);
    for (size_t i = 1; i < out.n; i++)
        cr_assert_str_neq(out.items[i].path, out.items[i - 1].path, "each thing once");
    return out;
}

static inline struct walked walk_all(const char *source)
{
    struct limits limits;
    limits_default(&limits);
    return walk_limited(source, &limits);
}

static inline void walked_free(struct walked *walked)
{
    for (size_t i = 0; i < walked->n; i++)
        free(walked->items[i].path);
    free(walked->items);
    *walked = (struct walked){0};
}

/** The thing of that name below the source; NULL if it was not met. */
static inline const struct met *find(const struct walked *walked, const char *source, const char *name)
{
    char path[4200];
    snprintf(path, sizeof(path), "%s/%s", source, name);
    struct met key = {.path = path};
    return walked->n ? bsearch(&key, walked->items, walked->n, sizeof(key), compare_met) : NULL;
}

static inline void check(const struct walked *walked, const char *source, const char *name, enum file_type type,
                         long size)
{
    const struct met *met = find(walked, source, name);
    cr_assert_not_null(met, "%s", name);
    cr_assert_eq(met->type, type, "%s", name);
    cr_assert_eq(met->size, size, "%s", name);
    cr_assert_eq(met->error, 0, "%s: %s", name, strerror(met->error));
    cr_assert_eq(met->limit, LIMIT_NONE);
}

/** Folders in folders, a file in each. */
static inline void make_deep(const struct scratch *s, int depth)
{
    int fd = dup(s->fd);
    for (int i = 0; i <= depth; i++) {
        scratch_write(fd, "file", "x", 1);
        cr_assert(i == depth || mkdirat(fd, "d", 0755) == 0);
        int inner = i == depth ? -1 : openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = inner;
    }
}

static inline void remove_deep(const struct scratch *s, int depth)
{
    int fd = dup(s->fd);
    for (int i = 0; i < depth; i++) {
        int inner = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = inner;
    }
    for (int i = depth; i >= 0; i--) {
        unlinkat(fd, "file", 0);
        int outer = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (i)
            unlinkat(outer, "d", AT_REMOVEDIR);
        close(fd);
        fd = outer;
    }
    close(fd);
}

#endif
