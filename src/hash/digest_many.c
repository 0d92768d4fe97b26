#include <string.h>

#include "core/alloc.h"
#include "hash/digest_state.h"
#include "simd/level.h"
#include "trawl/digest.h"

/** Between two looks at `stop`, a few milliseconds: bytes of one file, blocks of each lane. */
enum { STOP_BYTES = 1 << 20, STOP_BLOCKS = 4096 };

/** A kernel, and the ns that a block in each of its lanes takes: measured on Zen 4, only the ratios matter. */
struct width {
    digest_lanes_run *run;
    unsigned lanes;
    unsigned cost;
};

static const struct width avx512[] = {{digest_lanes_avx512, 16, 520}, {digest_lanes_avx512_half, 8, 305}};
static const struct width avx2 = {digest_lanes_avx2, 8, 530};
static const struct width fused[] = {{digest_lanes_two, 2, 112}, {digest_lanes_one, 1, 82}};

struct digest_context {
    struct digest_stream *stream;
    /** By size, the largest first. */
    const struct digest_job **order;
    size_t room;
};

struct lane {
    const struct digest_job *job;
    /** Blocks to go, of the file or of its padding. */
    size_t blocks;
    bool padded;
    uint8_t *tail;
};

/** Lanes 0 .. live - 1 have a file; jobs from `next` on wait for one. */
struct batch {
    struct digest_lanes lanes;
    struct lane lane[DIGEST_LANES];
    unsigned live;
    enum digest_kind which;
    const struct digest_job *const *next, *const *end;
    /** What the level and the CPU have. */
    const struct width *widths[4];
    unsigned width_count;
    uint8_t tails[DIGEST_LANES][2 * DIGEST_BLOCK];
};

struct digest_context *digest_context_new(void)
{
    struct digest_context *context = ALLOC(struct digest_context);
    context->stream = digest_new();
    return context;
}

void digest_context_free(struct digest_context *context)
{
    if (!context)
        return;
    digest_free(context->stream);
    free(context->order);
    free(context);
}

static bool stopped(const atomic_bool *stop)
{
    return stop && atomic_load_explicit(stop, memory_order_relaxed);
}

/** The file itself is through: now the block or two that end the message. */
static void lane_pad(struct batch *batch, unsigned i)
{
    struct lane *lane = &batch->lane[i];
    lane->blocks = digest_pad(lane->tail, batch->lanes.data[i], lane->job->size);
    lane->padded = true;
    batch->lanes.data[i] = lane->tail;
}

static void lane_begin(struct batch *batch, unsigned i)
{
    struct lane *lane = &batch->lane[i];
    lane->job = *batch->next++;
    lane->blocks = lane->job->size / DIGEST_BLOCK;
    lane->padded = false;
    batch->lanes.data[i] = lane->job->data;
    for (unsigned k = 0; k < STATE_WORDS; k++)
        batch->lanes.state[k][i] = digest_initial[k];
    if (!lane->blocks)
        lane_pad(batch, i);
}

static void lane_swap(struct batch *batch, unsigned i, unsigned j)
{
    struct lane lane = batch->lane[i];
    const uint8_t *data = batch->lanes.data[i];
    batch->lane[i] = batch->lane[j];
    batch->lane[j] = lane;
    batch->lanes.data[i] = batch->lanes.data[j];
    batch->lanes.data[j] = data;
    for (unsigned k = 0; k < STATE_WORDS; k++) {
        uint32_t word = batch->lanes.state[k][i];
        batch->lanes.state[k][i] = batch->lanes.state[k][j];
        batch->lanes.state[k][j] = word;
    }
}

/** Where some have to wait, those go first that have most to go: else they would be alone in the end (mixes of 16
 * files: 0.97 : 1.03 to 1.06). */
static void longest_first(struct batch *batch, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned longest = i;
        for (unsigned j = i + 1; j < batch->live; j++)
            if (batch->lane[j].blocks > batch->lane[longest].blocks)
                longest = j;
        if (longest != i)
            lane_swap(batch, i, longest);
    }
}

/** From the last of n lanes to the first, so that one that comes down into a lane that is empty has had its turn. */
static void lanes_advance(struct batch *batch, unsigned n, size_t blocks)
{
    for (unsigned i = n; i-- > 0;) {
        struct lane *lane = &batch->lane[i];
        batch->lanes.data[i] += blocks * DIGEST_BLOCK;
        lane->blocks -= blocks;
        if (lane->blocks)
            continue;
        if (!lane->padded) {
            lane_pad(batch, i);
            continue;
        }
        digest_state_out(&batch->lanes.state[0][i], DIGEST_LANES, batch->which, lane->job->out);
        if (batch->next < batch->end)
            lane_begin(batch, i);
        else if (i != --batch->live)
            lane_swap(batch, i, batch->live);
    }
}

