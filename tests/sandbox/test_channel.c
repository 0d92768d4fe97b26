#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "sandbox/channel.h"
#include "sandbox/child.h"

/** How writer and reader take their time. */
enum pace { BOTH_FAST, SLOW_READER, SLOW_WRITER };

/** The message that comes as number i out of a seed: every type, every size. `payload`: room for CHANNEL_PAYLOAD. */
static struct channel_message message_of(uint64_t seed, uint64_t i, uint32_t largest, uint8_t *payload)
{
    static const uint32_t most[] = {0, UNPACK_NAME_MAX, CHANNEL_PAYLOAD, UNPACK_DETAIL - 1, UNPACK_DETAIL - 1};
    uint64_t state = seed + i * 1000003, r = scratch_random(&state);
    struct channel_message m = {.type = 1 + (uint32_t)(r % 4)};
    uint32_t limit = most[m.type] < largest ? most[m.type] : largest;
    m.payload = (uint32_t)(scratch_random(&state) % (limit + 1));
    /* The borders often. */
    m.payload = r >> 40 & 7 ? m.payload : limit;
    if (m.type == CHANNEL_DATA && !m.payload)
        m.payload = 1;
    m.index = scratch_random(&state);
    m.offset = scratch_random(&state) >> 1;
    m.size = scratch_random(&state);
    m.missing = scratch_random(&state);
    m.accounted = scratch_random(&state);
    m.code = (uint32_t)(scratch_random(&state) % TRAWL_STATUS_COUNT);
    m.limit = (uint32_t)(scratch_random(&state) % LIMIT_COUNT);
    for (uint32_t b = 0; b < m.payload; b += 8) {
        uint64_t bytes = scratch_random(&state);
        memcpy(payload + b, &bytes, m.payload - b < 8 ? m.payload - b : 8);
    }
    return m;
}

/** A channel whose reader is this process. */
static int open_channel(struct channel *channel)
{
    int pair[2];
    cr_assert_eq(channel_create(channel), 0);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    channel->socket = pair[0];
    return pair[1];
}

/** The writer's process: sends n messages, then dies as it is told. */
static _Noreturn void write_all(struct channel *reader, int socket, uint64_t seed, uint64_t n, uint32_t largest,
                                enum pace pace)
{
    struct channel writer;
    uint8_t *payload = malloc(CHANNEL_PAYLOAD + 8);
    close(reader->socket);
    if (channel_attach(&writer, reader->memory_fd, socket))
        _exit(1);
    for (uint64_t i = 0; i < n; i++) {
        struct channel_message m = message_of(seed, i, largest, payload);
        if (pace == SLOW_WRITER && i % 16 == 0)
            usleep(300);
        channel_send(&writer, &m, payload);
    }
    _exit(7);
}

static pid_t start_writer(struct channel *channel, uint64_t seed, uint64_t n, uint32_t largest, enum pace pace)
{
    int socket = open_channel(channel);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        write_all(channel, socket, seed, n, largest, pace);
    cr_assert_gt(pid, 0);
    close(socket);
    return pid;
}

static int next(struct channel *channel, struct channel_message *m, const uint8_t **payload)
{
    int r;
    while ((r = channel_next(channel, 100, m, payload)) == 0)
        continue;
    return r;
}

static bool same(const struct channel_message *a, const struct channel_message *b)
{
    return a->type == b->type && a->payload == b->payload && a->index == b->index && a->offset == b->offset &&
           a->size == b->size && a->missing == b->missing && a->accounted == b->accounted && a->code == b->code &&
           a->limit == b->limit;
}

/** All n messages come as they were sent, then the end of the child. */
static void check_run(uint64_t seed, uint64_t n, uint32_t largest, enum pace pace)
{
    struct channel channel;
    struct channel_message m;
    const uint8_t *payload;
    uint8_t *expected = mem_alloc(CHANNEL_PAYLOAD + 8);
    int status;
    pid_t pid = start_writer(&channel, seed, n, largest, pace);
    for (uint64_t i = 0; i < n; i++) {
        cr_assert_eq(next(&channel, &m, &payload), 1, "message %llu", (unsigned long long)i);
        struct channel_message e = message_of(seed, i, largest, expected);
        cr_assert(same(&m, &e), "message %llu", (unsigned long long)i);
        cr_assert_eq(memcmp(payload, expected, m.payload), 0);
        if (pace == SLOW_READER && i % 16 == 0)
            usleep(300);
    }
    cr_assert_eq(next(&channel, &m, &payload), -EPIPE);
    cr_assert_eq(next(&channel, &m, &payload), -EPIPE);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    channel_close(&channel);
    free(expected);
}

