/* picture.c: a picture's hash: screened cheaply, looked up wider than asked, and computed exactly where that finds
 * something. */
#include <string.h>

#include "core/alloc.h"
#include "scan/examine.h"
#include "trawl/decode.h"

/*
 * A screening hash is looked up this much wider than asked; what comes within is decoded again exactly. Distances of
 * screening to exact hashes: mean 0.95, p99 10, max 18 bits of 1474 JPEGs.
 */
#define SCREEN_MARGIN 24
/** Screening quality is at most this far from the exact one. */
#define SCREEN_QUALITY_MARGIN 15

static void take_result(struct item *item, const struct decode_result *result)
{
    work_status(item, result->status, result->limit, result->detail);
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
    if (worker->decoder.failed)
        run_fail(worker->run, worker->decoder.failed);
}

static void look_up(struct run *run, const uint8_t *hash, int radius, struct match_list *out)
{
    uint64_t start = clock_ns();
    hashset_match_pdq(run->lists, hash, radius, out);
    atomic_fetch_add(&run->times.match, clock_ns() - start);
}

/** Near matches of an exact hash. */
static void match_exact_hash(struct run *run, const struct decode_result *result, struct item *item)
{
    if (result->pdq.quality < run->options->min_quality)
        item->low_quality = true;
    else
        look_up(run, result->pdq.hash, run->options->max_distance, &item->matches);
}

/** True if the exact hash may be near a list entry, judged by the screening one. */
static bool is_candidate(struct run *run, const struct decode_result *result)
{
    if (result->pdq.quality + SCREEN_QUALITY_MARGIN < run->options->min_quality)
        return false;
    struct match_list near = {0};
    look_up(run, result->pdq.hash, run->options->max_distance + SCREEN_MARGIN, &near);
    free(near.items);
    return near.n > 0;
}

static void match_near(struct worker *worker, struct item *item, const struct decode_result *result)
{
    struct run *run = worker->run;
    if (!run->near || !result->has_pdq)
        return;
    if (!result->screen) {
        match_exact_hash(run, result, item);
    } else if (is_candidate(run, result)) {
        struct decode_result exact;
        decode(worker, item->type, true, &exact);
        if (exact.has_pdq) {
            /* Findings are ordered by these two: they must be what --decode exact would say. */
            item->pdq_quality = exact.pdq.quality;
            item->pdq_stable = exact.pdq.stable;
            match_exact_hash(run, &exact, item);
        } else {
            take_result(item, &exact);
        }
    } else if (result->pdq.quality < run->options->min_quality) {
        item->low_quality = true;
    }
}

/** Decodes the picture in the slot and matches its hash. */
void examine_picture(struct worker *worker, struct item *item)
{
    struct decode_result result;
    bool exact = worker->run->options->decode_exact;
    if (limit_exceeded(&worker->run->options->limits, LIMIT_DECODE_BYTES, item->size) || item->size > SLOT_MAX) {
        work_status(item, TRAWL_LIMIT, LIMIT_DECODE_BYTES, "limit decode-bytes reached");
        return;
    }
    decode(worker, item->type, exact, &result);
    take_result(item, &result);
    /* In fast mode the field is pdq_screen whatever the decoder did: a reader can rely on the option alone. */
    item->pdq_is_screen = !exact && result.has_pdq;
    match_near(worker, item, &result);
}
