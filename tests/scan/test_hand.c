#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "scan/hand.h"
#include "scan/seen.h"

/** A source of members and files of the host, of given sizes, and the worker that pulls from it. */
struct bench {
    struct source source;
    const uint64_t *sizes;
    size_t n, at;
    /** Every other item is a file. */
    bool files;
    struct scratch scratch;
    struct scan_options options;
    struct run run;
    struct worker worker;
};

static void fill(uint8_t *to, uint64_t size, size_t i)
{
    uint64_t seed = i * 77 + 1;
    for (uint64_t k = 0; k < size; k++)
        to[k] = (uint8_t)scratch_random(&seed);
}

static bool bench_pull(struct source *source, struct worker *worker, struct work *work)
{
    struct bench *b = (struct bench *)source;
    if (b->at == b->n)
        return false;
    uint64_t size = b->sizes[b->at];
    uint8_t *bytes = mem_alloc(size + 1);
    fill(bytes, size, b->at);
    *work = (struct work){.content = CONTENT_SLOT, .size = size, .fd = -1, .status = TRAWL_OK};
    work->where = where_new(NULL, "file", "x", 1, b->at, WHERE_UNKNOWN);
    if (b->files && b->at % 2) {
        char name[32];
        snprintf(name, sizeof(name), "f%zu", b->at);
        work->fd = openat(b->scratch.fd, name, O_RDWR | O_CREAT, 0600);
        cr_assert_eq(write(work->fd, bytes, size), (ssize_t)size);
        fstat(work->fd, &work->st);
        work->content = CONTENT_FILE;
    } else {
        budget_admit(&b->run.budget, size);
        work->admitted = true;
        work->charged = size;
        slot_reset(&worker->slot, SLOT_MAX);
        cr_assert_eq(slot_append(&worker->slot, bytes, size), 0);
    }
    free(bytes);
    b->at++;
    return true;
}

static void bench_open(struct bench *b, const uint64_t *sizes, size_t n)
{
    memset(b, 0, sizeof(*b));
    b->source.pull = bench_pull;
    b->sizes = sizes;
    b->n = n;
    b->scratch = scratch_make();
    limits_default(&b->options.limits);
    b->run.options = &b->options;
    budget_init(&b->run.budget, 1u << 30);
    stack_init(&b->run.stack, 1);
    b->worker.run = &b->run;
    cr_assert_eq(slot_open(&b->worker.slot, b->scratch.fd), 0);
    b->worker.digests = digest_context_new();
    b->run.seen = seen_new(64);
}

static void bench_close(struct bench *b)
{
    cr_assert_eq(b->run.budget.used, 0u);
    cr_assert_eq(b->run.budget.active, 0u);
    slot_close(&b->worker.slot);
    digest_context_free(b->worker.digests);
    seen_free(b->run.seen);
    stack_destroy(&b->run.stack);
    budget_destroy(&b->run.budget);
    scratch_remove(&b->scratch);
}

/** Item i is what the source gave, and hashed. */
static void check_item(const struct work *work, size_t i, uint64_t size)
{
    struct digests want;
    uint8_t *bytes = mem_alloc(size + 1);
    fill(bytes, size, i);
    digest_buffer(bytes, size, &want);
    cr_assert_eq(work->where->index, i);
    cr_assert_eq(work->size, size);
    cr_assert_not(work->admitted, "a hand takes no budget");
    cr_assert(work->is_digested);
    cr_assert_eq(memcmp(work->bytes, bytes, size), 0);
    cr_assert_eq(memcmp(&work->digests, &want, sizeof(want)), 0, "digests of item %zu", i);
    free(bytes);
}

