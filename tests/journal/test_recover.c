#include <criterion/criterion.h>
#include <errno.h>
#include <unistd.h>

#include "journal_test.h"

#define RECORDS 9
/** Records before the second segment. */
#define FIRST 5

/** A journal as bytes: two segments and where each record begins. */
struct made {
    struct buf segment[2];
    struct told record[RECORDS];
    /** Within its segment; [i + 1] or the segment's end is where it ends. */
    size_t at[RECORDS];
};

static void add_record(struct made *m, int i, uint8_t chain[JOURNAL_CHAIN], const void *payload, size_t n)
{
    struct buf *segment = &m->segment[i >= FIRST];
    uint8_t header[JOURNAL_HEADER];
    m->record[i] =
        (struct told){(enum journal_type)(1 + i % (JOURNAL_TYPES - 1)), (uint64_t)i + 1, mem_dup(payload, n), n};
    m->at[i] = segment->len;
    journal_header_make(header, m->record[i].type, (uint64_t)i + 1, chain, payload, (uint32_t)n);
    buf_put(segment, header, sizeof(header));
    buf_put(segment, payload, n);
}

static struct made make(void)
{
    static const uint8_t bytes[] = "some bytes of evidence, TRWL among them, \0 and \xff too";
    struct made m = {0};
    uint8_t chain[JOURNAL_CHAIN] = {0};
    for (int i = 0; i < RECORDS; i++)
        add_record(&m, i, chain, bytes, (size_t)(i * 13) % sizeof(bytes));
    return m;
}

static void made_free(struct made *m)
{
    for (int i = 0; i < RECORDS; i++)
        free(m->record[i].payload);
    buf_free(&m->segment[0]);
    buf_free(&m->segment[1]);
}

static size_t end_of(const struct made *m, int i)
{
    return m->at[i] + JOURNAL_HEADER + m->record[i].n;
}

static void write_segment(const struct scratch *s, unsigned number, const void *bytes, size_t n)
{
    char name[24];
    journal_segment_name(number, name);
    scratch_write(s->fd, name, bytes, n);
}

static void write_both(const struct scratch *s, const struct made *m)
{
    write_segment(s, 1, m->segment[0].data, m->segment[0].len);
    write_segment(s, 2, m->segment[1].data, m->segment[1].len);
}

/** All that was told was written, in that order, each once; returns how many are missing. */
static size_t missing(const struct reading *reading, const struct made *m)
{
    size_t at = 0;
    for (size_t i = 0; i < reading->n; i++) {
        while (at < RECORDS && !told_equal(&reading->records[i], &m->record[at]))
            at++;
        cr_assert_lt(at, (size_t)RECORDS, "a record was told that nobody wrote");
        at++;
    }
    return RECORDS - reading->n;
}

Test(recover, reads_what_was_made)
{
    struct scratch s = scratch_make();
    struct made m = make();
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(reading.n + reading.state.records + reading.state.segments + reading.state.damaged, 0u);
    write_both(&s, &m);
    reading = reading_of(s.fd);
    cr_assert_eq(missing(&reading, &m), 0u);
    cr_assert_eq(reading.state.damaged + reading.state.torn_bytes, 0u);
    cr_assert_eq(reading.state.segments, 2u);
    cr_assert_eq(reading.state.sequence, RECORDS);
    reading_free(&reading);
    struct buf same = scratch_read(s.fd, "j-000001.log");
    cr_assert_eq(same.len, m.segment[0].len);
    cr_assert_eq(memcmp(same.data, m.segment[0].data, same.len), 0, "reading changes nothing");
    buf_free(&same);
    made_free(&m);
    scratch_remove(&s);
}

/** Whatever byte is wrong, and however: one record is lost at most, none is invented, and it is noticed. */
Test(recover, every_byte_flipped, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct made m = make();
    write_both(&s, &m);
    for (unsigned k = 0; k < 2; k++)
        for (size_t i = 0; i < m.segment[k].len; i++)
            for (unsigned how = 0; how < 2; how++) {
                uint8_t *byte = &m.segment[k].data[i], before = *byte;
                *byte ^= how == 0 ? 1u << i % 8 : 0xff;
                write_segment(&s, k + 1, m.segment[k].data, m.segment[k].len);
                *byte = before;
                struct reading reading = reading_of(s.fd);
                cr_assert_eq(reading.error, 0);
                cr_assert_leq(missing(&reading, &m), 1u, "byte %zu of segment %u", i, k + 1);
                cr_assert(reading.state.damaged || reading.state.torn_bytes, "byte %zu of segment %u", i, k + 1);
                reading_free(&reading);
                write_segment(&s, k + 1, m.segment[k].data, m.segment[k].len);
            }
    made_free(&m);
    scratch_remove(&s);
}

