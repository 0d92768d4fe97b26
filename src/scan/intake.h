/* intake.h: takes one member of a container in: from the channel to the slot of the worker. */
#ifndef SCAN_INTAKE_H
#define SCAN_INTAKE_H

#include "sandbox/channel.h"
#include "scan/probe.h"
#include "scan/run.h"

/** Containers inside containers go to a file beyond this. */
#define INTAKE_KEEP_CONTAINER (128ull << 20)

/** A member being collected. */
struct intake {
    struct worker *worker;
    struct work *work;
    uint64_t index;
    /** Bytes that came, zeros of gaps included. */
    uint64_t got;
    /** As its container declares; UINT64_MAX where it does not. */
    uint64_t declared;
    /** Bytes to keep in memory, once the head told what they are; 0 before. */
    uint64_t keep;
    /** The bytes are hashed as they come and dropped: too many to keep, and nobody downstream needs them. */
    bool streaming;
    /** The rest is not wanted: a limit, or an output error. */
    bool given_up;
    /** The last bytes of a stream, for a zip behind it; the newest SNIFF_TAIL end at tail_len. */
    uint8_t *tail;
    size_t tail_len;
    /** Looks for other files in the stream. */
    struct probe probe;
};

/** Starts on the member that `message` announces; takes budget for it. */
void intake_begin(struct intake *intake, struct worker *worker, struct work *work,
                  const struct channel_message *message);
/** Takes bytes. Sets given_up where no more are wanted. */
void intake_data(struct intake *intake, const struct channel_message *message, const uint8_t *payload);
/** The member is whole: settles size, status and type. */
void intake_end(struct intake *intake, const struct channel_message *message, const uint8_t *payload);
/** The child died or was stopped in the middle: the work keeps `status` and words. */
void intake_fail(struct intake *intake, enum trawl_status status, enum limit_id limit, const char *why);
void intake_free(struct intake *intake);

#endif
