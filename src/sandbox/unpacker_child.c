/* unpacker_child.c: the inside of a sandboxed unpacker: one container comes in, its members go out through the channel.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox/channel.h"
#include "sandbox/child.h"
#include "sandbox/message.h"
#include "sandbox/mock.h"
#include "sandbox/zygote.h"
#include "trawl/facts.h"
#include "trawl/carve.h"

/** The sink that unpackers write to; begins with the public part. */
struct channel_sink {
    struct unpack_sink sink;
    struct channel channel;
    const struct limits *limits;
    /** An origin and the name behind it. */
    uint8_t announced[sizeof(struct origin) + UNPACK_NAME_MAX];
};

/** What the reader will say of it, too, but later, at a time that differs from run to run: and libarchive's words for a
 * broken archive depend on how much of a member was read. */
static bool too_large(const struct channel_sink *out, uint64_t bytes)
{
    return bytes != UINT64_MAX && limit_exceeded(out->limits, LIMIT_MEMBER_BYTES, bytes);
}

static int skipped(const struct channel *channel)
{
    uint64_t skip = atomic_load_explicit(&channel->shared->skip, memory_order_relaxed);
    return skip == channel->index + 1 || skip == UINT64_MAX;
}

static const uint8_t *announced_bytes(struct channel_sink *out, const struct unpack_entry *entry, size_t name_len)
{
    if (!entry->origin)
        return entry->name;
    memcpy(out->announced, entry->origin, sizeof(*entry->origin));
    if (name_len)
        memcpy(out->announced + sizeof(*entry->origin), entry->name, name_len);
    return out->announced;
}

static int send_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    struct channel_sink *out = (struct channel_sink *)sink;
    struct channel *channel = &out->channel;
    size_t name_len = entry->name_len < UNPACK_NAME_MAX ? entry->name_len : UNPACK_NAME_MAX;
    struct channel_message message = {
        .type = entry->origin ? CHANNEL_ENTRY_ORIGIN : CHANNEL_ENTRY,
        .payload = (uint32_t)(name_len + (entry->origin ? sizeof(*entry->origin) : 0)),
        .index = entry->index,
        .offset = entry->offset,
        .size = entry->size,
        .code = (uint32_t)entry->type,
    };
    channel->index = entry->index;
    channel_send(channel, &message, announced_bytes(out, entry, name_len));
    mock_unpack(entry->name, name_len);
    return too_large(out, entry->size) || skipped(channel);
}

static int send_data(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset)
{
    struct channel_sink *out = (struct channel_sink *)sink;
    struct channel *channel = &out->channel;
    const uint8_t *p = data;
    while (n && !skipped(channel)) {
        size_t part = n < CHANNEL_PAYLOAD ? n : CHANNEL_PAYLOAD;
        struct channel_message message = {
            .type = CHANNEL_DATA, .payload = (uint32_t)part, .index = channel->index, .offset = offset};
        channel_send(channel, &message, p);
        p += part;
        offset += part;
        n -= part;
        if (too_large(out, offset))
            return 1;
    }
    return skipped(channel);
}

static size_t words(const char *text)
{
    return text ? strnlen(text, UNPACK_DETAIL - 1) : 0;
}

static void send_entry_end(struct unpack_sink *sink, enum trawl_status status, uint64_t size, const char *detail)
{
    struct channel *channel = &((struct channel_sink *)sink)->channel;
    struct channel_message message = {
        .type = CHANNEL_ENTRY_END,
        .payload = (uint32_t)words(detail),
        .index = channel->index,
        .size = size,
        .code = (uint32_t)status,
    };
    channel_send(channel, &message, detail);
}

static void send_plan(struct unpack_sink *sink, const struct unpack_range *ranges, size_t n)
{
    struct channel *channel = &((struct channel_sink *)sink)->channel;
    struct channel_message message = {.type = CHANNEL_PLAN, .payload = (uint32_t)(n * sizeof(*ranges))};
    channel_send(channel, &message, ranges);
}