/** What costs least per byte: a wide one with empty lanes, or a narrow one while others wait. */
static const struct width *best_width(const struct batch *batch)
{
    const struct width *best = batch->widths[0];
    unsigned best_used = batch->live < best->lanes ? batch->live : best->lanes;
    for (unsigned i = 1; i < batch->width_count; i++) {
        const struct width *width = batch->widths[i];
        unsigned used = batch->live < width->lanes ? batch->live : width->lanes;
        if (width->cost * best_used < best->cost * used) {
            best = width;
            best_used = used;
        }
    }
    return best;
}

/** As many blocks as the lane has that is nearest to its end. Lanes without a file read along with the first. */
static void lanes_step(struct batch *batch, const struct width *width)
{
    unsigned n = batch->live < width->lanes ? batch->live : width->lanes;
    size_t blocks = STOP_BLOCKS;
    uint32_t final = 0;
    if (n < batch->live)
        longest_first(batch, n);
    for (unsigned i = 0; i < n; i++)
        blocks = batch->lane[i].blocks < blocks ? batch->lane[i].blocks : blocks;
    for (unsigned i = 0; i < n; i++)
        final |= (uint32_t)(batch->lane[i].padded && batch->lane[i].blocks == blocks) << i;
    for (unsigned i = n; i < width->lanes; i++)
        batch->lanes.data[i] = batch->lanes.data[0];
    width->run(&batch->lanes, blocks, final, batch->which);
    lanes_advance(batch, n, blocks);
}

/** Not by an initializer: to zero all of it costs as much as a file of 64 bytes. */
static void batch_begin(struct batch *batch, enum digest_kind which, const struct digest_job *const *order, size_t n)
{
    batch->which = which;
    batch->live = 0;
    batch->next = order;
    batch->end = order + n;
    batch->width_count = 0;
    memset(batch->lanes.state, 0, sizeof(batch->lanes.state));
    for (unsigned i = 0; i < DIGEST_LANES; i++)
        batch->lane[i].tail = batch->tails[i];
    for (unsigned i = 0; i < 2 && simd_level() >= SIMD_AVX512; i++)
        batch->widths[batch->width_count++] = &avx512[i];
    if (simd_level() < SIMD_AVX512)
        batch->widths[batch->width_count++] = &avx2;
    for (unsigned i = 0; i < 2 && digest_fused_used(which); i++)
        batch->widths[batch->width_count++] = &fused[i];
}

static bool run_lanes(struct batch *batch, const atomic_bool *stop)
{
    while (batch->next < batch->end && batch->live < DIGEST_LANES)
        lane_begin(batch, batch->live++);
    while (batch->live) {
        if (stopped(stop))
            return false;
        lanes_step(batch, best_width(batch));
    }
    return true;
}

static bool run_alone(struct digest_stream *stream, const struct digest_job *job, enum digest_kind which,
                      const atomic_bool *stop)
{
    digest_start_kinds(stream, which);
    for (size_t at = 0; at < job->size;) {
        size_t piece = job->size - at < STOP_BYTES ? job->size - at : STOP_BYTES;
        if (stopped(stop))
            return false;
        digest_update(stream, job->data + at, piece);
        at += piece;
    }
    digest_finish(stream, job->out);
    return true;
}

/**
 * How many of the largest files OpenSSL takes, where there is no kernel for one: a lane of eight or sixteen is half as
 * fast, so those that would be longer in it than OpenSSL with all that are left.
 */
static size_t alone_count(const struct digest_job *const *order, size_t n)
{
    size_t i = 0;
    double rest = 0;
    for (size_t k = 0; k < n; k++)
        rest += (double)order[k]->size;
    for (; i < n && 2 * (double)order[i]->size > rest; i++)
        rest -= (double)order[i]->size;
    return i;
}

static int by_size(const void *a, const void *b)
{
    size_t x = (*(const struct digest_job *const *)a)->size, y = (*(const struct digest_job *const *)b)->size;
    return (x < y) - (x > y);
}

static void sort_jobs(struct digest_context *context, const struct digest_job *jobs, size_t n)
{
    if (n > context->room) {
        context->order = mem_realloc(context->order, size_mul(n, sizeof(*context->order)));
        context->room = n;
    }
    for (size_t i = 0; i < n; i++)
        context->order[i] = &jobs[i];
    if (n > 1)
        qsort(context->order, n, sizeof(*context->order), by_size);
}

bool digest_many(struct digest_context *context, const struct digest_job *jobs, size_t n, enum digest_kind which,
                 const atomic_bool *stop)
{
    struct batch batch;
    size_t alone = 0;
    sort_jobs(context, jobs, n);
    if (n == 1 || simd_level() < SIMD_AVX2)
        alone = n;
    else if (!digest_fused_used(which))
        alone = alone_count(context->order, n);
    for (size_t i = 0; i < alone; i++)
        if (!run_alone(context->stream, context->order[i], which, stop))
            return false;
    if (alone == n)
        return true;
    batch_begin(&batch, which, context->order + alone, n - alone);
    return run_lanes(&batch, stop);
}
