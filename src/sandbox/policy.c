#include "sandbox/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/alloc.h"

/* Debian 12's header ends at version 2 (REFER); later rights are handled too where the kernel knows them. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

/** A compiled filter; made in the zygote, inherited by every child. */
static struct sock_fprog filters[CHILD_ROLES];

/** Memory, waiting, leaving: what every child needs. */
static const int common_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(recvfrom),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(close),
};

/** The container is read by position; nothing else is. */
static const int unpacker_calls[] = {SCMP_SYS(pread64), SCMP_SYS(lseek)};

#ifdef TRAWL_SANITIZED
/** What the sanitizers' run time does beside: report, symbolise, look at its own maps. Test builds only. */
static const int sanitizer_calls[] = {
    SCMP_SYS(openat),
    SCMP_SYS(open),
    SCMP_SYS(readlink),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(tgkill),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),
    SCMP_SYS(fstat),
    SCMP_SYS(stat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(sched_yield),
    SCMP_SYS(prctl),
    SCMP_SYS(personality),
    SCMP_SYS(mprotect),
    SCMP_SYS(mmap),
    SCMP_SYS(lseek),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(wait4),
    SCMP_SYS(pipe2),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getppid),
    SCMP_SYS(uname),
    SCMP_SYS(access),
    SCMP_SYS(ioctl),
    SCMP_SYS(fcntl),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(kill),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(dup2),
    SCMP_SYS(ptrace),
    SCMP_SYS(getdents64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(msync),
    SCMP_SYS(unlink),
    SCMP_SYS(set_tid_address),
};
#endif

static int allow(scmp_filter_ctx ctx, const int *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0);
        if (r < 0 && r != -EEXIST)
            return r;
    }
    return 0;
}

/** Memory may be mapped and protected, but never made executable. */
static int allow_memory(scmp_filter_ctx ctx)
{
    static const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    for (size_t i = 0; i < 2; i++) {
        int r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
        if (r < 0)
            return r;
    }
    return 0;
}

static int build_filter(scmp_filter_ctx ctx, enum child_role role)
{
    int r = allow(ctx, common_calls, sizeof(common_calls) / sizeof(int));
    if (!r && role == CHILD_UNPACKER)
        r = allow(ctx, unpacker_calls, sizeof(unpacker_calls) / sizeof(int));
#ifdef TRAWL_SANITIZED
    if (!r)
        r = allow(ctx, sanitizer_calls, sizeof(sanitizer_calls) / sizeof(int));
#else
    if (!r)
        r = allow_memory(ctx);
#endif
    (void)allow_memory;
    return r;
}

/** libseccomp can only export to a descriptor: a memfd takes the program, and memory that every child inherits keeps
 * it. */
static int export_filter(scmp_filter_ctx ctx, struct sock_fprog *out)
{
    int fd = memfd_create("trawl-filter", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = seccomp_export_bpf(ctx, fd);
    off_t size = lseek(fd, 0, SEEK_END);
    void *program = MAP_FAILED;
    if (!r && size > 0)
        program = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (!r && program == MAP_FAILED)
        r = -errno;
    close(fd);
    if (!r)
        *out = (struct sock_fprog){(unsigned short)((size_t)size / sizeof(struct sock_filter)), program};
    return r;
}

int policy_prepare(void)
{
    for (int role = 0; role < CHILD_ROLES; role++) {
        scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
        if (!ctx)
            return -ENOMEM;
        int r = build_filter(ctx, (enum child_role)role);
        if (!r)
            r = export_filter(ctx, &filters[role]);
        seccomp_release(ctx);
        if (r)
            return r;
    }
    return 0;
}

int policy_landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

/** Handles every right that the kernel knows and grants none: no path can be opened, made or removed. */
static int enter_landlock(void)
{
    int version = policy_landlock_version();
    if (!version)
        return 0;
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    if (version >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version >= 5)
        rights |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
    struct landlock_ruleset_attr attr = {.handled_access_fs = rights};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
    if (fd < 0)
        return -errno;
    int r = syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
    close(fd);
    return r;
}

/** Bytes that this process has mapped. */
static uint64_t mapped_bytes(void)
{
    char text[64] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    return n > 0 ? strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/** A harder limit that the user has set stays: raising it would be refused. */
static int set_limit(int resource, uint64_t value)
{
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
        return -errno;
    if (value > limit.rlim_max)
        value = limit.rlim_max;
    limit = (struct rlimit){value, value};
    return setrlimit((__rlimit_resource_t)resource, &limit) < 0 ? -errno : 0;
}

static int enter_limits(const struct child_spec *spec, uint64_t mapped)
{
    int r = set_limit(RLIMIT_CORE, 0);
    (void)mapped;
#ifndef TRAWL_SANITIZED
    /* A sanitizer maps terabytes of shadow memory and writes its log. */
    if (!r && spec->memory)
        r = set_limit(RLIMIT_AS, size_add(mapped, spec->memory));
    if (!r)
        r = set_limit(RLIMIT_FSIZE, 0);
    /* Room for the descriptors it has and one more that a message may bring. */
    if (!r)
        r = set_limit(RLIMIT_NOFILE, CHILD_FD_SOCKET + CHILD_FD_MAX + 2 + (uint64_t)spec->files);
#endif
    if (!r && spec->cpu_seconds)
        r = set_limit(RLIMIT_CPU, spec->cpu_seconds);
    return r;
}

int policy_enter(const struct child_spec *spec, bool sandboxed)
{
    uint64_t mapped = spec->memory ? mapped_bytes() : 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return -errno;
    int r = 0;
#ifndef TRAWL_SANITIZED
    if (sandboxed)
        r = enter_landlock();
#else
    (void)enter_landlock;
#endif
    if (!r)
        r = enter_limits(spec, mapped);
    if (!r && sandboxed && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filters[spec->role]) < 0)
        r = -errno;
    return r;
}
