/*
 * recover.c: reads a journal back. It believes nothing: every record must have its checksum and its place in the chain. What is
 * broken is passed over and counted, the next magic is looked for, and nothing is ever changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "journal/format.h"

#define READ_BLOCK (1u << 20)

struct journal_reader {
    int dirfd;
    /** The segment being read; -1 between segments. */
    int fd;
    unsigned segment;
    /** Bytes read and not yet used start at `at`. */
    struct buf window;
    size_t at;
    bool end_of_file;
    /** Damage seen since the last good record of this segment: counted once a good one follows, or at its end. */
    uint64_t skipped;
    struct journal_state state;
};

int journal_reader_open(int dirfd, struct journal_reader **out)
{
    struct journal_reader *r = ALLOC(struct journal_reader);
    r->dirfd = dirfd;
    r->fd = -1;
    *out = r;
    return 0;
}

void journal_reader_close(struct journal_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    buf_free(&r->window);
    free(r);
}

void journal_reader_state(const struct journal_reader *r, struct journal_state *state)
{
    *state = r->state;
}

/** Opens the next segment. Returns 1, 0 where there is none, -errno. */
static int next_segment(struct journal_reader *r)
{
    char name[24];
    journal_segment_name(r->segment + 1, name);
    int fd = openat(r->dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    r->fd = fd;
    r->segment++;
    r->state.segments = r->segment;
    r->window.len = r->at = 0;
    r->end_of_file = false;
    r->skipped = 0;
    return 1;
}

/** Makes at least `need` bytes available at `at`, if the segment has them. Returns 0 or -errno. */
static int fill(struct journal_reader *r, size_t need)
{
    if (r->at && (r->window.len - r->at < need)) {
        memmove(r->window.data, r->window.data + r->at, r->window.len - r->at);
        r->window.len -= r->at;
        r->at = 0;
    }
    while (!r->end_of_file && r->window.len - r->at < need) {
        size_t want = need > READ_BLOCK ? need : READ_BLOCK;
        ssize_t n = read(r->fd, buf_reserve(&r->window, want), want);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        r->end_of_file = n == 0;
        r->window.len += (size_t)n;
    }
    return 0;
}

/** A good record at `at`: 1; none: 0; -errno. */
static int try_record(struct journal_reader *r, struct journal_header *h)
{
    int error = fill(r, JOURNAL_HEADER);
    if (error)
        return error;
    if (r->window.len - r->at < JOURNAL_HEADER || !journal_header_read(r->window.data + r->at, h))
        return 0;
    error = fill(r, JOURNAL_HEADER + (size_t)h->length);
    if (error)
        return error;
    if (r->window.len - r->at < JOURNAL_HEADER + (size_t)h->length)
        return 0;
    return journal_crc(h, r->window.data + r->at + JOURNAL_HEADER) == h->crc;
}

/** The checksum is right; is it the record that belongs here? A break in the chain is damage, but the record is still told. */
static void follow_chain(struct journal_reader *r, const struct journal_header *h, const uint8_t *payload)
{
    uint8_t expected[JOURNAL_CHAIN];
    journal_chain(h, r->state.chain, payload, expected);
    bool follows = h->sequence == r->state.sequence + 1 && memcmp(expected, h->chain, JOURNAL_CHAIN) == 0;
    if (!follows || r->skipped)
        r->state.damaged++;
    r->skipped = 0;
    r->state.sequence = h->sequence;
    r->state.records++;
    memcpy(r->state.chain, h->chain, JOURNAL_CHAIN);
}

/** Leaves a segment. Bytes that led to no record at its end are a write that was cut by a crash. */
static void end_segment(struct journal_reader *r)
{
    r->state.torn_bytes += r->skipped + (r->window.len - r->at);
    close(r->fd);
    r->fd = -1;
}

int journal_reader_next(struct journal_reader *r, struct journal_record *record)
{
    for (;;) {
        if (r->fd < 0) {
            int opened = next_segment(r);
            if (opened <= 0)
                return opened;
        }
        struct journal_header h;
        int good = try_record(r, &h);
        if (good < 0)
            return good;
        if (good) {
            const uint8_t *payload = r->window.data + r->at + JOURNAL_HEADER;
            follow_chain(r, &h, payload);
            *record = (struct journal_record){(enum journal_type)h.type, h.sequence, payload, h.length};
            r->at += JOURNAL_HEADER + (size_t)h.length;
            return 1;
        }
        if (r->window.len - r->at < JOURNAL_HEADER && r->end_of_file) {
            end_segment(r);
            continue;
        }
        r->at++;
        r->skipped++;
    }
}
