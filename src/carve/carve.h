/*
 * carve.h (private): the parts of the carver.
 *
 *   carve.c     ranges -> stream -> scan for magics -> finder: first look, then measure -> sink
 *   stream.c    bytes of the ranges, one behind the other
 *   finders.c   the table of what is looked for; one file for each family of formats beside it
 *   blob.c      files that no other reader knows
 *
 * A finder that calls a file whole and solid has followed its structure to a mark that ends it: the scan goes on behind
 * it. In a film whose frames are pictures of their own, it goes on at the beginnings of sectors. Whatever else is
 * found, the scan goes on behind its magic, so that nothing which only claims to be large can hide what lies behind.
 * Bytes looked at twice are paid from a credit that grows with the bytes scanned: the work is linear in them, however
 * many false beginnings there are.
 */
#ifndef CARVE_CARVE_H
#define CARVE_CARVE_H

#include "source/bytes.h"
#include "trawl/carve.h"
#include "trawl/origin.h"

/** Ranges as one stream; offsets of its own, from 0. */
struct stream {
    struct carve_source *source;
    const struct carve_range *ranges;
    /** Where each range begins in the stream; NULL for a single one. */
    uint64_t *starts;
    size_t n;
    uint64_t size;
    /** The scan's window, and the finders'. */
    struct stream_window {
        uint8_t *bytes;
        size_t cap, len;
        uint64_t start;
    } scan, near;
    /** Bytes read for the finders. */
    uint64_t read;
};

/** The bytes of both windows. */
enum { STREAM_SCAN = 1 << 20, STREAM_NEAR = 256 << 10 };

/** A stream over n ranges with windows of its own. False where memory is missing. */
bool stream_init(struct stream *stream, struct carve_source *source, const struct carve_range *ranges, size_t n);
void stream_free(struct stream *stream);
/** Reads n bytes; fewer only at the end. */
size_t stream_read(struct stream *stream, uint8_t *to, size_t n, uint64_t at);
/** The range that holds `at`, and how far behind its start that is. */
size_t stream_range(const struct stream *stream, uint64_t at, uint64_t *behind);
/** Fills the scan's window from `at` on. Returns its length. */
size_t stream_scan(struct stream *stream, uint64_t at);
/** The bytes from `at` on, valid until the next call; *n says how many: at least `need` (STREAM_NEAR at most), fewer
 * only at the end; NULL if none. */
const uint8_t *stream_at(struct stream *stream, uint64_t at, size_t need, size_t *n);

enum verdict {
    /** No such file, or not enough of it to say so. */
    CARVE_FALSE,
    /** It begins, but its end is not there. */
    CARVE_PARTIAL,
    CARVE_WHOLE,
};

/** One beginning being followed. Offsets are from there. */
struct measure {
    struct stream *stream;
    uint64_t start;
    /** Bytes from there to the end of the stream. */
    uint64_t room;
    /** Bytes looked at so far, and at most. */
    uint64_t work, allowance;
    /** The allowance is used up: whatever was found out is not to be believed. */
    bool tired;
    enum verdict verdict;
    uint64_t length;
    /** Whole, and all of it followed: nothing else begins in it. */
    bool solid;
    /** Its frames are pictures of their own: only one that begins with a sector is another file. */
    bool framed;
    /** Up to here what begins like it is a part of it. */
    uint64_t parts;
    /** NULL: the finder's. */
    const char *suffix;
    /** Why it is not whole. Static. */
    const char *why;
};

/** At least `need` bytes at `offset`, or NULL. *n (may be NULL): how many there are. */
const uint8_t *measure_at(struct measure *m, uint64_t offset, size_t need, size_t *n);
/** Bytes that are walked one by one. False where the allowance is used up. */
bool measure_walk(struct measure *m, uint64_t n);
/** Verdicts, for the last line of a finder. */
void measure_whole(struct measure *m, uint64_t length);
/** Ends at `length` (at the end of the stream, if that is before) with a reason; false unless `enough` of it is there.
 */
void measure_broken(struct measure *m, uint64_t length, bool enough, const char *why);

/** What is looked for: one const struct and a row in finder_table. */
struct finder {
    const char *suffix;
    /** Its magic, and how many bytes before that it begins. */
    const char *magic;
    uint8_t magic_len, back;
    /** Whether it can be one, by n bytes (CARVE_HEAD, fewer at the end) at fixed offsets. */
    bool (*look)(const uint8_t *p, size_t n);
    void (*measure)(struct measure *m);
};

extern const struct finder *const finder_table[];

/** The finder that takes the magic at `hit`; *at says where the file begins. NULL if none does; n: bytes behind `hit`.
 */
const struct finder *finder_at(const uint8_t *hit, size_t n);

static inline uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be32(const uint8_t *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static inline uint64_t be64(const uint8_t *p)
{
    return (uint64_t)be32(p) << 32 | be32(p + 4);
}

/** Letters and digits, as the names of chunks are made of. */
static inline bool is_letter(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26;
}

static inline bool is_word(uint8_t c)
{
    return is_letter(c) || (uint8_t)(c - '0') < 10;
}

#endif
