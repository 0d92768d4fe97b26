#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "scan/stack.h"

#define MOST 60000

/** A run of fake sources: each gives `items`, and some items are sources themselves. */
struct line {
    struct stack stack;
    unsigned workers, items, deepest;
    /** Every n-th item is a source. */
    unsigned nested_every;
    /** Stops by itself after so many items; 0: never. */
    unsigned stop_after;
    /** Opens nested sources while pulling, not while processing. */
    bool open_in_pull;
    atomic_uint given, opened, closed, open, most_open, wrong;
    /** How often each item was processed. */
    atomic_uchar seen[MOST];
};

struct fake {
    struct source source;
    struct line *line;
    unsigned left;
    atomic_bool pulled;
};

/** What a fake pull gives. */
struct got {
    unsigned number;
    unsigned depth;
    bool is_source;
};

static void open_fake(struct line *line, unsigned depth);

static bool pull(struct source *source, struct worker *worker, struct work *work)
{
    struct fake *fake = (struct fake *)source;
    struct got *got = (struct got *)work;
    (void)worker;
    if (atomic_exchange(&fake->pulled, true))
        atomic_fetch_add(&fake->line->wrong, 1);
    bool more = fake->left > 0;
    if (more) {
        fake->left--;
        got->number = atomic_fetch_add(&fake->line->given, 1);
        got->depth = source->depth;
        got->is_source = fake->left % fake->line->nested_every == 0 && source->depth < fake->line->deepest;
        if (got->is_source && fake->line->open_in_pull)
            open_fake(fake->line, source->depth + 1);
    }
    atomic_store(&fake->pulled, false);
    return more;
}

static void close_fake(struct source *source, struct worker *worker)
{
    struct fake *fake = (struct fake *)source;
    (void)worker;
    atomic_fetch_add(&fake->line->closed, 1);
    atomic_fetch_sub(&fake->line->open, 1);
    free(fake);
}

static void open_fake(struct line *line, unsigned depth)
{
    struct fake *fake = ALLOC(struct fake);
    fake->source = (struct source){.depth = depth, .pull = pull, .close = close_fake};
    fake->line = line;
    fake->left = line->items;
    atomic_fetch_add(&line->opened, 1);
    unsigned open = atomic_fetch_add(&line->open, 1) + 1, most = atomic_load(&line->most_open);
    while (open > most && !atomic_compare_exchange_weak(&line->most_open, &most, open))
        continue;
    stack_push(&line->stack, &fake->source);
}

/** As worker_main does. */
static void *work_line(void *arg)
{
    struct line *line = arg;
    struct source *source;
    while ((source = stack_take(&line->stack))) {
        struct got got;
        bool more = source->pull(source, NULL, (struct work *)&got);
        stack_release(&line->stack, source, !more);
        if (!more) {
            source->close(source, NULL);
            continue;
        }
        atomic_fetch_add(&line->seen[got.number], 1);
        if (got.number % 5 == 0)
            sched_yield();
        if (got.is_source && !line->open_in_pull)
            open_fake(line, got.depth + 1);
        if (line->stop_after && got.number >= line->stop_after)
            stack_stop(&line->stack);
    }
    return NULL;
}

/** Items of a source of that depth with all that is inside. */
static unsigned expected(const struct line *line, unsigned depth)
{
    unsigned n = line->items;
    if (depth < line->deepest)
        for (unsigned left = 0; left < line->items; left++)
            n += left % line->nested_every == 0 ? expected(line, depth + 1) : 0;
    return n;
}

static void run(struct line *line)
{
    pthread_t threads[16];
    stack_init(&line->stack, line->workers);
    open_fake(line, 0);
    for (unsigned i = 0; i < line->workers; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, work_line, line), 0);
    for (unsigned i = 0; i < line->workers; i++)
        pthread_join(threads[i], NULL);
}

static void check_whole_run(unsigned workers, unsigned items, unsigned deepest, unsigned nested_every,
                            bool open_in_pull)
{
    static struct line line;
    memset(&line, 0, sizeof(line));
    line.workers = workers;
    line.items = items;
    line.deepest = deepest;
    line.nested_every = nested_every;
    line.open_in_pull = open_in_pull;
    unsigned n = expected(&line, 0);
    cr_assert_leq(n, (unsigned)MOST, "%u", n);
    run(&line);
    cr_assert_eq(line.wrong, 0u, "two pulled from one source");
    cr_assert_eq(line.given, n);
    for (unsigned i = 0; i < n; i++)
        cr_assert_eq(line.seen[i], 1);
    cr_assert_eq(line.closed, line.opened);
    cr_assert_leq(line.most_open, workers * deepest + 1, "%u workers, %u deep", workers, deepest);
    if (workers == 1 && !open_in_pull)
        cr_assert_leq(line.most_open, deepest + 1, "one worker finishes the inner one first");
    cr_assert_null(stack_drain(&line.stack));
    stack_destroy(&line.stack);
}

