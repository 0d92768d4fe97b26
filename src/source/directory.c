/*
 * directory.c: walks a folder without recursion and without a path longer than one name ever reaching the kernel. A
 * thing is first looked at through O_PATH, which opens nothing; only what then proves to be a regular file or a folder
 * is opened, through that very descriptor, so that nobody can swap a pipe or a device for it in between.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "trawl/walk.h"

/** A folder that is being read. */
struct level {
    DIR *dir;
    dev_t dev;
    ino_t ino;
    /** Length of the path up to and including this folder. */
    size_t path_len;
};

struct walk {
    const char *source;
    const struct limits *limits;
    struct level *levels;
    size_t depth, cap;
    /** The path of what was last met. */
    struct buf path;
    bool started, is_directory;
    bool lazy;
    /** What was last met, while it is closed: a name in the folder. */
    int at_dirfd;
    const char *at_name;
};

struct walk *walk_open(const char *source, const struct limits *limits)
{
    struct walk *walk = ALLOC(struct walk);
    walk->source = source;
    walk->limits = limits;
    return walk;
}

void walk_close(struct walk *walk)
{
    if (!walk)
        return;
    while (walk->depth)
        closedir(walk->levels[--walk->depth].dir);
    free(walk->levels);
    buf_free(&walk->path);
    free(walk);
}

int walk_is_directory(const struct walk *walk)
{
    return walk->is_directory;
}

/** A descriptor that can only be asked what it is. Below a source, no name may lead out of its folder. */
static int look_at(int dirfd, const char *name)
{
    struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC};
    if (dirfd != AT_FDCWD) {
        how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
        long fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
        /* Older kernels do not know it; sandboxes around containers that are older than it refuse it. */
        if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
            return (int)fd;
    }
    return openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/** Opens for reading what `path_fd` stands for. Access times are left alone where the owner may ask for that. */
static int reopen(int path_fd, int flags)
{
    char name[40];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", path_fd);
    int fd = open(name, flags | O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | O_NOATIME);
    if (fd < 0 && errno == EPERM)
        fd = open(name, flags | O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    return fd;
}

static enum file_type type_of_mode(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return TYPE_OTHER;
    case S_IFDIR:
        return TYPE_DIRECTORY;
    case S_IFLNK:
        return TYPE_SYMLINK;
    case S_IFIFO:
        return TYPE_FIFO;
    case S_IFSOCK:
        return TYPE_SOCKET;
    default:
        return TYPE_DEVICE;
    }
}

/** A folder that is one of those around it (a bind mount can do that) has no end. */
static bool is_ancestor(const struct walk *walk, const struct stat *st)
{
    for (size_t i = 0; i < walk->depth; i++)
        if (walk->levels[i].dev == st->st_dev && walk->levels[i].ino == st->st_ino)
            return true;
    return false;
}

/** Goes into a folder. On failure entry says why, and is what the caller gets. */
static bool enter(struct walk *walk, int path_fd, struct walk_entry *entry)
{
    if (limit_exceeded(walk->limits, LIMIT_DIR_DEPTH, walk->depth)) {
        entry->limit = LIMIT_DIR_DEPTH;
        return false;
    }
    int fd = -1;
    entry->error = is_ancestor(walk, &entry->st) ? ELOOP : 0;
    if (!entry->error && (fd = reopen(path_fd, O_DIRECTORY)) < 0)
        entry->error = errno;
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (fd >= 0 && !dir) {
        entry->error = errno;
        close(fd);
    }
    if (!dir)
        return false;
    RESERVE(walk->levels, walk->depth, walk->cap);
    walk->levels[walk->depth++] = (struct level){dir, entry->st.st_dev, entry->st.st_ino, walk->path.len};
    return true;
}

/** Tells what the name in the folder is, opens it where it may be. Returns false where there is nothing to report: a
 * folder entered. */
static bool meet(struct walk *walk, int dirfd, const char *name, struct walk_entry *entry)
{
    *entry = (struct walk_entry){.fd = -1};
    int path_fd = look_at(dirfd, name);
    bool report = true;
    if (path_fd < 0 || fstat(path_fd, &entry->st) < 0) {
        entry->error = errno;
    } else {
        entry->type = type_of_mode(entry->st.st_mode);
        if (entry->type == TYPE_OTHER && (entry->fd = reopen(path_fd, 0)) < 0)
            entry->error = errno;
        if (entry->type == TYPE_DIRECTORY)
            report = !enter(walk, path_fd, entry);
    }
    if (path_fd >= 0)
        close(path_fd);
    entry->path = buf_str(&walk->path);
    return report;
}

