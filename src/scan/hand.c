#include "scan/hand.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "scan/ahead.h"
#include "scan/evidence.h"

struct hand {
    struct source source;
    struct run *run;
    struct work works[HAND_ITEMS];
    unsigned n, given;
    /** The stack's reference, and each item's. Changed atomically. */
    unsigned refs;
    size_t used;
    uint8_t bytes[HAND_BYTES];
};

void hand_unref(struct hand *hand)
{
    if (hand && __atomic_sub_fetch(&hand->refs, 1, __ATOMIC_ACQ_REL) == 0)
        free(hand);
}

static bool hand_give(struct source *source, struct worker *worker, struct work *work)
{
    struct hand *hand = (struct hand *)source;
    (void)worker;
    if (hand->given == hand->n)
        return false;
    *work = hand->works[hand->given++];
    return true;
}

/** After a stop items are left: no line says that they were examined, so the next run takes them up. */
static void hand_close(struct source *source, struct worker *worker)
{
    struct hand *hand = (struct hand *)source;
    struct work work;
    while (hand_give(source, worker, &work))
        work_drop(hand->run, &work);
    hand_unref(hand);
}

static struct hand *hand_new(struct run *run)
{
    /* Not zeroed: most of it is bytes to come. */
    struct hand *hand = mem_alloc(sizeof(*hand));
    hand->source = (struct source){.depth = UINT_MAX, .is_hand = true, .pull = hand_give, .close = hand_close};
    hand->run = run;
    hand->n = hand->given = 0;
    hand->refs = 1;
    hand->used = 0;
    return hand;
}

/** Copies the item's bytes to `to`. False where they are not just there: then the item is read as a large one. */
static bool take_bytes(struct worker *worker, const struct work *work, uint8_t *to)
{
    if (work->content == CONTENT_SLOT) {
        if (slot_in_memory(&worker->slot))
            memcpy(to, worker->slot.map, (size_t)work->size);
        return slot_in_memory(&worker->slot);
    }
    struct evidence evidence;
    evidence_init(&evidence, work->fd, work->size);
    bool whole = evidence_read(&evidence, to, (size_t)work->size, 0) == work->size && !evidence.n_bad;
    evidence_clear(&evidence);
    return whole;
}

static bool is_small(const struct work *work)
{
    return work->special == TYPE_OTHER && (work->content == CONTENT_FILE || work->content == CONTENT_SLOT) &&
           work->size <= HAND_ITEM_BYTES;
}

/** Puts a small item aside. Budget is given back: a hand is part of what each worker may use beside it. */
static bool put_aside(struct worker *worker, struct hand *hand, struct work *work)
{
    uint8_t *to = hand->bytes + hand->used;
    if (!is_small(work) || !take_bytes(worker, work, to))
        return false;
    if (work->admitted)
        budget_release(&worker->run->budget, work->charged);
    work->admitted = false;
    work->charged = 0;
    work->hand = hand;
    work->bytes = to;
    hand->works[hand->n++] = *work;
    hand->refs++;
    hand->used += (size_t)work->size;
    return true;
}

static bool is_full(const struct hand *hand)
{
    return hand->n == HAND_ITEMS || HAND_BYTES - hand->used < HAND_ITEM_BYTES;
}

void hand_pull(struct worker *worker, struct source *source, struct haul *haul)
{
    struct hand *hand = NULL;
    *haul = (struct haul){0};
    /* In a resumed run items may have to run alone. */
    bool one = source->is_hand || worker->run->suspects;
    do {
        haul->ended = !source->pull(source, worker, &haul->work);
        if (haul->ended)
            break;
        if (!one && !hand && is_small(&haul->work))
            hand = hand_new(worker->run);
        haul->has_work = !hand || !put_aside(worker, hand, &haul->work);
    } while (!haul->has_work && !is_full(hand) && !atomic_load_explicit(&worker->run->stop, memory_order_relaxed));
    if (hand && !hand->n) {
        hand_unref(hand);
        hand = NULL;
    }
    haul->hand = hand;
}

void hand_push(struct worker *worker, struct hand *hand, bool slot_is_free)
{
    struct run *run = worker->run;
    struct digest_job jobs[HAND_ITEMS];
    uint64_t start = thread_cpu_ns();
    for (unsigned i = 0; i < hand->n; i++)
        jobs[i] = (struct digest_job){hand->works[i].bytes, (size_t)hand->works[i].size, &hand->works[i].digests};
    bool whole = digest_many(worker->digests, jobs, hand->n, DIGEST_ALL, &run->stop);
    for (unsigned i = 0; i < hand->n; i++)
        hand->works[i].is_digested = whole;
    atomic_fetch_add(&run->times.digest, thread_cpu_ns() - start);
    if (whole && slot_is_free)
        decode_ahead(worker, hand->works, hand->n);
    stack_push(&run->stack, &hand->source);
}
