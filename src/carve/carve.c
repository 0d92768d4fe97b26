/* carve.c: scans ranges for magics, lets finders follow what begins there, and hands over what they found. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carve/carve.h"
#include "simd/kernels.h"
#include "simd/magics.h"
#include "source/member.h"

#define SECTOR 512u
/** Hits of one call of the scan. */
#define HITS 1024
/** Work that is allowed at first: so much for each byte there is, and so much at most. One large false beginning is
 * followed for its whole length. */
#define CREDIT_RATIO 64
#define CREDIT       (1ull << 30)

struct carving {
    const struct carve_job *job;
    struct unpack_end *end;
    struct stream stream;
    uint64_t index;
    /** No file begins before this place: it is inside one that was followed to its end. */
    uint64_t floor;
    /** Before this place files begin with a sector. */
    uint64_t framed;
    /** Before this place what this finder finds is a part of what it found. */
    uint64_t parts;
    const struct finder *parts_of;
    /** Behind the last byte that was handed over. */
    uint64_t covered;
    /** Bytes that may be looked at or handed over a second time. */
    uint64_t credit;
    /** Nothing more is wanted. */
    bool done;
};

static void note_limit(struct carving *c, enum limit_id limit, const char *words, uint64_t at)
{
    end_note(c->end, TRAWL_LIMIT, "%s at offset %" PRIu64, words, at);
    if (c->end->status == TRAWL_LIMIT && c->end->limit == LIMIT_NONE)
        c->end->limit = limit;
}

static uint64_t absolute(const struct carving *c, uint64_t at)
{
    uint64_t behind;
    const struct carve_range *range = &c->stream.ranges[stream_range(&c->stream, at, &behind)];
    return range->start + behind;
}

/** Where the bytes are: one run, or one for each range that they go through. */
static void fill_runs(const struct carving *c, const struct measure *m, struct origin *origin)
{
    uint64_t at = m->start, left = m->length;
    while (left) {
        uint64_t behind;
        const struct carve_range *range = &c->stream.ranges[stream_range(&c->stream, at, &behind)];
        uint64_t here = range->end - range->start - behind;
        here = here < left ? here : left;
        if (origin->n_runs < ORIGIN_RUNS)
            origin->runs[origin->n_runs++] = (struct origin_run){range->start + behind, here};
        origin->all_runs++;
        at += here;
        left -= here;
    }
}

static void give_bytes(struct carving *c, const struct measure *m, struct member *member)
{
    struct stream_window *near = &c->stream.near;
    uint64_t given = 0;
    while (given < m->length && member->wanted) {
        size_t want = m->length - given < near->cap ? (size_t)(m->length - given) : near->cap;
        near->start = m->start + given;
        near->len = stream_read(&c->stream, near->bytes, want, near->start);
        if (!near->len)
            break;
        member_data(member, near->bytes, near->len, given);
        given += near->len;
    }
}

/** Hands a file over. */
static void deliver(struct carving *c, const struct finder *finder, const struct measure *m)
{
    const struct unpack_input input = {.first_index = c->job->announce_from};
    struct origin origin = c->job->origin ? *c->job->origin : origin_of(ORIGIN_CARVED);
    char name[64];
    uint64_t offset = absolute(c, m->start);
    origin.kind = ORIGIN_CARVED;
    origin.n_runs = 0;
    origin.all_runs = 0;
    fill_runs(c, m, &origin);
    int n = snprintf(name, sizeof(name), "$carved/%016" PRIu64 ".%s", offset, m->suffix ? m->suffix : finder->suffix);
    struct unpack_entry entry = {.index = c->index++,
                                 .offset = offset,
                                 .size = m->length,
                                 .name = (const uint8_t *)name,
                                 .name_len = (size_t)n,
                                 .origin = &origin};
    struct member member;
    uint64_t holes = c->stream.source->holes;
    c->end->entries++;
    member_begin(&member, &input, c->job->sink, &entry);
    give_bytes(c, m, &member);
    if (c->stream.source->holes != holes)
        member_end(&member, TRAWL_IO_ERROR, m->length, HOLES_DETAIL);
    else
        member_end(&member, m->verdict == CARVE_WHOLE ? TRAWL_OK : TRAWL_PARTIAL, m->length, m->why);
}

static bool over_entries(struct carving *c)
{
    if (!limit_exceeded(c->job->limits, LIMIT_ENTRIES, c->index + 1 - c->job->index))
        return false;
    note_limit(c, LIMIT_ENTRIES, "too many files to carve", absolute(c, c->floor));
    c->done = true;
    return true;
}

/** Bytes of the file that were handed over before, in another. */
static uint64_t overlap(const struct carving *c, const struct measure *m)
{
    uint64_t end = m->start + m->length < c->covered ? m->start + m->length : c->covered;
    return end > m->start ? end - m->start : 0;
}

/** A fragment is cut where it gets too long: what claims to be a film may be one header. */
static void cut_fragment(const struct carving *c, struct measure *m)
{
    if (m->verdict != CARVE_PARTIAL || !limit_exceeded(c->job->limits, LIMIT_CARVE_PARTIAL, m->length))
        return;
    m->length = c->job->limits->value[LIMIT_CARVE_PARTIAL];
    m->why = "its end is not there; cut at the limit carve-partial";
}

