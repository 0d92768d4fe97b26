/* shim.h: what the preloaded shims share: which process they work in, and numbers from the environment. */
#ifndef STRESS_SHIM_H
#define STRESS_SHIM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/** Set in every process that this one forks: there the sandbox kills for what a shim would like to ask. */
static bool shim_in_child;

static void shim_forked(void)
{
    shim_in_child = true;
}

static inline void shim_watch_forks(void)
{
    pthread_atfork(NULL, NULL, shim_forked);
}

static inline uint64_t shim_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

#endif
