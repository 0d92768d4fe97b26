/* fuzz_channel.c: the reader's side of the ring, over what a hostile child may write into the shared memory at any
 * time. */
#include <errno.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "sandbox/channel.h"

#define ALIGN     64u
#define KEPT      64
#define ASK_BYTES offsetof(struct channel_shared, written)

/** The reader, and the same memory as the child has it. */
struct both {
    struct channel reader, writer;
    /** Where bytes were written: the ring must be clean again for the next input. */
    uint64_t touched[KEPT][2];
    size_t n_touched;
    /** No number was forged so far: all that was sent must come out, in order. */
    bool honest;
    struct channel_message sent[KEPT];
    uint8_t fill[KEPT];
    size_t first, end;
};

static uint64_t rounded(uint64_t payload)
{
    return (sizeof(struct channel_message) + payload + ALIGN - 1) / ALIGN * ALIGN;
}

static void touch(struct both *both, uint64_t at, uint64_t n)
{
    CHECK(both->n_touched < KEPT);
    both->touched[both->n_touched][0] = at % CHANNEL_RING;
    both->touched[both->n_touched++][1] = n;
}

/** The memory is made once: 12 MiB of address space for each input would be most of the time. */
static void open_both(struct both *both, struct fuzz_input *in)
{
    static struct channel memory;
    int pair[2];
    if (!memory.shared)
        CHECK(channel_create(&memory) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    memset(both, 0, sizeof(*both));
    memset(memory.shared, 0, sizeof(*memory.shared));
    both->reader = both->writer = memory;
    both->reader.socket = pair[0];
    both->writer.socket = pair[1];
    both->honest = true;
    uint64_t start = fuzz_number(in, 4) * ALIGN;
    atomic_store(&memory.shared->written, start);
    atomic_store(&memory.shared->taken, start);
}

static void close_both(struct both *both)
{
    for (size_t i = 0; i < both->n_touched; i++)
        memset(both->reader.ring + both->touched[i][0], 0, both->touched[i][1]);
    close(both->reader.socket);
    if (both->writer.socket >= 0)
        close(both->writer.socket);
}

/** An unforged message, as the child's own code sends it. */
static void send_good(struct both *both, struct fuzz_input *in)
{
    static uint8_t payload[CHANNEL_PAYLOAD];
    struct channel_message m = {.type = 1 + (uint32_t)fuzz_number(in, 1) % 4, .index = fuzz_number(in, 1)};
    uint8_t fill = (uint8_t)fuzz_number(in, 1);
    uint32_t most = m.type == CHANNEL_DATA    ? CHANNEL_PAYLOAD
                    : m.type == CHANNEL_ENTRY ? UNPACK_NAME_MAX
                                              : UNPACK_DETAIL - 1;
    m.payload = (uint32_t)fuzz_number(in, 3) % (most + 1);
    m.payload += m.type == CHANNEL_DATA && !m.payload;
    m.code = (uint32_t)fuzz_number(in, 1) % TRAWL_STATUS_COUNT;
    m.size = m.offset = fuzz_number(in, 4);
    struct channel_shared *shared = both->writer.shared;
    uint64_t held = atomic_load(&shared->written) - atomic_load(&shared->taken);
    if (held > CHANNEL_RING || CHANNEL_RING - held < rounded(m.payload) || both->end == KEPT || both->n_touched == KEPT)
        return;
    memset(payload, fill, m.payload);
    touch(both, atomic_load(&shared->written), rounded(m.payload));
    both->sent[both->end] = m;
    both->fill[both->end++] = fill;
    channel_send(&both->writer, &m, payload);
}

/** Bytes of the input where the next message begins. */
static void write_raw(struct both *both, struct fuzz_input *in)
{
    size_t n = fuzz_number(in, 1);
    uint64_t at = atomic_load(&both->writer.shared->written) % CHANNEL_RING;
    const uint8_t *bytes = fuzz_bytes(in, &n);
    if (!n || both->n_touched == KEPT)
        return;
    both->honest = false;
    touch(both, at, n);
    memcpy(both->writer.ring + at, bytes, n);
    atomic_fetch_add(&both->writer.shared->written, (n + ALIGN - 1) / ALIGN * ALIGN);
}

/** One number of the header that stands where the reader reads next. */
static void forge_header(struct both *both, struct fuzz_input *in)
{
    uint64_t at = atomic_load(&both->writer.shared->taken) % CHANNEL_RING;
    size_t field = fuzz_number(in, 1) % (sizeof(struct channel_message) / 4) * 4;
    uint32_t value = (uint32_t)fuzz_number(in, 4);
    if (both->n_touched == KEPT)
        return;
    both->honest = false;
    touch(both, at, sizeof(struct channel_message));
    memcpy(both->writer.ring + at + field, &value, sizeof(value));
}

static void forge_place(struct both *both, struct fuzz_input *in)
{
    struct channel_shared *shared = both->writer.shared;
    unsigned which = (unsigned)fuzz_number(in, 1) % 6;
    uint64_t value = fuzz_number(in, 8);
    both->honest = both->honest && which > 3;
    if (which == 0)
        atomic_store(&shared->written, value);
    else if (which == 1)
        atomic_fetch_add(&shared->written, value % (2 * CHANNEL_RING));
    else if (which == 2)
        atomic_store(&shared->taken, value);
    else if (which == 3)
        atomic_fetch_add(&shared->taken, value % (2 * CHANNEL_RING));
    else if (which == 4)
        atomic_store(&shared->writer_sleeps, (int)value);
    else
        atomic_store(&shared->reader_sleeps, (int)value);
}

static void check_header(const struct channel_message *m)
{
    CHECK(m->type >= CHANNEL_ENTRY && m->type <= CHANNEL_PLAN && m->payload <= CHANNEL_PAYLOAD);
    if (m->type == CHANNEL_ENTRY)
        CHECK(m->code < TYPE_COUNT && m->payload <= UNPACK_NAME_MAX);
    else if (m->type == CHANNEL_DATA)
        CHECK(m->payload && m->offset + m->payload > m->offset);
    else if (m->type == CHANNEL_PLAN)
        CHECK(m->payload && m->payload % sizeof(struct unpack_range) == 0 &&
              m->payload <= UNPACK_RANGES * sizeof(struct unpack_range));
    else
        CHECK(m->code < TRAWL_STATUS_COUNT && m->payload < UNPACK_DETAIL);
    if (m->type == CHANNEL_END)
        CHECK(m->limit < LIMIT_COUNT);
}

static void check_payload(const struct both *both, const struct channel_message *m, const uint8_t *payload)
{
    const uint8_t *ring = both->reader.ring;
    CHECK(payload >= ring + sizeof(*m) && payload + m->payload <= ring + 2 * (size_t)CHANNEL_RING);
    volatile uint8_t sum = 0;
    for (uint32_t i = 0; i < m->payload; i += 4096)
        sum = (uint8_t)(sum + payload[i]);
    if (m->payload)
        sum = (uint8_t)(sum + payload[m->payload - 1]);
}

static void check_honest(struct both *both, const struct channel_message *m, const uint8_t *payload)
{
    CHECK(both->first < both->end);
    CHECK(memcmp(m, &both->sent[both->first], sizeof(*m)) == 0);
    uint8_t fill = both->fill[both->first++];
    for (uint32_t i = 0; i < m->payload; i++)
        CHECK(payload[i] == fill);
}

static void read_next(struct both *both)
{
    struct channel_message m;
    const uint8_t *payload = NULL;
    uint64_t written = atomic_load(&both->writer.shared->written);
    int r = channel_next(&both->reader, 0, &m, &payload);
    CHECK(r == 1 || r == 0 || r == -EPIPE || r == -EPROTO);
    if (r == 1) {
        check_header(&m);
        check_payload(both, &m, payload);
        CHECK(both->reader.pending == rounded(m.payload));
        CHECK(both->reader.pending <= written - atomic_load(&both->writer.shared->taken));
    } else {
        CHECK(!both->reader.pending);
    }
    if (r == 1 && both->honest)
        check_honest(both, &m, payload);
    else if (both->honest)
        CHECK(both->first == both->end && r != -EPROTO && (r != -EPIPE || both->writer.socket < 0));
}

static void step(struct both *both, struct fuzz_input *in)
{
    switch (fuzz_number(in, 1) % 8) {
    case 0:
    case 1:
        read_next(both);
        break;
    case 2:
    case 3:
        if (both->writer.socket >= 0)
            send_good(both, in);
        break;
    case 4:
        write_raw(both, in);
        break;
    case 5:
        forge_header(both, in);
        break;
    case 6:
        forge_place(both, in);
        break;
    default:
        if (both->writer.socket >= 0 && fuzz_number(in, 1) % 4 == 0) {
            close(both->writer.socket);
            both->writer.socket = -1;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct both both;
    static const uint8_t zeros[ASK_BYTES];
    open_both(&both, &in);
    for (int steps = 0; in.n && steps < 512; steps++)
        step(&both, &in);
    for (int i = 0; i < KEPT + 2; i++)
        read_next(&both);
    CHECK(memcmp(both.reader.shared, zeros, ASK_BYTES) == 0);
    close_both(&both);
    return 0;
}
