#include "journal/format.h"

#include <stdio.h>
#include <string.h>

#include "core/crc32c.h"
#include "hash/sha256.h"

void journal_segment_name(unsigned segment, char name[24])
{
    snprintf(name, 24, "j-%06u.log", segment);
}

static void put_le(uint8_t *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le(const uint8_t *p, int n)
{
    uint64_t v = 0;
    for (int i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

/** type, length and sequence as they are hashed. */
static void numbers(const struct journal_header *h, uint8_t out[16])
{
    put_le(out, h->type, 4);
    put_le(out + 4, h->length, 4);
    put_le(out + 8, h->sequence, 8);
}

uint32_t journal_crc(const struct journal_header *h, const void *payload)
{
    uint8_t head[16];
    numbers(h, head);
    uint32_t crc = crc32c(0, head, sizeof(head));
    crc = crc32c(crc, h->chain, JOURNAL_CHAIN);
    return crc32c(crc, payload, h->length);
}

void journal_chain(const struct journal_header *h, const uint8_t before[JOURNAL_CHAIN], const void *payload,
                   uint8_t out[JOURNAL_CHAIN])
{
    uint8_t head[16], digest[32];
    numbers(h, head);
    const struct sha256_part parts[] = {{before, JOURNAL_CHAIN}, {head, sizeof(head)}, {payload, h->length}};
    sha256_parts(parts, 3, digest);
    memcpy(out, digest, JOURNAL_CHAIN);
}

void journal_header_make(uint8_t out[JOURNAL_HEADER], enum journal_type type, uint64_t sequence,
                         uint8_t chain[JOURNAL_CHAIN], const void *payload, uint32_t n)
{
    struct journal_header h = {.type = (uint32_t)type, .length = n, .sequence = sequence};
    journal_chain(&h, chain, payload, h.chain);
    memcpy(chain, h.chain, JOURNAL_CHAIN);
    h.crc = journal_crc(&h, payload);
    put_le(out, JOURNAL_MAGIC, 4);
    put_le(out + 4, h.type, 4);
    put_le(out + 8, h.length, 4);
    put_le(out + 12, h.crc, 4);
    put_le(out + 16, h.sequence, 8);
    memcpy(out + 24, h.chain, JOURNAL_CHAIN);
}

bool journal_header_read(const uint8_t in[JOURNAL_HEADER], struct journal_header *h)
{
    h->type = (uint32_t)get_le(in + 4, 4);
    h->length = (uint32_t)get_le(in + 8, 4);
    h->crc = (uint32_t)get_le(in + 12, 4);
    h->sequence = get_le(in + 16, 8);
    memcpy(h->chain, in + 24, JOURNAL_CHAIN);
    return get_le(in, 4) == JOURNAL_MAGIC && h->type >= 1 && h->type < JOURNAL_TYPES &&
           h->length <= JOURNAL_PAYLOAD_MAX;
}
