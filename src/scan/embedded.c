#include "scan/embedded.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "scan/children.h"
#include "scan/container.h"
#include "scan/ledger.h"
#include "scan/seen.h"

/** Thumbnails of thumbnails of ...: each level may hash the bytes of the file once more. */
#define NESTING 4
/** Of one picture: what kills the decoder is passed over, but not for ever. */
#define MAX_DEATHS 3
/** A photograph has a thumbnail or two; what is made of frames or pages is asked for by the handful. */
#define FEW 4

/** A picture whose inside is still to be looked at. */
struct outer {
    struct shown shown;
    bool has_digests;
    struct digests digests;
    /** Owns a reference. */
    struct where *where;
    unsigned nesting;
    /** No extra that is stored in it begins before this: they may not overlap, so that their bytes are bounded. */
    uint64_t used_to;
};

/** A picture's file and all that is found in it. */
struct nest {
    struct worker *worker;
    struct run *run;
    struct content_view *view;
    struct work *work;
    /** The first is the item itself. */
    struct outer *outers;
    size_t n, cap;
    /** Items so far. */
    uint64_t pictures;
    bool stopped;
};

static struct decode_extras *ask(struct worker *worker, const struct shown *shown, bool exact, uint32_t first,
                                 uint32_t count, struct decode_result *end)
{
    const struct decoder_part part = {shown->offset, shown->size, shown->type};
    struct decode_extras *extras = ALLOC(struct decode_extras);
    struct decode_request request;
    picture_request(worker, &request, exact);
    request.type = shown->type;
    request.extras = true;
    request.first = first;
    request.count = count;
    struct decoder_handle *decoder = worker_decoder(worker, shown->type);
    bool came = decoder && decoder_run_extras(decoder, &worker->slot, &request, &part, extras, end);
    if (decoder && decoder->failed)
        run_fail(worker->run, decoder->failed);
    if (came)
        return extras;
    free(extras);
    return NULL;
}

struct decode_extras *embedded_list(struct worker *worker, const struct shown *shown, bool exact, uint32_t first,
                                    uint32_t count, struct decode_result *end)
{
    /* One of many is asked for where its exact hash is wanted: not worth keeping. */
    struct seen *seen = shown->sha256 && count > 1 ? worker->run->seen : NULL;
    struct decode_extras *extras = ALLOC(struct decode_extras);
    if (seen && seen_find_extras(seen, shown->sha256, exact, first, extras))
        return extras;
    free(extras);
    extras = ask(worker, shown, exact, first, count, end);
    if (seen && extras)
        seen_add_extras(seen, shown->sha256, exact, first, extras);
    return extras;
}

/** The place of the index-th picture inside another. */
static struct where *place_of(const struct outer *outer, const struct decode_extra *extra, uint64_t index)
{
    char name[64];
    const char *word = extra_kind_name(extra->kind);
    int n = extra->number > 1 ? snprintf(name, sizeof(name), "$%s%u", word, extra->number)
                              : snprintf(name, sizeof(name), "$%s", word);
    return where_new(outer->where, extra->kind == EXTRA_THUMBNAIL ? "thumbnail" : "embedded", name, (size_t)n, index,
                     extra->size ? extra->offset : WHERE_UNKNOWN);
}

static void record(struct nest *nest, struct item *item)
{
    struct work *work = nest->work;
    if (work->parent && work->entry)
        ledger_grow(work->parent->ledger, work->entry,
                    ledger_add(ledger_size(item->size, item->status, item->limit), LEDGER_ITEM_WEIGHT));
    nest->pictures++;
    work_record(nest->run, item, NULL);
}

/** A line for what could not be listed. */
static void record_rest(struct nest *nest, const struct outer *outer, uint32_t index, const struct decode_result *end)
{
    char name[64];
    int n = snprintf(name, sizeof(name), "$further%u", index + 1);
    struct item item = {.size = WHERE_UNKNOWN, .type = outer->shown.type};
    item.where = where_new(outer->where, "embedded", name, (size_t)n, index, WHERE_UNKNOWN);
    work_status(&item, end->status, end->limit, end->detail);
    record(nest, &item);
}

static void digest_part(struct nest *nest, uint64_t offset, uint64_t size, struct digests *out)
{
    struct run *run = nest->run;
    uint64_t start = thread_cpu_ns();
    size_t got = 0;
    const uint8_t *p = size <= BLOCK_SIZE ? content_at(nest->view, offset, (size_t)size, &got) : NULL;
    if (got == size) {
        digest_buffer(p, (size_t)size, out);
    } else {
        digest_start(nest->worker->digest);
        for (uint64_t at = 0; at < size && !atomic_load_explicit(&run->stop, memory_order_relaxed); at += got) {
            p = content_at(nest->view, offset + at, size - at < BLOCK_SIZE ? (size_t)(size - at) : BLOCK_SIZE, &got);
            if (!got)
                break;
            digest_update(nest->worker->digest, p, got);
        }
        digest_finish(nest->worker->digest, out);
    }
    atomic_fetch_add(&run->times.digest, thread_cpu_ns() - start);
}

static void add_outer(struct nest *nest, const struct outer *around, const struct shown *shown, const struct item *item)
{
    RESERVE(nest->outers, nest->n, nest->cap);
    struct outer *outer = &nest->outers[nest->n++];
    *outer = (struct outer){.shown = *shown, .digests = item->digests, .where = where_ref(item->where)};
    outer->has_digests = item->has_digests;
    outer->nesting = around ? around->nesting + 1 : 0;
}

