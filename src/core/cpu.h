/* cpu.h: what this process may use of the machine. */
#ifndef CORE_CPU_H
#define CORE_CPU_H

#include <stdint.h>

/** CPUs in the affinity mask and the cgroup quota (rounded up), at least 1. */
unsigned cpu_count(void);
/** min(RAM, cgroup memory.max, RLIMIT_AS), in bytes. */
uint64_t memory_available(void);

#endif
