#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sched.h>

#include "core/budget.h"
#include "../scratch.h"

#define LIMIT   1000u
#define THREADS 6

Test(budget, adds_up)
{
    struct budget b;
    budget_init(&b, 100);
    budget_admit(&b, 60);
    cr_assert(budget_grow(&b, 40));
    cr_assert_not(budget_grow(&b, 1), "it is full");
    cr_assert(budget_grow(&b, 0));
    cr_assert_not(budget_grow(&b, UINT64_MAX), "no sum wraps around");
    budget_shrink(&b, 50);
    cr_assert_eq(b.used, 50u);
    budget_admit(&b, 50);
    cr_assert_eq(b.active, 2u);
    budget_release(&b, 50);
    budget_release(&b, 50);
    cr_assert_eq(b.used, 0u);
    cr_assert_eq(b.active, 0u);
    cr_assert_eq(b.peak, 100u);
    budget_destroy(&b);
}

/** Containers that are open hold more than all there is: still the next item runs, and is given nothing more. */
Test(budget, parked_bytes_block_nobody, .timeout = 20)
{
    struct budget b;
    budget_init(&b, 100);
    for (int i = 0; i < 5; i++) {
        budget_admit(&b, 90);
        budget_park(&b);
    }
    cr_assert_eq(b.used, 450u);
    budget_admit(&b, 50);
    cr_assert_not(budget_grow(&b, 1));
    budget_release(&b, 50);
    budget_admit(&b, 5000);
    budget_release(&b, 5000);
    for (int i = 0; i < 5; i++)
        budget_unpark(&b, 90);
    cr_assert_eq(b.used, 0u);
    cr_assert_eq(b.active, 0u);
    budget_destroy(&b);
}

struct crowd {
    struct budget budget;
    atomic_ullong held, parked;
    atomic_uint inside;
    atomic_uint large_with_company, over;
    uint64_t seed;
};

/** What must be so while this thread has n bytes. The bytes of others are counted before they are admitted to nothing
 * more. */
static void work(struct crowd *c, uint64_t n)
{
    unsigned inside = atomic_fetch_add(&c->inside, 1) + 1;
    uint64_t held = atomic_fetch_add(&c->held, n) + n;
    if (n > LIMIT && inside > 1)
        atomic_fetch_add(&c->large_with_company, 1);
    if (n <= LIMIT && held > LIMIT && inside > 1)
        atomic_fetch_add(&c->over, 1);
    for (int i = 0; i < 3; i++)
        sched_yield();
    atomic_fetch_sub(&c->held, n);
    atomic_fetch_sub(&c->inside, 1);
}

static void *worker(void *arg)
{
    struct crowd *c = arg;
    uint64_t seed = (uint64_t)(uintptr_t)&seed;
    for (int i = 0; i < 2000; i++) {
        uint64_t r = scratch_random(&seed);
        uint64_t n = r % 16 == 0 ? LIMIT + 1 + r / 16 % 5000 : r / 16 % 600;
        budget_admit(&c->budget, n);
        work(c, n);
        budget_release(&c->budget, n);
    }
    return NULL;
}

/** Never more than the limit, but for one item that is larger, and that is alone. All come through. */
Test(budget, crowd_of_small_and_large, .timeout = 60)
{
    static struct crowd c;
    pthread_t threads[THREADS];
    budget_init(&c.budget, LIMIT);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, worker, &c), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(c.large_with_company, 0u);
    cr_assert_eq(c.over, 0u);
    cr_assert_eq(c.budget.used, 0u);
    cr_assert_eq(c.budget.active, 0u);
    cr_assert_leq(c.budget.peak, LIMIT + 5000u);
    budget_destroy(&c.budget);
}

/** Some become containers, which give their bytes back long after; some grow. Nobody waits for ever. */
static void *container_worker(void *arg)
{
    struct crowd *c = arg;
    uint64_t seed = (uint64_t)(uintptr_t)&seed, parked[8] = {0};
    for (unsigned i = 0; i < 1500; i++) {
        uint64_t r = scratch_random(&seed), n = r % 1500;
        budget_admit(&c->budget, n);
        if (r >> 32 & 1 && budget_grow(&c->budget, 100))
            n += 100;
        if (r >> 33 & 1) {
            budget_park(&c->budget);
            budget_unpark(&c->budget, parked[i % 8]);
            parked[i % 8] = n;
        } else {
            budget_release(&c->budget, n);
        }
    }
    for (int i = 0; i < 8; i++)
        budget_unpark(&c->budget, parked[i]);
    return NULL;
}

Test(budget, crowd_with_containers, .timeout = 60)
{
    static struct crowd c;
    pthread_t threads[THREADS];
    budget_init(&c.budget, LIMIT);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, container_worker, &c), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(c.budget.used, 0u);
    cr_assert_eq(c.budget.active, 0u);
    budget_destroy(&c.budget);
}

/** Items that queue up one after the other, and the order in which they get in. */
struct queue {
    struct budget budget;
    atomic_uint in;
    unsigned order[8];
};

struct queued {
    struct queue *queue;
    unsigned name;
    uint64_t n;
};

static void *get_in(void *arg)
{
    struct queued *q = arg;
    budget_admit(&q->queue->budget, q->n);
    q->queue->order[atomic_fetch_add(&q->queue->in, 1)] = q->name;
    return NULL;
}

static uint64_t drawn(struct budget *b)
{
    pthread_mutex_lock(&b->lock);
    uint64_t n = b->drawn;
    pthread_mutex_unlock(&b->lock);
    return n;
}

static pthread_t queue_up(struct queued *q)
{
    pthread_t thread;
    uint64_t before = drawn(&q->queue->budget);
    cr_assert_eq(pthread_create(&thread, NULL, get_in, q), 0);
    while (drawn(&q->queue->budget) == before)
        sched_yield();
    return thread;
}

/** Small items that would fit do not overtake a large one: else a stream of them would keep it waiting to the end. */
Test(budget, nobody_starves, .timeout = 20)
{
    static struct queue queue;
    struct queued large = {&queue, 1, 500}, small = {&queue, 2, 10}, smaller = {&queue, 3, 1};
    budget_init(&queue.budget, 100);
    budget_admit(&queue.budget, 10);
    pthread_t a = queue_up(&large), b = queue_up(&small), c = queue_up(&smaller);
    cr_assert_eq(queue.in, 0u, "the large item is first");
    budget_release(&queue.budget, 10);
    pthread_join(a, NULL);
    cr_assert_eq(queue.in, 1u, "and alone");
    budget_release(&queue.budget, 500);
    pthread_join(b, NULL);
    pthread_join(c, NULL);
    cr_assert_eq(queue.order[0], 1u);
    cr_assert_eq(queue.budget.used, 11u);
    budget_release(&queue.budget, 10);
    budget_release(&queue.budget, 1);
    budget_destroy(&queue.budget);
}
