#include "sandbox/decoder.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/child.h"
#include "sandbox/message.h"
#include "sandbox/mock.h"

#define DECODER_ITEMS 10000
/*
 * The first try has a quarter of the limits on time and memory, the second has them whole. So what hangs or eats memory
 * costs 1.25 times the limit, not five times, and two workers that try again at once stay within the bound on the whole
 * scan.
 */
#define FIRST_SHARE 4
#define TICK_MS     20
/* A child may wait for memory or a processor; only far beyond its processor time does the wall clock count. */
#define WALL_FACTOR   20
#define NS_PER_SECOND 1000000000ull
/** Processor time for several pictures together: what needs more is asked for by itself. */
#define PARTS_NS NS_PER_SECOND

void decoder_open(struct decoder_handle *decoder, struct zygote *zygote, const atomic_bool *stop)
{
    *decoder = (struct decoder_handle){.zygote = zygote, .socket = -1, .stop = stop};
}

static void end_child(struct decoder_handle *decoder, struct child_exit *out)
{
    struct child_exit got = {0};
    if (decoder->pid) {
        close(decoder->socket);
        if (zygote_reap(decoder->zygote, decoder->pid, &got) == 0)
            decoder->cpu_ns += got.cpu_ns;
    }
    decoder->pid = 0;
    decoder->socket = -1;
    decoder->shown_slot = 0;
    if (out)
        *out = got;
}

void decoder_close(struct decoder_handle *decoder)
{
    end_child(decoder, NULL);
}

static int start_child(struct decoder_handle *decoder, const struct limits *limits)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    struct child_spec spec = {
        .role = CHILD_DECODER,
        .memory = SLOT_MAX + limits->value[LIMIT_DECODE_MEMORY] / (decoder->second ? 1 : FIRST_SHARE),
        /* One child decodes many pictures: only a second try, which is alone, has a meaning for RLIMIT_CPU. */
        .cpu_seconds = decoder->second ? limits->value[LIMIT_DECODE_SECONDS] + 10 : 0,
    };
    pid_t pid = zygote_spawn(decoder->zygote, &spec, &pair[1], 1);
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return pid;
    }
    const struct timeval tick = {.tv_usec = TICK_MS * 1000};
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof(tick));
    decoder->pid = pid;
    decoder->socket = pair[0];
    decoder->items = 0;
    return 0;
}

/**
 * The second try's deadline is 16 s and half a second more for each megabyte, at most the limit: a megabyte of PNG may
 * hold 144 megapixels of one colour, which take 7 s. Only that one decides what the item comes to.
 */
static uint64_t deadline_ns(const struct decoder_handle *decoder, const struct limits *limits, uint64_t size)
{
    uint64_t ns = 16 * NS_PER_SECOND + size * 500;
    uint64_t most = limits->value[LIMIT_DECODE_SECONDS] * NS_PER_SECOND;
    return mock_deadline(ns < most ? ns : most) / (decoder->second ? 1 : FIRST_SHARE);
}

static uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_SECOND + (uint64_t)t.tv_nsec;
}

/**
 * Waits for an answer. Returns 0 with it; -ETIMEDOUT; -EINTR on stop; -EPIPE where the child is gone. The clocks are
 * read from the first tick on: nearly all answers come before, and each look at a clock of another process is a system
 * call.
 */
static int receive(const struct decoder_handle *decoder, void *answer, size_t size, uint64_t allowed)
{
    uint64_t cpu_start = 0, wall_start = 0;
    for (;;) {
        int r = message_receive(decoder->socket, answer, size, NULL, NULL);
        if (r != -EAGAIN)
            return r > 0 ? -EPIPE : r;
        if (decoder->stop && atomic_load(decoder->stop))
            return -EINTR;
        if (!wall_start) {
            cpu_start = child_cpu_ns(decoder->pid);
            wall_start = wall_ns();
        } else if (child_cpu_ns(decoder->pid) - cpu_start > allowed || wall_ns() - wall_start > allowed * WALL_FACTOR) {
            return -ETIMEDOUT;
        }
    }
}

