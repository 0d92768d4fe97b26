#include "sandbox/unpacker.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/message.h"

#define TICK_MS     50
#define WALL_FACTOR 60
/* As for decoders: four times the processor time, but twice the memory. */
#define RETRY_MEMORY  2
#define NS_PER_SECOND 1000000000ull

static uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_SECOND + (uint64_t)t.tv_nsec;
}

static void fill_ask(struct channel_ask *ask, const struct unpacker_job *job)
{
    memset(ask, 0, sizeof(*ask));
    ask->size = job->size;
    ask->first_index = job->first_index;
    ask->range = job->range;
    ask->split_bytes = job->split_bytes;
    ask->type = job->type;
    ask->carve = job->carve;
    ask->carves = job->carves;
    ask->is_retry = job->is_retry;
    ask->verify = job->verify;
    ask->frames = job->frames;
    ask->limits = job->limits;
    ask->n_segments = (uint32_t)job->n_segments;
    ask->name_len = (uint32_t)(job->name_len < sizeof(ask->name) ? job->name_len : sizeof(ask->name));
    if (ask->name_len)
        memcpy(ask->name, job->name, ask->name_len);
}

static int spawn(struct unpacker_handle *unpacker, const struct unpacker_job *job)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    struct child_spec spec = {
        .role = CHILD_UNPACKER,
        .memory = (64ull << 20) + job->limits.value[LIMIT_UNPACK_MEMORY] * (unpacker->factor > 1 ? RETRY_MEMORY : 1),
    };
    int fds[] = {pair[1], unpacker->channel.memory_fd, job->fd};
    spec.files = (uint32_t)job->n_segments;
    pid_t pid = zygote_spawn(unpacker->zygote, &spec, fds, 3);
    close(pair[1]);
    unpacker->channel.socket = pair[0];
    if (pid < 0)
        return pid;
    unpacker->pid = pid;
    unpacker->wall_mark = wall_ns();
    /* A child that dies meanwhile is noticed by whoever waits for its first message. */
    for (size_t i = 0; i < job->n_segments &&
                       !message_send(pair[0], &job->segments[i], sizeof(*job->segments), &job->segments[i].fd, 1);
         i++)
        unpacker->in_bytes += job->segments[i].size;
    return 0;
}

int unpacker_open(struct unpacker_handle *unpacker, struct zygote *zygote, const struct unpacker_job *job,
                  unsigned factor, const atomic_bool *stop)
{
    *unpacker = (struct unpacker_handle){
        .zygote = zygote, .factor = factor, .limits = &job->limits, .in_bytes = job->size, .stop = stop};
    unpacker->is_video = type_class(job->type) == CLASS_VIDEO;
    int r = channel_create(&unpacker->channel);
    if (r)
        return r;
    fill_ask(&unpacker->channel.shared->ask, job);
    r = spawn(unpacker, job);
    if (r)
        channel_close(&unpacker->channel);
    return r;
}

/** Returns -ETIMEDOUT if the child had its time. It is counted on the child's own clock, so that a busy machine gives
 * the same result. */
static int check_time(struct unpacker_handle *unpacker, enum limit_id *limit)
{
    uint64_t cpu = child_cpu_ns(unpacker->pid), alive = atomic_load(&unpacker->channel.shared->alive);
    if (alive != unpacker->alive) {
        /* Its word is enough: the time in all stays bounded. */
        unpacker->alive = alive;
        unpacker->cpu_mark = cpu;
        unpacker->wall_mark = wall_ns();
    }
    uint64_t stall = unpacker->limits->value[LIMIT_UNPACK_STALL] * NS_PER_SECOND * unpacker->factor;
    uint64_t total = (unpacker->limits->value[LIMIT_UNPACK_SECONDS] * NS_PER_SECOND +
                      (unpacker->in_bytes + unpacker->out_bytes) * 1000) *
                     unpacker->factor;
    /* A video is not told by its bytes: it goes on as long as frames come, up to a limit of its own. */
    if (unpacker->is_video)
        total = unpacker->limits->value[LIMIT_VIDEO_CPU] * NS_PER_SECOND;
    *limit = LIMIT_UNPACK_STALL;
    if (cpu - unpacker->cpu_mark > stall || wall_ns() - unpacker->wall_mark > stall * WALL_FACTOR)
        return -ETIMEDOUT;
    *limit = unpacker->is_video ? LIMIT_VIDEO_CPU : LIMIT_UNPACK_SECONDS;
    return cpu > total ? -ETIMEDOUT : 0;
}

int unpacker_next(struct unpacker_handle *unpacker, struct channel_message *message, const uint8_t **payload,
                  enum limit_id *limit)
{
    bool waited = false;
    for (;;) {
        int r = channel_next(&unpacker->channel, TICK_MS, message, payload);
        if (r == 1) {
            if (waited) {
                unpacker->cpu_mark = child_cpu_ns(unpacker->pid);
                unpacker->wall_mark = wall_ns();
            }
            if (message->type == CHANNEL_DATA)
                unpacker->out_bytes += message->payload;
            return 1;
        }
        if (r < 0)
            return r;
        if (unpacker->stop && atomic_load(unpacker->stop))
            return -EINTR;
        if (!waited) {
            /* First tick without a message: from now on the clocks run. */
            waited = true;
            unpacker->cpu_mark = child_cpu_ns(unpacker->pid);
            unpacker->wall_mark = wall_ns();
        }
        r = check_time(unpacker, limit);
        if (r)
            return r;
    }
}

void unpacker_skip(struct unpacker_handle *unpacker, uint64_t index)
{
    atomic_store(&unpacker->channel.shared->skip, index + 1);
}

void unpacker_skip_all(struct unpacker_handle *unpacker)
{
    if (unpacker->pid)
        atomic_store(&unpacker->channel.shared->skip, UINT64_MAX);
}

void unpacker_close(struct unpacker_handle *unpacker, struct child_exit *how)
{
    if (unpacker->pid)
        zygote_reap(unpacker->zygote, unpacker->pid, how);
    unpacker->pid = 0;
    if (unpacker->channel.shared)
        channel_close(&unpacker->channel);
}
