#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

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

static int compare_met(const void *a, const void *b)
{
    return strcmp(((const struct met *)a)->path, ((const struct met *)b)->path);
}

static long read_to_end(int fd)
{
    char bytes[4096];
    long sum = 0;
    ssize_t n;
    while ((n = read(fd, bytes, sizeof(bytes))) > 0)
        sum += n;
    return n < 0 ? -2 : sum;
}

static struct walked walk_limited(const char *source, const struct limits *limits)
{
    struct walked out = {0};
    struct walk_entry e;
    struct walk *walk = walk_open(source, limits);
    cr_assert_eq(walk_is_directory(walk), 0);
    while (walk_next(walk, &e)) {
        RESERVE(out.items, out.n, out.cap);
        out.items[out.n++] = (struct met){mem_strdup(e.path), e.type, e.error, e.limit, e.fd >= 0 ? read_to_end(e.fd) : -1};
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

static struct walked walk_all(const char *source)
{
    struct limits limits;
    limits_default(&limits);
    return walk_limited(source, &limits);
}

static void walked_free(struct walked *walked)
{
    for (size_t i = 0; i < walked->n; i++)
        free(walked->items[i].path);
    free(walked->items);
    *walked = (struct walked){0};
}

/** The thing of that name below the source; NULL if it was not met. */
static const struct met *find(const struct walked *walked, const char *source, const char *name)
{
    char path[4200];
    snprintf(path, sizeof(path), "%s/%s", source, name);
    struct met key = {.path = path};
    return walked->n ? bsearch(&key, walked->items, walked->n, sizeof(key), compare_met) : NULL;
}

static void check(const struct walked *walked, const char *source, const char *name, enum file_type type, long size)
{
    const struct met *met = find(walked, source, name);
    cr_assert_not_null(met, "%s", name);
    cr_assert_eq(met->type, type, "%s", name);
    cr_assert_eq(met->size, size, "%s", name);
    cr_assert_eq(met->error, 0, "%s: %s", name, strerror(met->error));
    cr_assert_eq(met->limit, LIMIT_NONE);
}

static void make_socket(const struct scratch *s, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", s->path, name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
}

static void make_folder(const struct scratch *s, const char *name)
{
    cr_assert_eq(mkdirat(s->fd, name, 0755), 0, "%s", name);
}

/** Everything that a file system holds. A pipe that was opened would block for ever; a device could do anything. */
Test(directory, every_kind, .timeout = 30)
{
    struct scratch s = scratch_make(), outside = scratch_make();
    char long_name[256];
    memset(long_name, 'n', 255);
    long_name[255] = '\0';
    const char *const files[] = {"a", "with\nnewline", "\xff\xfe\xc0 no utf-8", " ", "-rf", "sub/x", "sub/deeper/y", "..x", long_name, "\x1b[31m"};
    scratch_write(outside.fd, "secret", "secret", 6);
    make_folder(&s, "sub");
    make_folder(&s, "sub/deeper");
    make_folder(&s, "empty");
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        scratch_write(s.fd, files[i], "0123456789", i);
    cr_assert_eq(mkfifoat(s.fd, "fifo", 0600), 0);
    make_socket(&s, "socket");
    bool device = mknodat(s.fd, "device", S_IFCHR | 0600, makedev(1, 5)) == 0;
    static const char *const links[][2] = {{"a", "to-file"}, {"sub", "to-folder"}, {".", "to-itself"}, {"loop", "loop"}, {"/", "to-root"},
                                           {"nowhere", "dangling"}, {"..", "sub/up"}, {"fifo", "to-fifo"}};
    for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
        cr_assert_eq(symlinkat(links[i][0], s.fd, links[i][1]), 0);
    cr_assert_eq(symlinkat(outside.path, s.fd, "to-outside"), 0);
    unsigned before = scratch_open_files();
    struct walked w = walk_all(s.path);
    cr_assert_eq(scratch_open_files(), before);
    cr_assert(w.is_directory);
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        check(&w, s.path, files[i], TYPE_OTHER, (long)i);
    check(&w, s.path, "fifo", TYPE_FIFO, -1);
    check(&w, s.path, "socket", TYPE_SOCKET, -1);
    if (device)
        check(&w, s.path, "device", TYPE_DEVICE, -1);
    for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
        check(&w, s.path, links[i][1], TYPE_SYMLINK, -1);
    check(&w, s.path, "to-outside", TYPE_SYMLINK, -1);
    cr_assert_eq(w.n, sizeof(files) / sizeof(*files) + sizeof(links) / sizeof(*links) + 3 + device, "nothing else, no folders");
    walked_free(&w);
    scratch_remove(&s);
    scratch_remove(&outside);
}

/** However the folder is written: paths begin with it as it was given. */
Test(directory, ways_to_write_it, .timeout = 30)
{
    static const char *const endings[] = {"", "/", "//", "/.", "/../%s", "/./"};
    struct scratch s = scratch_make();
    scratch_write(s.fd, "a", "xyz", 3);
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        char source[200], expected[220], ending[100];
        snprintf(ending, sizeof(ending), strchr(endings[i], '%') ? "/../%s" : "%s",
                 strchr(endings[i], '%') ? strrchr(s.path, '/') + 1 : endings[i]);
        snprintf(source, sizeof(source), "%s%s", s.path, ending);
        snprintf(expected, sizeof(expected), "%s%sa", source, source[strlen(source) - 1] == '/' ? "" : "/");
        struct walked w = walk_all(source);
        cr_assert_eq(w.n, 1u);
        cr_assert_str_eq(w.items[0].path, expected);
        cr_assert_eq(w.items[0].size, 3);
        walked_free(&w);
    }
    cr_assert_eq(chdir(s.path), 0);
    struct walked w = walk_all(".");
    cr_assert_eq(w.n, 1u);
    cr_assert_str_eq(w.items[0].path, "./a");
    walked_free(&w);
    scratch_remove(&s);
}

/** A source that is no folder is met itself. */
Test(directory, single_sources, .timeout = 30)
{
    struct scratch s = scratch_make();
    scratch_write(s.fd, "a", "xyz", 3);
    make_folder(&s, "folder");
    cr_assert_eq(mkfifoat(s.fd, "fifo", 0600), 0);
    cr_assert_eq(symlinkat("a", s.fd, "link"), 0);
    cr_assert_eq(symlinkat("folder", s.fd, "folder-link"), 0);
    static const struct row {
        const char *name;
        enum file_type type;
        long size;
        int error;
    } rows[] = {{"a", TYPE_OTHER, 3, 0},
                {"fifo", TYPE_FIFO, -1, 0},
                {"link", TYPE_SYMLINK, -1, 0},
                {"folder-link", TYPE_SYMLINK, -1, 0},
                {"missing", TYPE_OTHER, -1, ENOENT},
                {"a/b", TYPE_OTHER, -1, ENOTDIR}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char source[200];
        snprintf(source, sizeof(source), "%s/%s", s.path, rows[i].name);
        struct walked w = walk_all(source);
        cr_assert_eq(w.n, 1u);
        cr_assert_str_eq(w.items[0].path, source);
        cr_assert_eq(w.items[0].type, rows[i].type, "%s", rows[i].name);
        cr_assert_eq(w.items[0].size, rows[i].size);
        cr_assert_eq(w.items[0].error, rows[i].error);
        cr_assert_not(w.is_directory);
        walked_free(&w);
    }
    char folder[200];
    snprintf(folder, sizeof(folder), "%s/folder", s.path);
    struct walked w = walk_all(folder);
    cr_assert_eq(w.n, 0u, "an empty folder");
    cr_assert(w.is_directory);
    walked_free(&w);
    w = walk_all("");
    cr_assert_eq(w.n, 1u);
    cr_assert_eq(w.items[0].error, ENOENT);
    walked_free(&w);
    scratch_remove(&s);
}

Test(directory, thousands_of_files, .timeout = 60)
{
    struct scratch s = scratch_make();
    char name[32];
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "file-%d", i);
        scratch_write(s.fd, name, "x", 1);
    }
    struct walked w = walk_all(s.path);
    cr_assert_eq(w.n, 3000u);
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "file-%d", i);
        check(&w, s.path, name, TYPE_OTHER, 1);
    }
    walked_free(&w);
    scratch_remove(&s);
}

