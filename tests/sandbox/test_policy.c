#include <criterion/criterion.h>
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../scratch.h"
#include "sandbox/policy.h"

#ifdef TRAWL_SANITIZED
#define SKIP_SANITIZED() cr_skip("the sanitizers' run time needs most of what is forbidden")
#else
#define SKIP_SANITIZED() ((void)0)
#endif

/** Exit codes of the test's own children. */
enum { WORKED = 0, FAILED = 1, NOT_CLOSED = 2, ALIVE = 3 };

/** Runs `body` in a process of its own, in the sandbox of a role. Returns its wait status. */
static int in_sandbox(const struct child_spec *spec, bool sandboxed, int (*body)(const void *argument),
                      const void *argument)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        if (sandboxed && policy_prepare())
            _exit(NOT_CLOSED);
        if (policy_enter(spec, sandboxed))
            _exit(NOT_CLOSED);
        /* Not _exit of a sanitizer's wrapper, and no flush. */
        int code = body(argument);
        syscall(SYS_exit_group, code);
    }
    cr_assert_gt(pid, 0);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static bool exited(int status, int code)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

/** All that decoders and their libraries live on. */
static int common_things(const void *argument)
{
    const int *pair = argument;
    struct timespec now;
    struct pollfd p = {pair[1], POLLIN, 0};
    uint32_t word = 1;
    char byte = 'x';
    size_t n = 8u << 20;
    char *big = malloc(n), *more;
    if (!big || !(more = realloc(big, 2 * n)))
        return FAILED;
    memset(more, 1, 2 * n);
    free(more);
    for (size_t size = 1; size < 200000; size *= 3) {
        char *p1 = malloc(size);
        if (!p1)
            return FAILED;
        free(p1);
    }
    void *map = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map, 4096, PROT_READ) || madvise(map, 65536, MADV_DONTNEED) || munmap(map, 65536))
        return FAILED;
    if (clock_gettime(CLOCK_MONOTONIC, &now) || syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &now))
        return FAILED;
    if (syscall(SYS_getrandom, &word, 4, 0) != 4)
        return FAILED;
    if (syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0) != 0)
        return FAILED;
    if (send(pair[0], &byte, 1, MSG_NOSIGNAL) != 1 || poll(&p, 1, 1000) != 1 || recv(pair[1], &byte, 1, 0) != 1)
        return FAILED;
    if (write(pair[0], &byte, 1) != 1 || read(pair[1], &byte, 1) != 1)
        return FAILED;
    return close(pair[1]) ? FAILED : WORKED;
}

static int read_by_position(const void *argument)
{
    int fd = *(const int *)argument;
    char bytes[4];
    return pread(fd, bytes, 4, 0) == 4 && memcmp(bytes, "file", 4) == 0 && lseek(fd, 1, SEEK_SET) == 1 ? WORKED
                                                                                                       : FAILED;
}

static int small_file(void)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    cr_assert_eq(write(fd, "file", 4), 4);
    return fd;
}

Test(policy, what_is_needed_works)
{
    for (int role = 0; role < CHILD_ROLES; role++) {
        struct child_spec spec = {.role = (enum child_role)role, .memory = 256u << 20, .cpu_seconds = 10};
        int pair[2], fd = small_file();
        cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
        int status = in_sandbox(&spec, true, common_things, pair);
        cr_assert(exited(status, WORKED), "role %d: %x", role, status);
        if (spec.role == CHILD_UNPACKER)
            cr_assert(exited(in_sandbox(&spec, true, read_by_position, &fd), WORKED));
        close(fd);
        close(pair[0]);
        close(pair[1]);
    }
}

/** A system call that kills, and arguments with which it would do something. */
struct forbidden {
    const char *name;
    long number;
    long a, b, c, d;
};

static const char *const path = "/";

