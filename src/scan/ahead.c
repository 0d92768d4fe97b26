#include "scan/ahead.h"

#include <string.h>

#include "sandbox/mock.h"
#include "scan/examine.h"
#include "scan/seen.h"

/** A round trip costs 13 us: where decoding takes longer than this, sharing it saves nothing, and a picture that kills
 * the decoder costs the others their decoding. */
#define WORTH_NS 2000000u

/** Pictures of one round trip. */
struct batch {
    const struct work *works[DECODER_PARTS];
    struct decoder_part parts[DECODER_PARTS];
    unsigned n;
};

static enum file_type picture_type(const struct work *work)
{
    size_t head = work->size < SNIFF_HEAD ? (size_t)work->size : SNIFF_HEAD;
    enum file_type type = mock_is(work->bytes, head) ? TYPE_JPEG : sniff(work->bytes, head, work->size);
    const struct decoder *decoder = decode_find(type);
    return decoder && !decoder->heavy ? type : TYPE_OTHER;
}

/** True if examine_picture will ask for it, and nobody has yet. */
static bool wanted(struct worker *worker, const struct batch *batch, const struct work *work)
{
    const struct run *run = worker->run;
    struct decode_result before;
    if (work->status != TRAWL_OK || work->not_whole ||
        limit_exceeded(&run->options->limits, LIMIT_DECODE_BYTES, work->size))
        return false;
    if (run->rules.known && hashset_known(run->rules.lists, &work->digests))
        return false;
    for (unsigned i = 0; i < batch->n; i++)
        if (memcmp(batch->works[i]->digests.sha256, work->digests.sha256, sizeof(work->digests.sha256)) == 0)
            return false;
    return !seen_find(run->seen, work->digests.sha256, run->options->decode_exact, &before);
}

static void add(struct worker *worker, struct batch *batch, const struct work *work, enum file_type type)
{
    struct slot *slot = &worker->slot;
    if (!batch->n)
        slot_reset(slot, DECODER_PARTS * work->size > (1u << 20) ? DECODER_PARTS * work->size : 1u << 20);
    batch->works[batch->n] = work;
    batch->parts[batch->n++] = (struct decoder_part){slot->len, work->size, type};
    slot_append(slot, work->bytes, (size_t)work->size);
}

static void run(struct worker *worker, struct batch *batch)
{
    const struct scan_options *o = worker->run->options;
    struct decode_request request;
    struct decode_result results[DECODER_PARTS];
    uint64_t start = clock_ns();
    unsigned n = batch->n;
    batch->n = 0;
    if (n < 2)
        return;
    picture_request(worker, &request, o->decode_exact);
    if (decoder_run_parts(&worker->decoder, &worker->slot, &request, batch->parts, n, results)) {
        for (unsigned i = 0; i < n; i++)
            seen_add(worker->run->seen, batch->works[i]->digests.sha256, o->decode_exact, &results[i]);
        atomic_fetch_add(&worker->run->decoded, n);
    }
    worker->picture_ns = (clock_ns() - start) / n;
}

void decode_ahead(struct worker *worker, const struct work *works, unsigned n)
{
    struct batch batch = {.n = 0};
    if (worker->run->options->no_decode_hits)
        return;
    /* Slow ones are left alone, but tried again some hands later. */
    if (worker->picture_ns >= WORTH_NS)
        worker->picture_ns /= 2;
    for (unsigned i = 0; i < n && worker->picture_ns < WORTH_NS; i++) {
        if (!wanted(worker, &batch, &works[i]))
            continue;
        enum file_type type = picture_type(&works[i]);
        if (type != TYPE_OTHER)
            add(worker, &batch, &works[i], type);
        if (batch.n == DECODER_PARTS)
            run(worker, &batch);
    }
    if (worker->picture_ns < WORTH_NS)
        run(worker, &batch);
}
