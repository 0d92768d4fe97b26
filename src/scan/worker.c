/*
 * worker.c: one item from its bytes to its record: digest, exact match, decode, near match, open what it contains, write it down.
 */
#include "scan/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "scan/content.h"
#include "trawl/decode.h"

/*
 * A screening hash is looked up this much wider than asked; what comes within is decoded again exactly. Distances of screening to
 * exact hashes: mean 0.95, p99 10, max 18 bits of 1474 JPEGs.
 */
#define SCREEN_MARGIN 24
/** Screening quality is at most this far from the exact one. */
#define SCREEN_QUALITY_MARGIN 15
/** Runs that may die by an unknown cause (kill -9, power) while an item runs alone, and by a crash of ours, before it is set aside. */
#define MAX_ALONE   10
#define MAX_CRASHES 2

void work_suspect(struct worker *worker, struct work *work, const struct done_row *row)
{
    if (row->crashes >= MAX_CRASHES || row->alone >= MAX_ALONE) {
        if (work->fd >= 0)
            close(work->fd);
        work->fd = -1;
        work->content = CONTENT_NONE;
        work->status = TRAWL_CRASHED;
        snprintf(work->detail, sizeof(work->detail), "set aside: it brought the scanner down %u times",
                 row->crashes >= MAX_CRASHES ? row->crashes : row->alone);
        return;
    }
    if (!worker->is_alone && worker->run->suspects) {
        pthread_rwlock_unlock(&worker->run->alone);
        pthread_rwlock_wrlock(&worker->run->alone);
        worker->is_alone = true;
    }
}

void work_record(struct run *run, struct item *item, const struct identity *identity)
{
    struct progress *p = &run->progress;
    recorder_item(&run->recorder, item, identity);
    atomic_fetch_add(&p->files, 1);
    if (item->matches.n)
        atomic_fetch_add(&p->findings, 1);
    if (!status_examined(item->status))
        atomic_fetch_add(&p->unexamined, 1);
    item_clear(item);
}

static void set_status(struct item *item, enum trawl_status status, enum limit_id limit, const char *detail)
{
    item->status = status;
    item->limit = limit;
    if (detail && detail[0])
        item_detail(item, "%s", detail);
}

static void match_digests(struct run *run, struct item *item)
{
    if (run->lists && item->has_digests)
        hashset_match_digests(run->lists, &item->digests, &item->matches);
}

/** What a type that nobody here decodes or opens comes to. */
static void status_of_type(struct item *item)
{
    switch (type_class(item->type)) {
    case CLASS_PICTURE:
    case CLASS_VIDEO:
    case CLASS_ARCHIVE:
    case CLASS_FILTER:
    case CLASS_DISK:
    case CLASS_DOCUMENT:
        item->status = TRAWL_UNSUPPORTED;
        item_detail(item, "this build does not read %s", type_name(item->type));
        break;
    default:
        item->status = TRAWL_NOT_MEDIA;
    }
}

static void take_result(struct item *item, const struct decode_result *result)
{
    set_status(item, result->status, result->limit, result->detail);
    item->width = result->width;
    item->height = result->height;
    item->orientation = result->orientation;
    item->has_pdq = result->has_pdq;
    item->pdq_is_screen = result->screen;
    item->pdq_quality = result->pdq.quality;
    item->pdq_stable = result->pdq.stable;
    memcpy(item->pdq, result->pdq.hash, PDQ_BYTES);
}

static void decode(struct worker *worker, enum file_type type, bool exact, struct decode_result *result)
{
    struct decode_request request;
    memset(&request, 0, sizeof(request));
    request.type = type;
    request.exact = exact;
    request.limits = worker->run->options->limits;
    decoder_run(&worker->decoder, &worker->slot, &request, result);
}

/** Near matches of an exact hash. */
static void match_exact_hash(struct run *run, const struct decode_result *result, struct item *item)
{
    if (result->pdq.quality < run->options->min_quality)
        item->low_quality = true;
    else
        hashset_match_pdq(run->lists, result->pdq.hash, run->options->max_distance, &item->matches);
}

/** True if the exact hash may be near a list entry, judged by the screening one. */
static bool is_candidate(struct run *run, const struct decode_result *result)
{
    if (result->pdq.quality + SCREEN_QUALITY_MARGIN < run->options->min_quality)
        return false;
    struct match_list near = {0};
    hashset_match_pdq(run->lists, result->pdq.hash, run->options->max_distance + SCREEN_MARGIN, &near);
    free(near.items);
    return near.n > 0;
}

static void match_near(struct worker *worker, struct item *item, const struct decode_result *result)
{
    struct run *run = worker->run;
    if (!run->near || !result->has_pdq)
        return;
    uint64_t start = clock_ns();
    if (!result->screen) {
        match_exact_hash(run, result, item);
    } else if (is_candidate(run, result)) {
        struct decode_result exact;
        decode(worker, item->type, true, &exact);
        if (exact.has_pdq)
            match_exact_hash(run, &exact, item);
        else
            take_result(item, &exact);
    } else if (result->pdq.quality < run->options->min_quality) {
        item->low_quality = true;
    }
    atomic_fetch_add(&run->times.match, clock_ns() - start);
}

