/* selftest.h: proof at every start that the sandbox holds. */
#ifndef SANDBOX_SELFTEST_H
#define SANDBOX_SELFTEST_H

#include <stddef.h>

struct zygote;

/** Lets children try what is forbidden. Returns 0 if each of them was killed for it; else -1 with a sentence in `why`.
 */
int sandbox_selftest(struct zygote *zygote, char *why, size_t why_size);
/** The same with execve and socket, which a scan does not even try; for tests. */
int sandbox_selftest_all(struct zygote *zygote, char *why, size_t why_size);

#endif
