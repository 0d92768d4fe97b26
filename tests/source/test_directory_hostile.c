#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "walked.h"

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
Test(directory_hostile, a_pipe_for_a_file, .timeout = 60)
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
            cr_assert((w.items[k].type == TYPE_OTHER && w.items[k].size == 3) ||
                      (w.items[k].type == TYPE_FIFO && w.items[k].size == -1));
        walked_free(&w);
    }
    atomic_store(&swapper.end, true);
    pthread_join(thread, NULL);
    scratch_remove(&s);
}

/** Or a link that leads out of the tree where a folder was: nothing out there is ever met. */
Test(directory_hostile, a_link_for_a_folder, .timeout = 60)
{
    struct scratch s = scratch_make(), outside = scratch_make();
    struct swapper swapper = {.dirfd = s.fd, .a = "x", .b = "y"};
    pthread_t thread;
    scratch_write(outside.fd, "secret", "secret", 6);
    cr_assert_eq(mkdirat(s.fd, "x", 0755), 0);
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

Test(directory_hostile, older_kernels, .timeout = 30)
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
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount(source, inside, NULL, MS_BIND, NULL))
        return 77;
    struct walked w = walk_all(source);
    const struct met *loop = find(&w, source, "d");
    return w.n == 2 && loop && loop->type == TYPE_DIRECTORY && loop->error == ELOOP ? 0 : 1;
}

Test(directory_hostile, inside_itself, .timeout = 30)
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