static int ask(struct decoder_handle *decoder, const struct slot *slot, const struct decode_request *request,
               const struct decoder_part *parts, unsigned n)
{
    struct decoder_ask message;
    int fd = slot_read_fd(slot);
    memset(&message, 0, sizeof(message));
    message.sequence = ++decoder->sequence;
    message.n = n;
    memcpy(message.parts, parts, n * sizeof(*parts));
    message.request = *request;
    bool show = decoder->shown_slot != slot->generation || !slot_in_memory(slot);
    int r = message_send(decoder->socket, &message, sizeof(message), &fd, show ? 1 : 0);
    /* A file is shown for one item only. */
    decoder->shown_slot = slot_in_memory(slot) ? slot->generation : 0;
    return r;
}

/** What is asked for, and where the answer goes. */
struct question {
    const struct decode_request *request;
    const struct decoder_part *parts;
    unsigned n;
    /** Processor time; 0: what a picture of the first part's size may have. */
    uint64_t allowed;
    /** One of them, as the request asks. */
    struct decode_result *results;
    struct decode_extras *extras;
};

static int take_results(const struct decoder_handle *decoder, const struct question *q, uint64_t allowed)
{
    struct decoder_answer answer;
    int r = receive(decoder, &answer, decoder_answer_size(q->n), allowed);
    if (!r && answer.sequence != decoder->sequence)
        r = -EPROTO;
    for (unsigned i = 0; i < q->n && !r; i++)
        if (!decode_result_sane(&answer.results[i]))
            r = -EPROTO;
    if (!r)
        memcpy(q->results, answer.results, q->n * sizeof(*q->results));
    return r;
}

static int take_extras(const struct decoder_handle *decoder, const struct question *q, uint64_t allowed)
{
    struct decoder_extras_answer answer;
    int r = receive(decoder, &answer, decoder_extras_size(q->request->count), allowed);
    if (!r && (answer.sequence != decoder->sequence || answer.extras.n > q->request->count ||
               !decode_extras_sane(&answer.extras, q->parts[0].size)))
        r = -EPROTO;
    if (!r)
        memcpy(q->extras, &answer.extras,
               offsetof(struct decode_extras, items) + answer.extras.n * sizeof(struct decode_extra));
    return r;
}

/** One attempt. Returns 0 with sane results; else -errno (-ETIMEDOUT, -EINTR; anything else: the child died or lied).
 */
static int attempt(struct decoder_handle *decoder, struct slot *slot, const struct question *q)
{
    if (!decoder->pid) {
        decoder->failed = start_child(decoder, &q->request->limits);
        if (decoder->failed)
            return decoder->failed;
    }
    uint64_t allowed = q->allowed ? q->allowed : deadline_ns(decoder, &q->request->limits, q->parts[0].size);
    int r = ask(decoder, slot, q->request, q->parts, q->n);
    if (!r)
        r = q->extras ? take_extras(decoder, q, allowed) : take_results(decoder, q, allowed);
    return r;
}

static bool lacked_memory(const struct decode_result *result)
{
    return result->status == TRAWL_LIMIT && result->limit == LIMIT_DECODE_MEMORY;
}

/** What a fresh child with more of everything might still do. */
static bool worth_retrying(const struct decoder_handle *decoder, int r, const struct question *q)
{
    if (r)
        return r != -EINTR && !decoder->failed;
    bool lacked = !q->extras && lacked_memory(q->results);
    for (uint32_t i = 0; q->extras && i < q->extras->n; i++)
        lacked = lacked || lacked_memory(&q->extras->items[i].result);
    return lacked;
}

/** Instead of -errno: there was none to fail. */
#define NO_CHILD 1

