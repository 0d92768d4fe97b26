/*
 * lookup_video.c: the frames of a video, looked up among those of listed videos and among listed pictures.
 *
 * As python-threatexchange does it: frames of low quality and repeated hashes do not count; a listed video matches
 * where at least such a share of the file's frames is near one of its own, and such a share of its own near one of the
 * file's.
 */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "match/lookup.h"
#include "match/videos.h"

/** The different frames of one track that are good enough: each hash once, where it was first. */
struct distinct {
    const struct video_frame **items;
    size_t n;
};

/** What came of one listed video. */
struct tally {
    /** Number + 1 of the last frame that was counted. */
    size_t last;
    uint32_t file_near, list_near;
    /** The nearest pair. */
    uint32_t distance;
    const struct video_frame *frame;
    size_t key;
    const struct posting *posting;
};

static int by_hash(const void *a, const void *b)
{
    const struct video_frame *x = *(const struct video_frame *const *)a, *y = *(const struct video_frame *const *)b;
    int order = memcmp(x->pdq, y->pdq, PDQ_BYTES);
    return order ? order : (x->number > y->number) - (x->number < y->number);
}

static struct distinct distinct_of(const struct video_frame *frames, size_t n, int min_quality)
{
    struct distinct out = {.items = ALLOC_ARRAY(const struct video_frame *, n ? n : 1)};
    size_t good = 0;
    for (size_t i = 0; i < n; i++)
        if (frames[i].quality >= min_quality)
            out.items[good++] = &frames[i];
    if (good)
        qsort(out.items, good, sizeof(*out.items), by_hash);
    for (size_t i = 0; i < good; i++)
        if (!out.n || memcmp(out.items[out.n - 1]->pdq, out.items[i]->pdq, PDQ_BYTES) != 0)
            out.items[out.n++] = out.items[i];
    return out;
}

/** Called for each hash of `near` that is near the frame number i of `frames`. */
typedef void found_function(void *context, size_t i, const struct near_hit *hit);

static void search(const struct near *near, const struct distinct *frames, int radius, found_function *found,
                   void *context)
{
    struct near_hits hits[NEAR_TOGETHER] = {{0}};
    for (size_t at = 0; at < frames->n && near->n; at += NEAR_TOGETHER) {
        const uint8_t *queries[NEAR_TOGETHER];
        size_t n = frames->n - at < NEAR_TOGETHER ? frames->n - at : NEAR_TOGETHER;
        for (size_t i = 0; i < n; i++) {
            queries[i] = frames->items[at + i]->pdq;
            hits[i].n = 0;
        }
        near_search_many(near, queries, n, radius, hits);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < hits[i].n; k++)
                found(context, at + i, &hits[i].items[k]);
    }
    for (size_t i = 0; i < NEAR_TOGETHER; i++)
        free(hits[i].items);
}

/** Look-up of one track in the videos of one part. */
struct matching {
    const struct part *part;
    const struct distinct *frames;
    struct tally *tallies;
    /** One bit for each posting: it was found. */
    uint8_t *seen;
};

static bool is_nearer(uint32_t distance, const struct video_frame *frame, uint32_t best, const struct video_frame *than)
{
    return !than || distance < best || (distance == best && frame->number < than->number);
}

static void count_posting(struct matching *m, size_t i, const struct near_hit *hit, size_t number)
{
    const struct posting *posting = &m->part->tables[HASH_VPDQ].postings[number];
    size_t video = videos_find(m->part, posting);
    if (video == m->part->n_videos)
        return;
    struct tally *tally = &m->tallies[video];
    if (tally->last != i + 1) {
        tally->last = i + 1;
        tally->file_near++;
    }
    if (!(m->seen[number / 8] >> number % 8 & 1)) {
        m->seen[number / 8] |= (uint8_t)(1u << number % 8);
        tally->list_near++;
    }
    const struct video_frame *frame = m->frames->items[i];
    if (is_nearer(hit->distance, frame, tally->distance, tally->frame)) {
        tally->distance = hit->distance;
        tally->frame = frame;
        tally->key = hit->id;
        tally->posting = posting;
    }
}

static void count(void *context, size_t i, const struct near_hit *hit)
{
    struct matching *m = context;
    struct span span = table_postings(&m->part->tables[HASH_VPDQ], hit->id);
    for (size_t p = span.begin; p < span.end; p++)
        count_posting(m, i, hit, p);
}

static bool reaches(uint32_t n, uint64_t total, unsigned percent)
{
    return total && (uint64_t)n * 100 >= total * percent;
}

static struct match_video describe(const struct video_frame *frame)
{
    return (struct match_video){.is_video = true,
                                .track = frame->track,
                                .quality = frame->quality,
                                .number = frame->number,
                                .time_ms = frame->time_ms};
}

