/* policy.h: what a child may do. All of it is given up before the first byte of evidence is seen. */
#ifndef SANDBOX_POLICY_H
#define SANDBOX_POLICY_H

#include <stdbool.h>

#include "sandbox/zygote.h"

/** Compiles the system call filters of all roles once, in the zygote. Returns 0 or -errno. */
int policy_prepare(void);
/**
 * Closes the sandbox around this process: no new privileges, resource limits, Landlock (where the kernel has it: no
 * file may be opened), and the role's allow-list of system calls; anything else kills the process. Returns 0 or -errno.
 */
int policy_enter(const struct child_spec *spec, bool sandboxed);
/** Version of Landlock that the kernel has; 0 without. */
int policy_landlock_version(void);

#endif
