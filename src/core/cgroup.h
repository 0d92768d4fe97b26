/* cgroup.h: the limits of the control groups around this process, version 1 and 2. */
#ifndef CORE_CGROUP_H
#define CORE_CGROUP_H

#include <stdint.h>

/** UINT64_MAX in a field: no limit. */
struct cgroup_limits {
    /** Bytes: the least of all groups from this process's up to the root. */
    uint64_t memory;
    /** Thousandths of a CPU: likewise. */
    uint64_t millicpus;
};

/** `root`: "" for this machine; tests give a folder that holds proc/self/cgroup, proc/self/mountinfo and what these
 * name. */
void cgroup_read(const char *root, struct cgroup_limits *limits);

#endif
