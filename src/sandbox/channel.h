/*
 * channel.h: a ring of messages in shared memory, from one unpack child to the thread that reads it.
 *
 * The ring is mapped twice in a row, so that no message is ever cut by its end. The child is not trusted: the reader
 * copies each header to its own memory before it looks at it, and checks every number. Payload bytes are evidence: they
 * may change under the reader's eyes, so it must take them once (copy or hash them), never look twice.
 */
#ifndef SANDBOX_CHANNEL_H
#define SANDBOX_CHANNEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/limits.h"
#include "trawl/unpack.h"

#define CHANNEL_RING (4u << 20)
/** Largest payload of one message: an eighth of the ring, so that writer and reader overlap. */
#define CHANNEL_PAYLOAD (512u << 10)

/** CHANNEL_ENTRY_ORIGIN: an ENTRY with a struct origin before its name. */
enum channel_type {
    CHANNEL_ENTRY = 1,
    CHANNEL_DATA,
    CHANNEL_ENTRY_END,
    CHANNEL_END,
    CHANNEL_PLAN,
    CHANNEL_ENTRY_ORIGIN,
    CHANNEL_VIDEO,
    CHANNEL_FRAMES,
    CHANNEL_FACTS,
};

struct channel_message {
    uint32_t type;
    /** Bytes behind this header (name, data, words, ranges, struct video_info, or struct video_frame). */
    uint32_t payload;
    /** ENTRY: position in the container. */
    uint64_t index;
    /** ENTRY: offset in the container. DATA: offset in the member. */
    uint64_t offset;
    /** ENTRY: declared size. ENTRY_END: real size. END: entries. */
    uint64_t size;
    /** END: what struct unpack_end says. */
    uint64_t missing, accounted;
    /** ENTRY: file_type. ENTRY_END and END: trawl_status. */
    uint32_t code;
    /** END: limit_id. */
    uint32_t limit;
};

/** What the child is asked; the first page of the shared memory. */
struct channel_ask {
    uint64_t size;
    uint64_t first_index;
    struct unpack_range range;
    uint64_t split_bytes;
    enum file_type type;
    enum carve_mode carve;
    bool carves;
    bool is_retry;
    enum video_frames frames;
    uint32_t name_len;
    /** Packets of a struct unpack_segment that come through the socket first, each with a descriptor. */
    uint32_t n_segments;
    struct unpack_verify verify;
    struct limits limits;
    uint8_t name[1024];
};

struct channel_shared {
    struct channel_ask ask;
    /** Bytes ever written, by the child; bytes ever read, by the reader. */
    _Alignas(64) _Atomic uint64_t written;
    _Alignas(64) _Atomic uint64_t taken;
    /** The reader (the child) is about to sleep on the socket until there is something to read (room to write). */
    _Alignas(64) atomic_int reader_sleeps;
    _Alignas(64) atomic_int writer_sleeps;
    /** The reader wants no more bytes of the member with this index + 1; UINT64_MAX: of any. */
    _Alignas(64) _Atomic uint64_t skip;
    /** Grows while the child moves on without a message. */
    _Alignas(64) _Atomic uint64_t alive;
};

struct channel {
    /** One memfd: a page or two of channel_shared, then the ring. */
    int memory_fd;
    /** The doorbell: one byte wakes the other side. Its end tells that the other side is gone. */
    int socket;
    struct channel_shared *shared;
    uint8_t *ring;
    /** Reader only: bytes of the message being looked at, given back by the next channel_next. */
    uint64_t pending;
    /** Writer only: index of the member being sent. */
    uint64_t index;
};

/** Makes the memory and maps it. Returns 0 or -errno. The socket is the caller's. */
int channel_create(struct channel *channel);
/** Maps the memory of the other side. */
int channel_attach(struct channel *channel, int memory_fd, int socket);
/** Closes memory and socket. */
void channel_close(struct channel *channel);

/**
 * Reader: takes the next message. Returns 1 with a checked copy of its header and its payload (valid until the next
 * call); 0 if nothing came within `timeout_ms`; -EPIPE if the child is gone and all it wrote was read; -EPROTO if it
 * wrote nonsense.
 */
int channel_next(struct channel *channel, int timeout_ms, struct channel_message *message, const uint8_t **payload);
/** Writer: sends one message, waits for room. Ends the process if the reader is gone. */
void channel_send(struct channel *channel, const struct channel_message *message, const void *payload);

#endif
