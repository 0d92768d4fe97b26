/*
 * fuzz_journal.c: the journal's reader, over any bytes and over a good journal that something happened to.
 *
 * Records are made here by the words of trawl/journal.h, not by the writer's code.
 */
#include <openssl/evp.h>

#include "fuzz.h"
#include "trawl/journal.h"

#define HEADER   40u
#define SEGMENTS 3
#define RECORDS  24

struct bytes {
    uint8_t *p;
    size_t n;
};

struct made_record {
    uint32_t type;
    uint64_t sequence;
    struct bytes payload;
    /** Where it stands: segment, and place in it. */
    unsigned segment;
    size_t at;
};

struct made {
    struct bytes segments[SEGMENTS];
    unsigned n_segments;
    struct made_record records[RECORDS];
    size_t n;
    uint8_t chain[JOURNAL_CHAIN];
};

static void append(struct bytes *to, const void *bytes, size_t n)
{
    to->p = realloc(to->p, to->n + n + 1);
    CHECK(to->p);
    if (n)
        memcpy(to->p + to->n, bytes, n);
    to->n += n;
}

/** Takes n bytes out at a place. */
static void cut_out(struct bytes *from, size_t at, size_t n)
{
    memmove(from->p + at, from->p + at + n, from->n - at - n);
    from->n -= n;
}