/** Follows what begins at m->start; false where the credit does not suffice. */
static bool follow(struct carving *c, const struct finder *finder, struct measure *m)
{
    m->allowance = c->credit;
    m->room = c->stream.size - m->start;
    finder->measure(m);
    bool free = m->verdict == CARVE_WHOLE && m->solid;
    cut_fragment(c, m);
    uint64_t cost = (free ? 0 : m->work) + (m->verdict == CARVE_FALSE ? 0 : overlap(c, m));
    if (m->tired || cost > c->credit) {
        c->credit = m->tired ? 0 : c->credit;
        return false;
    }
    c->credit -= cost;
    return true;
}

/** What may begin in the file that was found. */
static void note_extent(struct carving *c, const struct finder *finder, const struct measure *m)
{
    uint64_t end = m->start + m->length;
    if (end > c->covered)
        c->covered = end;
    if (m->parts) {
        c->parts = m->start + m->parts;
        c->parts_of = finder;
    }
    if (m->verdict == CARVE_WHOLE && m->solid)
        c->floor = end;
    else if (m->verdict == CARVE_WHOLE && m->framed && end > c->framed)
        c->framed = end;
}

static void try_hit(struct carving *c, uint64_t hit, const struct finder *finder)
{
    size_t n;
    struct measure m = {.stream = &c->stream, .start = hit - finder->back};
    if (hit < finder->back || m.start < c->floor || (m.start < c->framed && absolute(c, m.start) % SECTOR) ||
        (m.start < c->parts && finder == c->parts_of))
        return;
    const uint8_t *p = stream_at(&c->stream, m.start, CARVE_HEAD, &n);
    if (!p || !finder->look(p, n))
        return;
    if (!follow(c, finder, &m)) {
        note_limit(c, LIMIT_CARVE_WORK, "too many beginnings of files to follow", absolute(c, m.start));
        return;
    }
    if (m.verdict == CARVE_FALSE || !m.length || over_entries(c))
        return;
    deliver(c, finder, &m);
    note_extent(c, finder, &m);
}

/** Every byte that is scanned pays for some that are looked at again. */
static void earn(struct carving *c, uint64_t scanned)
{
    uint64_t more;
    if (__builtin_mul_overflow(scanned, c->job->limits->value[LIMIT_CARVE_WORK], &more) || more > CREDIT - c->credit)
        c->credit = CREDIT;
    else
        c->credit += more;
}

/** Follows all hits of a window. Returns behind which place it is done. */
static uint64_t scan_window(struct carving *c, uint64_t at, size_t n)
{
    uint32_t hits[HITS];
    const uint8_t *bytes = c->stream.scan.bytes;
    for (size_t from = 0; n - from >= MAGIC_BYTES && !c->done;) {
        size_t found = kernels()->magic_scan(bytes + from, n - from, hits, HITS);
        for (size_t i = 0; i < found && !c->done; i++) {
            size_t hit = from + hits[i];
            const struct finder *finder = finder_at(bytes + hit, n - hit);
            if (finder)
                try_hit(c, at + hit, finder);
            if (c->floor > at + hit && c->floor - at >= n)
                return c->floor;
        }
        if (found < HITS)
            break;
        from += hits[found - 1] + 1;
    }
    return at + n - (MAGIC_BYTES - 1);
}

static void carve_stream(struct carving *c)
{
    uint64_t at = 0;
    while (!c->done && c->stream.size - at >= MAGIC_BYTES) {
        size_t n = stream_scan(&c->stream, at);
        if (n < MAGIC_BYTES)
            break;
        uint64_t next = scan_window(c, at, n);
        earn(c, next - at);
        at = next;
        if (c->job->sink->alive)
            c->job->sink->alive(c->job->sink);
    }
}

/** One stream over n ranges. */
static void carve_ranges(struct carving *c, const struct carve_range *ranges, size_t n)
{
    c->floor = c->covered = c->framed = c->parts = 0;
    if (!stream_init(&c->stream, c->job->source, ranges, n)) {
        end_memory(c->end);
        c->done = true;
        return;
    }
    carve_stream(c);
    stream_free(&c->stream);
}

uint64_t carve_credit(uint64_t bytes)
{
    uint64_t credit = CREDIT_RATIO * STREAM_NEAR;
    return bytes < (CREDIT - credit) / CREDIT_RATIO ? credit + CREDIT_RATIO * bytes : CREDIT;
}

/** What may be looked at again before anything was scanned. */
static uint64_t first_credit(const struct carve_job *job)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < job->n_ranges && bytes < CREDIT; i++) {
        uint64_t length = job->ranges[i].end > job->ranges[i].start ? job->ranges[i].end - job->ranges[i].start : 0;
        bytes += length < CREDIT ? length : CREDIT;
    }
    return carve_credit(bytes);
}

uint64_t carve_run(const struct carve_job *job, struct unpack_end *end)
{
    struct carving c = {
        .job = job, .end = end, .index = job->index, .credit = job->credit ? *job->credit : first_credit(job)};
    if (job->joined && job->n_ranges)
        carve_ranges(&c, job->ranges, job->n_ranges);
    for (size_t i = 0; !job->joined && i < job->n_ranges && !c.done; i++)
        carve_ranges(&c, &job->ranges[i], 1);
    if (job->credit)
        *job->credit = c.credit;
    return c.index;
}
