#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../scratch.h"
#include "sandbox/child.h"
#include "sandbox/message.h"
#include "sandbox/selftest.h"
#include "sandbox/zygote.h"

/** An argument of the selftest that is nothing forbidden: the child says that it lives, and ends. */
#define NOTHING 99u

static pid_t spawn(struct zygote *zygote, enum child_role role, uint32_t argument, int *socket)
{
    struct child_spec spec = {.role = role, .argument = argument};
    int pair[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    pid_t pid = zygote_spawn(zygote, &spec, &pair[1], 1);
    close(pair[1]);
    *socket = pair[0];
    return pid;
}

/** Spawns, hears, reaps. Returns the wait status; *said: 0 where the child sent its word, 1 where it died without. */
static int run(struct zygote *zygote, uint32_t argument, int *said)
{
    struct child_exit how = {0};
    char alive = 0;
    int socket;
    pid_t pid = spawn(zygote, CHILD_SELFTEST, argument, &socket);
    cr_assert_gt(pid, 0);
    *said = message_receive(socket, &alive, 1, NULL, NULL);
    close(socket);
    cr_assert_eq(zygote_reap(zygote, pid, &how), 0);
    return how.status;
}

static struct zygote *start(bool sandboxed)
{
    struct zygote *zygote = zygote_start(sandboxed);
    cr_assert_not_null(zygote);
    return zygote;
}

/** A line of /proc/PID/FILE that begins with `key`, behind it. Empty where there is none. */
static void proc_line(pid_t pid, const char *file, const char *key, char out[256])
{
    char name[64], line[256];
    out[0] = '\0';
    snprintf(name, sizeof(name), "/proc/%d/%s", (int)pid, file);
    FILE *f = fopen(name, "r");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, key, strlen(key)) == 0)
            strcpy(out, line + strlen(key));
    if (f)
        fclose(f);
}

/** Waits until a child has closed its sandbox. */
static void await_seccomp(pid_t pid)
{
    char line[256];
    do {
        usleep(500);
        proc_line(pid, "status", "Seccomp:", line);
        cr_assert(line[0]);
    } while (atoi(line) != 2);
}

static pid_t parent_of(pid_t pid)
{
    char line[256];
    proc_line(pid, "status", "PPid:", line);
    return (pid_t)atoi(line);
}

Test(zygote, forbidden_things_kill, .timeout = 60)
{
#ifdef TRAWL_SANITIZED
    cr_skip("the sanitizers' run time needs most of what is forbidden");
#endif
    struct zygote *zygote = start(true);
    char why[200] = "";
    for (uint32_t argument = 0; argument < 6; argument++) {
        int said, status = run(zygote, argument, &said);
        cr_assert_eq(said, 1, "argument %u", argument);
        cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "argument %u: %x", argument, status);
    }
    cr_assert_eq(sandbox_selftest(zygote, why, sizeof(why)), 0, "%s", why);
    cr_assert_eq(sandbox_selftest_all(zygote, why, sizeof(why)), 0, "%s", why);
    zygote_stop(zygote);
}

Test(zygote, allowed_things_work, .timeout = 60)
{
    struct zygote *zygote = start(true);
    int said, status = run(zygote, NOTHING, &said);
    cr_assert_eq(said, 0);
    cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == CHILD_EXIT_DONE);
    zygote_stop(zygote);
}

/** Without a sandbox nothing of it kills, and the selftest says so. */
Test(zygote, without_a_sandbox, .timeout = 60)
{
    struct zygote *zygote = start(false);
    for (uint32_t argument = 0; argument < 6; argument++) {
        int said, status = run(zygote, argument, &said);
        cr_assert(!WIFSIGNALED(status) || WTERMSIG(status) == SIGKILL, "argument %u: %x", argument, status);
        /* execve replaced the child: true says nothing. */
        cr_assert_eq(said, argument == 4, "argument %u", argument);
    }
#ifndef TRAWL_SANITIZED
    char why[200] = "";
    cr_assert_neq(sandbox_selftest(zygote, why, sizeof(why)), 0);
    cr_assert_not_null(strstr(why, "(open)"), "%s", why);
#endif
    zygote_stop(zygote);
}

