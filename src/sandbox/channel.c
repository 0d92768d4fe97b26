#include "sandbox/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/child.h"
#include "trawl/facts.h"

#define CHANNEL_HEAD ((sizeof(struct channel_shared) + 4095) & ~(size_t)4095)
/** Messages start at multiples of this. */
#define CHANNEL_ALIGN 64u

static uint64_t message_size(uint32_t payload)
{
    return (sizeof(struct channel_message) + payload + CHANNEL_ALIGN - 1) & ~(uint64_t)(CHANNEL_ALIGN - 1);
}

/** Maps the shared page, and the ring twice in a row. */
static int map_memory(struct channel *channel)
{
    int fd = channel->memory_fd;
    uint8_t *base = mmap(NULL, CHANNEL_HEAD + 2 * (size_t)CHANNEL_RING, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return -errno;
    const int prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_FIXED;
    uint8_t *ring = base + CHANNEL_HEAD;
    if (mmap(base, CHANNEL_HEAD + CHANNEL_RING, prot, flags, fd, 0) == MAP_FAILED ||
        mmap(ring + CHANNEL_RING, CHANNEL_RING, prot, flags, fd, CHANNEL_HEAD) == MAP_FAILED) {
        int error = -errno;
        munmap(base, CHANNEL_HEAD + 2 * (size_t)CHANNEL_RING);
        return error;
    }
    madvise(base, CHANNEL_HEAD + 2 * (size_t)CHANNEL_RING, MADV_DONTDUMP);
    channel->shared = (struct channel_shared *)base;
    channel->ring = ring;
    return 0;
}

int channel_create(struct channel *channel)
{
    *channel = (struct channel){.socket = -1};
    channel->memory_fd = memfd_create("trawl-channel", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (channel->memory_fd < 0)
        return -errno;
    int r = ftruncate(channel->memory_fd, (off_t)(CHANNEL_HEAD + CHANNEL_RING)) < 0 ? -errno : 0;
    if (!r)
        r = map_memory(channel);
    if (r) {
        close(channel->memory_fd);
        channel->memory_fd = -1;
        return r;
    }
    /* A child that shrank it would kill the reader by SIGBUS. */
    fcntl(channel->memory_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return 0;
}

int channel_attach(struct channel *channel, int memory_fd, int socket)
{
    *channel = (struct channel){.memory_fd = memory_fd, .socket = socket};
    return map_memory(channel);
}

void channel_close(struct channel *channel)
{
    if (channel->shared)
        munmap(channel->shared, CHANNEL_HEAD + 2 * (size_t)CHANNEL_RING);
    if (channel->memory_fd >= 0)
        close(channel->memory_fd);
    if (channel->socket >= 0)
        close(channel->socket);
    *channel = (struct channel){.memory_fd = -1, .socket = -1};
}

static void ring_bell(const struct channel *channel)
{
    ssize_t ignored = send(channel->socket, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)ignored;
}

/** Waits for the bell. Returns 1 when it rang, 0 on time-out, -EPIPE when the other side is gone. */
static int await_bell(const struct channel *channel, int timeout_ms)
{
    struct pollfd p = {channel->socket, POLLIN, 0};
    int n = poll(&p, 1, timeout_ms);
    if (n <= 0)
        return 0;
    char bells[64];
    ssize_t got = recv(channel->socket, bells, sizeof(bells), MSG_DONTWAIT);
    return got > 0 ? 1 : got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -EPIPE;
}

/** Gives the room of the last message back; wakes the writer once half the ring is free. */
static void give_back(struct channel *channel)
{
    struct channel_shared *shared = channel->shared;
    if (!channel->pending)
        return;
    uint64_t taken = atomic_load_explicit(&shared->taken, memory_order_relaxed) + channel->pending;
    channel->pending = 0;
    atomic_store(&shared->taken, taken);
    if (atomic_load(&shared->writer_sleeps) && atomic_load(&shared->written) - taken <= CHANNEL_RING / 2 &&
        atomic_exchange(&shared->writer_sleeps, 0))
        ring_bell(channel);
}

/** True if all numbers of the copied header are possible. `held`: bytes that the child says are in the ring. */
static bool message_sane(const struct channel_message *m, uint64_t held)
{
    if (m->payload > CHANNEL_PAYLOAD || message_size(m->payload) > held)
        return false;
    switch (m->type) {
    case CHANNEL_ENTRY:
        return m->payload <= UNPACK_NAME_MAX && m->code < TYPE_COUNT;
    case CHANNEL_ENTRY_ORIGIN:
        return m->payload >= sizeof(struct origin) && m->payload - sizeof(struct origin) <= UNPACK_NAME_MAX &&
               m->code < TYPE_COUNT;
    case CHANNEL_FACTS:
        return m->payload && m->payload <= FACTS_MAX;
    case CHANNEL_DATA:
        return m->payload > 0 && m->offset <= UINT64_MAX - m->payload;
    case CHANNEL_ENTRY_END:
        return m->payload < UNPACK_DETAIL && m->code < TRAWL_STATUS_COUNT;
    case CHANNEL_END:
        return m->payload < UNPACK_DETAIL && m->code < TRAWL_STATUS_COUNT && m->limit < LIMIT_COUNT;
    case CHANNEL_PLAN:
        return m->payload && m->payload <= UNPACK_RANGES * sizeof(struct unpack_range) &&
               m->payload % sizeof(struct unpack_range) == 0;
    case CHANNEL_VIDEO:
        return m->payload == sizeof(struct video_info);
    case CHANNEL_FRAMES:
        return m->payload && m->payload % sizeof(struct video_frame) == 0;
    default:
        return false;
    }
}

static int look(struct channel *channel, struct channel_message *message, const uint8_t **payload)
{
    uint64_t taken = atomic_load_explicit(&channel->shared->taken, memory_order_relaxed);
    uint64_t held = atomic_load(&channel->shared->written) - taken;
    if (!held)
        return 0;
    const uint8_t *at = channel->ring + taken % CHANNEL_RING;
    memcpy(message, at, sizeof(*message));
    if (held > CHANNEL_RING || held < sizeof(*message) || !message_sane(message, held))
        return -EPROTO;
    *payload = at + sizeof(*message);
    channel->pending = message_size(message->payload);
    return 1;
}

int channel_next(struct channel *channel, int timeout_ms, struct channel_message *message, const uint8_t **payload)
{
    give_back(channel);
    int r = look(channel, message, payload);
    if (r)
        return r;
    atomic_store(&channel->shared->reader_sleeps, 1);
    /* All that was written may be read below the half mark: a sleeping writer must not wait for more. */
    if (atomic_exchange(&channel->shared->writer_sleeps, 0))
        ring_bell(channel);
    r = look(channel, message, payload);
    int bell = r ? 0 : await_bell(channel, timeout_ms);
    atomic_store(&channel->shared->reader_sleeps, 0);
    if (!r)
        r = look(channel, message, payload);
    return r ? r : bell < 0 ? bell : 0;
}

/** Writer: waits until `need` bytes are free. */
static void await_room(struct channel *channel, uint64_t need)
{
    struct channel_shared *shared = channel->shared;
    uint64_t written = atomic_load_explicit(&shared->written, memory_order_relaxed);
    while (written - atomic_load(&shared->taken) > CHANNEL_RING - need) {
        atomic_store(&shared->writer_sleeps, 1);
        if (written - atomic_load(&shared->taken) <= CHANNEL_RING - need)
            break;
        if (await_bell(channel, -1) < 0)
            _exit(CHILD_EXIT_DONE);
    }
    atomic_store(&shared->writer_sleeps, 0);
}

void channel_send(struct channel *channel, const struct channel_message *message, const void *payload)
{
    struct channel_shared *shared = channel->shared;
    uint64_t size = message_size(message->payload);
    await_room(channel, size);
    uint64_t written = atomic_load_explicit(&shared->written, memory_order_relaxed);
    uint8_t *at = channel->ring + written % CHANNEL_RING;
    memcpy(at, message, sizeof(*message));
    if (message->payload)
        memcpy(at + sizeof(*message), payload, message->payload);
    atomic_store(&shared->written, written + size);
    if (atomic_exchange(&shared->reader_sleeps, 0))
        ring_bell(channel);
}
