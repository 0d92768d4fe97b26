#include "sandbox/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "sandbox/child.h"
#include "sandbox/message.h"
#include "sandbox/policy.h"
#include "sandbox/readers.h"

struct zygote {
    pid_t pid;
    /** The zygote whose child it is; NULL for the first. */
    struct zygote *first;
    int socket;
    /** One request at a time. */
    pthread_mutex_t lock;
};

struct zygote_request {
    /** 0: spawn `spec`; else: reap this pid. */
    pid_t reap;
    struct child_spec spec;
};

struct zygote_reply {
    /** The new child's pid, 0 for a reap, or -errno. */
    pid_t pid;
    struct child_exit exit;
};

uint64_t child_cpu_ns(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t))
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/** Puts the descriptors at 3, 4, 5 and closes all others. They come from recvmsg, numbered above those of the zygote.
 */
static int settle_fds(const int *fds, unsigned n)
{
    int high[CHILD_FD_MAX];
    for (unsigned i = 0; i < n; i++) {
        high[i] = fcntl(fds[i], F_DUPFD, 64);
        if (high[i] < 0)
            return -errno;
    }
    for (unsigned i = 0; i < n; i++)
        if (dup2(high[i], CHILD_FD_SOCKET + (int)i) < 0)
            return -errno;
    return syscall(SYS_close_range, CHILD_FD_SOCKET + n, ~0u, 0) < 0 ? -errno : 0;
}

static _Noreturn void readers_exec(bool sandboxed)
{
    char path[4096], program[] = READERS_PROGRAM, role[] = READERS_ARGUMENT, open[] = READERS_OPEN,
                     closed[] = "sandboxed";
    char *const argv[] = {program, role, sandboxed ? closed : open, NULL};
    if (readers_path(path, sizeof(path)))
        execv(path, argv);
    _exit(CHILD_EXIT_SANDBOX);
}

static _Noreturn void child_main(const struct child_spec *spec, bool sandboxed, const int *fds, unsigned n)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (settle_fds(fds, n))
        _exit(CHILD_EXIT_SANDBOX);
    if (spec->role == CHILD_READERS)
        readers_exec(sandboxed);
    if (policy_enter(spec, sandboxed))
        _exit(CHILD_EXIT_SANDBOX);
    switch (spec->role) {
    case CHILD_DECODER:
        decoder_child();
    case CHILD_UNPACKER:
        unpacker_child();
    case CHILD_SELFTEST:
        selftest_child(spec->argument);
    default:
        _exit(CHILD_EXIT_PROTOCOL);
    }
}

static pid_t spawn(const struct child_spec *spec, bool sandboxed, int socket, const int *fds, unsigned n)
{
    pid_t pid = fork();
    if (pid == 0) {
        close(socket);
        child_main(spec, sandboxed, fds, n);
    }
    return pid < 0 ? -errno : pid;
}

static int reap(pid_t pid, struct child_exit *out)
{
    struct rusage usage;
    siginfo_t info;
    int status;
    /* Only a child of this process is ever killed: the pid may be anybody's by now. */
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        return -errno;
    kill(pid, SIGKILL);
    pid_t got;
    do
        got = wait4(pid, &status, 0, &usage);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    uint64_t seconds = (uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec;
    uint64_t micros = (uint64_t)usage.ru_utime.tv_usec + (uint64_t)usage.ru_stime.tv_usec;
    *out = (struct child_exit){status, (uint64_t)usage.ru_maxrss, seconds * 1000000000u + micros * 1000u};
    return 0;
}

void zygote_serve(int socket, bool sandboxed)
{
    for (;;) {
        struct zygote_request request;
        struct zygote_reply reply = {0};
        int fds[CHILD_FD_MAX];
        unsigned n = CHILD_FD_MAX;
        if (message_receive(socket, &request, sizeof(request), fds, &n) != 0)
            _exit(0);
        if (request.reap)
            reply.pid = reap(request.reap, &reply.exit);
        else
            reply.pid = spawn(&request.spec, sandboxed, socket, fds, n);
        for (unsigned i = 0; i < n; i++)
            close(fds[i]);
        if (message_send(socket, &reply, sizeof(reply), NULL, 0) != 0)
            _exit(0);
    }
}

/** Signals of the terminal go to the whole group: only the main process answers them. Nothing may be printed from here
 * on. */
static void become_quiet(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE};
    for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
        signal(ignored[i], SIG_IGN);
    /* Whoever started this program may have ignored it: nothing could be reaped then. */
    signal(SIGCHLD, SIG_DFL);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0)
        return;
    /* Read-only on purpose: a child that writes to them gets an error, and no file is open for writing. */
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
#ifndef TRAWL_SANITIZED
    dup2(null, STDERR_FILENO);
#endif
    if (null > STDERR_FILENO)
        close(null);
}

static struct zygote *zygote_made(struct zygote *first, pid_t pid, int socket)
{
    if (pid < 0) {
        close(socket);
        return NULL;
    }
    struct zygote *zygote = ALLOC(struct zygote);
    *zygote = (struct zygote){.pid = pid, .first = first, .socket = socket};
    pthread_mutex_init(&zygote->lock, NULL);
    return zygote;
}

struct zygote *zygote_start(bool sandboxed)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return NULL;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        close(pair[0]);
        become_quiet();
        if (getppid() != parent || (sandboxed && policy_prepare()))
            _exit(CHILD_EXIT_SANDBOX);
        child_warm_up();
        zygote_serve(pair[1], sandboxed);
    }
    close(pair[1]);
    return zygote_made(NULL, pid, pair[0]);
}

struct zygote *zygote_start_readers(struct zygote *first)
{
    int pair[2];
    const struct child_spec spec = {.role = CHILD_READERS};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return NULL;
    pid_t pid = zygote_spawn(first, &spec, &pair[1], 1);
    close(pair[1]);
    if (pid < 0)
        errno = -pid;
    return zygote_made(first, pid, pair[0]);
}

int zygote_hello(struct zygote *zygote, void *hello, size_t size)
{
    return message_receive(zygote->socket, hello, size, NULL, NULL);
}

static int call(struct zygote *zygote, const struct zygote_request *request, const int *fds, unsigned n,
                struct zygote_reply *reply)
{
    pthread_mutex_lock(&zygote->lock);
    int r = message_send(zygote->socket, request, sizeof(*request), fds, n);
    if (!r)
        r = message_receive(zygote->socket, reply, sizeof(*reply), NULL, NULL);
    pthread_mutex_unlock(&zygote->lock);
    return r > 0 ? -EPIPE : r;
}

pid_t zygote_spawn(struct zygote *zygote, const struct child_spec *spec, const int *fds, unsigned n)
{
    struct zygote_request request = {.spec = *spec};
    struct zygote_reply reply;
    int r = call(zygote, &request, fds, n, &reply);
    return r ? r : reply.pid;
}

int zygote_reap(struct zygote *zygote, pid_t pid, struct child_exit *out)
{
    struct zygote_request request = {.reap = pid};
    struct zygote_reply reply;
    if (pid <= 0)
        return -EINVAL;
    int r = call(zygote, &request, NULL, 0, &reply);
    if (!r && out)
        *out = reply.exit;
    return r ? r : reply.pid;
}

void zygote_stop(struct zygote *zygote)
{
    if (!zygote)
        return;
    close(zygote->socket);
    if (zygote->first)
        zygote_reap(zygote->first, zygote->pid, NULL);
    while (!zygote->first && waitpid(zygote->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    pthread_mutex_destroy(&zygote->lock);
    free(zygote);
}
