/* decoder.h: a sandboxed decoder, seen from the worker thread that owns it. */
#ifndef SANDBOX_DECODER_H
#define SANDBOX_DECODER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/slot.h"
#include "sandbox/zygote.h"
#include "trawl/decode.h"

/** Pictures that one round trip decodes, at most. */
#define DECODER_PARTS 8

/** A picture among others in one slot. */
struct decoder_part {
    uint64_t offset, size;
    enum file_type type;
};

/** On the wire, main to child. The slot's descriptor travels along whenever it is new. */
struct decoder_ask {
    uint64_t sequence;
    unsigned n;
    struct decoder_part parts[DECODER_PARTS];
    /** Of all parts, but for their types. */
    struct decode_request request;
};

/** On the wire, child to main: as many results as parts, no byte more. */
struct decoder_answer {
    uint64_t sequence;
    struct decode_result results[DECODER_PARTS];
};

static inline size_t decoder_answer_size(unsigned n)
{
    return offsetof(struct decoder_answer, results) + n * sizeof(struct decode_result);
}

/** The same, where extras were asked for: as many places as were asked for. */
struct decoder_extras_answer {
    uint64_t sequence;
    struct decode_extras extras;
};

static inline size_t decoder_extras_size(uint32_t count)
{
    return offsetof(struct decoder_extras_answer, extras) + offsetof(struct decode_extras, items) +
           count * sizeof(struct decode_extra);
}

struct decoder_handle {
    struct zygote *zygote;
    /** 0: none is running. */
    pid_t pid;
    int socket;
    /** Generation of the slot memory that the child has mapped; 0: none. */
    uint64_t shown_slot;
    uint64_t sequence;
    /** Items since the fork: a child is replaced now and then, so that leaks and damage end. */
    unsigned items;
    /** At a second try: it has the limits' whole time and memory, the first a quarter. */
    bool second;
    /** Processor time of children that were reaped, and items given. */
    uint64_t cpu_ns;
    /** Set by a signal: give up waiting. */
    const atomic_bool *stop;
    /** -errno where no child could be had: nothing can be said of the item, nor of any other. */
    int failed;
};

void decoder_open(struct decoder_handle *decoder, struct zygote *zygote, const atomic_bool *stop);
void decoder_close(struct decoder_handle *decoder);
/**
 * Decodes the picture in the slot. A child that dies or runs out of time is asked once more, alone in a fresh child
 * with four times the time and memory; what it does then is the result (status crashed or timeout, detail says how).
 * Where no child can be started the result is `unreached`, and decoder->failed says why.
 */
void decoder_run(struct decoder_handle *decoder, struct slot *slot, const struct decode_request *request,
                 struct decode_result *result);

/** The same for a picture among other bytes of the slot; its type is the part's. */
void decoder_run_part(struct decoder_handle *decoder, struct slot *slot, const struct decode_request *request,
                      const struct decoder_part *part, struct decode_result *result);
/**
 * What the file holds beside the picture: request->count extras from request->first on, at most DECODE_EXTRAS. Returns
 * true with them; else *end says what the decoder came to, tried twice as in decoder_run.
 */
bool decoder_run_extras(struct decoder_handle *decoder, struct slot *slot, const struct decode_request *request,
                        const struct decoder_part *part, struct decode_extras *extras, struct decode_result *end);

/**
 * Decodes n pictures, at most DECODER_PARTS, in one round trip: two changes of process and four system calls are shared
 * by all. Types are the parts', all else is `request`'s. False without any result: the child died, lied, was too slow,
 * or had too little memory for one of them. Then they are to be asked for by decoder_run, one by one.
 */
bool decoder_run_parts(struct decoder_handle *decoder, struct slot *slot, const struct decode_request *request,
                       const struct decoder_part *parts, unsigned n, struct decode_result *results);

#endif
