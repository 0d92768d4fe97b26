/* videos.h: reads a small video by its reader, in this process, and keeps what it gives. */
#ifndef TESTS_VIDEO_VIDEOS_H
#define TESTS_VIDEO_VIDEOS_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "trawl/unpack.h"

#define SEEDS "tests/fuzz/seeds/video/"

struct watched {
    struct unpack_sink sink;
    struct video_info info;
    struct video_hashes frames;
    struct unpack_end end;
    /** Of all members, one behind the other. */
    struct buf names, bytes;
};

static inline int watch_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    struct watched *w = (struct watched *)sink;
    buf_put(&w->names, entry->name, entry->name_len);
    buf_byte(&w->names, '\n');
    return 0;
}

static inline int watch_data(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset)
{
    (void)offset;
    buf_put(&((struct watched *)sink)->bytes, data, n);
    return 0;
}

static inline void watch_end(struct unpack_sink *sink, enum trawl_status status, uint64_t size, const char *detail)
{
    (void)sink, (void)size, (void)detail;
    cr_assert_eq(status, TRAWL_OK);
}

static inline void watch_video(struct unpack_sink *sink, const struct video_info *info)
{
    ((struct watched *)sink)->info = *info;
}

static inline void watch_frames(struct unpack_sink *sink, const struct video_frame *frames, size_t n)
{
    struct video_hashes *to = &((struct watched *)sink)->frames;
    for (size_t i = 0; i < n; i++) {
        cr_assert(video_frame_sane(&frames[i], to->n ? &to->items[to->n - 1] : NULL));
        RESERVE(to->items, to->n, to->cap);
        to->items[to->n++] = frames[i];
    }
}

/** False where this build reads no videos. `limits` may be NULL. */
static inline bool watch(struct watched *w, const char *path, enum video_frames mode, const struct limits *limits)
{
    struct stat st;
    uint8_t head[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    cr_assert(fd >= 0 && fstat(fd, &st) == 0, "%s", path);
    ssize_t n = pread(fd, head, sizeof(head), 0);
    struct unpack_input input = {.fd = fd, .size = (uint64_t)st.st_size, .frames = mode};
    input.type = sniff(head, (size_t)n, input.size);
    *w = (struct watched){.sink = {.entry = watch_entry, .data = watch_data, .entry_end = watch_end}};
    w->sink.video = watch_video;
    w->sink.frames = watch_frames;
    limits_default(&input.limits);
    if (limits)
        input.limits = *limits;
    const struct unpacker *row = unpack_find(input.type);
    if (row && row->run) {
        row->warm_up();
        row->run(&input, &w->sink, &w->end);
    }
    close(fd);
    return row && row->run;
}

static inline void watched_free(struct watched *w)
{
    free(w->frames.items);
    buf_free(&w->names);
    buf_free(&w->bytes);
}

#endif
