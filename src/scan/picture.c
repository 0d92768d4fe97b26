/* picture.c: a picture's hash: screened cheaply, looked up wider than asked, and computed exactly where that finds
 * something. */
#include <string.h>

#include "core/alloc.h"
#include "scan/children.h"
#include "scan/embedded.h"
#include "scan/examine.h"
#include "scan/seen.h"
#include "trawl/decode.h"

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

/** What is looked up of a result, which lends its hashes. */
static struct picture_hash hash_of(const struct decode_result *result)
{
    struct picture_hash hash = {.quality = result->pdq.quality, .stable = result->pdq.stable};
    memcpy(hash.pdq, result->pdq.hash, PDQ_BYTES);
    hash.turned = result->has_rotations ? (uint8_t(*)[PDQ_BYTES])result->rotations : NULL;
    return hash;
}

/** A copy that the item owns. */
static void keep_hash(const struct picture_hash *hash, struct picture_hash *out)
{
    *out = *hash;
    if (hash->turned) {
        out->turned = (uint8_t(*)[PDQ_BYTES])ALLOC_ARRAY(uint8_t, PDQ_ROTATIONS * PDQ_BYTES);
        memcpy(out->turned, hash->turned, PDQ_ROTATIONS * PDQ_BYTES);
    }
}

/** An exact hash without others beside it is all in the item itself. */
static void keep_first(struct item *item, const struct picture_hash *hash, int doubtful, bool screen)
{
    if (!screen && !hash->turned)
        return;
    item->memory.kept = true;
    item->memory.doubtful = doubtful;
    keep_hash(hash, &item->memory.first);
}

/** A candidate's exact hash, which decides. */
static void match_candidate(struct worker *worker, const struct shown *shown, struct item *item)
{
    struct decode_result exact = {0};
    decode_exactly(worker, shown, &exact);
    item->memory.has_exact = exact.has_pdq;
    item->memory.exact_failed = !exact.has_pdq;
    if (!exact.has_pdq) {
        take_result(item, &exact);
        return;
    }
    const struct picture_hash hash = hash_of(&exact);
    keep_hash(&hash, &item->memory.exact);
    /* Findings are ordered by these two: they must be what --decode exact would say. */
    item->pdq_quality = hash.quality;
    item->pdq_stable = hash.stable;
    rules_near(&worker->run->rules, &hash, item);
}

static void match_near(struct worker *worker, const struct shown *shown, struct item *item,
                       const struct decode_result *result)
{
    const struct rules *rules = &worker->run->rules;
    if (!result->has_pdq || !worker->run->options->is_scan)
        return;
    const struct picture_hash hash = hash_of(result);
    uint64_t start = thread_cpu_ns();
    enum screening screening = SCREEN_FAR;
    keep_first(item, &hash, result->pdq.doubtful, result->screen);
    if (rules->near && result->screen)
        screening = rules_screen(rules, &hash, result->pdq.doubtful);
    else if (rules->near)
        rules_near(rules, &hash, item);
    atomic_fetch_add(&worker->run->times.match, thread_cpu_ns() - start);
    item->low_quality = item->low_quality || screening == SCREEN_LOW;
    if (screening == SCREEN_CANDIDATE)
        match_candidate(worker, shown, item);
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
