/* child.h: what runs inside the children. Each function ends the process. */
#ifndef SANDBOX_CHILD_H
#define SANDBOX_CHILD_H

#include <stdint.h>

/** Exit codes that the main process understands. */
enum {
    CHILD_EXIT_DONE = 0,
    /** The sandbox could not be closed. */
    CHILD_EXIT_SANDBOX = 90,
    /** A message that no sane main process sends. */
    CHILD_EXIT_PROTOCOL = 91,
    CHILD_EXIT_MEMORY = 92,
};

/** Loads all that must be loaded before the sandbox closes; in the zygote, once. */
void child_warm_up(void);
_Noreturn void decoder_child(void);
_Noreturn void unpacker_child(void);
_Noreturn void selftest_child(uint32_t argument);

#endif
