/* format.h: the bytes of a journal record, for its writer and its reader. */
#ifndef JOURNAL_FORMAT_H
#define JOURNAL_FORMAT_H

#include <stdint.h>

#include "trawl/journal.h"

#define JOURNAL_MAGIC  0x4c575254u /* "TRWL" */
#define JOURNAL_HEADER 40u
/** A longer record is damage: the longest names and the most matches stay far below it. */
#define JOURNAL_PAYLOAD_MAX (64u << 20)

struct journal_header {
    uint32_t type, length, crc;
    uint64_t sequence;
    uint8_t chain[JOURNAL_CHAIN];
};

/** Name of a segment: "j-000001.log"; room for 24 bytes. */
void journal_segment_name(unsigned segment, char name[24]);
/** Writes header and magic into 40 bytes; computes chain and crc. `chain` is the last record's, and becomes this one's.
 */
void journal_header_make(uint8_t out[JOURNAL_HEADER], enum journal_type type, uint64_t sequence,
                         uint8_t chain[JOURNAL_CHAIN], const void *payload, uint32_t n);
/** Reads a header; false if the magic or the numbers are not those of a record. */
bool journal_header_read(const uint8_t in[JOURNAL_HEADER], struct journal_header *header);
/** CRC of a header and its payload. */
uint32_t journal_crc(const struct journal_header *header, const void *payload);
/** The chain value of a record that follows `before`. */
void journal_chain(const struct journal_header *header, const uint8_t before[JOURNAL_CHAIN], const void *payload,
                   uint8_t out[JOURNAL_CHAIN]);

#endif
