/*
 * stack.h: the open sources, and who pulls from which.
 *
 * Workers lead in turn: one takes a source, pulls the next item's bytes out of it into its own slot, lets go of the
 * source, and hashes and decodes while the next worker pulls. There is no queue of bytes, so what is in flight is one
 * item a worker. The innermost free source is taken first: a container inside another is finished before more of the
 * outer one is opened, so that never more than workers x depth containers are open (and depth with one worker).
 */
#ifndef SCAN_STACK_H
#define SCAN_STACK_H

#include <pthread.h>
#include <stdbool.h>

struct worker;
struct work;

/** Something that gives items one after the other; embedded in what implements it. */
struct source {
    /** Open sources, innermost first, of one depth the oldest first; guarded by the stack's lock. */
    struct source *next;
    /** Layers around what it gives. */
    unsigned depth;
    /** Its items were pulled before: they are given one by one (hand.h). */
    bool is_hand;
    /** A worker is pulling. Guarded by the stack's lock. */
    bool busy;
    /** Fills *work and returns true, or returns false at its end. Called by one worker at a time. */
    bool (*pull)(struct source *source, struct worker *worker, struct work *work);
    /** Called once, after the pull that returned false. May free the source. */
    void (*close)(struct source *source, struct worker *worker);
};

struct stack {
    pthread_mutex_t lock;
    /** A source was opened or let go, or a worker became idle. */
    pthread_cond_t changed;
    struct source *open;
    /** Workers that may still open a source. */
    unsigned working;
    bool stopped;
};

void stack_init(struct stack *stack, unsigned workers);
void stack_destroy(struct stack *stack);
/** Adds an open source. */
void stack_push(struct stack *stack, struct source *source);
/** Takes the innermost free source; waits for one. NULL when none is left and nobody can open one. The caller was
 * working. */
struct source *stack_take(struct stack *stack);
/** Lets go of a source; at its end it leaves the stack. */
void stack_release(struct stack *stack, struct source *source, bool ended);
/** Removes and returns any source that is left, for closing after a stop; NULL when none is. */
struct source *stack_drain(struct stack *stack);
/** From now on stack_take gives NULL. */
void stack_stop(struct stack *stack);

#endif
