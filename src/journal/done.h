/* done.h: what a resumed scan need not do again: places, by 128 bits of their key. */
#ifndef JOURNAL_DONE_H
#define JOURNAL_DONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct where;

/** What earlier runs say of a place. */
enum done_state {
    DONE_NOT,
    /** Begun, never ended: it was in flight when a run died. */
    DONE_SUSPECT,
    /** In the journal. */
    DONE_YES,
};

/** 16 bytes that stand for a place. Two places share one with probability 2^-128. */
struct done_key {
    uint8_t bytes[16];
};

struct done_row {
    struct done_key key;
    /** 64 bits of the identity of the file of the host; 0: none. */
    uint64_t identity;
    /** 64 bits of the sample of an open container; 0: none. */
    uint64_t sample;
    /** enum done_state. */
    uint8_t state;
    /** It is on a list. */
    bool listed;
    /** Runs in which the main process itself crashed at it. */
    uint8_t crashes;
};

/** Open addressing, a power of two; read-only while workers run. */
struct done_set {
    struct done_row *rows;
    size_t n, cap;
};

void done_key_of(const struct where *where, struct done_key *out);
/** The row of a key, made if it is missing. Valid until the next call. */
struct done_row *done_set_row(struct done_set *set, const struct done_key *key);
/** NULL where there is none. */
const struct done_row *done_set_find(const struct done_set *set, const struct done_key *key);
void done_set_free(struct done_set *set);

#endif
