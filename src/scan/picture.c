/* picture.c: a picture's hash: screened cheaply, looked up wider than asked, and computed exactly where that finds
 * something. */
#include <string.h>

#include "core/alloc.h"
#include "scan/children.h"
#include "scan/embedded.h"
#include "scan/examine.h"
#include "scan/seen.h"
#include "trawl/decode.h"

/*
 * A screening hash is looked up this much wider than asked; what comes within is decoded again exactly. 56,285 JPEGs
 * (5,326 of them as found, the others edited; make bench-screen): 1.36 bits from the exact hash in the mean, p99 10,
 * p99.9 18, and 6 beyond 24. Of 36,165 true matches within 31 bits a margin of 4 would lose 4, of 8 one, of 12 or more
 * none (with 95 % confidence less than 1 in 9,800). Among a million hashes a look-up within 47 bits takes 0.07 ms,
 * within 55 already 0.31 ms, a third of a megapixel's decoding.
 */
#define SCREEN_MARGIN 16
/**
 * With more doubtful bits than that the screening hash says little: flat, symmetric and tiled pictures, up to 138 bits
 * off. They are decoded exactly whatever the lists hold: 2.9 % of those JPEGs, most of them small textures.
 */
#define SCREEN_DOUBTFUL 16
/** Screening quality is less than this below the exact one; the largest difference seen was 9. */
#define SCREEN_QUALITY_MARGIN 15

static void take_result(struct item *item, const struct decode_result *result)
{
    work_status(item, result->status, result->limit, result->detail);
    item->width = result->width;
    item->height = result->height;
    item->orientation = result->orientation;
    item->camera = result->camera;
    item->has_pdq = result->has_pdq;
    item->pdq_is_screen = result->screen;
    item->pdq_quality = result->pdq.quality;
    item->pdq_stable = result->pdq.stable;
    memcpy(item->pdq, result->pdq.hash, PDQ_BYTES);
}

void picture_request(const struct worker *worker, struct decode_request *request, bool exact)
{
    memset(request, 0, sizeof(*request));
    request->exact = exact;
    request->rotations = worker->run->options->rotations;
    request->thumbnail = worker->run->options->thumbnails;
    request->limits = worker->run->options->limits;
}

/** Decodes the picture, unless the same content was decoded before in this run. */
static void decode(struct worker *worker, const struct shown *shown, bool exact, struct decode_result *result)
{
    struct seen *seen = shown->sha256 ? worker->run->seen : NULL;
    const struct decoder_part part = {shown->offset, shown->size, shown->type};
    struct decode_request request;
    if (seen && seen_find(seen, shown->sha256, exact, result))
        return;
    picture_request(worker, &request, exact);
    request.type = shown->type;
    atomic_fetch_add(&worker->run->decoded, 1);
    struct decoder_handle *decoder = worker_decoder(worker, shown->type);
    if (decoder)
        decoder_run_part(decoder, &worker->slot, &request, &part, result);
    else
        *result = (struct decode_result){.status = TRAWL_UNREACHED};
    if (decoder && decoder->failed)
        run_fail(worker->run, decoder->failed);
    if (seen && result->status != TRAWL_UNREACHED)
        seen_add(seen, shown->sha256, exact, result);
}

/** The picture's exact hash. */
static void decode_exactly(struct worker *worker, const struct shown *shown, struct decode_result *result)
{
    struct decode_extras *extras;
    if (!shown->extra) {
        decode(worker, shown, true, result);
        return;
    }
    extras = embedded_list(worker, shown, true, shown->extra - 1, 1, result);
    if (extras && extras->n)
        *result = extras->items[0].result;
    free(extras);
}

static void look_up(struct run *run, const struct decode_result *result, int radius, struct match_list *out)
{
    uint64_t start = thread_cpu_ns();
    if (result->has_rotations)
        hashset_match_rotations(run->lists, (const uint8_t(*)[PDQ_BYTES])result->rotations, radius, out);
    else
        hashset_match_pdq(run->lists, result->pdq.hash, radius, out);
    atomic_fetch_add(&run->times.match, thread_cpu_ns() - start);
}

/** Near matches of an exact hash. */
static void match_exact_hash(struct run *run, const struct decode_result *result, struct item *item)
{
    if (result->pdq.quality < run->options->min_quality)
        item->low_quality = true;
    else
        look_up(run, result, run->options->max_distance, &item->matches);
}

/** True if the exact hash may be near a list entry, judged by the screening one. */
static bool is_candidate(struct run *run, const struct decode_result *result)
{
    if (result->pdq.quality + SCREEN_QUALITY_MARGIN < run->options->min_quality)
        return false;
    if (result->pdq.doubtful > SCREEN_DOUBTFUL)
        return true;
    struct match_list near = {0};
    look_up(run, result, run->options->max_distance + SCREEN_MARGIN, &near);
    free(near.items);
    return near.n > 0;
}

static void match_near(struct worker *worker, const struct shown *shown, struct item *item,
                       const struct decode_result *result)
{
    struct run *run = worker->run;
    if (!run->near || !result->has_pdq)
        return;
    if (!result->screen) {
        match_exact_hash(run, result, item);
    } else if (is_candidate(run, result)) {
        struct decode_result exact = {0};
        decode_exactly(worker, shown, &exact);
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

/** Of what is on a list, and of nothing else. */
static void keep_thumbnail(struct item *item, const struct decode_result *result)
{
    if (result->has_thumbnail && item->matches.n && !item->thumbnail)
        item->thumbnail = memcpy(ALLOC_ARRAY(uint8_t, THUMBNAIL_BYTES), result->thumbnail, THUMBNAIL_BYTES);
}

void examine_result(struct worker *worker, const struct shown *shown, const struct decode_result *result,
                    struct item *item)
{
    bool exact = worker->run->options->decode_exact;
    take_result(item, result);
    /* In fast mode the field is pdq_screen whatever the decoder did: a reader can rely on the option alone. */
    item->pdq_is_screen = !exact && result->has_pdq;
    item->has_rotations = !worker->run->options->is_scan && exact && result->has_rotations;
    if (item->has_rotations)
        memcpy(item->rotations, result->rotations[PDQ_ORIGINAL + 1], sizeof(item->rotations));
    match_near(worker, shown, item, result);
    keep_thumbnail(item, result);
}

bool examine_shown(struct worker *worker, const struct shown *shown, struct item *item)
{
    struct decode_result result;
    if (limit_exceeded(&worker->run->options->limits, LIMIT_DECODE_BYTES, shown->size) || shown->size > SLOT_MAX) {
        work_status(item, TRAWL_LIMIT, LIMIT_DECODE_BYTES, "limit decode-bytes reached");
        return false;
    }
    decode(worker, shown, worker->run->options->decode_exact, &result);
    examine_result(worker, shown, &result, item);
    return result.has_extras;
}

bool examine_picture(struct worker *worker, struct item *item)
{
    const struct shown shown = {.type = item->type,
                                .size = item->size > SLOT_MAX ? item->size : worker->slot.len,
                                .sha256 = item->has_digests ? item->digests.sha256 : NULL};
    return examine_shown(worker, &shown, item);
}