Test(channel, large_messages, .timeout = 60)
{
    check_run(1, 300, CHANNEL_PAYLOAD, BOTH_FAST);
    check_run(2, 200, CHANNEL_PAYLOAD, SLOW_READER);
    check_run(3, 200, CHANNEL_PAYLOAD, SLOW_WRITER);
}

Test(channel, mixed_messages, .timeout = 60)
{
    check_run(4, 5000, 5000, BOTH_FAST);
    check_run(5, 2000, 20000, SLOW_READER);
    check_run(6, 2000, 300, SLOW_WRITER);
}

/** Headers alone, so many that a wake-up which gets lost would show as a run that never ends. */
Test(channel, many_tiny_messages, .timeout = 60)
{
    check_run(7, 100000, 0, BOTH_FAST);
    check_run(8, 3000, 1, SLOW_READER);
}

/** A child that dies at any moment: what it had sent whole is read, then -EPIPE. */
Test(channel, child_is_killed, .timeout = 60)
{
    for (int round = 0; round < 60; round++) {
        struct channel channel;
        struct channel_message m, e;
        const uint8_t *payload;
        uint8_t *expected = mem_alloc(CHANNEL_PAYLOAD + 8);
        uint64_t n = 0;
        int r;
        pid_t pid = start_writer(&channel, 9, UINT64_MAX, 60000, BOTH_FAST);
        while ((r = next(&channel, &m, &payload)) == 1) {
            e = message_of(9, n, 60000, expected);
            cr_assert(same(&m, &e) && memcmp(payload, expected, m.payload) == 0);
            if (n++ == (uint64_t)round * 3)
                kill(pid, SIGKILL);
        }
        cr_assert_eq(r, -EPIPE);
        cr_assert_gt(n, (uint64_t)round * 3);
        cr_assert_eq(channel.shared->written, channel.shared->taken, "nothing of it was left");
        cr_assert_eq(waitpid(pid, NULL, 0), pid);
        channel_close(&channel);
        free(expected);
    }
}

struct last_words {
    struct channel *channel;
    int socket;
};

/** Sends one message and is gone before it rings. */
static void *die_before_the_bell(void *arg)
{
    struct last_words *w = arg;
    struct channel *c = w->channel;
    struct channel_message m = {.type = CHANNEL_DATA, .payload = 8};
    while (!atomic_load(&c->shared->reader_sleeps))
        sched_yield();
    usleep(200);
    uint64_t written = atomic_load(&c->shared->written);
    memcpy(c->ring + written % CHANNEL_RING, &m, sizeof(m));
    atomic_store(&c->shared->written, written + 64);
    close(w->socket);
    return NULL;
}

/** A child that is killed between its last message and the bell: the message counts. */
Test(channel, message_without_a_bell, .timeout = 60)
{
    for (int round = 0; round < 50; round++) {
        struct channel channel;
        struct channel_message m;
        const uint8_t *payload;
        pthread_t thread;
        struct last_words w = {&channel, open_channel(&channel)};
        cr_assert_eq(pthread_create(&thread, NULL, die_before_the_bell, &w), 0);
        cr_assert_eq(channel_next(&channel, 10000, &m, &payload), 1);
        cr_assert_eq(channel_next(&channel, 10000, &m, &payload), -EPIPE);
        pthread_join(thread, NULL);
        channel_close(&channel);
    }
}

/** A reader that goes away ends the child, even while that waits for room. */
Test(channel, reader_goes_away, .timeout = 60)
{
    for (int round = 0; round < 20; round++) {
        struct channel channel;
        struct channel_message m;
        const uint8_t *payload;
        int status;
        pid_t pid = start_writer(&channel, 10, UINT64_MAX, CHANNEL_PAYLOAD, BOTH_FAST);
        for (int i = 0; i < round; i++)
            cr_assert_eq(next(&channel, &m, &payload), 1);
        channel_close(&channel);
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == CHILD_EXIT_DONE);
    }
}

Test(channel, nothing_comes)
{
    struct channel channel;
    struct channel_message m;
    const uint8_t *payload;
    int socket = open_channel(&channel);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(channel_next(&channel, 1, &m, &payload), 0);
    cr_assert_eq(channel_next(&channel, 0, &m, &payload), 0);
    close(socket);
    cr_assert_eq(channel_next(&channel, 1, &m, &payload), -EPIPE);
    channel_close(&channel);
    channel_close(&channel);
}

/** A child cannot shrink the memory under its reader, nor make it grow. */
Test(channel, memory_is_sealed)
{
    struct channel channel;
    int socket = open_channel(&channel);
    cr_assert_lt(ftruncate(channel.memory_fd, 0), 0);
    cr_assert_eq(errno, EPERM);
    cr_assert_lt(ftruncate(channel.memory_fd, 1l << 30), 0);
    cr_assert_lt(fcntl(channel.memory_fd, F_ADD_SEALS, F_SEAL_WRITE), 0, "no more seals: they would stop the writer");
    close(socket);
    channel_close(&channel);
}