/** The same, but a regular file is not opened. One system call, where the folder says that it may be one. */
static bool meet_closed(struct walk *walk, int dirfd, const char *name, struct walk_entry *entry)
{
    *entry = (struct walk_entry){.fd = -1, .type = TYPE_OTHER, .closed = true};
    if (fstatat(dirfd, name, &entry->st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0 || !S_ISREG(entry->st.st_mode))
        return meet(walk, dirfd, name, entry);
    walk->at_dirfd = dirfd;
    walk->at_name = name;
    entry->path = buf_str(&walk->path);
    return true;
}

void walk_lazily(struct walk *walk)
{
    walk->lazy = true;
}

int walk_statfs(const struct walk *walk, const struct walk_entry *entry, struct statfs *out)
{
    struct stat folder;
    if (!entry->closed)
        return entry->fd >= 0 ? fstatfs(entry->fd, out) : -1;
    if (walk->at_dirfd == AT_FDCWD)
        return statfs(walk->at_name, out);
    /* A file that something is mounted on is not on its folder's file system. */
    if (fstat(walk->at_dirfd, &folder) < 0 || folder.st_dev != entry->st.st_dev)
        return -1;
    return fstatfs(walk->at_dirfd, out);
}

bool walk_take(struct walk *walk, struct walk_entry *entry)
{
    return !entry->closed || meet(walk, walk->at_dirfd, walk->at_name, entry);
}

static void path_join(struct walk *walk, size_t parent_len, const char *name)
{
    walk->path.len = parent_len;
    if (parent_len && walk->path.data[parent_len - 1] != '/')
        buf_byte(&walk->path, '/');
    buf_puts(&walk->path, name);
}

/** The next name of the innermost folder; leaves it at its end. Returns true if entry was filled in. */
static bool step(struct walk *walk, struct walk_entry *entry)
{
    struct level *level = &walk->levels[walk->depth - 1];
    errno = 0;
    const struct dirent *d = readdir(level->dir);
    if (!d) {
        int error = errno;
        walk->path.len = level->path_len;
        *entry = (struct walk_entry){.path = buf_str(&walk->path), .type = TYPE_DIRECTORY, .fd = -1, .error = error};
        closedir(level->dir);
        walk->depth--;
        return error != 0;
    }
    if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
        return false;
    path_join(walk, level->path_len, d->d_name);
    if (walk->lazy && (d->d_type == DT_REG || d->d_type == DT_UNKNOWN))
        return meet_closed(walk, dirfd(level->dir), d->d_name, entry);
    return meet(walk, dirfd(level->dir), d->d_name, entry);
}

/**
 * The source itself. "link/" is the link, as "link" is: to the kernel a slash behind it would be a reason to follow it.
 * Behind anything else that is no folder, the slash is refused, as the kernel does.
 */
static bool meet_source(struct walk *walk, struct walk_entry *entry)
{
    size_t n = strlen(walk->source), stem = n;
    while (stem > 1 && walk->source[stem - 1] == '/')
        stem--;
    if (walk->lazy && stem == n)
        return meet_closed(walk, AT_FDCWD, walk->source, entry);
    char *name = mem_strndup(walk->source, stem);
    bool report = meet(walk, AT_FDCWD, name, entry);
    free(name);
    if (stem == n || !report || entry->error || entry->type == TYPE_DIRECTORY || entry->type == TYPE_SYMLINK)
        return report;
    if (entry->fd >= 0)
        close(entry->fd);
    entry->fd = -1;
    entry->type = TYPE_OTHER;
    entry->error = ENOTDIR;
    return true;
}

int walk_next(struct walk *walk, struct walk_entry *entry)
{
    if (!walk->started) {
        walk->started = true;
        buf_puts(&walk->path, walk->source);
        if (meet_source(walk, entry))
            return 1;
        walk->is_directory = true;
    }
    while (walk->depth)
        if (step(walk, entry))
            return 1;
    return 0;
}

/** Leaves the folders that are not on the way to `path`. Returns how much of it is gone. */
static size_t leave_others(struct walk *walk, const char *path)
{
    while (walk->depth) {
        const struct level *level = &walk->levels[walk->depth - 1];
        size_t n = level->path_len;
        if (strncmp((const char *)walk->path.data, path, n) == 0 && path[n] && (path[n] == '/' || path[n - 1] == '/'))
            return n;
        closedir(level->dir);
        walk->depth--;
    }
    return 0;
}

/** The source is where `path` begins; enters it. Returns false if the entry says all. */
static bool seek_source(struct walk *walk, const char *path, struct walk_entry *entry)
{
    size_t n = strlen(walk->source);
    walk->path.len = 0;
    buf_puts(&walk->path, walk->source);
    bool met = meet_source(walk, entry);
    if (!path[n])
        return false;
    if (met && !entry->error && !entry->limit)
        entry->error = ENOTDIR;
    return !met;
}

/** One name further on the way. Returns false if the entry says all. */
static bool seek_folder(struct walk *walk, const char *name, struct walk_entry *entry)
{
    struct level *level = &walk->levels[walk->depth - 1];
    path_join(walk, level->path_len, name);
    if (!meet(walk, dirfd(level->dir), name, entry))
        return true;
    if (!entry->error && !entry->limit)
        entry->error = ENOTDIR;
    return false;
}

void walk_seek(struct walk *walk, const char *path, struct walk_entry *entry)
{
    size_t at = leave_others(walk, path);
    bool goes_on = true;
    walk->started = true;
    *entry = (struct walk_entry){.fd = -1};
    if (!at) {
        goes_on = seek_source(walk, path, entry);
        at = strlen(walk->source);
    }
    while (goes_on) {
        at += path[at] == '/';
        size_t n = strcspn(path + at, "/");
        char *name = mem_strndup(path + at, n);
        at += n;
        if (path[at])
            goes_on = seek_folder(walk, name, entry);
        else {
            const struct level *level = &walk->levels[walk->depth - 1];
            path_join(walk, level->path_len, name);
            meet(walk, dirfd(level->dir), name, entry);
            goes_on = false;
        }
        free(name);
    }
    if (entry->error && entry->fd >= 0) {
        close(entry->fd);
        entry->fd = -1;
    }
    entry->path = path;
}