/** The last segment cut anywhere, as by a crash: all whole records before are told, the rest is counted, nothing is
 * damaged. */
Test(recover, cut_at_every_length, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct made m = make();
    write_both(&s, &m);
    for (size_t n = 0; n <= m.segment[1].len; n++) {
        size_t whole = 0, bytes = 0;
        for (int i = FIRST; i < RECORDS && end_of(&m, i) <= n; i++) {
            whole++;
            bytes = end_of(&m, i);
        }
        write_segment(&s, 2, m.segment[1].data, n);
        struct reading reading = reading_of(s.fd);
        cr_assert_eq(reading.n, FIRST + whole, "cut at %zu", n);
        cr_assert_eq(missing(&reading, &m), RECORDS - FIRST - whole);
        cr_assert_eq(reading.state.damaged, 0u);
        cr_assert_eq(reading.state.torn_bytes, n - bytes);
        reading_free(&reading);
    }
    made_free(&m);
    scratch_remove(&s);
}

/** Where others follow, a cut is damage too, unless the next run saw it. */
Test(recover, cut_before_a_segment, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct made m = make();
    write_both(&s, &m);
    for (size_t n = 0; n < m.segment[0].len; n++) {
        write_segment(&s, 1, m.segment[0].data, n);
        struct reading reading = reading_of(s.fd);
        cr_assert_geq(reading.state.damaged, 1u, "cut at %zu", n);
        missing(&reading, &m);
        cr_assert_geq(reading.n, (size_t)RECORDS - FIRST, "the second segment is read");
        reading_free(&reading);
    }
    made_free(&m);
    scratch_remove(&s);
}

/** Writes segment 1 out of records in another order; an index of -1 ends it. */
static struct reading reorder(const struct scratch *s, const struct made *m, const int *order)
{
    struct buf out = {0};
    for (int i = 0; order[i] >= 0; i++)
        buf_put(&out, m->segment[0].data + m->at[order[i]], end_of(m, order[i]) - m->at[order[i]]);
    write_segment(s, 1, out.data, out.len);
    buf_free(&out);
    return reading_of(s->fd);
}

/** Each record for itself is perfect; that it is not where it belongs is damage. */
Test(recover, removed_doubled_swapped)
{
    static const int orders[][FIRST + 3] = {
        {1, 2, 3, 4, -1},
        {0, 2, 3, 4, -1},
        {0, 1, 2, 4, -1},
        {0, 1, 2, 3, -1},
        {0, 0, 1, 2, 3, 4, -1},
        {0, 1, 2, 3, 4, 4, -1},
        {0, 1, 2, 3, 4, 2, -1},
        {0, 2, 1, 3, 4, -1},
        {0, 1, 2, 4, 3, -1},
        {4, 3, 2, 1, 0, -1},
        {-1},
    };
    struct scratch s = scratch_make();
    struct made m = make();
    write_both(&s, &m);
    for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
        struct reading reading = reorder(&s, &m, orders[i]);
        size_t n = 0;
        while (orders[i][n] >= 0)
            n++;
        cr_assert_eq(reading.n, n + RECORDS - FIRST, "all that is good is told");
        cr_assert_geq(reading.state.damaged, 1u, "order %zu", i);
        cr_assert_eq(reading.state.torn_bytes, 0u);
        reading_free(&reading);
    }
    made_free(&m);
    scratch_remove(&s);
}