/** A fixed sentence for each way to fail, so that reports do not differ from run to run. */
static void describe_failure(int error, const struct child_exit *how, struct decode_result *result)
{
    *result = (struct decode_result){.status = TRAWL_CRASHED};
    if (error == NO_CHILD) {
        result->status = TRAWL_UNREACHED;
        snprintf(result->detail, sizeof(result->detail), "no process could be started");
    } else if (error == -ETIMEDOUT) {
        result->status = TRAWL_TIMEOUT;
        result->limit = LIMIT_DECODE_SECONDS;
        snprintf(result->detail, sizeof(result->detail), "decoder used up its processor time, twice");
    } else if (error == -EINTR) {
        result->status = TRAWL_UNREACHED;
        snprintf(result->detail, sizeof(result->detail), "interrupted");
    } else if (error == -EPROTO) {
        snprintf(result->detail, sizeof(result->detail), "decoder answered nonsense, twice");
    } else if (WIFSIGNALED(how->status) && WTERMSIG(how->status) == SIGSYS) {
        snprintf(result->detail, sizeof(result->detail), "decoder tried a forbidden system call, twice");
    } else if (WIFSIGNALED(how->status)) {
        snprintf(result->detail, sizeof(result->detail), "decoder died, twice");
    } else if (WEXITSTATUS(how->status) == CHILD_EXIT_MEMORY) {
        result->status = TRAWL_LIMIT;
        result->limit = LIMIT_DECODE_MEMORY;
        snprintf(result->detail, sizeof(result->detail), "the picture needs more memory than one decoder may have");
    } else {
        snprintf(result->detail, sizeof(result->detail), "decoder ended with status %d, twice",
                 WEXITSTATUS(how->status));
    }
}

/** Asks, and where it is worth it once more in a fresh child with more of everything. False: *end says why. */
static bool run_alone(struct decoder_handle *decoder, struct slot *slot, const struct question *q,
                      struct decode_result *end)
{
    struct child_exit how = {0};
    if (decoder->items >= DECODER_ITEMS)
        end_child(decoder, NULL);
    decoder->items++;
    int r = attempt(decoder, slot, q);
    if (worth_retrying(decoder, r, q)) {
        end_child(decoder, &how);
        decoder->second = true;
        r = attempt(decoder, slot, q);
        end_child(decoder, &how);
        decoder->second = false;
    }
    if (r) {
        end_child(decoder, r == -EINTR ? &how : NULL);
        describe_failure(decoder->failed ? NO_CHILD : r, &how, end);
    }
    return !r;
}

void decoder_run_part(struct decoder_handle *decoder, struct slot *slot, const struct decode_request *request,
                      const struct decoder_part *part, struct decode_result *result)
{
    const struct question q = {.request = request, .parts = part, .n = 1, .results = result};
    run_alone(decoder, slot, &q, result);
}

void decoder_run(struct decoder_handle *decoder, struct slot *slot, const struct decode_request *request,
                 struct decode_result *result)
{
    const struct decoder_part all = {0, slot->len, request->type};
    decoder_run_part(decoder, slot, request, &all, result);
}

bool decoder_run_extras(struct decoder_handle *decoder, struct slot *slot, const struct decode_request *request,
                        const struct decoder_part *part, struct decode_extras *extras, struct decode_result *end)
{
    const struct question q = {.request = request, .parts = part, .n = 1, .extras = extras};
    return run_alone(decoder, slot, &q, end);
}

bool decoder_run_parts(struct decoder_handle *decoder, struct slot *slot, const struct decode_request *request,
                       const struct decoder_part *parts, unsigned n, struct decode_result *results)
{
    struct decode_result came[DECODER_PARTS];
    uint64_t allowed = 0;
    if (decoder->items + n > DECODER_ITEMS)
        end_child(decoder, NULL);
    decoder->items += n;
    for (unsigned i = 0; i < n; i++)
        allowed += deadline_ns(decoder, &request->limits, parts[i].size);
    const struct question q = {request, parts, n, allowed < PARTS_NS ? allowed : PARTS_NS, came, NULL};
    int r = attempt(decoder, slot, &q);
    for (unsigned i = 0; i < n && !r; i++)
        if (lacked_memory(&came[i]))
            r = -ENOMEM;
    if (r)
        end_child(decoder, NULL);
    else
        memcpy(results, came, n * sizeof(*results));
    return !r;
}
