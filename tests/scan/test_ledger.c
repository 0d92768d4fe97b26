#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "scan/ledger.h"

/** A tree of items in memory, with the weights that were told, and the sum over it in the slowest way. */
struct node {
    struct ledger_entry *entry;
    struct node **inside;
    size_t n, cap;
    /** Children that this container will have; how many are to come. */
    size_t to_come;
    uint64_t weight;
    bool is_container, finished;
    /** Its children are parts; it is one, and gets no more. */
    bool has_parts, is_part, complete;
    struct node *parent;
};

static uint64_t whole(const struct node *node)
{
    uint64_t sum = node->weight;
    for (size_t i = 0; i < node->n; i++)
        sum = ledger_add(sum, whole(node->inside[i]));
    return sum;
}

/** All before the first unfinished item that has nothing unfinished inside, that one included. */
static uint64_t prefix(const struct node *container)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < container->n; i++) {
        const struct node *node = container->inside[i];
        if (!node->finished)
            return ledger_add(ledger_add(sum, node->weight), prefix(node));
        sum = ledger_add(sum, whole(node));
    }
    return sum;
}

static void node_free(struct node *node)
{
    for (size_t i = 0; i < node->n; i++)
        node_free(node->inside[i]);
    free(node->inside);
    free(node);
}

struct model {
    struct ledger ledger;
    struct node *root;
    /** Items in hand and open containers. */
    struct node *open[400];
    size_t n_open, made;
    uint64_t seed;
    bool cut;
};

static uint64_t size_of(struct model *m)
{
    static const uint64_t large[] = {UINT64_MAX, UINT64_MAX - 1023, UINT64_MAX - 1024, UINT64_MAX / 2, 1ull << 62};
    uint64_t r = scratch_random(&m->seed);
    return r % 400 == 0 ? large[r / 400 % 5] : r % 3 ? r % 5000 : r % 1000000;
}

static void begin_item(struct model *m, struct node *container)
{
    struct node *node = ALLOC(struct node);
    struct ledger_list *list = container == m->root ? &m->ledger.root : &container->entry->inside;
    uint64_t r = scratch_random(&m->seed);
    RESERVE(container->inside, container->n, container->cap);
    container->inside[container->n++] = node;
    container->to_come--;
    node->parent = container;
    m->open[m->n_open++] = node;
    m->made++;
    if (container->has_parts) {
        node->is_part = true;
        node->to_come = r / 4 % 5;
        node->entry = ledger_part(&m->ledger, list);
        return;
    }
    node->weight = LEDGER_ITEM_WEIGHT;
    node->entry = ledger_begin(&m->ledger, list);
    node->is_container = r % 4 == 0 && m->made < 300;
    node->has_parts = node->is_container && r / 64 % 3 == 0;
    node->to_come = node->is_container ? r / 4 % 8 : 0;
    if (r >> 32 & 3) {
        uint64_t size = size_of(m);
        ledger_weigh(&m->ledger, node->entry, size);
        node->weight = ledger_add(size, LEDGER_ITEM_WEIGHT);
    }
}

static bool all_finished(const struct node *node)
{
    for (size_t i = 0; i < node->n; i++)
        if (!node->inside[i]->finished)
            return false;
    return !node->to_come;
}

/** A part is finished with its last item, or once it is complete. */
static void end_item(struct model *m, size_t i)
{
    struct node *node = m->open[i], *parent = node->parent;
    m->open[i] = m->open[--m->n_open];
    bool cut;
    if (node->is_part) {
        node->complete = true;
        node->finished = all_finished(node);
        cut = ledger_part_complete(&m->ledger, node->entry);
    } else {
        node->finished = true;
        parent->finished = parent->is_part && parent->complete && all_finished(parent);
        cut = ledger_end(&m->ledger, node->entry);
    }
    bool over = prefix(m->root) > m->ledger.allowed;
    cr_assert_eq(cut, over && !m->cut, "cut once, at the first moment");
    m->cut = m->cut || over;
    cr_assert_eq(atomic_load(&m->ledger.cut), m->cut);
}

/** One thing that could happen next, by chance. */
static void step(struct model *m)
{
    uint64_t r = scratch_random(&m->seed);
    size_t i = m->n_open ? r % (m->n_open + 1) : 0;
    struct node *node = i == m->n_open ? m->root : m->open[i];
    if (node->to_come && r >> 40 & 1)
        begin_item(m, node);
    else if (node != m->root && (node->is_part ? !node->to_come : all_finished(node)))
        end_item(m, i);
}

