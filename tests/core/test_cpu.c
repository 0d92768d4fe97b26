#include <criterion/criterion.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/cpu.h"

Test(cpu, one_to_all)
{
    long online = sysconf(_SC_NPROCESSORS_CONF);
    unsigned count = cpu_count();
    cr_assert_geq(count, 1u);
    cr_assert_leq((long)count, online);
}

/** A laboratory that gives a scan two CPUs of many wants two threads. */
Test(cpu, the_affinity_mask_counts)
{
    cpu_set_t all, one;
    unsigned count = cpu_count(), allowed = 0;
    cr_assert_eq(sched_getaffinity(0, sizeof(all), &all), 0);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all)) {
            allowed++;
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
        }
    cr_assert_leq(count, allowed);
    cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
    cr_assert_eq(cpu_count(), 1u);
    cr_assert_eq(sched_setaffinity(0, sizeof(all), &all), 0);
    cr_assert_eq(cpu_count(), count);
}

Test(cpu, memory_is_that_of_the_machine_at_most)
{
    uint64_t ram = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    cr_assert_gt(memory_available(), 0u);
    cr_assert_leq(memory_available(), ram);
}

Test(cpu, the_address_space_limit_counts)
{
#ifdef TRAWL_SANITIZED
    cr_skip("a sanitizer needs more address space than a limit leaves");
#endif
    struct rlimit before, small = {300u << 20, RLIM_INFINITY};
    cr_assert_eq(getrlimit(RLIMIT_AS, &before), 0);
    small.rlim_max = before.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_AS, &small), 0);
    uint64_t got = memory_available();
    cr_assert_eq(setrlimit(RLIMIT_AS, &before), 0);
    cr_assert_leq(got, (uint64_t)small.rlim_cur);
    cr_assert_gt(got, 0u);
}