/** Folders in folders, a file in each. */
static void make_deep(const struct scratch *s, int depth)
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

static void remove_deep(const struct scratch *s, int depth)
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

/** Deeper than any path may be long; and deeper than the limit: said by one line, and all above is met. */
Test(directory, deep_nesting, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct rlimit files;
    struct limits limits;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
    int most = files.rlim_max < 1200 ? 200 : 1024;
    limits_default(&limits);
    cr_assert_eq(limits.value[LIMIT_DIR_DEPTH], 1024u);
    limits.value[LIMIT_DIR_DEPTH] = (uint64_t)most;
    make_deep(&s, most + 76);
    struct walked w = walk_limited(s.path, &limits);
    size_t n_files = 0, n_limits = 0;
    for (size_t i = 0; i < w.n; i++) {
        n_files += w.items[i].type == TYPE_OTHER && w.items[i].size == 1 && !w.items[i].error;
        n_limits += w.items[i].type == TYPE_DIRECTORY && w.items[i].limit == LIMIT_DIR_DEPTH;
    }
    cr_assert_eq(n_files, (size_t)most + 1);
    cr_assert_eq(n_limits, 1u);
    cr_assert_eq(w.n, n_files + n_limits);
    walked_free(&w);
    remove_deep(&s, most + 76);
    scratch_remove(&s);
}

