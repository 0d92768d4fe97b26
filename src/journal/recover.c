/*
 * recover.c: reads a journal back. It believes nothing: every record must have its checksum and its place in the chain.
 * What is broken is passed over and counted, the next magic is looked for, and nothing is ever changed.
 *
 * Payloads hold names out of evidence, and a name may be written so that it reads as a record. Where a write was cut or
 * a record damaged, the search for the next magic leads through such names: inside of what the broken record says is
 * its own, only a record that follows from its chain is believed. That chain is a hash of the name itself, so no name
 * can hold it.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/crc32c.h"
#include "journal/format.h"

#define READ_BLOCK (1u << 20)

struct journal_reader {
    int dirfd;
    /** Numbers of the segments that are there, sorted; the next to be opened. */
    unsigned *segments;
    size_t n_segments, cap_segments, next;
    /** The segment being read; -1 between segments. */
    int fd;
    /** Bytes read and not yet used start at `at`. */
    struct buf window;
    size_t at;
    /** Where the window begins in the segment. */
    uint64_t window_at;
    bool end_of_file;
    /** Damage seen since the last good record of this segment: counted once a good one follows, or at its end; and its
     * CRC-32C, that of all torn bytes before included. */
    uint64_t skipped;
    uint32_t skipped_crc;
    /** Bytes left of a broken record whose header could be read, and its chain. */
    uint64_t broken_left;
    uint8_t broken_chain[JOURNAL_CHAIN];
    /** The chain was followed before. */
    bool trusted;
    /** The header that was read last has the magic. */
    bool has_magic;
    struct journal_state state;
};

static const uint8_t magic[4] = "TRWL";

/** The number of a segment of that name; 0 where it is none. */
static unsigned segment_number(const char *name)
{
    char same[24];
    unsigned number = 0;
    for (const char *p = name + 2; strncmp(name, "j-", 2) == 0 && isdigit((unsigned char)*p) && number < 100000000; p++)
        number = number * 10 + (unsigned)(*p - '0');
    journal_segment_name(number, same);
    return strcmp(name, same) == 0 ? number : 0;
}

