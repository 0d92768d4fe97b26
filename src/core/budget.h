/*
 * budget.h: bytes of evidence in flight, bounded.
 *
 * Admission comes before work starts, and only readers wait, only while somebody else is at work who will give bytes
 * back. So the line always moves: an item larger than the budget runs when it is alone. Who came first is served first:
 * a large item would otherwise wait until no small one is left anywhere, and then be the last, with all other workers
 * idle.
 */
#ifndef CORE_BUDGET_H
#define CORE_BUDGET_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct budget {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    uint64_t limit, used, peak;
    /** Admitted items being worked on. Bytes that open containers hold do not count: nobody may wait for those. */
    unsigned active;
    /** Those who want to be admitted draw a number; the one with `turn` is next. */
    uint64_t drawn, turn;
};

void budget_init(struct budget *budget, uint64_t limit);
void budget_destroy(struct budget *budget);
/** Takes n bytes for an item. Waits for its turn, and while they do not fit and somebody is active. */
void budget_admit(struct budget *budget, uint64_t n);
/** Takes n more for an admitted item if they fit. Never waits. */
bool budget_grow(struct budget *budget, uint64_t n);
/** An admitted item turned out to be n bytes smaller. */
void budget_shrink(struct budget *budget, uint64_t n);
/** The item is done: gives its n bytes back. */
void budget_release(struct budget *budget, uint64_t n);
/** The item became an open container: it keeps its n bytes, but is no longer active. */
void budget_park(struct budget *budget);
/** An open container is closed: gives its n bytes back. */
void budget_unpark(struct budget *budget, uint64_t n);

#endif
