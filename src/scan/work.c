/* work.c: what every stage may do with the item in hand: set it aside, show it, give it a status, write it down. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "scan/hand.h"
#include "scan/since.h"

/** Crashes of the main process at one item before it is set aside. */
#define MAX_CRASHES 2

void work_suspect(struct worker *worker, struct work *work, const struct done_row *row)
{
    if (row->crashes >= MAX_CRASHES) {
        if (work->fd >= 0)
            close(work->fd);
        work->fd = -1;
        work->content = CONTENT_NONE;
        work->status = TRAWL_CRASHED;
        snprintf(work->detail, sizeof(work->detail), "set aside: it brought the scanner down %u times", row->crashes);
        return;
    }
    if (!worker->is_alone && worker->run->suspects) {
        pthread_rwlock_unlock(&worker->run->alone);
        pthread_rwlock_wrlock(&worker->run->alone);
        worker->is_alone = true;
    }
}

void work_status(struct item *item, enum trawl_status status, enum limit_id limit, const char *detail)
{
    item->status = status;
    item->limit = limit;
    if (detail && detail[0])
        item_detail(item, "%s", detail);
}

void work_settle(struct item *item, enum trawl_status status, enum limit_id limit, const char *detail)
{
    if (status != TRAWL_OK && status_examined(item->status))
        work_status(item, status, limit, detail);
    else if (detail[0] && !item->detail)
        item_detail(item, "%s", detail);
}

void work_record(struct run *run, struct item *item, const struct identity *identity)
{
    struct progress *p = &run->progress;
    /* Of one record in 16: reading the clock twice takes as long as a third of a record. */
    bool timed = atomic_load_explicit(&p->files, memory_order_relaxed) % 16 == 0;
    uint64_t start = timed ? thread_cpu_ns() : 0;
    if (run->since && identity)
        since_item(run->since, item, identity);
    recorder_item(&run->recorder, item, identity);
    if (timed)
        atomic_fetch_add(&run->times.journal, 16 * (thread_cpu_ns() - start));
    atomic_fetch_add(&p->files, 1);
    if (item->matches.n)
        atomic_fetch_add(&p->findings, 1);
    if (!status_examined(item->status))
        atomic_fetch_add(&p->unexamined, 1);
    item_clear(item);
}

void work_show(struct worker *worker, const struct work *work)
{
    if (!worker->run->progress.running)
        return;
    struct buf path = {0};
    where_path(work->where, &path);
    progress_item(&worker->run->progress, worker->number, buf_str(&path));
    buf_free(&path);
}

void work_release(struct run *run, struct work *work)
{
    if (work->fd >= 0)
        close(work->fd);
    if (work->admitted)
        budget_release(&run->budget, work->charged);
    container_member_done(work->parent, work->entry);
    container_unref(work->parent);
    hand_unref(work->hand);
}

void work_drop(struct run *run, struct work *work)
{
    where_unref(work->where);
    free(work->facts);
    work_release(run, work);
    *work = (struct work){.fd = -1};
}

void run_fail(struct run *run, int error)
{
    int none = 0;
    atomic_compare_exchange_strong(&run->failed, &none, error);
    if (!atomic_exchange(&run->stop, true))
        stack_stop(&run->stack);
}
