/* video.c: the frames of an open video: taken from its reader, and matched once all are there. */
#include "scan/video.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

void video_restart(struct video_taken *taken)
{
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

void video_settle(struct run *run, struct video_taken *taken, struct item *item)
{
    item->width = taken->info.width;
    item->height = taken->info.height;
    item->duration_ms = taken->info.duration_ms;
    item->frames = taken->frames;
    taken->frames = (struct video_hashes){0};
    struct video_query query = {.frames = item->frames.items,
                                .n = item->frames.n,
                                .min_quality = run->options->min_quality,
                                .radius = run->options->max_distance,
                                .file_share = (unsigned)run->options->file_share,
                                .list_share = (unsigned)run->options->list_share};
    if (!run->lists || !query.n || (!run->near && !hashset_has_videos(run->lists)))
        return;
    uint64_t start = thread_cpu_ns();
    hashset_match_video(run->lists, &query, &item->matches);
    atomic_fetch_add(&run->times.match, thread_cpu_ns() - start);
}