static void le(uint8_t *p, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t number(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;
    while (n--)
        v = v << 8 | p[n];
    return v;
}

/** CRC-32C bit by bit. */
static uint32_t crc_of(uint32_t crc, const uint8_t *p, size_t n)
{
    crc = ~crc;
    for (; n; n--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

static uint32_t record_crc(const uint8_t header[HEADER], const uint8_t *payload, size_t n)
{
    uint32_t crc = crc_of(0, header + 4, 8);
    crc = crc_of(crc, header + 16, 24);
    return crc_of(crc, payload, n);
}

static void record_chain(const uint8_t before[JOURNAL_CHAIN], const uint8_t header[HEADER], const uint8_t *payload,
                         size_t n, uint8_t out[JOURNAL_CHAIN])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    CHECK(ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(ctx, before, JOURNAL_CHAIN) == 1);
    CHECK(EVP_DigestUpdate(ctx, header + 4, 8) == 1 && EVP_DigestUpdate(ctx, header + 16, 8) == 1);
    CHECK(EVP_DigestUpdate(ctx, payload, n) == 1 && EVP_DigestFinal_ex(ctx, digest, NULL) == 1);
    EVP_MD_CTX_free(ctx);
    memcpy(out, digest, JOURNAL_CHAIN);
}

static struct bytes encode(uint32_t type, uint64_t sequence, uint8_t chain[JOURNAL_CHAIN], const uint8_t *payload,
                           size_t n)
{
    uint8_t header[HEADER] = "TRWL";
    struct bytes out = {0};
    le(header + 4, type, 4);
    le(header + 8, n, 4);
    le(header + 16, sequence, 8);
    record_chain(chain, header, payload, n, chain);
    memcpy(header + 24, chain, JOURNAL_CHAIN);
    le(header + 12, record_crc(header, payload, n), 4);
    append(&out, header, HEADER);
    append(&out, payload, n);
    return out;
}

/** A payload out of the input: raw, or a record of somebody who knows the format and wants it to be read as one. */
static struct bytes make_payload(struct fuzz_input *in, bool forged)
{
    uint8_t chain[JOURNAL_CHAIN] = {0};
    struct bytes payload = {0};
    size_t n = fuzz_number(in, 1);
    uint64_t sequence = forged ? fuzz_number(in, 1) : 0;
    const uint8_t *raw = fuzz_bytes(in, &n);
    if (forged)
        return encode(JOURNAL_END, sequence, chain, raw, n);
    append(&payload, raw, n);
    return payload;
}

/** A journal as the writer would have left it. */
static void make_journal(struct made *made, struct fuzz_input *in)
{
    made->n_segments = 1;
    size_t count = 1 + fuzz_number(in, 1) % RECORDS;
    while (made->n < count) {
        unsigned how = (unsigned)fuzz_number(in, 1);
        if (how & 0x80 && made->n && made->n_segments < SEGMENTS)
            made->n_segments++;
        struct bytes *segment = &made->segments[made->n_segments - 1];
        struct made_record *record = &made->records[made->n++];
        *record = (struct made_record){1 + how % (JOURNAL_TYPES - 1), made->n, make_payload(in, how & 0x40),
                                       made->n_segments - 1, segment->n};
        struct bytes whole = encode(record->type, record->sequence, made->chain, record->payload.p, record->payload.n);
        append(segment, whole.p, whole.n);
        free(whole.p);
    }
}

static void make_raw(struct made *made, struct fuzz_input *in)
{
    made->n_segments = 1 + (unsigned)fuzz_number(in, 1) % SEGMENTS;
    for (unsigned i = 0; i < made->n_segments; i++) {
        size_t n = i + 1 < made->n_segments ? fuzz_number(in, 2) : in->n;
        const uint8_t *bytes = fuzz_bytes(in, &n);
        append(&made->segments[i], bytes, n);
    }
}

static void segment_path(unsigned i, char path[4200])
{
    snprintf(path, 4200, "%s/j-%06u.log", fuzz_folder(), i + 1);
}

static void write_segments(const struct made *made)
{
    char path[4200];
    for (unsigned i = 0; i < made->n_segments; i++) {
        segment_path(i, path);
        int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
        CHECK(fd >= 0);
        CHECK(write(fd, made->segments[i].p, made->segments[i].n) == (ssize_t)made->segments[i].n);
        close(fd);
    }
}

static void remove_segments(const struct made *made)
{
    char path[4200];
    for (unsigned i = 0; i < made->n_segments; i++) {
        segment_path(i, path);
        unlink(path);
    }
}

/** What must hold of all that is read, and how it compares with what was made. */
struct reading {
    struct journal_state state;
    uint64_t bytes;
    /** Made records met, in order; others (of a journal that was made). */
    size_t met, strange;
    bool backwards;
};

static void take_record(struct reading *reading, const struct made *made, const struct journal_record *record)
{
    CHECK(record->type >= 1 && record->type < JOURNAL_TYPES);
    uint8_t *copy = fuzz_copy(record->payload, record->n);
    reading->bytes += HEADER + record->n;
    free(copy);
    for (size_t i = 0; i < made->n; i++) {
        const struct made_record *was = &made->records[i];
        if (was->type != record->type || was->sequence != record->sequence || was->payload.n != record->n ||
            memcmp(was->payload.p, record->payload, record->n) != 0)
            continue;
        reading->backwards = reading->backwards || i < reading->met;
        reading->met = i + 1;
        return;
    }
    reading->strange++;
}

static struct reading read_all(const struct made *made)
{
    struct reading reading = {0};
    struct journal_reader *reader;
    struct journal_record record;
    uint64_t count = 0;
    int r, dirfd = open(fuzz_folder(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CHECK(dirfd >= 0 && journal_reader_open(dirfd, &reader) == 0);
    while ((r = journal_reader_next(reader, &record)) == 1) {
        take_record(&reading, made, &record);
        count++;
    }
    CHECK(r == 0);
    journal_reader_state(reader, &reading.state);
    journal_reader_close(reader);
    close(dirfd);
    CHECK(reading.state.records == count && reading.state.segments == made->n_segments);
    return reading;
}

static uint64_t total(const struct made *made)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < made->n_segments; i++)
        sum += made->segments[i].n;
    return sum;
}

/** Walks the bytes as the header says they are: true if all of them are records, each with its checksum and its place.
 */
static bool is_whole(const struct made *made, uint64_t *records)
{
    uint8_t chain[JOURNAL_CHAIN] = {0}, expected[JOURNAL_CHAIN];
    for (unsigned i = 0; i < made->n_segments; i++) {
        const uint8_t *p = made->segments[i].p;
        size_t left = made->segments[i].n;
        while (left) {
            if (left < HEADER || memcmp(p, "TRWL", 4) != 0 || number(p + 8, 4) > left - HEADER)
                return false;
            size_t n = (size_t)number(p + 8, 4);
            record_chain(chain, p, p + HEADER, n, expected);
            if (number(p + 16, 8) != *records + 1 || number(p + 12, 4) != record_crc(p, p + HEADER, n) ||
                memcmp(p + 24, expected, JOURNAL_CHAIN) != 0 || !number(p + 4, 4) || number(p + 4, 4) >= JOURNAL_TYPES)
                return false;
            memcpy(chain, expected, JOURNAL_CHAIN);
            ++*records;
            p += HEADER + n;
            left -= HEADER + n;
        }
    }
    return true;
}

static void check_raw(const struct made *made)
{
    struct reading reading = read_all(made);
    uint64_t records = 0;
    bool whole = is_whole(made, &records);
    CHECK(reading.bytes + reading.state.torn_bytes <= total(made));
    CHECK(whole == (reading.bytes == total(made) && !reading.state.damaged));
    CHECK(!whole || reading.state.records == records);
}

/** How many records may be missing after what was done, whether it must be noticed, and whether order is kept. */
struct promise {
    size_t lost, doubled;
    bool noticed, disordered;
};

static struct promise flip_byte(struct made *made, struct fuzz_input *in)
{
    struct bytes *segment = &made->segments[fuzz_number(in, 1) % made->n_segments];
    size_t at = fuzz_number(in, 2) % segment->n;
    uint8_t with = (uint8_t)fuzz_number(in, 1);
    segment->p[at] ^= with ? with : 1;
    return (struct promise){.lost = 1, .noticed = true};
}

/** A write that was cut: only in the last segment. */
static struct promise cut_end(struct made *made, struct fuzz_input *in)
{
    struct bytes *segment = &made->segments[made->n_segments - 1];
    struct promise promise = {0};
    segment->n -= fuzz_number(in, 2) % (segment->n + 1);
    size_t end = 0;
    for (size_t i = 0; i < made->n; i++) {
        const struct made_record *record = &made->records[i];
        bool gone = record->segment == made->n_segments - 1 && record->at + HEADER + record->payload.n > segment->n;
        promise.lost += gone;
        end = gone || record->segment != made->n_segments - 1 ? end : record->at + HEADER + record->payload.n;
    }
    promise.noticed = end < segment->n;
    return promise;
}

static struct promise drop_record(struct made *made, struct fuzz_input *in)
{
    size_t i = fuzz_number(in, 1) % made->n;
    const struct made_record *record = &made->records[i];
    cut_out(&made->segments[record->segment], record->at, HEADER + record->payload.n);
    return (struct promise){.lost = 1, .noticed = i + 1 < made->n};
}

/** Writes a record a second time, at the end of the journal. */
static struct promise repeat_record(struct made *made, struct fuzz_input *in)
{
    const struct made_record *record = &made->records[fuzz_number(in, 1) % made->n];
    struct bytes copy = {0};
    append(&copy, made->segments[record->segment].p + record->at, HEADER + record->payload.n);
    append(&made->segments[made->n_segments - 1], copy.p, copy.n);
    free(copy.p);
    return (struct promise){.doubled = 1, .noticed = true, .disordered = true};
}

static struct promise do_harm(struct made *made, struct fuzz_input *in, unsigned what)
{
    switch (what % 5) {
    case 0:
        return (struct promise){0};
    case 1:
        return flip_byte(made, in);
    case 2:
        return cut_end(made, in);
    case 3:
        return drop_record(made, in);
    default:
        return repeat_record(made, in);
    }
}

static void check_harmed(const struct made *made, const struct promise *promise)
{
    struct reading reading = read_all(made);
    CHECK(!reading.strange);
    CHECK(promise->disordered || !reading.backwards);
    CHECK(reading.state.records + promise->lost >= made->n && reading.state.records <= made->n + promise->doubled);
    CHECK(promise->noticed == (reading.state.damaged || reading.state.torn_bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct made made = {0};
    unsigned what = (unsigned)fuzz_number(&in, 1);
    if (what >= 0xc0) {
        make_raw(&made, &in);
        write_segments(&made);
        made.n = 0;
        check_raw(&made);
    } else {
        make_journal(&made, &in);
        struct promise promise = do_harm(&made, &in, what);
        write_segments(&made);
        check_harmed(&made, &promise);
    }
    remove_segments(&made);
    for (unsigned i = 0; i < made.n_segments; i++)
        free(made.segments[i].p);
    for (size_t i = 0; i < made.n; i++)
        free(made.records[i].payload.p);
    return 0;
}