/** Decodes the picture in the slot and matches its hash. */
static void picture(struct worker *worker, struct item *item)
{
    struct decode_result result;
    bool exact = worker->run->options->decode_exact;
    if (limit_exceeded(&worker->run->options->limits, LIMIT_DECODE_BYTES, item->size) || item->size > SLOT_MAX) {
        set_status(item, TRAWL_LIMIT, LIMIT_DECODE_BYTES, "limit decode-bytes reached");
        return;
    }
    decode(worker, item->type, exact, &result);
    take_result(item, &result);
    /* In fast mode the field is pdq_screen whatever the decoder did: a reader can rely on the option alone. */
    item->pdq_is_screen = !exact && result.has_pdq;
    match_near(worker, item, &result);
}

/** The item as far as its place and its way here tell it. */
static void begin_item(struct work *work, struct item *item)
{
    *item = (struct item){.where = work->where, .size = work->size, .type = work->special};
    work->where = NULL;
    set_status(item, work->status, work->limit, work->detail);
    if (work->special != TYPE_OTHER && work->status == TRAWL_OK) {
        item->status = TRAWL_NOT_MEDIA;
        if (work->size == WHERE_UNKNOWN)
            item->size = 0;
    }
}

/** Bytes that the medium did not give, a file that changed: said, and no digest claimed. */
static void check_evidence(const struct content_view *view, const struct work *work, struct item *item)
{
    struct stat now;
    struct buf words = {0};
    evidence_describe(&view->evidence, &words);
    if (!words.len && work->content == CONTENT_FILE && fstat(work->fd, &now) == 0 &&
        (now.st_size != work->st.st_size || now.st_mtim.tv_sec != work->st.st_mtim.tv_sec ||
         now.st_mtim.tv_nsec != work->st.st_mtim.tv_nsec))
        buf_puts(&words, "the file changed while it was read");
    if (words.len) {
        item->has_digests = false;
        set_status(item, TRAWL_IO_ERROR, LIMIT_NONE, buf_str(&words));
    }
    buf_free(&words);
}

/** The type of reader that the item needs as a container; TYPE_OTHER where it is none that this build opens. */
static enum file_type container_type(enum file_type type, bool zip_tail)
{
    if (zip_tail)
        return TYPE_ZIP;
    return unpack_find(type) ? type : TYPE_OTHER;
}

/** True if the item may be opened as a container; else its status says why not. */
static bool may_open(const struct run *run, struct item *item)
{
    if (!limit_exceeded(&run->options->limits, LIMIT_DEPTH, item->where->depth + 1))
        return true;
    set_status(item, TRAWL_LIMIT, LIMIT_DEPTH, "container not opened: too many containers around it");
    return false;
}

/** Hands the bytes over to a container of its own. Returns it, or NULL with the item unchanged but for its status. */
static struct container *open_container(struct worker *worker, struct work *work, struct item *item, const struct identity *identity,
                                        enum file_type type)
{
    struct run *run = worker->run;
    uint64_t size = work->size, charged = 0;
    int fd;
    if (work->content == CONTENT_FILE) {
        fd = fcntl(work->fd, F_DUPFD_CLOEXEC, 0);
    } else {
        fd = slot_detach(&worker->slot);
        charged = work->charged;
        budget_park(&run->budget);
        work->admitted = false;
        work->charged = 0;
    }
    if (fd < 0) {
        budget_unpark(&run->budget, charged);
        set_status(item, TRAWL_IO_ERROR, LIMIT_NONE, "container could not be handed to its reader");
        return NULL;
    }
    if (item->status == TRAWL_NOT_MEDIA || item->status == TRAWL_UNSUPPORTED)
        item->status = TRAWL_OK;
    return container_open(run, work->parent, item, identity, fd, size, type, charged);
}

/** Which file a container of the host is: noted before it is read, compared when a case is resumed. Returns false if it changed. */
static bool note_container(struct run *run, const struct work *work, struct item *item, struct identity *identity)
{
    bool changed;
    if (work->content != CONTENT_FILE || !run->recorder.journal)
        return true;
    identity_sample(work->fd, identity);
    uint64_t sample;
    memcpy(&sample, identity->sample, sizeof(sample));
    const struct done_row *row = recorder_find(&run->recorder, item->where, identity, &changed);
    if (row && row->sample && row->sample != sample) {
        set_status(item, TRAWL_IO_ERROR, LIMIT_NONE, "refused: the file changed since this case was begun");
        return false;
    }
    recorder_open(&run->recorder, item->where, identity);
    return true;
}

