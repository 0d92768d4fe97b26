#include "core/cpu.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/cgroup.h"

/** Machines with more CPUs than a mask can name: the kernel says EINVAL until the mask is large enough. */
static unsigned affinity_count(void)
{
    for (size_t cpus = 1024; cpus <= (size_t)1 << 20; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (!set)
            break;
        int rc = sched_getaffinity(0, CPU_ALLOC_SIZE(cpus), set);
        unsigned count = rc == 0 ? (unsigned)CPU_COUNT_S(CPU_ALLOC_SIZE(cpus), set) : 0;
        CPU_FREE(set);
        if (count)
            return count;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

unsigned cpu_count(void)
{
    struct cgroup_limits limits;
    unsigned cpus = affinity_count();
    cgroup_read("", &limits);
    if (limits.millicpus >= UINT64_C(1000) * cpus)
        return cpus;
    /* 1.5 CPUs keep two threads busy. */
    unsigned quota = (unsigned)((limits.millicpus + 999) / 1000);
    return quota ? quota : 1;
}

uint64_t memory_available(void)
{
    struct cgroup_limits limits;
    struct rlimit as;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    uint64_t least = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : UINT64_C(1) << 30;
    cgroup_read("", &limits);
    if (limits.memory < least)
        least = limits.memory;
    if (getrlimit(RLIMIT_AS, &as) == 0 && as.rlim_cur != RLIM_INFINITY && as.rlim_cur < least)
        least = as.rlim_cur;
    return least;
}
