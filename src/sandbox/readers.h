/*
 * readers.h: the second zygote: `trawl-readers`, a program of its own beside this one.
 *
 * It holds the readers whose libraries would slow every start (libtsk: 45 shared objects, 6 ms; FFmpeg: 135, 26 ms;
 * an empty program: 0.4 ms). It is started at the first file that needs it, by the first zygote, so that no other
 * process is ever forked from the one that holds lists and threads. From then on it is a zygote like the first: same
 * requests, same sandbox, same proof that the sandbox holds.
 */
#ifndef SANDBOX_READERS_H
#define SANDBOX_READERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/zygote.h"

#define READERS_PROGRAM "trawl-readers"

struct readers;

/** `first` forks it; nothing is started yet. */
struct readers *readers_new(struct zygote *first, bool sandboxed);
/** True if the program stands beside this one. */
bool readers_present(const struct readers *readers);
/** Starts it at the first call. Any thread. NULL: `why` (256 bytes) says what is wrong, at the first call only. */
struct zygote *readers_zygote(struct readers *readers, char *why, size_t why_size);
/** Ends it; all its children must have been reaped. Takes NULL. */
void readers_free(struct readers *readers);

/** Path of the program, beside this one. Returns false where that cannot be told. */
bool readers_path(char *path, size_t size);

/** What the two programs say to each other first: they must be of one build. */
struct readers_hello {
    char version[32];
    /** Sizes of what crosses the border, and the number of types. */
    uint32_t spec, ask, decode, types;
};

void readers_hello_fill(struct readers_hello *hello);

#endif