/** Everything about an item whose bytes can be looked at. Returns the container that took the item over, or NULL. */
static struct container *process_bytes(struct worker *worker, struct work *work, struct item *item, struct identity *identity)
{
    struct run *run = worker->run;
    struct content_view view;
    bool zip_tail, damaged = item->status == TRAWL_DAMAGED;
    struct container *container = NULL;
    content_open(&view, worker, work);
    item->type = content_sniff(&view, &zip_tail);
    enum file_type inside = container_type(item->type, zip_tail);
    bool is_picture = decode_find(item->type) != NULL;
    if (is_picture && work->content == CONTENT_FILE && work->size <= SLOT_MAX &&
        !limit_exceeded(&run->options->limits, LIMIT_DECODE_BYTES, work->size)) {
        budget_admit(&run->budget, work->size);
        work->admitted = true;
        work->charged = work->size;
        content_load(&view);
    }
    /* A container of the host is opened first, so that others can pull from it while this worker hashes it. */
    bool open_first = inside && !is_picture && work->content == CONTENT_FILE && !run->known && !damaged;
    if (open_first && may_open(run, item) && note_container(run, work, item, identity)) {
        container = open_container(worker, work, item, identity, inside);
        if (container)
            item = container_item(container);
    }
    item->has_digests = content_digest(&view, &item->digests) && !work->not_whole;
    check_evidence(&view, work, item);
    match_digests(run, item);
    bool io_error = item->status == TRAWL_IO_ERROR;
    if (atomic_load(&run->stop) && !io_error) {
        item->has_digests = false;
        set_status(item, TRAWL_UNREACHED, LIMIT_NONE, "interrupted");
    } else if (run->known && item->has_digests && hashset_known(run->lists, &item->digests) && !item->matches.n) {
        item->status = TRAWL_SUPPRESSED;
        inside = TYPE_OTHER;
    } else if (is_picture) {
        char *words = damaged || io_error ? item->detail : NULL;
        item->detail = words ? NULL : item->detail;
        picture(worker, item);
        if (words) {
            /* The container's or the medium's word on missing bytes stands above what could be decoded all the same. */
            free(item->detail);
            item->detail = words;
            item->status = damaged ? TRAWL_DAMAGED : TRAWL_IO_ERROR;
        }
    } else if (!damaged && !io_error && !inside) {
        status_of_type(item);
    }
    if (!container && inside && !open_first && !atomic_load(&run->stop) && may_open(run, item) &&
        note_container(run, work, item, identity))
        container = open_container(worker, work, item, identity, inside);
    content_close(&view);
    return container;
}

/** An item whose bytes passed by. */
static void process_streamed(struct worker *worker, struct work *work, struct item *item)
{
    item->type = work->type;
    item->digests = work->digests;
    item->has_digests = !work->not_whole;
    match_digests(worker->run, item);
    if (item->status != TRAWL_OK)
        return;
    status_of_type(item);
    if (worker->run->known && item->has_digests && !item->matches.n && hashset_known(worker->run->lists, &item->digests)) {
        item->status = TRAWL_SUPPRESSED;
    } else if (work->zip_tail) {
        item->status = TRAWL_UNSUPPORTED;
        item_detail(item, "a zip archive stands at its end, and the file is too large to keep: extract it and scan it by itself");
    }
}

static void show_item(struct worker *worker, const struct work *work)
{
    if (!worker->run->progress.running)
        return;
    struct buf path = {0};
    where_path(work->where, &path);
    progress_item(&worker->run->progress, worker->number, buf_str(&path));
    buf_free(&path);
}

void work_process(struct worker *worker, struct work *work)
{
    struct run *run = worker->run;
    struct item item;
    struct identity identity;
    struct container *container = NULL;
    bool of_host = !work->parent;
    show_item(worker, work);
    if (of_host) {
        identity_of(&work->st, &identity);
        if (work->content == CONTENT_FILE)
            recorder_begin(&run->recorder, work->where, worker->is_alone ? BEGIN_ALONE : BEGIN_BESIDE_OTHERS);
    }
    begin_item(work, &item);
    uint64_t bytes = item.size == WHERE_UNKNOWN ? 0 : item.size;
    if (work->special == TYPE_OTHER && (work->content == CONTENT_FILE || work->content == CONTENT_SLOT))
        container = process_bytes(worker, work, &item, &identity);
    else if (work->content == CONTENT_STREAMED)
        process_streamed(worker, work, &item);
    if (!container)
        work_record(run, &item, of_host ? &identity : NULL);
    container_unref(container);
    atomic_fetch_add(&run->progress.bytes, bytes);
    if (work->fd >= 0)
        close(work->fd);
    if (work->admitted)
        budget_release(&run->budget, work->charged);
    container_unref(work->parent);
    progress_item(&run->progress, worker->number, NULL);
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
        struct work work;
        lock_shared(worker);
        bool got = source->pull(source, worker, &work);
        stack_release(&run->stack, source, !got);
        if (got)
            work_process(worker, &work);
        else
            source->close(source, worker);
        unlock_any(worker);
        check_output(run);
        if (atomic_load_explicit(&run->stop, memory_order_relaxed))
            stack_stop(&run->stack);
    }
    return NULL;
}