/** No more descriptors: what could not be looked at is told, nothing is left out in silence, and the walk comes to its end. */
Test(directory, too_few_descriptors, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct rlimit before, few;
    make_deep(&s, 60);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){(rlim_t)scratch_open_files() + 20, before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct walked w = walk_all(s.path);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    size_t n_files = 0, n_errors = 0;
    for (size_t i = 0; i < w.n; i++) {
        n_files += w.items[i].size == 1;
        n_errors += w.items[i].error == EMFILE;
    }
    cr_assert_geq(n_files, 5u);
    cr_assert_geq(n_errors, 1u);
    cr_assert_eq(w.n, n_files + n_errors);
    walked_free(&w);
    remove_deep(&s, 60);
    scratch_remove(&s);
}

/** As a user who may not read everything. */
static int walk_as_nobody(const char *source, const char *open_name, const char *closed_file, const char *closed_folder)
{
    if (getuid() == 0 && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
        return 1;
    struct walked w = walk_all(source);
    const struct met *readable = find(&w, source, open_name), *file = find(&w, source, closed_file), *folder = find(&w, source, closed_folder);
    if (w.n != 3 || !readable || !file || !folder)
        return 2;
    if (readable->size != 3 || readable->error)
        return 3;
    if (file->type != TYPE_OTHER || file->error != EACCES || file->size != -1)
        return 4;
    return folder->type != TYPE_DIRECTORY || folder->error != EACCES ? 5 : 0;
}

Test(directory, unreadable, .timeout = 30)
{
    struct scratch s = scratch_make();
    int status;
    make_folder(&s, "closed");
    scratch_write(s.fd, "closed/in", "x", 1);
    scratch_write(s.fd, "file", "xyz", 3);
    scratch_write(s.fd, "open", "xyz", 3);
    /* Somebody else's file: its access time may not be kept, but it is read all the same. */
    cr_assert_eq(fchmodat(s.fd, "open", 0644, 0), 0);
    cr_assert_eq(fchmodat(s.fd, "file", 0, 0), 0);
    cr_assert_eq(fchmodat(s.fd, "closed", 0, 0), 0);
    cr_assert_eq(fchmod(s.fd, 0755), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(walk_as_nobody(s.path, "open", "file", "closed"));
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status));
    cr_assert_eq(WEXITSTATUS(status), 0, "step %d", WEXITSTATUS(status));
    fchmodat(s.fd, "closed", 0700, 0);
    scratch_remove(&s);
}

/** Evidence is not touched: neither files nor folders were read, as far as their times tell. */
Test(directory, access_times, .timeout = 30)
{
    static const char *const names[] = {"folder", "folder/a", "b", "."};
    struct scratch s = scratch_make();
    struct timespec old[2] = {{1000000000, 5}, {1500000000, 6}};
    make_folder(&s, "folder");
    scratch_write(s.fd, "folder/a", "x", 1);
    scratch_write(s.fd, "b", "x", 1);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(utimensat(s.fd, names[i], old, 0), 0);
    struct walked w = walk_all(s.path);
    cr_assert_eq(w.n, 2u);
    walked_free(&w);
    for (int i = 0; i < 4; i++) {
        struct stat st;
        cr_assert_eq(fstatat(s.fd, names[i], &st, 0), 0);
        cr_assert(st.st_atim.tv_sec == 1000000000 && st.st_atim.tv_nsec == 5, "%s", names[i]);
        cr_assert(st.st_mtim.tv_sec == 1500000000 && st.st_mtim.tv_nsec == 6, "%s", names[i]);
    }
    scratch_remove(&s);
}

struct swapper {
    int dirfd;
    const char *a, *b;
    atomic_bool end;
    atomic_ulong swaps;
};

static void *swap(void *arg)
{
    struct swapper *s = arg;
    while (!atomic_load(&s->end)) {
        if (renameat2(s->dirfd, s->a, s->dirfd, s->b, RENAME_EXCHANGE) == 0)
            atomic_fetch_add(&s->swaps, 1);
    }
    return NULL;
}

