/*
 * video.c: the frames of an open video: taken from its reader, matched once all are there, and kept by content, so that
 * copies are not decoded again. (Two copies that are met at once are: to wait for each other could be for ever.)
 */
#include "scan/video.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

struct seen_video {
    uint8_t sha256[32];
    bool used;
    struct video_taken taken;
};

struct videos_seen {
    pthread_mutex_t lock;
    struct seen_video *items;
    /** The place that is used next: the oldest. */
    size_t next;
    size_t frames;
};

struct videos_seen *videos_seen_new(void)
{
    struct videos_seen *seen = ALLOC(struct videos_seen);
    pthread_mutex_init(&seen->lock, NULL);
    seen->items = ALLOC_ARRAY(struct seen_video, VIDEOS_SEEN);
    return seen;
}

static void forget(struct videos_seen *seen, struct seen_video *video)
{
    seen->frames -= video->taken.frames.n;
    free(video->taken.frames.items);
    *video = (struct seen_video){0};
}

void videos_seen_free(struct videos_seen *seen)
{
    if (!seen)
        return;
    for (size_t i = 0; i < VIDEOS_SEEN; i++)
        forget(seen, &seen->items[i]);
    pthread_mutex_destroy(&seen->lock);
    free(seen->items);
    free(seen);
}

static struct seen_video *find(struct videos_seen *seen, const uint8_t sha256[32])
{
    for (size_t i = 0; i < VIDEOS_SEEN; i++)
        if (seen->items[i].used && memcmp(seen->items[i].sha256, sha256, 32) == 0)
            return &seen->items[i];
    return NULL;
}

static struct video_taken copy(const struct video_taken *from)
{
    struct video_taken to = *from;
    to.frames =
        (struct video_hashes){ALLOC_ARRAY(struct video_frame, from->frames.n + 1), from->frames.n, from->frames.n + 1};
    if (from->frames.n)
        memcpy(to.frames.items, from->frames.items, from->frames.n * sizeof(*to.frames.items));
    return to;
}

static bool recall(struct videos_seen *seen, const uint8_t sha256[32], struct video_taken *taken)
{
    pthread_mutex_lock(&seen->lock);
    const struct seen_video *video = find(seen, sha256);
    if (video)
        *taken = copy(&video->taken);
    pthread_mutex_unlock(&seen->lock);
    return video != NULL;
}

static void remember(struct videos_seen *seen, const uint8_t sha256[32], const struct video_taken *taken)
{
    if (taken->frames.n > VIDEOS_SEEN_FRAMES)
        return;
    pthread_mutex_lock(&seen->lock);
    if (!find(seen, sha256)) {
        /* The oldest go until there is room. */
        do {
            seen->next = (seen->next + 1) % VIDEOS_SEEN;
            forget(seen, &seen->items[seen->next]);
        } while (seen->frames + taken->frames.n > VIDEOS_SEEN_FRAMES);
        struct seen_video *video = &seen->items[seen->next];
        *video = (struct seen_video){.used = true, .taken = copy(taken)};
        memcpy(video->sha256, sha256, 32);
        seen->frames += taken->frames.n;
    }
    pthread_mutex_unlock(&seen->lock);
}

void video_begin(struct run *run, const struct item *item, struct video_taken *taken, struct unpacker_job *job)
{
    job->frames = run->options->frames;
    if (rules_skip(&run->rules, item)) {
        taken->is_copy = true;
        snprintf(taken->detail, sizeof(taken->detail), "not decoded: its digest is on a list");
    } else if (item->has_digests && recall(run->videos, item->digests.sha256, taken)) {
        taken->is_copy = true;
    }
    if (taken->is_copy)
        job->frames = VIDEO_NONE;
}

void video_restart(struct video_taken *taken)
{
    if (taken->is_copy)
        return;
    free(taken->frames.items);
    *taken = (struct video_taken){0};
}

static bool take_frames(struct video_hashes *hashes, const struct limits *limits, const uint8_t *payload, size_t n)
{
    if (limit_exceeded(limits, LIMIT_VIDEO_FRAMES, size_add(hashes->n, n)))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct video_frame frame;
        memcpy(&frame, payload + i * sizeof(frame), sizeof(frame));
        if (!video_frame_sane(&frame, hashes->n ? &hashes->items[hashes->n - 1] : NULL))
            return false;
        RESERVE(hashes->items, hashes->n, hashes->cap);
        hashes->items[hashes->n++] = frame;
    }
    return true;
}

bool video_take(struct video_taken *taken, const struct limits *limits, const struct channel_message *message,
                const uint8_t *payload)
{
    if (message->type == CHANNEL_FRAMES)
        return take_frames(&taken->frames, limits, payload, message->payload / sizeof(struct video_frame));
    memcpy(&taken->info, payload, sizeof(taken->info));
    return true;
}

static void match(struct run *run, struct item *item)
{
    uint64_t start = thread_cpu_ns();
    rules_video(&run->rules, item);
    atomic_fetch_add(&run->times.match, thread_cpu_ns() - start);
}

void video_settle(struct run *run, struct video_taken *taken, struct item *item)
{
    if (!taken->is_copy && item->has_digests && !atomic_load(&run->stop))
        remember(run->videos, item->digests.sha256, taken);
    item->width = taken->info.width;
    item->height = taken->info.height;
    item->duration_ms = taken->info.duration_ms;
    item->frames = taken->frames;
    taken->frames = (struct video_hashes){0};
    match(run, item);
}
