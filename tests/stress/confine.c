/* confine.c: runs a command where something is missing. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "faults.h"

static int run(char **argv)
{
    execvp(argv[0], argv);
    fprintf(stderr, "faults: %s: %s\n", argv[0], strerror(errno));
    return 127;
}

int confine_seccomp(int argc, char **argv)
{
    (void)argc;
    uint32_t refuse = SECCOMP_RET_ERRNO | ((uint32_t)atoi(argv[0]) & SECCOMP_RET_DATA);
    struct sock_filter rows[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, refuse),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(rows) / sizeof(*rows), rows};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
        fprintf(stderr, "faults: seccomp: %s\n", strerror(errno));
        return 127;
    }
    return run(argv + 1);
}

int confine_fsize(int argc, char **argv)
{
    (void)argc;
    struct rlimit limit = {strtoull(argv[0], NULL, 10), RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0) {
        fprintf(stderr, "faults: setrlimit: %s\n", strerror(errno));
        return 127;
    }
    return run(argv + 1);
}