/** Somebody who knows the format changes a record and its checksum: the chain gives him away. */
Test(recover, changed_with_a_right_checksum)
{
    struct scratch s = scratch_make();
    struct made m = make();
    for (int i = 0; i < FIRST; i++) {
        struct journal_header h;
        uint8_t *p = m.segment[0].data + m.at[i];
        write_both(&s, &m);
        cr_assert(journal_header_read(p, &h));
        p[4] ^= 1;
        h.type ^= 1;
        uint32_t crc = journal_crc(&h, p + JOURNAL_HEADER), old;
        memcpy(&old, p + 12, 4);
        memcpy(p + 12, &crc, 4);
        write_segment(&s, 1, m.segment[0].data, m.segment[0].len);
        struct reading reading = reading_of(s.fd);
        cr_assert_eq(reading.state.damaged, 1u, "record %d", i);
        reading_free(&reading);
        p[4] ^= 1;
        memcpy(p + 12, &old, 4);
    }
    made_free(&m);
    scratch_remove(&s);
}

/** A whole segment that is gone is missed, wherever it stood; those behind it are read all the same. */
Test(recover, segments_removed)
{
    struct scratch s = scratch_make();
    for (uint64_t run = 0; run < 4; run++) {
        struct journal *journal = journal_go_on(s.fd);
        for (uint64_t i = 0; i < 3; i++)
            cr_assert_eq(journal_append(journal, JOURNAL_NOTE, &run, sizeof(run), false), 0);
        cr_assert_eq(journal_close(journal), 0);
    }
    for (unsigned gone = 1; gone <= 3; gone++) {
        char name[24];
        journal_segment_name(gone, name);
        struct buf bytes = scratch_read(s.fd, name);
        cr_assert_eq(unlinkat(s.fd, name, 0), 0);
        struct reading reading = reading_of(s.fd);
        cr_assert_eq(reading.error, 0);
        cr_assert_eq(reading.n, 9u, "without segment %u", gone);
        cr_assert_eq(reading.state.segments, 4u, "the next run's segment is the fifth");
        cr_assert_geq(reading.state.damaged, 1u);
        reading_free(&reading);
        scratch_write(s.fd, name, bytes.data, bytes.len);
        buf_free(&bytes);
    }
    scratch_remove(&s);
}

/** Nothing is behind the gap but an empty segment: still it shows. */
Test(recover, gap_before_nothing)
{
    struct scratch s = scratch_make();
    struct made m = make();
    write_segment(&s, 1, m.segment[0].data, m.segment[0].len);
    write_segment(&s, 3, "", 0);
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(reading.n, (size_t)FIRST);
    cr_assert_eq(reading.state.damaged, 1u);
    cr_assert_eq(reading.state.segments, 3u);
    reading_free(&reading);
    made_free(&m);
    scratch_remove(&s);
}

/** Empty segments are runs that died at once: no damage. Other files in the folder are none of the journal's. */
Test(recover, empty_and_foreign_files)
{
    struct scratch s = scratch_make();
    struct made m = make();
    write_segment(&s, 1, "", 0);
    write_segment(&s, 2, m.segment[0].data, m.segment[0].len);
    write_segment(&s, 3, "", 0);
    write_segment(&s, 4, m.segment[1].data, m.segment[1].len);
    static const char *const others[] = {"crashes.log",   "j-1.log",      "j-000009.log~",
                                         "xj-000009.log", "j-0000a9.log", "j-.log"};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        scratch_write(s.fd, others[i], "x", 1);
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(missing(&reading, &m), 0u);
    cr_assert_eq(reading.state.segments, 4u);
    cr_assert_eq(reading.state.damaged + reading.state.torn_bytes, 0u);
    reading_free(&reading);
    made_free(&m);
    scratch_remove(&s);
}

/** What is no file is an error, not an empty journal. */
Test(recover, not_a_file)
{
    struct scratch s = scratch_make();
    cr_assert_eq(symlinkat("j-000002.log", s.fd, "j-000001.log"), 0);
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(reading.error, -ELOOP);
    reading_free(&reading);
    cr_assert_eq(unlinkat(s.fd, "j-000001.log", 0), 0);
    cr_assert_eq(mkdirat(s.fd, "j-000001.log", 0700), 0);
    reading = reading_of(s.fd);
    cr_assert_eq(reading.error, -EISDIR);
    reading_free(&reading);
    cr_assert_eq(reading_of(-1).error, -EBADF);
    scratch_remove(&s);
}

