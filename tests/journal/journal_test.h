/* journal_test.h: journals in folders of their own, written and read back. */
#ifndef TESTS_JOURNAL_JOURNAL_TEST_H
#define TESTS_JOURNAL_JOURNAL_TEST_H

#include "core/alloc.h"
#include "journal/format.h"
#include "../scratch.h"

struct told {
    enum journal_type type;
    uint64_t sequence;
    uint8_t *payload;
    size_t n;
};

/** All that a reader gave. */
struct reading {
    struct told *records;
    size_t n, cap;
    struct journal_state state;
    /** What the reader ended with: 0 or -errno. */
    int error;
};

static inline struct reading reading_of(int dirfd)
{
    struct reading out = {0};
    struct journal_reader *reader;
    struct journal_record record;
    out.error = journal_reader_open(dirfd, &reader);
    if (out.error)
        return out;
    while ((out.error = journal_reader_next(reader, &record)) == 1) {
        RESERVE(out.records, out.n, out.cap);
        out.records[out.n++] = (struct told){record.type, record.sequence, mem_dup(record.payload, record.n), record.n};
    }
    if (!out.error)
        cr_assert_eq(journal_reader_next(reader, &record), 0, "the end stays the end");
    journal_reader_state(reader, &out.state);
    journal_reader_close(reader);
    return out;
}

static inline void reading_free(struct reading *reading)
{
    for (size_t i = 0; i < reading->n; i++)
        free(reading->records[i].payload);
    free(reading->records);
    *reading = (struct reading){0};
}

static inline bool told_equal(const struct told *a, const struct told *b)
{
    return a->type == b->type && a->sequence == b->sequence && a->n == b->n &&
           (!a->n || memcmp(a->payload, b->payload, a->n) == 0);
}

/** Opens the next segment behind what is there. */
static inline struct journal *journal_go_on(int dirfd)
{
    struct reading reading = reading_of(dirfd);
    struct journal *journal = NULL;
    cr_assert_eq(reading.error, 0);
    cr_assert_eq(journal_open(dirfd, reading.state.segments + 1, reading.state.sequence, reading.state.chain, &journal),
                 0);
    reading_free(&reading);
    return journal;
}

#endif
