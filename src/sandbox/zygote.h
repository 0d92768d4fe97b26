/*
 * zygote.h: a tiny single-threaded process, forked before threads and lists exist, that forks all children.
 *
 * A fork from it costs 0.1 ms; from a process that holds 2 GiB of lists it would cost 72 ms, and give the lists away.
 * It also reaps: a pid stays valid, and its processor clock readable, until zygote_reap.
 */
#ifndef SANDBOX_ZYGOTE_H
#define SANDBOX_ZYGOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trawl/limits.h"

enum child_role {
    /** Decodes pictures: fds = socket. */
    CHILD_DECODER,
    /** Reads one container: fds = socket, channel memory, container. */
    CHILD_UNPACKER,
    /** Proves the sandbox: does one forbidden thing after the other; fds = socket. */
    CHILD_SELFTEST,
    /** Becomes the second zygote, a program of its own (readers.h); not sandboxed itself: fds = socket. */
    CHILD_READERS,
    CHILD_ROLES
};

/** Descriptors that a child gets, in the numbers 3, 4, 5. */
#define CHILD_FD_SOCKET    3
#define CHILD_FD_CHANNEL   4
#define CHILD_FD_CONTAINER 5
#define CHILD_FD_MAX       3

struct child_spec {
    enum child_role role;
    /** Bytes for RLIMIT_AS beyond what is mapped at the fork; 0: no limit. */
    uint64_t memory;
    /** Seconds for RLIMIT_CPU: a belt behind the deadline that the main process keeps; 0: no limit. */
    uint64_t cpu_seconds;
    /** Descriptors that come later. */
    uint32_t files;
    /** Role's own number (which forbidden thing to do). */
    uint32_t argument;
};

struct child_exit {
    /** As wait() tells it. */
    int status;
    /** Largest resident size, in KiB. */
    uint64_t max_rss;
    /** Processor time, in nanoseconds. */
    uint64_t cpu_ns;
};

struct zygote;

/** Forks the zygote. The process must have one thread. `sandboxed` false: children run without seccomp and Landlock.
 * NULL: errno says. */
struct zygote *zygote_start(bool sandboxed);
/** How the second zygote is called, and its second argument where children run without a sandbox. */
#define READERS_ARGUMENT "--zygote"
#define READERS_OPEN     "open"

/** Starts the second zygote, a child of the first and sandboxing as that does. NULL: errno says. */
struct zygote *zygote_start_readers(struct zygote *first);
/** Takes the first packet that the second zygote sends. Returns 0 or not. */
int zygote_hello(struct zygote *zygote, void *hello, size_t size);
/** The loop inside a zygote: stays until the main process closes its end. */
_Noreturn void zygote_serve(int socket, bool sandboxed);
/** Forks a child that gets copies of the n descriptors. Any thread. Returns its pid or -errno. */
pid_t zygote_spawn(struct zygote *zygote, const struct child_spec *spec, const int *fds, unsigned n);
/** Ends a child (SIGKILL unless it ended by itself) and waits for it. Any thread. Returns 0 or -errno. */
int zygote_reap(struct zygote *zygote, pid_t pid, struct child_exit *exit);
/** Ends the zygote; all children must have been reaped. Takes NULL. */
void zygote_stop(struct zygote *zygote);

/** Processor time of a child that was not reaped, in nanoseconds; 0 where it cannot be told. */
uint64_t child_cpu_ns(pid_t pid);

#endif
