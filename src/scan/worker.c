/*
 * worker.c: one item from its bytes to its record: digest, exact match, decode, near match, open what it contains,
 * write it down.
 */
#include "scan/run.h"

#include "scan/crash.h"
#include "scan/examine.h"
#include "scan/hand.h"
#include "scan/share.h"

/** The item as far as its place and its way here tell it. */
static void begin_item(struct work *work, struct item *item)
{
    *item = (struct item){.where = work->where, .size = work->size, .type = work->special};
    item->facts = work->facts;
    work->where = NULL;
    work->facts = NULL;
    work_status(item, work->status, work->limit, work->detail);
    if (work->special != TYPE_OTHER && work->status == TRAWL_OK) {
        item->status = TRAWL_NOT_MEDIA;
        if (work->size == WHERE_UNKNOWN)
            item->size = 0;
    }
}

void work_process(struct worker *worker, struct work *work)
{
    struct run *run = worker->run;
    struct item item;
    struct identity identity;
    struct container *container = NULL;
    bool of_host = !work->parent;
    work_show(worker, work);
    if (run->recorder.journal) {
        struct where *place = recorder_place(&run->recorder, work->where);
        crash_item(place);
        where_unref(place);
    }
    if (of_host) {
        identity_of(&work->st, &identity);
        if (work->content == CONTENT_FILE)
            recorder_begin(&run->recorder, work->where, worker->is_alone ? BEGIN_ALONE : BEGIN_BESIDE_OTHERS);
    }
    begin_item(work, &item);
    uint64_t bytes = item.size == WHERE_UNKNOWN ? 0 : item.size;
    if (work->special == TYPE_OTHER && (work->content == CONTENT_FILE || work->content == CONTENT_SLOT))
        container = examine_bytes(worker, work, &item, &identity);
    else if (work->content == CONTENT_STREAMED)
        examine_streamed(worker, work, &item);
    if (!container && work->share.of)
        share_record_file(run, &item, &identity, &work->share);
    if (!container)
        work_record(run, &item, of_host ? &identity : NULL);
    container_unref(container);
    atomic_fetch_add(&run->progress.bytes, bytes);
    work_release(run, work);
    progress_item(&run->progress, worker->number, NULL);
    crash_item(NULL);
}

static void lock_shared(struct worker *worker)
{
    if (worker->run->suspects)
        pthread_rwlock_rdlock(&worker->run->alone);
}

static void unlock_any(struct worker *worker)
{
    worker->is_alone = false;
    if (worker->run->suspects)
        pthread_rwlock_unlock(&worker->run->alone);
}

/** An output that cannot be written stops the run: nothing that was not written counts as done. */
static void check_output(struct run *run)
{
    if (recorder_error(&run->recorder) && !atomic_exchange(&run->stop, true))
        stack_stop(&run->stack);
}

void *worker_main(void *arg)
{
    struct worker *worker = arg;
    struct run *run = worker->run;
    struct source *source;
    while ((source = stack_take(&run->stack))) {
        struct haul haul;
        lock_shared(worker);
        hand_pull(worker, source, &haul);
        stack_release(&run->stack, source, haul.ended);
        if (haul.hand)
            hand_push(worker, haul.hand, !haul.has_work || haul.work.content != CONTENT_SLOT);
        if (haul.has_work)
            work_process(worker, &haul.work);
        if (haul.ended)
            source->close(source, worker);
        unlock_any(worker);
        check_output(run);
        if (atomic_load_explicit(&run->stop, memory_order_relaxed))
            stack_stop(&run->stack);
    }
    crash_thread_end();
    return NULL;
}
