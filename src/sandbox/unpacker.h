/* unpacker.h: a sandboxed unpacker of one container, seen from the thread that reads its members. */
#ifndef SANDBOX_UNPACKER_H
#define SANDBOX_UNPACKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/channel.h"
#include "sandbox/zygote.h"

/** What to unpack; the descriptor stays the caller's. */
struct unpacker_job {
    int fd;
    uint64_t size;
    enum file_type type;
    const uint8_t *name;
    size_t name_len;
    uint64_t first_index;
    /** The caller's, too. */
    const struct unpack_segment *segments;
    size_t n_segments;
    /** As in struct unpack_input. */
    struct unpack_range range;
    uint64_t split_bytes;
    enum carve_mode carve;
    /** No reader knows the type: the carver takes the file. */
    bool carves;
    /** As in struct unpack_input. */
    bool is_retry;
    struct unpack_verify verify;
    enum video_frames frames;
    struct limits limits;
};

struct unpacker_handle {
    struct zygote *zygote;
    pid_t pid;
    struct channel channel;
    /** Multiplies time and memory: 4 in a second try. */
    unsigned factor;
    const struct limits *limits;
    bool is_video;
    /** Processor clock at the last message; wall clock too. */
    uint64_t cpu_mark, wall_mark;
    /** What channel_shared.alive was then. */
    uint64_t alive;
    /** Bytes of the container and bytes that came out: both buy time. */
    uint64_t in_bytes, out_bytes;
    const atomic_bool *stop;
};

/** Forks a child for the job. Returns 0 or -errno. */
int unpacker_open(struct unpacker_handle *unpacker, struct zygote *zygote, const struct unpacker_job *job,
                  unsigned factor, const atomic_bool *stop);
/**
 * The next message, as channel_next. Returns 1; -ETIMEDOUT (no new byte for too long, or too long in all: *limit says
 * which); -EINTR on stop; -EPIPE where the child died before its CHANNEL_END; -EPROTO.
 */
int unpacker_next(struct unpacker_handle *unpacker, struct channel_message *message, const uint8_t **payload,
                  enum limit_id *limit);
/** Lets the child pass over the rest of the member. */
void unpacker_skip(struct unpacker_handle *unpacker, uint64_t index);
/** Lets the child pass over the bytes of all members that are left; their names still come. */
void unpacker_skip_all(struct unpacker_handle *unpacker);
/** Ends the child. Takes a handle that was never opened. */
void unpacker_close(struct unpacker_handle *unpacker, struct child_exit *how);

#endif