Test(channel, no_file_stays_open)
{
    unsigned before = scratch_open_files();
    for (int i = 0; i < 10; i++) {
        struct channel channel, writer;
        int socket = open_channel(&channel);
        cr_assert_eq(channel_attach(&writer, dup(channel.memory_fd), socket), 0);
        channel_close(&writer);
        channel_close(&channel);
    }
    cr_assert_eq(scratch_open_files(), before);
    struct channel none;
    cr_assert_lt(channel_attach(&none, -1, -1), 0);
}

/** Puts a header at the beginning of the ring, as a child could that is in the hands of somebody else. */
static int read_forged(struct channel *channel, const struct channel_message *forged, uint64_t taken, uint64_t written)
{
    struct channel_message m;
    const uint8_t *payload;
    channel->pending = 0;
    memcpy(channel->ring + taken % CHANNEL_RING, forged, sizeof(*forged));
    atomic_store(&channel->shared->taken, taken);
    atomic_store(&channel->shared->written, written);
    return channel_next(channel, 0, &m, &payload);
}

Test(channel, every_field_of_nonsense)
{
    static const struct channel_message good[] = {
        {.type = CHANNEL_ENTRY, .payload = UNPACK_NAME_MAX, .code = TYPE_COUNT - 1},
        {.type = CHANNEL_DATA, .payload = CHANNEL_PAYLOAD, .offset = UINT64_MAX - CHANNEL_PAYLOAD},
        {.type = CHANNEL_ENTRY_END, .payload = UNPACK_DETAIL - 1, .code = TRAWL_STATUS_COUNT - 1},
        {.type = CHANNEL_END, .payload = UNPACK_DETAIL - 1, .code = TRAWL_STATUS_COUNT - 1, .limit = LIMIT_COUNT - 1},
        {.type = CHANNEL_PLAN, .payload = sizeof(struct unpack_range)},
        {.type = CHANNEL_PLAN, .payload = UNPACK_RANGES * sizeof(struct unpack_range)},
    };
    static const struct channel_message bad[] = {
        {.type = 0},
        {.type = 6},
        {.type = UINT32_MAX},
        {.type = CHANNEL_ENTRY, .payload = UNPACK_NAME_MAX + 1},
        {.type = CHANNEL_ENTRY, .payload = 1, .code = TYPE_COUNT},
        {.type = CHANNEL_ENTRY, .payload = UINT32_MAX},
        {.type = CHANNEL_DATA, .payload = CHANNEL_PAYLOAD + 1},
        {.type = CHANNEL_DATA, .payload = UINT32_MAX},
        {.type = CHANNEL_DATA, .payload = 0},
        {.type = CHANNEL_DATA, .payload = 2, .offset = UINT64_MAX - 1},
        {.type = CHANNEL_ENTRY_END, .payload = UNPACK_DETAIL},
        {.type = CHANNEL_ENTRY_END, .code = TRAWL_STATUS_COUNT},
        {.type = CHANNEL_ENTRY_END, .code = UINT32_MAX},
        {.type = CHANNEL_END, .payload = UNPACK_DETAIL},
        {.type = CHANNEL_END, .code = TRAWL_STATUS_COUNT},
        {.type = CHANNEL_END, .limit = LIMIT_COUNT},
        {.type = CHANNEL_END, .limit = UINT32_MAX},
        {.type = CHANNEL_PLAN, .payload = 0},
        {.type = CHANNEL_PLAN, .payload = sizeof(struct unpack_range) + 1},
        {.type = CHANNEL_PLAN, .payload = (UNPACK_RANGES + 1) * sizeof(struct unpack_range)},
    };
    static const uint64_t places[] = {0, 64, CHANNEL_RING - 64, CHANNEL_RING - 1, 7, UINT64_MAX - 200};
    struct channel channel;
    int socket = open_channel(&channel);
    for (size_t p = 0; p < sizeof(places) / sizeof(*places); p++) {
        for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
            cr_assert_eq(read_forged(&channel, &good[i], places[p], places[p] + CHANNEL_RING), 1,
                         "good %zu at place %zu", i, p);
        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
            cr_assert_eq(read_forged(&channel, &bad[i], places[p], places[p] + CHANNEL_RING), -EPROTO,
                         "bad %zu at place %zu", i, p);
            cr_assert_eq(read_forged(&channel, &bad[i], places[p], places[p] + CHANNEL_RING), -EPROTO, "and again");
        }
    }
    close(socket);
    channel_close(&channel);
}

