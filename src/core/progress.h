/* progress.h: what the line is doing, for people: a status line on a terminal, one plain line on SIGUSR1. Counters are
 * for show; the report counts for itself. */
#ifndef CORE_PROGRESS_H
#define CORE_PROGRESS_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/** What one worker has in hand. */
struct progress_slot {
    pthread_mutex_t lock;
    /** Display form of the place; cut to fit. Empty: idle. */
    char what[160];
    /** Monotonic nanoseconds when it was taken up. */
    uint64_t since;
};

struct progress {
    atomic_ullong files, bytes, findings, unexamined;
    /** Bytes of host files whose reading is over; total of them where it is known, else 0. */
    atomic_ullong source_bytes, source_total;
    struct progress_slot *slots;
    unsigned n_slots;
    uint64_t start;
    /** Draw on stderr. */
    bool draw;
    /** Set by SIGUSR1; the progress thread clears it and prints a line. */
    atomic_bool asked;
    atomic_bool closing;
    /** Posted with `closing`, so that the thread does not sleep its tick to the end. */
    sem_t closes;
    pthread_t thread;
    bool running;
};

void progress_init(struct progress *progress, unsigned workers, bool draw);
/** Starts the thread that draws. */
void progress_start(struct progress *progress);
/** Ends it and wipes the status line. */
void progress_stop(struct progress *progress);
void progress_destroy(struct progress *progress);
/** A worker takes up an item, or (NULL) has none. */
void progress_item(struct progress *progress, unsigned worker, const char *what);

/** Monotonic nanoseconds. */
uint64_t clock_ns(void);
/** Processor time of the calling thread, in nanoseconds. */
uint64_t thread_cpu_ns(void);

#endif