static int compare_numbers(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

/** All segments are found by listing the folder: behind one that somebody removed, others may stand. */
static int list_segments(struct journal_reader *r)
{
    int fd = openat(r->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        int error = -errno;
        if (fd >= 0)
            close(fd);
        return error;
    }
    const struct dirent *d;
    while (errno = 0, (d = readdir(dir))) {
        unsigned number = segment_number(d->d_name);
        if (!number)
            continue;
        RESERVE(r->segments, r->n_segments, r->cap_segments);
        r->segments[r->n_segments++] = number;
    }
    int error = -errno;
    closedir(dir);
    if (r->n_segments)
        qsort(r->segments, r->n_segments, sizeof(*r->segments), compare_numbers);
    return error;
}

int journal_reader_open(int dirfd, struct journal_reader **out)
{
    struct journal_reader *r = ALLOC(struct journal_reader);
    r->dirfd = dirfd;
    r->fd = -1;
    int error = list_segments(r);
    if (error) {
        journal_reader_close(r);
        return error;
    }
    *out = r;
    return 0;
}

void journal_reader_trust(struct journal_reader *r)
{
    r->trusted = true;
}

void journal_reader_close(struct journal_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    buf_free(&r->window);
    free(r->segments);
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
    if (r->next == r->n_segments)
        return 0;
    unsigned number = r->segments[r->next];
    journal_segment_name(number, name);
    int fd = openat(r->dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    r->fd = fd;
    r->next++;
    /* One that is missing is damage, even where those behind it are empty. */
    r->state.damaged += number != r->state.segments + 1;
    r->state.segments = number;
    r->window.len = r->at = 0;
    r->window_at = 0;
    r->end_of_file = false;
    r->skipped = r->broken_left = 0;
    r->skipped_crc = r->state.torn_crc;
    return 1;
}

/** Makes at least `need` bytes available at `at`, if the segment has them. Returns 0 or -errno. */
static int fill(struct journal_reader *r, size_t need)
{
    if (r->at && (r->window.len - r->at < need)) {
        memmove(r->window.data, r->window.data + r->at, r->window.len - r->at);
        r->window.len -= r->at;
        r->window_at += r->at;
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

static bool follows(const struct journal_header *h, const uint8_t before[JOURNAL_CHAIN], const uint8_t *payload)
{
    uint8_t expected[JOURNAL_CHAIN];
    journal_chain(h, before, payload, expected);
    return memcmp(expected, h->chain, JOURNAL_CHAIN) == 0;
}

/** Where a record must begin, the magic alone may be wrong: the checksum tells whether all else is right. */
static bool read_header(struct journal_reader *r, struct journal_header *h)
{
    uint8_t head[JOURNAL_HEADER];
    memcpy(head, r->window.data + r->at, sizeof(head));
    r->has_magic = memcmp(head, magic, sizeof(magic)) == 0;
    if (!r->skipped)
        memcpy(head, magic, sizeof(magic));
    return journal_header_read(head, h);
}

/** A record begins here, but is cut or damaged: how far it says it goes. */
static void note_broken(struct journal_reader *r, const struct journal_header *h)
{
    /* Only where a record must begin: a header somewhere in a payload is evidence. */
    if (r->skipped || !r->has_magic)
        return;
    r->broken_left = JOURNAL_HEADER + (uint64_t)h->length;
    memcpy(r->broken_chain, h->chain, JOURNAL_CHAIN);
}

/** A good record at `at`: 1; none: 0; -errno. */
static int try_record(struct journal_reader *r, struct journal_header *h)
{
    int error = fill(r, JOURNAL_HEADER);
    if (error)
        return error;
    if (r->window.len - r->at < JOURNAL_HEADER)
        return 0;
    if (!read_header(r, h)) {
        note_broken(r, h);
        return 0;
    }
    error = fill(r, JOURNAL_HEADER + (size_t)h->length);
    if (error)
        return error;
    const uint8_t *payload = r->window.data + r->at + JOURNAL_HEADER;
    if (r->window.len - r->at < JOURNAL_HEADER + (size_t)h->length || journal_crc(h, payload) != h->crc) {
        note_broken(r, h);
        return 0;
    }
    return !r->broken_left || follows(h, r->broken_chain, payload);
}

/** The checksum is right; is it the record that belongs here? A break in the chain is damage, but the record is still
 * told. */
static void follow_chain(struct journal_reader *r, const struct journal_header *h, const uint8_t *payload)
{
    if (h->sequence != r->state.sequence + 1 || r->skipped || !r->has_magic ||
        !(r->trusted || follows(h, r->state.chain, payload)))
        r->state.damaged++;
    r->skipped = r->broken_left = 0;
    r->skipped_crc = r->state.torn_crc;
    r->state.sequence = h->sequence;
    r->state.records++;
    memcpy(r->state.chain, h->chain, JOURNAL_CHAIN);
}

/** Leaves a segment. Bytes that led to no record at its end are a write that was cut by a crash. */
static void end_segment(struct journal_reader *r)
{
    size_t left = r->window.len - r->at;
    r->state.torn_bytes += r->skipped + left;
    if (r->skipped + left)
        r->state.torn_crc = crc32c(r->skipped_crc, r->window.data + r->at, left);
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
            *record = (struct journal_record){.type = (enum journal_type)h.type,
                                              .sequence = h.sequence,
                                              .payload = payload,
                                              .n = h.length,
                                              .segment = r->state.segments,
                                              .offset = r->window_at + r->at + JOURNAL_HEADER};
            r->at += JOURNAL_HEADER + (size_t)h.length;
            return 1;
        }
        if (r->window.len - r->at < JOURNAL_HEADER && r->end_of_file) {
            end_segment(r);
            continue;
        }
        r->skipped_crc = crc32c(r->skipped_crc, r->window.data + r->at, 1);
        r->at++;
        r->skipped++;
        r->broken_left -= r->broken_left > 0;
    }
}

int journal_read_again(int dirfd, unsigned segment, uint64_t offset, void *out, size_t n)
{
    char name[24];
    journal_segment_name(segment, name);
    int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    size_t got = 0;
    while (got < n) {
        ssize_t r = pread(fd, (uint8_t *)out + got, n - got, (off_t)(offset + got));
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            break;
        got += (size_t)r;
    }
    close(fd);
    return got == n ? 0 : -EIO;
}