static void take_tally(const struct matching *m, size_t video, const struct video_query *query, struct hits *hits)
{
    const struct tally *tally = &m->tallies[video];
    const struct listed_video *listed = &m->part->videos[video];
    if (!tally->file_near || !reaches(tally->file_near, m->frames->n, query->file_share) ||
        !reaches(tally->list_near, listed->frames, query->list_share))
        return;
    RESERVE(hits->items, hits->n, hits->cap);
    struct hit *hit = &hits->items[hits->n++];
    *hit = (struct hit){.part = m->part,
                        .type = HASH_VPDQ,
                        .distance = tally->distance,
                        .list = listed->list < m->part->n_lists ? m->part->global[listed->list] : UINT32_MAX,
                        .key = tally->key,
                        .posting = tally->posting,
                        .frame = tally->frame,
                        .video = describe(tally->frame)};
    hit->video.file_near = tally->file_near;
    hit->video.file_frames = (uint32_t)m->frames->n;
    hit->video.list_near = tally->list_near;
    hit->video.list_frames = listed->frames;
}

static void match_part(const struct part *part, const struct distinct *frames, const struct video_query *query,
                       struct hits *hits)
{
    struct matching m = {.part = part, .frames = frames};
    m.tallies = ALLOC_ARRAY(struct tally, part->n_videos);
    m.seen = ALLOC_ARRAY(uint8_t, part->tables[HASH_VPDQ].n_postings / 8 + 1);
    search(&part->near_video, frames, query->radius, count, &m);
    for (size_t i = 0; i < part->n_videos; i++)
        take_tally(&m, i, query, hits);
    free(m.tallies);
    free(m.seen);
}

static void emit_all(const struct hashset *set, struct hits *hits, struct match_list *out)
{
    if (hits->n > 1)
        qsort(hits->items, hits->n, sizeof(*hits->items), hit_order);
    for (size_t i = 0; i < hits->n; i++)
        hit_emit(set, &hits->items[i], hits->items[i].frame->pdq, out)->video = hits->items[i].video;
    free(hits->items);
    *hits = (struct hits){0};
}

/** Listed pictures that frames of a video are near. */
struct stills {
    const struct part *part;
    const struct distinct *frames;
    struct hits *hits;
};

static void add_still(void *context, size_t i, const struct near_hit *hit)
{
    struct stills *stills = context;
    size_t before = stills->hits->n;
    hits_add(stills->hits, stills->part, HASH_PDQ, hit->id, hit->distance, PDQ_ORIGINAL);
    for (size_t k = before; k < stills->hits->n; k++)
        stills->hits->items[k].frame = stills->frames->items[i];
}

static int by_entry(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->posting != y->posting)
        return (uintptr_t)x->posting < (uintptr_t)y->posting ? -1 : 1;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->frame->number > y->frame->number) - (x->frame->number < y->frame->number);
}

/** Of each entry the nearest frame, of equally near ones the first. */
static void leave_nearest(struct hits *hits)
{
    size_t n = 0;
    if (hits->n > 1)
        qsort(hits->items, hits->n, sizeof(*hits->items), by_entry);
    for (size_t i = 0; i < hits->n; i++)
        if (!n || hits->items[n - 1].posting != hits->items[i].posting)
            hits->items[n++] = hits->items[i];
    hits->n = n;
}

/** Frames whose hits are kept before all but the nearest go: what they find is bounded by that and the lists. */
#define STILLS_TOGETHER 256

static void match_stills(const struct hashset *set, const struct distinct *frames, int radius, struct match_list *out)
{
    struct hits hits = {0};
    for (size_t p = 0; p < set->n_parts; p++)
        for (size_t at = 0; at < frames->n && !set->parts[p].known; at += STILLS_TOGETHER) {
            size_t n = frames->n - at < STILLS_TOGETHER ? frames->n - at : STILLS_TOGETHER;
            struct distinct some = {frames->items + at, n};
            struct stills stills = {&set->parts[p], &some, &hits};
            search(&set->parts[p].near, &some, radius, add_still, &stills);
            leave_nearest(&hits);
        }
    for (size_t i = 0; i < hits.n; i++)
        hits.items[i].video = describe(hits.items[i].frame);
    emit_all(set, &hits, out);
}

static void match_track(const struct hashset *set, const struct video_query *query, const struct video_frame *frames,
                        size_t n, struct match_list *out)
{
    struct hits hits = {0};
    struct distinct distinct = distinct_of(frames, n, query->min_quality);
    for (size_t p = 0; p < set->n_parts && distinct.n; p++)
        if (!set->parts[p].known && set->parts[p].n_videos)
            match_part(&set->parts[p], &distinct, query, &hits);
    emit_all(set, &hits, out);
    match_stills(set, &distinct, query->radius, out);
    free(distinct.items);
}

void hashset_match_video(const struct hashset *set, const struct video_query *query, struct match_list *out)
{
    for (size_t from = 0, to; from < query->n; from = to) {
        for (to = from + 1; to < query->n && query->frames[to].track == query->frames[from].track;)
            to++;
        match_track(set, query, query->frames + from, to - from, out);
    }
}

bool hashset_has_videos(const struct hashset *set)
{
    for (size_t i = 0; i < set->n_parts; i++)
        if (!set->parts[i].known && set->parts[i].n_videos)
            return true;
    return false;
}