Test(stack, all_items_once, .timeout = 120)
{
    static const unsigned shapes[][3] = {{0, 0, 1}, {1, 0, 1},  {1, 12, 1}, {300, 0, 1},
                                         {3, 7, 1}, {10, 3, 2}, {40, 2, 3}, {2000, 1, 400}};
    for (unsigned workers = 1; workers <= 8; workers = workers < 3 ? workers + 1 : workers + 5)
        for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
            for (int in_pull = 0; in_pull < 2; in_pull++)
                check_whole_run(workers, shapes[i][0], shapes[i][1], shapes[i][2], in_pull);
}

/** Many short runs: at their end, all workers must find out. */
Test(stack, many_ends, .timeout = 120)
{
    for (int i = 0; i < 400; i++)
        check_whole_run(6, 1 + (unsigned)i % 3, (unsigned)i % 4, 1, i & 1);
}

/** More workers than there is work; they wait for what the others may still open. */
Test(stack, idle_workers_wait, .timeout = 60)
{
    for (int i = 0; i < 100; i++)
        check_whole_run(16, 1, 20, 1, false);
}

static void *take_one(void *stack)
{
    return stack_take(stack);
}

static unsigned working(struct stack *stack)
{
    pthread_mutex_lock(&stack->lock);
    unsigned n = stack->working;
    pthread_mutex_unlock(&stack->lock);
    return n;
}

/** No source is open, but one worker still has an item that may be one: the other waits for it, and does not go home.
 */
Test(stack, waits_for_what_may_be_opened, .timeout = 60)
{
    static struct fake first, second;
    struct stack stack;
    pthread_t idle;
    void *got;
    stack_init(&stack, 2);
    stack_push(&stack, &first.source);
    cr_assert_eq(stack_take(&stack), &first.source);
    stack_release(&stack, &first.source, true);
    cr_assert_eq(pthread_create(&idle, NULL, take_one, &stack), 0);
    while (working(&stack) != 1)
        sched_yield();
    stack_push(&stack, &second.source);
    pthread_join(idle, &got);
    cr_assert_eq(got, &second.source);
    stack_release(&stack, &second.source, true);
    stack_destroy(&stack);
}

/** After a stop nobody gets a source any more; each that is left is given out once, to be closed. */
Test(stack, stop, .timeout = 120)
{
    static struct line line;
    for (unsigned round = 1; round < 100; round++) {
        memset(&line, 0, sizeof(line));
        line.workers = 1 + round % 8;
        line.items = 8;
        line.deepest = 4;
        line.nested_every = 2;
        line.stop_after = round * 10;
        line.open_in_pull = round & 1;
        run(&line);
        cr_assert_null(stack_take(&line.stack), "stopped");
        struct source *source;
        while ((source = stack_drain(&line.stack)))
            source->close(source, NULL);
        cr_assert_eq(line.closed, line.opened);
        cr_assert_eq(line.open, 0u);
        for (unsigned i = 0; i < MOST; i++)
            cr_assert_eq(line.seen[i] == 1, i < line.given, "what was given was processed");
        stack_destroy(&line.stack);
    }
}

/** Without threads: the innermost source is first, and of one depth the oldest. */
Test(stack, order)
{
    static struct fake fakes[6];
    static const unsigned depths[6] = {0, 2, 1, 2, 0, 2}, order[6] = {1, 3, 5, 2, 0, 4};
    struct stack stack;
    stack_init(&stack, 7);
    for (int i = 0; i < 6; i++) {
        fakes[i].source.depth = depths[i];
        stack_push(&stack, &fakes[i].source);
    }
    for (int i = 0; i < 6; i++)
        cr_assert_eq(stack_take(&stack), &fakes[order[i]].source, "place %d", i);
    /* One that is let go can be taken again; one that ended cannot. */
    stack_release(&stack, &fakes[5].source, false);
    stack_release(&stack, &fakes[1].source, true);
    cr_assert_eq(stack_take(&stack), &fakes[5].source);
    stack_stop(&stack);
    cr_assert_null(stack_take(&stack));
    int left = 0;
    while (stack_drain(&stack))
        left++;
    cr_assert_eq(left, 5);
    stack_destroy(&stack);
}