static void run(uint64_t seed, uint64_t allowed)
{
    static struct model m;
    m = (struct model){.root = ALLOC(struct node), .seed = seed};
    m.root->to_come = 1 + seed % 12;
    m.root->has_parts = seed % 3 == 0;
    ledger_init(&m.ledger, allowed);
    while (m.root->to_come || m.n_open)
        step(&m);
    cr_assert_eq(m.cut, whole(m.root) > allowed, "in the end it is the sum that counts");
    cr_assert_null(m.ledger.root.first);
    cr_assert_eq(m.ledger.root.tail, whole(m.root));
    cr_assert_not(ledger_end(&m.ledger, NULL));
    cr_assert_not(ledger_part_complete(&m.ledger, NULL));
    ledger_destroy(&m.ledger);
    node_free(m.root);
}

Test(ledger, as_the_model, .timeout = 60)
{
    uint64_t seed = 1;
    for (uint64_t i = 0; i < 1500; i++) {
        uint64_t r = scratch_random(&seed);
        run(i, i % 50 == 0 ? UINT64_MAX : i % 31 == 0 ? 0 : r % (i % 2 ? 3000000 : 20000));
    }
}

/** What comes behind an unfinished item does not count, however heavy. */
Test(ledger, only_the_beginning_counts)
{
    struct ledger l;
    ledger_init(&l, 10000);
    struct ledger_entry *first = ledger_begin(&l, &l.root), *second = ledger_begin(&l, &l.root),
                        *third = ledger_begin(&l, &l.root);
    ledger_weigh(&l, third, 1u << 30);
    cr_assert_not(ledger_end(&l, third));
    ledger_weigh(&l, second, 100);
    cr_assert_not(ledger_end(&l, second));
    cr_assert_not(atomic_load(&l.cut));
    ledger_weigh(&l, first, 10);
    cr_assert(ledger_end(&l, first), "now all of it does");
    cr_assert(atomic_load(&l.cut));
    struct ledger_entry *more = ledger_begin(&l, &l.root);
    cr_assert_not(ledger_end(&l, more), "only once");
    ledger_destroy(&l);
}

/** Sizes that evidence claims: no sum comes round to zero. */
Test(ledger, huge_sizes)
{
    static const uint64_t sizes[] = {UINT64_MAX, UINT64_MAX - 1024, UINT64_MAX - 1023, 1ull << 63, UINT64_MAX / 4};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct ledger l;
        struct ledger_entry *entries[5];
        ledger_init(&l, UINT64_MAX - 1);
        for (int k = 0; k < 5; k++) {
            entries[k] = ledger_begin(&l, k ? &entries[0]->inside : &l.root);
            ledger_weigh(&l, entries[k], sizes[i]);
        }
        bool cut = false;
        for (int k = 4; k >= 0; k--)
            cut = ledger_end(&l, entries[k]) || cut;
        cr_assert(cut, "five of %llx", (unsigned long long)sizes[i]);
        ledger_destroy(&l);
    }
}

#define THREADS 4
#define EACH    3000

struct shared {
    struct ledger ledger;
    pthread_mutex_t order;
    unsigned begun;
    atomic_uint cuts;
};

/** Takes the next item in order, ends it some time later. */
static void *take_items(void *arg)
{
    struct shared *s = arg;
    uint64_t seed = 1;
    for (;;) {
        pthread_mutex_lock(&s->order);
        struct ledger_entry *entry = s->begun++ < THREADS * EACH ? ledger_begin(&s->ledger, &s->ledger.root) : NULL;
        pthread_mutex_unlock(&s->order);
        if (!entry)
            return NULL;
        ledger_weigh(&s->ledger, entry, 1000);
        for (unsigned i = 0; i < 3; i++) {
            struct ledger_entry *inner = ledger_begin(&s->ledger, &entry->inside);
            if (scratch_random(&seed) & 1)
                sched_yield();
            if (ledger_end(&s->ledger, inner))
                atomic_fetch_add(&s->cuts, 1);
        }
        if (ledger_end(&s->ledger, entry))
            atomic_fetch_add(&s->cuts, 1);
    }
}

Test(ledger, threads, .timeout = 60)
{
    const uint64_t weight = THREADS * EACH * (1000 + 4ull * LEDGER_ITEM_WEIGHT);
    for (int over = 0; over < 2; over++) {
        static struct shared s;
        pthread_t threads[THREADS];
        memset(&s, 0, sizeof(s));
        pthread_mutex_init(&s.order, NULL);
        ledger_init(&s.ledger, weight - (over ? 1 : 0));
        for (int i = 0; i < THREADS; i++)
            cr_assert_eq(pthread_create(&threads[i], NULL, take_items, &s), 0);
        for (int i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        cr_assert_eq(s.cuts, over ? 1u : 0u);
        cr_assert_eq(s.ledger.root.tail, weight);
        ledger_destroy(&s.ledger);
        pthread_mutex_destroy(&s.order);
    }
}
