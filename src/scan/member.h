/* member.h: one member of a container, from the channel into the worker's slot. */
#ifndef SCAN_MEMBER_H
#define SCAN_MEMBER_H

#include "sandbox/channel.h"
#include "scan/run.h"

/** A member being collected. */
struct member {
    struct worker *worker;
    struct work *work;
    uint64_t index;
    /** Bytes that came, zeros of gaps included. */
    uint64_t got;
    /** As its container declares; UINT64_MAX where it does not. */
    uint64_t declared;
    /** The bytes are hashed as they come and dropped: too many to keep, and nobody downstream needs them. */
    bool streaming;
    /** The rest is not wanted: a limit, or an output error. */
    bool given_up;
    /** The last bytes of a stream, for a zip behind it; the newest SNIFF_TAIL end at tail_len. */
    uint8_t *tail;
    size_t tail_len;
};

/** Starts on the member that `message` announces; takes budget for it. */
void member_begin(struct member *member, struct worker *worker, struct work *work, const struct channel_message *message);
/** Takes bytes. Sets given_up where no more are wanted. */
void member_data(struct member *member, const struct channel_message *message, const uint8_t *payload);
/** The member is whole: settles size, status and type. */
void member_end(struct member *member, const struct channel_message *message, const uint8_t *payload);
/** The child died or was stopped in the middle: the work keeps `status` and words. */
void member_fail(struct member *member, enum trawl_status status, enum limit_id limit, const char *why);
void member_free(struct member *member);

#endif