Test(zygote, reap_tells, .timeout = 60)
{
    struct zygote *zygote = start(true);
    struct child_exit how = {0};
    int socket;
    /* Alive, waiting for work: killed. */
    pid_t pid = spawn(zygote, CHILD_DECODER, 0, &socket);
    await_seccomp(pid);
    cr_assert_gt(child_cpu_ns(pid), 0u);
    cr_assert_eq(zygote_reap(zygote, pid, &how), 0);
    cr_assert(WIFSIGNALED(how.status) && WTERMSIG(how.status) == SIGKILL);
    cr_assert_gt(how.max_rss, 0u);
    cr_assert_eq(child_cpu_ns(pid), 0u, "gone");
    close(socket);
    /* Ended by itself: its clock can be read until it is reaped, and its own status is told. */
    pid = spawn(zygote, CHILD_DECODER, 0, &socket);
    close(socket);
    char state[256] = "";
    while (!strstr(state, "Z")) {
        usleep(500);
        proc_line(pid, "status", "State:", state);
        cr_assert(state[0], "it stays until it is reaped");
    }
    cr_assert_gt(child_cpu_ns(pid), 0u);
    cr_assert_eq(zygote_reap(zygote, pid, &how), 0);
    cr_assert(WIFEXITED(how.status));
    cr_assert_eq(WEXITSTATUS(how.status), CHILD_EXIT_DONE);
    cr_assert_gt(how.cpu_ns, 0u);
    cr_assert_eq(zygote_reap(zygote, pid, &how), -ECHILD, "only once");
    zygote_stop(zygote);
}

/** A number that is no child's, or no number at all, kills nobody: not a process that came to have it, not all there
 * are. */
Test(zygote, reap_kills_children_only, .timeout = 60)
{
    struct zygote *zygote = start(true);
    fflush(NULL);
    pid_t bystander = fork();
    if (bystander == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (;;)
            pause();
    }
    cr_assert_eq(zygote_reap(zygote, bystander, NULL), -ECHILD);
    cr_assert_eq(zygote_reap(zygote, getpid(), NULL), -ECHILD);
    static const pid_t none[] = {0, -1, -2, -ENOMEM};
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
        cr_assert_eq(zygote_reap(zygote, none[i], NULL), -EINVAL);
    int said;
    run(zygote, NOTHING, &said);
    cr_assert_eq(said, 0, "it still works");
    cr_assert_eq(waitpid(bystander, NULL, WNOHANG), 0, "alive");
    kill(bystander, SIGKILL);
    waitpid(bystander, NULL, 0);
    zygote_stop(zygote);
}

/** What a child has: three descriptors that lead nowhere, and those it was given. No privileges, no core. */
Test(zygote, what_a_child_has, .timeout = 60)
{
    int many[40], socket, fds = 0;
    struct zygote *zygote = start(true);
    for (int i = 0; i < 40; i++)
        many[i] = open("/dev/null", O_RDONLY);
    pid_t pid = spawn(zygote, CHILD_DECODER, 0, &socket);
    char line[256], name[64];
    await_seccomp(pid);
    proc_line(pid, "status", "NoNewPrivs:", line);
    cr_assert_eq(atoi(line), 1);
    proc_line(pid, "limits", "Max core file size", line);
    cr_assert_eq(atoi(line), 0);
    snprintf(name, sizeof(name), "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(name);
    const struct dirent *d;
    while (dir && (d = readdir(dir)))
        fds += d->d_name[0] != '.';
    /* A process that may not be traced shows its files to nobody but root. */
    if (fds)
        cr_assert_eq(fds, 4);
    if (dir)
        closedir(dir);
    cr_assert_eq(zygote_reap(zygote, pid, NULL), 0);
    close(socket);
    for (int i = 0; i < 40; i++)
        close(many[i]);
    zygote_stop(zygote);
}

Test(zygote, no_descriptors_or_too_many, .timeout = 60)
{
    struct zygote *zygote = start(true);
    struct child_spec spec = {.role = CHILD_DECODER};
    struct child_exit how;
    int four[4] = {0, 0, 0, 0}, said;
    cr_assert_eq(zygote_spawn(zygote, &spec, four, 4), -EINVAL);
    cr_assert_eq(zygote_spawn(zygote, &spec, (int[]){-1}, 1), -EBADF);
    pid_t pid = zygote_spawn(zygote, &spec, NULL, 0);
    cr_assert_gt(pid, 0);
    cr_assert_eq(zygote_reap(zygote, pid, &how), 0);
    spec.role = CHILD_ROLES;
    run(zygote, NOTHING, &said);
    cr_assert_eq(said, 0, "it still works");
    zygote_stop(zygote);
}

/** As many as a large archive with many crashes needs: nothing is left over, in no process. */
Test(zygote, a_thousand_children, .timeout = 120)
{
    struct zygote *zygote = start(true);
    unsigned before = scratch_open_files(), in_zygote = 0;
    int socket;
    for (int i = 0; i < 1000; i++) {
        pid_t pid = spawn(zygote, CHILD_DECODER, 0, &socket);
        cr_assert_gt(pid, 0, "child %d", i);
        if (i == 0)
            in_zygote = (unsigned)parent_of(pid);
        close(socket);
        cr_assert_eq(zygote_reap(zygote, pid, NULL), 0);
    }
    cr_assert_eq(scratch_open_files(), before);
    char name[64];
    unsigned fds = 0;
    snprintf(name, sizeof(name), "/proc/%u/fd", in_zygote);
    DIR *dir = opendir(name);
    while (dir && readdir(dir))
        fds++;
    if (dir)
        closedir(dir);
    cr_assert_leq(fds, before + 2, "descriptors stay open in the zygote");
    zygote_stop(zygote);
    cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
    cr_assert_eq(errno, ECHILD, "and the zygote itself is gone");
}

static void *spawn_many(void *arg)
{
    for (int i = 0; i < 50; i++) {
        int socket;
        char alive = 0;
        pid_t pid = spawn(arg, i % 2 ? CHILD_SELFTEST : CHILD_DECODER, NOTHING, &socket);
        if (pid <= 0 || (i % 2 && (message_receive(socket, &alive, 1, NULL, NULL) != 0 || alive != 1)))
            return arg;
        close(socket);
        if (zygote_reap(arg, pid, NULL))
            return arg;
    }
    return NULL;
}

/** Each thread gets the child that it asked for, with the socket that it gave. */
Test(zygote, threads_spawn_at_once, .timeout = 120)
{
    struct zygote *zygote = start(true);
    pthread_t threads[6];
    for (int i = 0; i < 6; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, spawn_many, zygote), 0);
    for (int i = 0; i < 6; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        cr_assert_null(failed);
    }
    zygote_stop(zygote);
}

