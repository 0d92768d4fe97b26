#include "sandbox/selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/child.h"
#include "sandbox/message.h"
#include "sandbox/zygote.h"

/** Things that no child may do; each must kill it. Rows are tried in children of their own. */
static const char *const forbidden[] = {"open", "fork", "write-exec memory", "chmod", "execve", "socket"};
#define FORBIDDEN (sizeof(forbidden) / sizeof(*forbidden))
/**
 * The first rows are tried at every start. Who watches a scan with strace must see no program started and no socket
 * made, not even in vain: those rows are for tests.
 */
#define AT_START 4

void selftest_child(uint32_t argument)
{
    char *const none[] = {NULL};
    switch (argument) {
    case 0:
        open("/dev/null", O_RDONLY);
        break;
    case 1:
        if (fork() == 0)
            _exit(0);
        break;
    case 2:
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        break;
    case 3:
        chmod("", 0755);
        break;
    case 4:
        execve("/bin/true", none, none);
        break;
    case 5:
        socket(AF_INET, SOCK_STREAM, 0);
        break;
    }
    /* Still alive: tell the main process, which then refuses to scan. */
    char alive = 1;
    message_send(CHILD_FD_SOCKET, &alive, 1, NULL, 0);
    _exit(CHILD_EXIT_DONE);
}

/** Returns 0 if the forbidden thing killed the child. */
static int try_one(struct zygote *zygote, uint32_t which, char *why, size_t why_size)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    struct child_spec spec = {.role = CHILD_SELFTEST, .argument = which};
    pid_t pid = zygote_spawn(zygote, &spec, &pair[1], 1);
    close(pair[1]);
    char alive = 0;
    int r = pid < 0 ? pid : message_receive(pair[0], &alive, 1, NULL, NULL);
    close(pair[0]);
    struct child_exit how = {0};
    if (pid > 0)
        zygote_reap(zygote, pid, &how);
    bool stopped = r == 1 && WIFSIGNALED(how.status) && WTERMSIG(how.status) == SIGSYS;
    if (!stopped && WIFEXITED(how.status) && WEXITSTATUS(how.status) == CHILD_EXIT_SANDBOX)
        snprintf(why, why_size, "the sandbox cannot be closed on this system (seccomp is missing or refused)");
    else if (!stopped)
        snprintf(why, why_size, "the sandbox did not stop a forbidden thing (%s)", forbidden[which]);
    return stopped ? 0 : -1;
}

static int try_first(struct zygote *zygote, uint32_t n, char *why, size_t why_size)
{
#ifdef TRAWL_SANITIZED
    /* The sanitizers' run time needs most of what is forbidden: those builds test everything else. */
    (void)try_one;
    n = 0;
#endif
    for (uint32_t i = 0; i < n; i++)
        if (try_one(zygote, i, why, why_size))
            return -1;
    return 0;
}

int sandbox_selftest(struct zygote *zygote, char *why, size_t why_size)
{
    return try_first(zygote, AT_START, why, why_size);
}

int sandbox_selftest_all(struct zygote *zygote, char *why, size_t why_size)
{
    return try_first(zygote, FORBIDDEN, why, why_size);
}