/** Somebody puts a pipe where a file was, at the worst moment: it is not opened, and nobody waits. */
Test(directory, a_pipe_for_a_file, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct swapper swapper = {.dirfd = s.fd, .a = "x", .b = "y"};
    pthread_t thread;
    scratch_write(s.fd, "x", "xyz", 3);
    cr_assert_eq(mkfifoat(s.fd, "y", 0600), 0);
    cr_assert_eq(pthread_create(&thread, NULL, swap, &swapper), 0);
    for (int i = 0; i < 1000 || !atomic_load(&swapper.swaps); i++) {
        struct walked w = walk_all(s.path);
        cr_assert_leq(w.n, 2u);
        for (size_t k = 0; k < w.n; k++)
            cr_assert((w.items[k].type == TYPE_OTHER && w.items[k].size == 3) || (w.items[k].type == TYPE_FIFO && w.items[k].size == -1));
        walked_free(&w);
    }
    atomic_store(&swapper.end, true);
    pthread_join(thread, NULL);
    scratch_remove(&s);
}

/** Or a link that leads out of the tree where a folder was: nothing out there is ever met. */
Test(directory, a_link_for_a_folder, .timeout = 60)
{
    struct scratch s = scratch_make(), outside = scratch_make();
    struct swapper swapper = {.dirfd = s.fd, .a = "x", .b = "y"};
    pthread_t thread;
    scratch_write(outside.fd, "secret", "secret", 6);
    make_folder(&s, "x");
    scratch_write(s.fd, "x/inside", "xyz", 3);
    cr_assert_eq(symlinkat(outside.path, s.fd, "y"), 0);
    cr_assert_eq(pthread_create(&thread, NULL, swap, &swapper), 0);
    for (int i = 0; i < 1000 || !atomic_load(&swapper.swaps); i++) {
        struct walked w = walk_all(s.path);
        for (size_t k = 0; k < w.n; k++)
            cr_assert_null(strstr(w.items[k].path, "secret"));
        walked_free(&w);
    }
    atomic_store(&swapper.end, true);
    pthread_join(thread, NULL);
    scratch_remove(&s);
    scratch_remove(&outside);
}

/** A walk that is given up in the middle leaves nothing open. */
Test(directory, closed_early, .timeout = 30)
{
    struct scratch s = scratch_make();
    struct limits limits;
    struct walk_entry e;
    limits_default(&limits);
    make_deep(&s, 20);
    unsigned before = scratch_open_files();
    for (int n = 0; n < 15; n++) {
        struct walk *walk = walk_open(s.path, &limits);
        for (int i = 0; i < n; i++)
            if (walk_next(walk, &e) && e.fd >= 0)
                close(e.fd);
        walk_close(walk);
        cr_assert_eq(scratch_open_files(), before);
    }
    walk_close(NULL);
    remove_deep(&s, 20);
    scratch_remove(&s);
}

/** In a process for which the kernel does not know openat2, or a container's sandbox refuses it. */
static int walk_without_openat2(const char *source, int error)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO((uint16_t)error), SCMP_SYS(openat2), 0) || seccomp_load(ctx))
        return 1;
    seccomp_release(ctx);
    struct walked w = walk_all(source);
    const struct met *file = find(&w, source, "d/file"), *link = find(&w, source, "link");
    return w.n == 3 && file && file->size == 1 && link && link->type == TYPE_SYMLINK ? 0 : 2;
}

Test(directory, older_kernels, .timeout = 30)
{
    static const int errors[] = {ENOSYS, EPERM};
    struct scratch s = scratch_make();
    make_deep(&s, 1);
    cr_assert_eq(symlinkat("d", s.fd, "link"), 0);
    for (int i = 0; i < 2; i++) {
        int status;
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0)
            _exit(walk_without_openat2(s.path, errors[i]));
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_assert(WIFEXITED(status));
        cr_assert_eq(WEXITSTATUS(status), 0, "step %d", WEXITSTATUS(status));
    }
    scratch_remove(&s);
}

/** A mount can put a folder inside itself: it is told, and not walked for ever. */
static int walk_bind_mount(const char *source)
{
    char inside[200];
    snprintf(inside, sizeof(inside), "%s/d", source);
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount(source, inside, NULL, MS_BIND, NULL))
        return 77;
    struct walked w = walk_all(source);
    const struct met *loop = find(&w, source, "d");
    return w.n == 2 && loop && loop->type == TYPE_DIRECTORY && loop->error == ELOOP ? 0 : 1;
}

Test(directory, inside_itself, .timeout = 30)
{
    struct scratch s = scratch_make();
    int status;
    make_deep(&s, 1);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(walk_bind_mount(s.path));
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    scratch_remove(&s);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        cr_skip("nothing may be mounted here");
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", status);
}
