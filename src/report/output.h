/* output.h: one file of the case folder: written under a temporary name, synced, renamed. Errors stick and are asked
 * for at the end. */
#ifndef REPORT_OUTPUT_H
#define REPORT_OUTPUT_H

#include "core/buf.h"

struct output {
    int dirfd;
    int fd;
    /** Final name; static. */
    const char *name;
    /** What is to be written; append to it, then call output_drain. */
    struct buf buf;
    /** First failure, as -errno. */
    int error;
};

/** Opens NAME.tmp, mode 0600. */
void output_open(struct output *output, int dirfd, const char *name);
/** Writes out what has gathered, if it is much. */
void output_drain(struct output *output);
/** Writes the rest, syncs and closes. Returns 0 or the first -errno. */
int output_finish(struct output *output);
/** Gives a finished file its name. Returns 0 or -errno. */
int output_publish(struct output *output);
/** Removes the temporary file, finished or not. */
void output_discard(struct output *output);
/** All three of one file that hangs on no other: it has its name, or is gone. Returns 0 or the first -errno. */
int output_end(struct output *output);

/** The files being written; none gets its name before all are on disk. */
#define OUTPUTS_MAX 32
struct outputs {
    struct output items[OUTPUTS_MAX];
    size_t n;
};

/** Opens one more. It stays where it is. */
struct output *outputs_add(struct outputs *outputs, int dirfd, const char *name);
/** Where `error` is 0: all files get to the disk, then all get their names, in the order in which they were added; else
 * none does. Returns 0 or the first -errno. */
int outputs_publish(struct outputs *outputs, int dirfd, int error);

#endif