static const struct forbidden forbidden[] = {
    {"open", SYS_open, 0, O_RDONLY, 0, 0},
    {"openat", SYS_openat, AT_FDCWD, 0, O_RDONLY, 0},
    {"openat2", SYS_openat2, AT_FDCWD, 0, 0, 0},
    {"creat", SYS_creat, 0, 0600, 0, 0},
    {"stat", SYS_stat, 0, 0, 0, 0},
    {"readlink", SYS_readlink, 0, 0, 0, 0},
    {"getdents64", SYS_getdents64, 3, 0, 0, 0},
    {"unlink", SYS_unlink, 0, 0, 0, 0},
    {"rename", SYS_rename, 0, 0, 0, 0},
    {"mkdir", SYS_mkdir, 0, 0700, 0, 0},
    {"chmod", SYS_chmod, 0, 0, 0, 0},
    {"fchmod", SYS_fchmod, 3, 0, 0, 0},
    {"truncate", SYS_truncate, 0, 0, 0, 0},
    {"ftruncate", SYS_ftruncate, 3, 0, 0, 0},
    {"pwrite64", SYS_pwrite64, 3, 0, 0, 0},
    {"fallocate", SYS_fallocate, 3, 0, 0, 1},
    {"fcntl", SYS_fcntl, 3, F_GETFL, 0, 0},
    {"ioctl", SYS_ioctl, 3, 0, 0, 0},
    {"dup", SYS_dup, 3, 0, 0, 0},
    {"memfd_create", SYS_memfd_create, 0, 0, 0, 0},
    {"fork", SYS_fork, 0, 0, 0, 0},
    {"vfork", SYS_vfork, 0, 0, 0, 0},
    {"clone", SYS_clone, SIGCHLD, 0, 0, 0},
    {"clone3", SYS_clone3, 0, 0, 0, 0},
    {"execve", SYS_execve, 0, 0, 0, 0},
    {"execveat", SYS_execveat, 3, 0, 0, 0},
    {"kill", SYS_kill, 1, 0, 0, 0},
    {"tgkill", SYS_tgkill, 1, 1, 0, 0},
    {"ptrace", SYS_ptrace, 0, 0, 0, 0},
    {"process_vm_readv", SYS_process_vm_readv, 1, 0, 0, 0},
    {"pidfd_open", SYS_pidfd_open, 1, 0, 0, 0},
    {"socket", SYS_socket, AF_INET, SOCK_STREAM, 0, 0},
    {"socketpair", SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, 0},
    {"connect", SYS_connect, 3, 0, 0, 0},
    {"bind", SYS_bind, 3, 0, 0, 0},
    {"accept4", SYS_accept4, 3, 0, 0, 0},
    {"setsockopt", SYS_setsockopt, 3, 0, 0, 0},
    {"prctl", SYS_prctl, 0, 0, 0, 0},
    {"setrlimit", SYS_setrlimit, RLIMIT_CPU, 0, 0, 0},
    {"prlimit64", SYS_prlimit64, 0, RLIMIT_AS, 0, 0},
    {"personality", SYS_personality, 0x0400000, 0, 0, 0},
    {"setuid", SYS_setuid, 0, 0, 0, 0},
    {"unshare", SYS_unshare, 0, 0, 0, 0},
    {"mount", SYS_mount, 0, 0, 0, 0},
    {"chroot", SYS_chroot, 0, 0, 0, 0},
    {"seccomp", SYS_seccomp, 0, 0, 0, 0},
    {"bpf", SYS_bpf, 0, 0, 0, 0},
    {"io_uring_setup", SYS_io_uring_setup, 1, 0, 0, 0},
    {"userfaultfd", SYS_userfaultfd, 0, 0, 0, 0},
    {"perf_event_open", SYS_perf_event_open, 0, 0, 0, 0},
    {"keyctl", SYS_keyctl, 0, 0, 0, 0},
    {"shmget", SYS_shmget, 0, 4096, 0, 0},
    {"rt_sigaction", SYS_rt_sigaction, SIGSEGV, 0, 0, 8},
    {"sched_setaffinity", SYS_sched_setaffinity, 0, 0, 0, 0},
    {"nanosleep", SYS_nanosleep, 0, 0, 0, 0},
    {"pkey_mprotect", SYS_pkey_mprotect, 0, 4096, PROT_EXEC, 0},
    {"executable mmap", SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS},
    {"writable and executable mmap", SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
     MAP_PRIVATE | MAP_ANONYMOUS},
    {"executable mprotect", SYS_mprotect, 0, 4096, PROT_READ | PROT_EXEC, 0},
    {"a number of another ABI", 0x40000000 | 1, 0, 0, 0, 0},
    {"a number that is none", 100000, 0, 0, 0, 0},
};

static int try_forbidden(const void *argument)
{
    const struct forbidden *f = argument;
    bool takes_path =
        f->number == SYS_open || f->number == SYS_creat || f->number == SYS_chmod || f->number == SYS_stat;
    syscall(f->number, takes_path ? (long)path : f->a, f->number == SYS_openat ? (long)path : f->b, f->c, f->d, -1, 0);
    return ALIVE;
}

/** Each of them, in each role, is the end of the child, at once. */
Test(policy, what_is_forbidden_kills, .timeout = 60)
{
    SKIP_SANITIZED();
    for (int role = 0; role < CHILD_ROLES; role++)
        for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
            struct child_spec spec = {.role = (enum child_role)role, .memory = 256u << 20};
            int status = in_sandbox(&spec, true, try_forbidden, &forbidden[i]);
            cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s in role %d: %x", forbidden[i].name, role,
                      status);
        }
}

#if defined(__x86_64__)
/** The 32-bit entry has numbers of its own: 20 is getpid there, writev here. */
static int call_32_bit(const void *argument)
{
    long result = 20;
    (void)argument;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return ALIVE;
}

Test(policy, the_32_bit_entry_kills)
{
    SKIP_SANITIZED();
    struct child_spec spec = {.role = CHILD_DECODER};
    int status = in_sandbox(&spec, true, call_32_bit, NULL);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
        cr_skip("this kernel has no 32-bit entry");
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%x", status);
}
#endif

static int pread_something(const void *argument)
{
    char byte;
    (void)!pread(*(const int *)argument, &byte, 1, 0);
    return ALIVE;
}

