/* fuzz_video.c: videos of all types: what demuxers and decoders make of anything, and what crosses the border. */
#include "fuzz.h"
#include "trawl/unpack.h"

struct watched {
    struct unpack_sink sink;
    struct video_frame last;
    size_t frames, members;
    /** Bytes of the open member. */
    uint64_t given;
    bool open, told;
};

static int entry(struct unpack_sink *sink, const struct unpack_entry *e)
{
    struct watched *w = (struct watched *)sink;
    /* Cover art comes before all frames, pictures of subtitles behind them. */
    CHECK(!w->open && e->index == w->members && e->type == TYPE_OTHER);
    w->open = true;
    w->given = 0;
    return 0;
}

static int data(struct unpack_sink *sink, const void *bytes, size_t n, uint64_t offset)
{
    struct watched *w = (struct watched *)sink;
    CHECK(w->open && bytes && n && offset == w->given);
    w->given += n;
    return 0;
}

static void entry_end(struct unpack_sink *sink, enum trawl_status status, uint64_t size, const char *detail)
{
    struct watched *w = (struct watched *)sink;
    CHECK(w->open && status == TRAWL_OK && size == w->given && detail);
    w->open = false;
    w->members++;
}

static void video(struct unpack_sink *sink, const struct video_info *info)
{
    struct watched *w = (struct watched *)sink;
    CHECK(!w->told && !w->members && info);
    w->told = true;
}

static void frames(struct unpack_sink *sink, const struct video_frame *frame, size_t n)
{
    struct watched *w = (struct watched *)sink;
    for (size_t i = 0; i < n; i++) {
        CHECK(w->told && !w->open && video_frame_sane(&frame[i], w->frames ? &w->last : NULL));
        w->last = frame[i];
        w->frames++;
    }
}

static void check_end(const struct watched *w, const struct unpack_end *end, uint64_t limit)
{
    CHECK(!w->open && w->frames <= limit && end->entries == w->members);
    CHECK((unsigned)end->status < TRAWL_STATUS_COUNT && end->status != TRAWL_IO_ERROR);
    CHECK((end->status == TRAWL_LIMIT) == (end->limit != LIMIT_NONE));
    CHECK(memchr(end->detail, 0, sizeof(end->detail)) && fuzz_printable(end->detail));
    CHECK(end->status == TRAWL_OK || *end->detail);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum file_type type = sniff(bytes, size < SNIFF_HEAD ? size : SNIFF_HEAD, size);
    if (type_class(type) != CLASS_VIDEO || !unpack_find(type))
        return 0;
    int fd = fuzz_memfd(bytes, size);
    unpack_warm_up();
    for (int mode = 0; mode < VIDEO_FRAMES_COUNT; mode++) {
        struct watched w = {.sink = {.entry = entry, .data = data, .entry_end = entry_end}};
        struct unpack_input input = {.fd = fd, .size = size, .type = type, .frames = (enum video_frames)mode};
        struct unpack_end end;
        w.sink.video = video;
        w.sink.frames = frames;
        limits_default(&input.limits);
        input.limits.value[LIMIT_VIDEO_FRAMES] = 60;
        input.limits.value[LIMIT_VIDEO_PIXELS] = 1u << 18;
        unpack_find(type)->run(&input, &w.sink, &end);
        check_end(&w, &end, 60);
        CHECK(mode != VIDEO_NONE || !w.frames);
    }
    close(fd);
    return 0;
}
