/* record.h: a sink that keeps what it is given and checks that it is given in order. */
#ifndef TESTS_SOURCE_RECORD_H
#define TESTS_SOURCE_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trawl/unpack.h"

struct record_member {
    uint64_t index, offset, declared, size;
    enum file_type type;
    enum trawl_status status;
    uint8_t *name;
    size_t name_len;
    /** The first bytes, up to record.keep. */
    uint8_t *data;
    size_t n;
    char detail[UNPACK_DETAIL];
};

struct record {
    struct unpack_sink sink;
    struct record_member *members;
    size_t n;
    struct unpack_end end;
    /** Bytes of each member that are kept; bytes of each after which no more are wanted. */
    size_t keep;
    uint64_t enough;
    /** Wants no member's bytes. */
    bool refuse;
    /** Between entry and entry_end; behind the last byte. */
    bool open;
    uint64_t at;
    /** The first thing that broke the sink's rules, or NULL. */
    const char *broken;
};

static inline struct record_member *record_last(struct record *record)
{
    return &record->members[record->n - 1];
}

static inline int record_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    struct record *record = (struct record *)sink;
    if (record->open)
        record->broken = "entry before the last one's end";
    /* What comes out of a file system may leave numbers out. */
    if (record->n &&
        (entry->origin ? entry->index <= record_last(record)->index : entry->index != record_last(record)->index + 1))
        record->broken = "index out of order";
    if (entry->name_len > UNPACK_NAME_MAX)
        record->broken = "name too long";
    if (!(record->n & (record->n - 1))) /* room for twice as many */
        record->members = realloc(record->members, (record->n ? 2 * record->n : 1) * sizeof(*record->members));
    struct record_member *member = &record->members[record->n++];
    *member = (struct record_member){.index = entry->index,
                                     .offset = entry->offset,
                                     .declared = entry->size,
                                     .type = entry->type,
                                     .name_len = entry->name_len};
    member->name = malloc(entry->name_len + 1);
    memcpy(member->name, entry->name, entry->name_len);
    member->name[entry->name_len] = 0;
    record->open = true;
    record->at = 0;
    return record->refuse;
}

static inline int record_data(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset)
{
    struct record *record = (struct record *)sink;
    struct record_member *member = record_last(record);
    if (!record->open || record->refuse)
        record->broken = "data for nobody";
    if (offset < record->at)
        record->broken = "data out of order";
    if (offset < record->keep) {
        size_t room = record->keep - offset, end = offset + (n < room ? n : room);
        member->data = realloc(member->data, end);
        memset(member->data + member->n, 0, end - member->n);
        memcpy(member->data + offset, data, end - offset);
        member->n = end;
    }
    record->at = offset + n;
    return record->at >= record->enough;
}

static inline void record_entry_end(struct unpack_sink *sink, enum trawl_status status, uint64_t size,
                                    const char *detail)
{
    struct record *record = (struct record *)sink;
    struct record_member *member = record_last(record);
    if (!record->open)
        record->broken = "end without entry";
    if (size < record->at)
        record->broken = "size less than the bytes given";
    if (status != TRAWL_OK && status != TRAWL_DAMAGED && status != TRAWL_ENCRYPTED && status != TRAWL_UNSUPPORTED &&
        status != TRAWL_IO_ERROR && status != TRAWL_PARTIAL)
        record->broken = "no status for a member";
    record->open = false;
    member->status = status;
    member->size = size;
    snprintf(member->detail, sizeof(member->detail), "%s", detail);
}

static inline struct record record_new(void)
{
    return (struct record){.sink = {.entry = record_entry, .data = record_data, .entry_end = record_entry_end},
                           .keep = 1 << 20,
                           .enough = UINT64_MAX};
}

static inline void record_free(struct record *record)
{
    for (size_t i = 0; i < record->n; i++) {
        free(record->members[i].name);
        free(record->members[i].data);
    }
    free(record->members);
    record->members = NULL;
    record->n = 0;
}

/** An input with default limits and no name. */
static inline struct unpack_input record_input(int fd, uint64_t size, enum file_type type)
{
    struct unpack_input input = {.fd = fd, .size = size, .type = type, .name = (const uint8_t *)""};
    limits_default(&input.limits);
    return input;
}

/** Unpacks and checks what must hold for every container. */
static inline void record_run(struct record *record, const struct unpack_input *input)
{
    unpack_find(input->type)->run(input, &record->sink, &record->end);
    const struct unpack_end *end = &record->end;
    if (record->open)
        record->broken = "the last entry has no end";
    if (end->accounted > input->size)
        record->broken = "more bytes accounted for than there are";
    if (end->entries < record->n || (!input->first_index && end->entries != record->n))
        record->broken = "entries miscounted";
    if ((end->status == TRAWL_LIMIT) != (end->limit != LIMIT_NONE))
        record->broken = "limit without a name";
    if (end->status != TRAWL_OK && !*end->detail)
        record->broken = "no words for the status";
    for (const char *p = end->detail; *p; p++)
        if (*p < ' ' || *p > '~')
            record->broken = "detail is not printable";
}

static inline int record_memfd(const void *bytes, size_t n)
{
    int fd = memfd_create("container", 0);
    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
        abort();
    return fd;
}

/** Unpacks bytes. */
static inline void record_bytes(struct record *record, const void *bytes, size_t n, enum file_type type)
{
    int fd = record_memfd(bytes, n);
    struct unpack_input input = record_input(fd, n, type);
    record_run(record, &input);
    close(fd);
}

static inline bool member_is(const struct record_member *member, const char *name, const void *data, size_t n)
{
    return member->name_len == strlen(name) && !memcmp(member->name, name, member->name_len) && member->n == n &&
           (!n || !memcmp(member->data, data, n));
}

#endif
