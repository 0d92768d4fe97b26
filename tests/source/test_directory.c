#include <criterion/criterion.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "walked.h"

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
    const char *const files[] = {"a",       "with\nnewline", "\xff\xfe\xc0 no utf-8", " ",
                                 "-rf",     "sub/x",         "sub/deeper/y",          "..x",
                                 long_name, "\x1b[31m"};
    scratch_write(outside.fd, "secret", "secret", 6);
    make_folder(&s, "sub");
    make_folder(&s, "sub/deeper");
    make_folder(&s, "empty");
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        scratch_write(s.fd, files[i], "0123456789", i);
    cr_assert_eq(mkfifoat(s.fd, "fifo", 0600), 0);
    make_socket(&s, "socket");
    bool device = mknodat(s.fd, "device", S_IFCHR | 0600, makedev(1, 5)) == 0;
    static const char *const links[][2] = {{"a", "to-file"}, {"sub", "to-folder"}, {".", "to-itself"},
                                           {"loop", "loop"}, {"/", "to-root"},     {"nowhere", "dangling"},
                                           {"..", "sub/up"}, {"fifo", "to-fifo"}};
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
    cr_assert_eq(w.n, sizeof(files) / sizeof(*files) + sizeof(links) / sizeof(*links) + 3 + device,
                 "nothing else, no folders");
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
                {"link/", TYPE_SYMLINK, -1, 0},
                {"folder-link/", TYPE_SYMLINK, -1, 0},
                {"folder-link//", TYPE_SYMLINK, -1, 0},
                {"a/", TYPE_OTHER, -1, ENOTDIR},
                {"fifo/", TYPE_OTHER, -1, ENOTDIR},
                {"missing", TYPE_OTHER, -1, ENOENT},
                {"missing/", TYPE_OTHER, -1, ENOENT},
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
    strcat(folder, "//");
    w = walk_all(folder);
    cr_assert_eq(w.n, 0u, "an empty folder, with slashes");
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

/** No more descriptors: what could not be looked at is told, nothing is left out in silence, and the walk comes to its
 * end. */
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
    const struct met *readable = find(&w, source, open_name), *file = find(&w, source, closed_file),
                     *folder = find(&w, source, closed_folder);
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