/** Roles differ: a decoder has no file to read by position. */
Test(policy, a_decoder_reads_no_file)
{
    SKIP_SANITIZED();
    struct child_spec spec = {.role = CHILD_DECODER};
    int fd = small_file(), status = in_sandbox(&spec, true, pread_something, &fd);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

/**
 * Landlock alone: without policy_prepare there is no filter to be installed, so policy_enter fails, after Landlock was
 * entered. What is then opened is refused by Landlock only.
 */
static int behind_landlock(void)
{
    struct child_spec spec = {.role = CHILD_DECODER};
    int fd = open("/", O_RDONLY | O_DIRECTORY);
    if (policy_enter(&spec, true) == 0)
        return 1;
    close(fd);
    errno = 0;
    if (open("/", O_RDONLY | O_DIRECTORY) >= 0 || errno != EACCES)
        return 2;
    if (open("/proc/self/exe", O_RDONLY) >= 0 || open("/proc/self/status", O_RDONLY) >= 0 ||
        open("/etc/passwd", O_RDONLY) >= 0)
        return 3;
    if (open(P_tmpdir "/made-by-a-child", O_CREAT | O_WRONLY, 0600) >= 0 ||
        mkdir(P_tmpdir "/made-by-a-child", 0700) == 0)
        return 4;
    return 0;
}

Test(policy, landlock_alone_lets_no_file_be_opened)
{
    SKIP_SANITIZED();
    int status;
    if (!policy_landlock_version())
        cr_skip("this kernel has no Landlock");
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        /* Few descriptors are allowed behind the border: not by their number may it be refused. */
        syscall(SYS_close_range, 3, ~0u, 0);
        _exit(behind_landlock());
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(exited(status, 0), "step %d", WEXITSTATUS(status));
}

/** The limit is what a child may have beyond the size it was born with: a large program does not starve its children.
 */
static bool can_map(uint64_t n)
{
    return mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

static int eat_memory(const void *argument)
{
    uint64_t allowed = *(const uint64_t *)argument;
    if (!can_map(allowed / 2))
        return FAILED;
    return can_map(allowed) ? ALIVE : WORKED;
}

Test(policy, memory_limit)
{
    SKIP_SANITIZED();
    static const uint64_t sizes[] = {8u << 20, 64u << 20, 512u << 20};
    for (size_t i = 0; i < 3; i++) {
        struct child_spec spec = {.role = CHILD_DECODER, .memory = sizes[i]};
        for (int sandboxed = 0; sandboxed < 2; sandboxed++) {
            int status = in_sandbox(&spec, sandboxed, eat_memory, &sizes[i]);
            cr_assert(exited(status, WORKED), "%llu bytes: %x", (unsigned long long)sizes[i], status);
        }
    }
}

/** No core file that holds evidence, nothing written to any file, no descriptors to speak of. */
static int look_at_limits(const void *argument)
{
    struct rlimit limit;
    (void)argument;
    if (getrlimit(RLIMIT_CORE, &limit) || limit.rlim_max != 0)
        return 10;
#ifndef TRAWL_SANITIZED
    if (getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_max != 0)
        return 11;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max > 16)
        return 12;
#endif
    if (getrlimit(RLIMIT_CPU, &limit) || limit.rlim_max != 5)
        return 13;
    return WORKED;
}

Test(policy, resource_limits)
{
    struct child_spec spec = {.role = CHILD_DECODER, .cpu_seconds = 5};
    int status = in_sandbox(&spec, false, look_at_limits, NULL);
    cr_assert(exited(status, WORKED), "%x", status);
}

static int burn(const void *argument)
{
    volatile unsigned long spin = 1;
    (void)argument;
    while (spin)
        spin |= 1;
    return ALIVE;
}

Test(policy, processor_time_ends, .timeout = 60)
{
    struct child_spec spec = {.role = CHILD_DECODER, .cpu_seconds = 1};
    int status = in_sandbox(&spec, true, burn, NULL);
    cr_assert(WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU), "%x", status);
}

static int nothing(const void *argument)
{
    (void)argument;
    return WORKED;
}

/** Who runs the program under tighter limits than it would set, and may not raise them, can still scan. */
static int under_tight_limits(void)
{
    struct child_spec spec = {.role = CHILD_DECODER, .memory = 64ull << 30, .cpu_seconds = 100};
    struct rlimit memory = {4ul << 30, 4ul << 30}, cpu = {50, 50};
    if (setrlimit(RLIMIT_CPU, &cpu))
        return 1;
#ifndef TRAWL_SANITIZED
    if (setrlimit(RLIMIT_AS, &memory))
        return 1;
#endif
    (void)memory;
    if (getuid() == 0 && setresuid(65534, 65534, 65534))
        return 2;
    int r = policy_prepare();
    return r ? 3 : policy_enter(&spec, false) ? 4 : nothing(NULL);
}

Test(policy, limits_of_the_user_stay)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(under_tight_limits());
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(exited(status, WORKED), "step %d", WEXITSTATUS(status));
}