/** Takes what the stack has, as a worker does. Returns how many items came. */
static size_t take_all(struct bench *b, size_t from)
{
    size_t n = 0;
    while (b->run.stack.open) {
        struct source *source = stack_take(&b->run.stack);
        struct haul haul;
        hand_pull(&b->worker, source, &haul);
        stack_release(&b->run.stack, source, haul.ended);
        cr_assert_null(haul.hand, "no hand out of a hand");
        if (haul.has_work) {
            check_item(&haul.work, from + n, b->sizes[from + n]);
            work_drop(&b->run, &haul.work);
            n++;
        }
        if (haul.ended)
            source->close(source, &b->worker);
    }
    return n;
}

Test(hand, small_items_are_hashed_together)
{
    static const uint64_t sizes[] = {0, 1, 63, 64, 65, 1500, 100000, HAND_ITEM_BYTES, 3, 4096};
    static struct bench b;
    for (int files = 0; files <= 1; files++) {
        struct haul haul;
        bench_open(&b, sizes, sizeof(sizes) / sizeof(sizes[0]));
        b.files = files;
        hand_pull(&b.worker, &b.source, &haul);
        cr_assert(haul.ended);
        cr_assert_not(haul.has_work);
        cr_assert_not_null(haul.hand);
        hand_push(&b.worker, haul.hand, true);
        cr_assert_eq(take_all(&b, 0), b.n);
        bench_close(&b);
    }
}

/** A large item ends the hand and is in it not; what follows stays in the source. */
Test(hand, large_items_go_by_themselves)
{
    static const uint64_t sizes[] = {10, 20, HAND_ITEM_BYTES + 1, 30};
    static struct bench b;
    struct haul haul;
    bench_open(&b, sizes, 4);
    hand_pull(&b.worker, &b.source, &haul);
    cr_assert_not(haul.ended);
    cr_assert(haul.has_work);
    cr_assert_eq(haul.work.size, sizes[2]);
    cr_assert_null(haul.work.bytes);
    cr_assert(haul.work.admitted);
    cr_assert_eq(b.at, 3u);
    work_drop(&b.run, &haul.work);
    hand_push(&b.worker, haul.hand, true);
    cr_assert_eq(take_all(&b, 0), 2u);
    bench_close(&b);
}

Test(hand, full)
{
    static uint64_t sizes[100];
    static struct bench b;
    struct haul haul;
    for (int large = 0; large <= 1; large++) {
        for (size_t i = 0; i < 100; i++)
            sizes[i] = large ? HAND_ITEM_BYTES : 7;
        bench_open(&b, sizes, 100);
        size_t got = 0;
        do {
            hand_pull(&b.worker, &b.source, &haul);
            cr_assert_not(haul.has_work);
            cr_assert_leq(b.at - got, large ? HAND_BYTES / HAND_ITEM_BYTES : HAND_ITEMS);
            if (haul.hand)
                hand_push(&b.worker, haul.hand, true);
            got += take_all(&b, got);
        } while (!haul.ended);
        cr_assert_eq(got, 100u);
        bench_close(&b);
    }
}

/** Where items may have to run alone, each comes alone. */
Test(hand, not_in_a_resumed_run)
{
    static const uint64_t sizes[] = {5, 6};
    static struct bench b;
    struct haul haul;
    bench_open(&b, sizes, 2);
    b.run.suspects = true;
    hand_pull(&b.worker, &b.source, &haul);
    cr_assert(haul.has_work);
    cr_assert_null(haul.hand);
    cr_assert_eq(b.at, 1u);
    work_drop(&b.run, &haul.work);
    bench_close(&b);
}

/** A stop leaves a hand on the stack: closed, it gives all back. */
Test(hand, stopped)
{
    static const uint64_t sizes[] = {5, 6, 7};
    static struct bench b;
    struct haul haul;
    bench_open(&b, sizes, 3);
    b.files = true;
    hand_pull(&b.worker, &b.source, &haul);
    atomic_store(&b.run.stop, true);
    hand_push(&b.worker, haul.hand, true);
    struct source *source = stack_drain(&b.run.stack);
    cr_assert_not_null(source);
    source->close(source, &b.worker);
    cr_assert_null(stack_drain(&b.run.stack));
    bench_close(&b);
}
