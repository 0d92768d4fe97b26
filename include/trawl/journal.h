/*
 * journal.h: the append-only record of a scan; the only source of truth. Everything else in a case is derived from it.
 *
 * A case folder holds journal/j-000001.log, j-000002.log ... Every run of the scan starts a new segment; nothing that
 * was written is ever changed or cut. A record is
 *
 *   magic u32 | type u32 | length u32 | crc u32 | sequence u64 | chain 16 bytes | payload
 *
 * little-endian. crc is CRC-32C over type, length, sequence, chain and payload. chain is the first half of SHA-256 over
 * the chain of the record before (zeros at first) and this record's type, length, sequence and payload: a record cannot
 * be changed, dropped or moved without breaking all that follow.
 */
#ifndef TRAWL_JOURNAL_H
#define TRAWL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_CHAIN 16

/** Append only. */
enum journal_type {
    /** First record of a case: what was asked (struct case_info). */
    JOURNAL_START = 1,
    /** A run goes on with an unfinished case: u64 sequence of the last good record, u64 bytes that were not understood,
       u32 their CRC. */
    JOURNAL_RESUME,
    /** An item is taken up: u8 how, then its place. Written with the next sync, or at once where it runs alone. */
    JOURNAL_BEGIN,
    /** An item's end: identity, then struct item. */
    JOURNAL_ITEM,
    /** Which file a container is, so that it is not read on after it changed: identity, then its place. */
    JOURNAL_OPEN,
    /** The main process died at this item: written by its signal handler. */
    JOURNAL_CRASH,
    /** A sentence about the case. */
    JOURNAL_NOTE,
    /** The scan ended: struct case_end. */
    JOURNAL_END,
    /** A container of the host with all inside it is over its limit: u8 limit, u64 weight allowed, its place. */
    JOURNAL_CUT,
    /** What people said of a content: u8 enum verdict, 32 bytes SHA-256, then their words about it. */
    JOURNAL_VERDICT,
    /** A run begins, and has not looked at any evidence: i64 the clock, in nanoseconds since 1970; 32 bytes that stand
       for this build with its libraries; u64 for how lists were read. */
    JOURNAL_RUN,
    /** scan --since: which older case this one goes on from. */
    JOURNAL_SINCE,
    /** scan --since: what became of a file of the host since then. */
    JOURNAL_CHANGE,
    /** A merged case: what follows, up to the next of these, is of one shard: struct shard_state (plan/shard_state.h).
     */
    JOURNAL_SHARD,
    /** A file is not as it was when the plan was made: its place. */
    JOURNAL_STALE,
    /** A container that several shards read: what this one knows of it (plan/ranges.h). */
    JOURNAL_RANGES,
    JOURNAL_TYPES
};

struct journal;

/**
 * Starts a new segment in the folder `dirfd` (the journal's own), after what is there: `segment` counts from 1,
 * `sequence` and `chain` go on from the last good record. Returns 0 or -errno.
 */
int journal_open(int dirfd, unsigned segment, uint64_t sequence, const uint8_t chain[JOURNAL_CHAIN],
                 struct journal **out);
/**
 * Appends. Durable within 100 ms, or at once where urgent (does not wait for it). Any thread. Returns 0, or the -errno
 * that made the journal stop: nothing is taken from then on.
 */
int journal_append(struct journal *journal, enum journal_type type, const void *payload, size_t n, bool urgent);
/** The same for a payload in two pieces. */
int journal_append_split(struct journal *journal, enum journal_type type, const void *first, size_t n_first,
                         const void *rest, size_t n_rest, bool urgent);
/** Waits until all that was appended is durable. Returns 0 or -errno. */
int journal_sync(struct journal *journal);
/** The -errno that stopped the journal, or 0. */
int journal_error(struct journal *journal);
/** Syncs, closes, frees. Returns 0 or -errno. */
int journal_close(struct journal *journal);

/** One record read back; payload borrowed until the next one. */
struct journal_record {
    enum journal_type type;
    uint64_t sequence;
    const uint8_t *payload;
    size_t n;
    /** Where the payload stands: for journal_read_again. */
    unsigned segment;
    uint64_t offset;
};

/** What reading found. */
struct journal_state {
    /** Highest segment number met. */
    unsigned segments;
    uint64_t records;
    uint64_t sequence;
    uint8_t chain[JOURNAL_CHAIN];
    /** Bytes at the end of a segment that are no whole record: a write that was cut, harmless. */
    uint64_t torn_bytes;
    /** Their CRC-32C. */
    uint32_t torn_crc;
    /** Places where a record is damaged, missing or out of the chain: somebody changed the journal, or the medium did.
     */
    uint64_t damaged;
};

struct journal_reader;

/** Reads all segments in order. Never changes anything. Returns 0 or -errno. */
int journal_reader_open(int dirfd, struct journal_reader **out);
/** This process has read, or written, all of it before: the chain, whose digests take most of the time, is not followed
 * again, and the state says nothing of it. Checksums are compared all the same. */
void journal_reader_trust(struct journal_reader *reader);
/** The next good record: 1; 0 at the end; -errno. Damage is passed over and counted in the state. */
int journal_reader_next(struct journal_reader *reader, struct journal_record *record);
void journal_reader_state(const struct journal_reader *reader, struct journal_state *state);
void journal_reader_close(struct journal_reader *reader);
/** The n bytes of a record that was read before, by its place. Returns 0 or -errno (-EIO: they are not there any more).
 */
int journal_read_again(int dirfd, unsigned segment, uint64_t offset, void *out, size_t n);

#endif