static void send_facts(struct unpack_sink *sink, const char *facts)
{
    struct channel *channel = &((struct channel_sink *)sink)->channel;
    size_t n = strnlen(facts, FACTS_MAX);
    struct channel_message message = {.type = CHANNEL_FACTS, .payload = (uint32_t)n, .index = channel->index};
    if (n)
        channel_send(channel, &message, facts);
}

static void send_alive(struct unpack_sink *sink)
{
    atomic_fetch_add_explicit(&((struct channel_sink *)sink)->channel.shared->alive, 1, memory_order_relaxed);
}

static void send_video(struct unpack_sink *sink, const struct video_info *info)
{
    struct channel *channel = &((struct channel_sink *)sink)->channel;
    struct channel_message message = {.type = CHANNEL_VIDEO, .payload = sizeof(*info)};
    channel_send(channel, &message, info);
}

static void send_frames(struct unpack_sink *sink, const struct video_frame *frames, size_t n)
{
    struct channel *channel = &((struct channel_sink *)sink)->channel;
    struct channel_message message = {.type = CHANNEL_FRAMES, .payload = (uint32_t)(n * sizeof(*frames))};
    channel_send(channel, &message, frames);
}

static void send_end(struct channel *channel, const struct unpack_end *end)
{
    struct channel_message message = {
        .type = CHANNEL_END,
        .payload = (uint32_t)words(end->detail),
        .size = end->entries,
        .missing = end->missing,
        .accounted = end->accounted,
        .code = (uint32_t)end->status,
        .limit = (uint32_t)end->limit,
    };
    channel_send(channel, &message, end->detail);
}

/** The files that go on with the container. */
static struct unpack_segment *receive_segments(int socket, uint32_t n)
{
    struct unpack_segment *segments = n ? calloc(n, sizeof(*segments)) : NULL;
    if (n && !segments)
        _exit(CHILD_EXIT_MEMORY);
    for (uint32_t i = 0; i < n; i++) {
        unsigned fds = 1;
        int fd;
        if (message_receive(socket, &segments[i], sizeof(*segments), &fd, &fds) || fds != 1)
            _exit(CHILD_EXIT_PROTOCOL);
        segments[i].fd = fd;
        segments[i].name[UNPACK_SEGMENT_NAME - 1] = '\0';
    }
    return segments;
}

void unpacker_child(void)
{
    static struct channel_sink sink = {
        .sink = {send_entry, send_data, send_entry_end, send_plan, send_alive, send_facts, send_video, send_frames}};
    if (channel_attach(&sink.channel, CHILD_FD_CHANNEL, CHILD_FD_SOCKET))
        _exit(CHILD_EXIT_MEMORY);
    const struct channel_ask *ask = &sink.channel.shared->ask;
    struct unpack_input input = {
        .fd = CHILD_FD_CONTAINER,
        .size = ask->size,
        .type = ask->type,
        .name = ask->name,
        .name_len = ask->name_len,
        .segments = receive_segments(CHILD_FD_SOCKET, ask->n_segments),
        .n_segments = ask->n_segments,
        .first_index = ask->first_index,
        .is_retry = ask->is_retry,
        .range = ask->range,
        .split_bytes = ask->split_bytes,
        .carve = ask->carve,
        .frames = ask->frames,
        .verify = ask->verify,
        .limits = ask->limits,
    };
    struct unpack_end end = {.status = TRAWL_UNSUPPORTED, .missing = UINT64_MAX};
    sink.limits = &input.limits;
    const struct unpacker *unpacker = ask->carves ? &carver_unpacker : unpack_find(input.type);
    if (unpacker && unpacker->run)
        unpacker->run(&input, &sink.sink, &end);
    send_end(&sink.channel, &end);
    _exit(CHILD_EXIT_DONE);
}