/** The picture itself, for as long as *outer stays. */
static struct shown shown_of(const struct outer *outer)
{
    struct shown shown = outer->shown;
    shown.sha256 = outer->has_digests ? outer->digests.sha256 : NULL;
    return shown;
}

/** A picture with bytes of its own is treated as any other file. */
static void examine_stored(struct nest *nest, const struct outer *outer, const struct decode_extra *extra,
                           struct item *item)
{
    struct run *run = nest->run;
    struct shown shown = {.offset = outer->shown.offset + extra->offset, .size = extra->size};
    size_t got;
    const uint8_t *head =
        content_at(nest->view, shown.offset, SNIFF_HEAD < shown.size ? SNIFF_HEAD : (size_t)shown.size, &got);
    item->size = extra->size;
    item->type = shown.type = sniff(head, got, shown.size);
    digest_part(nest, shown.offset, shown.size, &item->digests);
    item->has_digests = true;
    shown.sha256 = item->digests.sha256;
    rules_digests(&run->rules, item);
    if (rules_suppress(&run->rules, item)) {
        item->status = TRAWL_SUPPRESSED;
    } else if (rules_skip(&run->rules, item)) {
        item_detail(item, "not decoded: its digest is on a list");
    } else if (!is_decoded(run, item->type)) {
        status_of_type(item);
    } else if (examine_shown(nest->worker, &shown, item) && outer->nesting < NESTING) {
        add_outer(nest, outer, &shown, item);
    }
}

static void examine_extra(struct nest *nest, size_t at, const struct decode_extra *extra, uint32_t index)
{
    struct outer outer = nest->outers[at];
    struct item item = {.where = place_of(&outer, extra, index), .size = WHERE_UNKNOWN, .type = outer.shown.type};
    struct shown shown = shown_of(&outer);
    shown.extra = index + 1;
    if (!extra->size) {
        examine_result(nest->worker, &shown, &extra->result, &item);
    } else if (extra->offset < outer.used_to) {
        item.size = extra->size;
        work_status(&item, TRAWL_DAMAGED, LIMIT_NONE, "its bytes are part of another picture's");
    } else {
        nest->outers[at].used_to = extra->offset + extra->size;
        examine_stored(nest, &outer, extra, &item);
    }
    nest->stopped = nest->stopped || atomic_load_explicit(&nest->run->stop, memory_order_relaxed);
    if (nest->stopped)
        item_clear(&item);
    else
        record(nest, &item);
}

/** True if the file holds more pictures than it may. */
static bool over_limit(struct nest *nest, const struct outer *outer, uint32_t index)
{
    if (!limit_exceeded(&nest->run->options->limits, LIMIT_PICTURES, nest->pictures + 1))
        return false;
    struct decode_result end = {.status = TRAWL_LIMIT, .limit = LIMIT_PICTURES};
    snprintf(end.detail, sizeof(end.detail), "limit pictures reached: what else is in it was not looked at");
    record_rest(nest, outer, index, &end);
    return true;
}

/** Takes up what one answer of the decoder lists. False at the limit. */
static bool take_up(struct nest *nest, size_t at, const struct decode_extras *extras, uint32_t first)
{
    for (uint32_t i = 0; i < extras->n && !nest->stopped; i++) {
        if (over_limit(nest, &nest->outers[at], first + i))
            return false;
        examine_extra(nest, at, &extras->items[i], first + i);
    }
    return true;
}

/** All that one picture holds. False where there is no more to be done with the whole file. */
static bool look_into(struct nest *nest, size_t at)
{
    uint32_t first = 0, count = nest->outers[at].shown.type == TYPE_JPEG ? FEW : DECODE_EXTRAS;
    unsigned deaths = 0;
    for (bool more = true, goes_on = true; more && !nest->stopped;) {
        const struct outer outer = nest->outers[at];
        const struct shown shown = shown_of(&outer);
        struct decode_result end = {0};
        struct decode_extras *extras =
            embedded_list(nest->worker, &shown, nest->run->options->decode_exact, first, count, &end);
        nest->stopped = nest->stopped || atomic_load(&nest->run->stop);
        if (extras) {
            goes_on = take_up(nest, at, extras, first);
            more = extras->more;
            first += extras->n;
        } else if (count == 1 && !nest->stopped) {
            record_rest(nest, &outer, first++, &end);
            more = ++deaths < MAX_DEATHS;
        }
        /* One of them kills the decoder: one by one. */
        count = extras ? count : 1;
        free(extras);
        if (!goes_on)
            return false;
    }
    return !nest->stopped;
}

bool examine_embedded(struct content_view *view, struct work *work, struct item *item)
{
    struct nest nest = {.worker = view->worker, .run = view->worker->run, .view = view, .work = work};
    const struct shown whole = {.type = item->type, .size = view->size};
    add_outer(&nest, NULL, &whole, item);
    for (size_t i = 0; i < nest.n && look_into(&nest, i);)
        i++;
    for (size_t i = 0; i < nest.n; i++)
        where_unref(nest.outers[i].where);
    free(nest.outers);
    if (nest.stopped)
        work_status(item, TRAWL_UNREACHED, LIMIT_NONE, "interrupted");
    return !nest.stopped;
}