/** What the child says is in the ring: too much, too little, less than nothing. */
Test(channel, nonsense_counters)
{
    struct channel channel;
    struct channel_message m = {.type = CHANNEL_DATA, .payload = 1000};
    int socket = open_channel(&channel);
    cr_assert_eq(read_forged(&channel, &m, 0, 0), 0);
    cr_assert_eq(read_forged(&channel, &m, 0, 1), -EPROTO);
    cr_assert_eq(read_forged(&channel, &m, 0, sizeof(m)), -EPROTO);
    cr_assert_eq(read_forged(&channel, &m, 0, 1024), -EPROTO, "the payload is not all there");
    cr_assert_eq(read_forged(&channel, &m, 0, 1088), 1);
    cr_assert_eq(read_forged(&channel, &m, 0, CHANNEL_RING + 1), -EPROTO);
    cr_assert_eq(read_forged(&channel, &m, 64, 0), -EPROTO);
    cr_assert_eq(read_forged(&channel, &m, 0, UINT64_MAX), -EPROTO);
    cr_assert_eq(read_forged(&channel, &m, UINT64_MAX, 0), -EPROTO);
    close(socket);
    channel_close(&channel);
}

/** Headers and counters by chance, changed while they are read. Whatever is believed is possible, and all its bytes are
 * there. */
Test(channel, random_nonsense, .timeout = 60)
{
    struct channel channel;
    uint64_t seed = 11, believed = 0;
    unsigned sum = 0;
    int socket = open_channel(&channel);
    for (int i = 0; i < 200000; i++) {
        struct channel_message m, forged;
        const uint8_t *payload;
        uint64_t r = scratch_random(&seed), taken = r & 1 ? r >> 8 : r >> 8 & ~63ull;
        for (size_t b = 0; b < sizeof(forged); b += 8) {
            uint64_t bytes = scratch_random(&seed);
            memcpy((uint8_t *)&forged + b, &bytes, 8);
        }
        forged.type %= 7;
        forged.payload %= r & 2 ? CHANNEL_PAYLOAD + 10 : 200;
        forged.code %= TYPE_COUNT + 2;
        forged.limit %= LIMIT_COUNT + 2;
        channel.pending = r & 4 ? scratch_random(&seed) : 0;
        taken += channel.pending;
        memcpy(channel.ring + taken % CHANNEL_RING, &forged, sizeof(forged));
        atomic_store(&channel.shared->taken, taken - channel.pending);
        atomic_store(&channel.shared->written,
                     taken + (r & 8 ? CHANNEL_RING : scratch_random(&seed) % (CHANNEL_RING + 100)));
        int got = channel_next(&channel, 0, &m, &payload);
        cr_assert(got == 1 || got == 0 || got == -EPROTO, "%d", got);
        if (got != 1)
            continue;
        believed++;
        cr_assert(m.type >= 1 && m.type <= CHANNEL_ENTRY_ORIGIN && m.payload <= CHANNEL_PAYLOAD);
        cr_assert(m.type != CHANNEL_ENTRY || m.code < TYPE_COUNT);
        cr_assert(m.type < CHANNEL_ENTRY_END || m.type >= CHANNEL_PLAN ||
                  (m.code < TRAWL_STATUS_COUNT && m.payload < UNPACK_DETAIL));
        cr_assert(m.type != CHANNEL_END || m.limit < LIMIT_COUNT);
        for (uint32_t b = 0; b < m.payload; b += 512)
            sum += payload[b];
        sum += m.payload ? payload[m.payload - 1] : 0;
    }
    cr_assert_gt(believed, 1000u, "%u", sum);
    close(socket);
    channel_close(&channel);
}

/** A child that rings without end, or sends packets of nothing, only wastes its own time. */
Test(channel, bells_without_messages)
{
    struct channel channel;
    struct channel_message m = {.type = CHANNEL_DATA, .payload = 8};
    const uint8_t *payload;
    struct channel writer;
    int socket = open_channel(&channel);
    cr_assert_eq(channel_attach(&writer, dup(channel.memory_fd), socket), 0);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(send(socket, "bell", 4, MSG_DONTWAIT), 4);
    for (int i = 0; i < 10; i++)
        cr_assert_eq(channel_next(&channel, 1, &m, &payload), 0);
    m = (struct channel_message){.type = CHANNEL_DATA, .payload = 8};
    channel_send(&writer, &m, "message!");
    cr_assert_eq(channel_next(&channel, 1, &m, &payload), 1);
    cr_assert_eq(memcmp(payload, "message!", 8), 0);
    channel_close(&writer);
    cr_assert_eq(next(&channel, &m, &payload), -EPIPE);
    channel_close(&channel);
}