/** A record that a hostile name holds, as a whole: magic, checksum and all. */
static size_t forge(uint8_t *out, uint64_t sequence, const uint8_t chain[JOURNAL_CHAIN])
{
    static const char words[] = "forged";
    uint8_t own[JOURNAL_CHAIN];
    memcpy(own, chain, JOURNAL_CHAIN);
    journal_header_make(out, JOURNAL_ITEM, sequence, own, words, sizeof(words));
    memcpy(out + JOURNAL_HEADER, words, sizeof(words));
    return JOURNAL_HEADER + sizeof(words);
}

/**
 * A member's name is the bytes of a record. The record around it is cut by a crash at every length, or has one byte
 * wrong: what the name says is never told.
 */
Test(recover, names_that_are_records, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct made m = {0};
    uint8_t chain[JOURNAL_CHAIN] = {0}, name[3 * 64], zeros[JOURNAL_CHAIN] = {0};
    size_t n = 0;
    for (uint64_t sequence = 2; sequence < 5; sequence++)
        n += forge(name + n, sequence, zeros);
    for (int i = 0; i < RECORDS; i++)
        add_record(&m, i, chain, name, i == 1 || i == 3 ? n : 5);
    for (size_t cut = m.at[3]; cut < end_of(&m, 3); cut++) {
        write_segment(&s, 1, m.segment[0].data, cut);
        write_segment(&s, 2, "", 0);
        struct reading reading = reading_of(s.fd);
        cr_assert_eq(reading.n, 3u, "cut at %zu", cut);
        missing(&reading, &m);
        cr_assert_eq(reading.state.damaged, 0u);
        cr_assert_eq(reading.state.torn_bytes, cut - m.at[3]);
        reading_free(&reading);
    }
    write_both(&s, &m);
    for (size_t i = m.at[1]; i < end_of(&m, 1); i++) {
        m.segment[0].data[i] ^= 4;
        write_segment(&s, 1, m.segment[0].data, m.segment[0].len);
        m.segment[0].data[i] ^= 4;
        struct reading reading = reading_of(s.fd);
        cr_assert_eq(missing(&reading, &m), i - m.at[1] < 4 ? 0u : 1u, "byte %zu", i - m.at[1]);
        cr_assert_eq(reading.state.damaged, 1u);
        reading_free(&reading);
    }
    made_free(&m);
    scratch_remove(&s);
}

/** Nothing but noise, beginnings of records among it. */
Test(recover, noise, .timeout = 60)
{
    struct scratch s = scratch_make();
    uint64_t seed = 7;
    size_t n = 300000;
    uint8_t *bytes = mem_zalloc(n), chain[JOURNAL_CHAIN] = {0};
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)scratch_random(&seed);
    for (size_t at = 1000; at + 3000 < n; at += 1500)
        journal_header_make(bytes + at, JOURNAL_ITEM, at, chain, bytes + at + 100,
                            (uint32_t)(at * 64 % JOURNAL_PAYLOAD_MAX % 2000));
    write_segment(&s, 1, bytes, n);
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(reading.error, 0);
    cr_assert_leq(reading.state.torn_bytes, n);
    cr_assert_geq(reading.state.torn_bytes + reading.state.damaged, 1u);
    reading_free(&reading);
    free(bytes);
    scratch_remove(&s);
}

/** Records longer than what is read at once, damaged at their borders. */
Test(recover, large_records, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct made m = {0};
    uint8_t chain[JOURNAL_CHAIN] = {0}, *bytes = mem_zalloc(3u << 20);
    static const size_t sizes[RECORDS] = {700000, (1u << 20) - 80, 3u << 20, 0, 1u << 20, 5, 2u << 20, 1, 0};
    for (int i = 0; i < RECORDS; i++)
        add_record(&m, i, chain, bytes, sizes[i]);
    write_both(&s, &m);
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(missing(&reading, &m), 0u);
    cr_assert_eq(reading.state.damaged + reading.state.torn_bytes, 0u);
    reading_free(&reading);
    for (int i = 0; i < FIRST; i++) {
        m.segment[0].data[end_of(&m, i) - 1] ^= 1;
        write_both(&s, &m);
        m.segment[0].data[end_of(&m, i) - 1] ^= 1;
        reading = reading_of(s.fd);
        cr_assert_eq(missing(&reading, &m), 1u, "record %d", i);
        cr_assert_geq(reading.state.damaged + reading.state.torn_bytes, 1u);
        reading_free(&reading);
    }
    free(bytes);
    made_free(&m);
    scratch_remove(&s);
}