/** Ctrl-C reaches the whole group: only the main process answers it. */
Test(zygote, signals_of_the_terminal, .timeout = 60)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1};
    struct zygote *zygote = start(true);
    int socket, said;
    pid_t pid = spawn(zygote, CHILD_DECODER, 0, &socket), parent = parent_of(pid);
    cr_assert_gt(parent, 1);
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
        kill(parent, signals[i]);
        kill(pid, signals[i]);
    }
    run(zygote, NOTHING, &said);
    cr_assert_eq(said, 0);
    struct child_exit how = {0};
    cr_assert_eq(zygote_reap(zygote, pid, &how), 0);
    cr_assert(WIFSIGNALED(how.status) && WTERMSIG(how.status) == SIGKILL, "not by a signal of the terminal");
    close(socket);
    zygote_stop(zygote);
}

/** Some daemons start programs with SIGCHLD ignored; then nothing could be reaped, and no scan would begin. */
Test(zygote, started_with_sigchld_ignored, .timeout = 60)
{
    struct child_exit how = {0};
    int socket;
    signal(SIGCHLD, SIG_IGN);
    struct zygote *zygote = start(true);
    signal(SIGCHLD, SIG_DFL);
    pid_t pid = spawn(zygote, CHILD_DECODER, 0, &socket);
    await_seccomp(pid);
    cr_assert_eq(zygote_reap(zygote, pid, &how), 0);
    cr_assert(WIFSIGNALED(how.status) && WTERMSIG(how.status) == SIGKILL);
    close(socket);
    zygote_stop(zygote);
}

/** A zygote that died is an error, not a program that hangs, and takes its children with it. */
Test(zygote, the_zygote_dies, .timeout = 60)
{
    struct zygote *zygote = start(true);
    struct child_spec spec = {.role = CHILD_DECODER};
    char byte;
    int socket;
    pid_t pid = spawn(zygote, CHILD_DECODER, 0, &socket), parent = parent_of(pid);
    await_seccomp(pid);
    cr_assert_gt(parent, 1);
    cr_assert_neq(parent, getpid());
    kill(parent, SIGKILL);
    cr_assert_eq(message_receive(socket, &byte, 1, NULL, NULL), 1, "the child is gone too");
    pid_t none = zygote_spawn(zygote, &spec, NULL, 0);
    cr_assert(none == -EPIPE || none == -ECONNRESET, "%d", (int)none);
    cr_assert_lt(zygote_reap(zygote, pid, NULL), 0);
    close(socket);
    zygote_stop(zygote);
    zygote_stop(NULL);
}

/** The limit is on top of what the zygote had mapped: a small one is enough to begin with. */
Test(zygote, little_memory, .timeout = 60)
{
    struct zygote *zygote = start(true);
    struct child_spec spec = {.role = CHILD_SELFTEST, .memory = 1u << 20, .argument = NOTHING};
    int pair[2];
    char alive = 0;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    pid_t pid = zygote_spawn(zygote, &spec, &pair[1], 1);
    close(pair[1]);
    cr_assert_eq(message_receive(pair[0], &alive, 1, NULL, NULL), 0);
    cr_assert_eq(alive, 1);
    close(pair[0]);
    cr_assert_eq(zygote_reap(zygote, pid, NULL), 0);
    zygote_stop(zygote);
}
