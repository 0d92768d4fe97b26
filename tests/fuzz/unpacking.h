/* unpacking.h: runs a reader of containers over bytes and checks what it tells its sink. */
#ifndef TESTS_FUZZ_UNPACKING_H
#define TESTS_FUZZ_UNPACKING_H

#include "fuzz.h"
#include "trawl/unpack.h"

#define ENTRIES_MAX 100
/** Bytes of a member after which no more are wanted. */
#define ENOUGH (300u << 10)

struct seen_member {
    uint64_t index, offset, declared, size, given;
    enum file_type type;
    enum trawl_status status;
    uint64_t name, bytes;
    /** Its bytes were not all wanted. */
    bool passed_over;
    char detail[UNPACK_DETAIL];
};

struct unpacking {
    struct unpack_sink sink;
    struct unpack_input input;
    struct unpack_end end;
    struct seen_member members[ENTRIES_MAX];
    size_t n;
    /** Bit i: pass over members whose index is i modulo 64. */
    uint64_t refuse;
    bool open;
};

/** FNV-1a. */
static inline uint64_t unpacking_hash(uint64_t h, const uint8_t *p, size_t n)
{
    h = h ? h : 0xcbf29ce484222325;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3;
    return h;
}

static inline int unpacking_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    struct unpacking *u = (struct unpacking *)sink;
    CHECK(!u->open && u->n < ENTRIES_MAX);
    CHECK(entry->index == (u->n ? u->members[u->n - 1].index + 1 : u->input.first_index));
    CHECK((unsigned)entry->type < TYPE_COUNT &&
          (entry->type == TYPE_OTHER || type_class(entry->type) == CLASS_SPECIAL));
    CHECK(entry->name_len <= UNPACK_NAME_MAX && (entry->name || !entry->name_len));
    CHECK(entry->offset == UINT64_MAX || entry->offset <= u->input.size || u->input.type == TYPE_ZIP ||
          u->input.type == TYPE_ISO9660);
    struct seen_member *member = &u->members[u->n++];
    *member = (struct seen_member){.index = entry->index,
                                   .offset = entry->offset,
                                   .declared = entry->size,
                                   .type = entry->type,
                                   .name = unpacking_hash(0, entry->name, entry->name_len),
                                   .passed_over = u->refuse >> entry->index % 64 & 1};
    u->open = true;
    return member->passed_over;
}

static inline int unpacking_data(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset)
{
    struct unpacking *u = (struct unpacking *)sink;
    CHECK(u->open && n);
    struct seen_member *member = &u->members[u->n - 1];
    CHECK(!member->passed_over && (member->type == TYPE_OTHER || member->type == TYPE_SYMLINK));
    CHECK(offset >= member->given && offset + n > offset);
    uint64_t gap = offset - member->given;
    for (uint64_t i = 0; i < gap && i < ENOUGH; i++)
        member->bytes = unpacking_hash(member->bytes, (const uint8_t *)"", 1);
    member->bytes = unpacking_hash(member->bytes, data, n);
    member->given = offset + n;
    member->passed_over = member->given >= ENOUGH;
    return member->passed_over;
}

static inline void unpacking_entry_end(struct unpack_sink *sink, enum trawl_status status, uint64_t size,
                                       const char *detail)
{
    struct unpacking *u = (struct unpacking *)sink;
    CHECK(u->open);
    struct seen_member *member = &u->members[u->n - 1];
    CHECK(status == TRAWL_OK || status == TRAWL_DAMAGED || status == TRAWL_ENCRYPTED || status == TRAWL_UNSUPPORTED ||
          status == TRAWL_IO_ERROR || (status == TRAWL_PARTIAL && u->input.type == TYPE_ISO9660));
    CHECK(size >= member->given);
    CHECK(detail && strlen(detail) < UNPACK_DETAIL && fuzz_printable(detail));
    CHECK(status == TRAWL_OK || *detail);
    member->status = status;
    member->size = size;
    memcpy(member->detail, detail, strlen(detail));
    u->open = false;
}

static inline void unpacking_check_end(const struct unpacking *u)
{
    const struct unpack_end *end = &u->end;
    CHECK(!u->open);
    CHECK(end->status == TRAWL_OK || end->status == TRAWL_DAMAGED || end->status == TRAWL_ENCRYPTED ||
          end->status == TRAWL_UNSUPPORTED || end->status == TRAWL_IO_ERROR || end->status == TRAWL_LIMIT);
    CHECK((unsigned)end->limit < LIMIT_COUNT && (end->status == TRAWL_LIMIT) == (end->limit != LIMIT_NONE));
    CHECK(memchr(end->detail, 0, sizeof(end->detail)) && fuzz_printable(end->detail));
    CHECK(end->status == TRAWL_OK || *end->detail);
    CHECK(end->accounted <= u->input.size);
    CHECK(u->input.first_index || end->entries == u->n);
    CHECK(end->entries >= u->n && end->entries <= ENTRIES_MAX);
    /* Folders get no line: what is lost in one must be told of the container. */
    for (size_t i = 0; i < u->n; i++)
        CHECK(u->members[i].type != TYPE_DIRECTORY || u->members[i].status != TRAWL_DAMAGED ||
              end->status != TRAWL_OK || strcmp(u->members[i].detail, "CRC mismatch") == 0);
    /* The file is there: nothing of it cannot be read. */
    CHECK(end->status != TRAWL_IO_ERROR);
}

/** Unpacks the descriptor's bytes from the member `first` on. */
static inline void unpacking_run(struct unpacking *u, int fd, size_t size, enum file_type type, uint64_t first,
                                 uint64_t refuse)
{
    static const char name[] = "folder/name.tar.gz";
    unpack_warm_up();
    memset(u, 0, sizeof(*u));
    u->sink = (struct unpack_sink){.entry = unpacking_entry, .data = unpacking_data, .entry_end = unpacking_entry_end};
    u->input = (struct unpack_input){.fd = fd,
                                     .size = size,
                                     .type = type,
                                     .name = (const uint8_t *)name,
                                     .name_len = sizeof(name) - 1,
                                     .first_index = first};
    u->refuse = refuse;
    limits_default(&u->input.limits);
    u->input.limits.value[LIMIT_ENTRIES] = ENTRIES_MAX;
    const struct unpacker *unpacker = unpack_find(type);
    CHECK(unpacker);
    unpacker->run(&u->input, &u->sink, &u->end);
    unpacking_check_end(u);
}

/** What two runs tell of the same member, however much of the others was read. */
static inline void unpacking_same(const struct seen_member *a, const struct seen_member *b)
{
    CHECK(a->index == b->index && a->offset == b->offset && a->declared == b->declared && a->type == b->type &&
          a->name == b->name);
    if (a->passed_over || b->passed_over)
        return;
    CHECK(a->status == b->status && a->size == b->size && a->given == b->given && a->bytes == b->bytes);
    CHECK(strcmp(a->detail, b->detail) == 0);
}

/** True if `other`, which began at a later member or passed over some, tells the same of the members that it has. */
static inline void unpacking_compare(const struct unpacking *whole, const struct unpacking *other)
{
    uint64_t first = other->input.first_index;
    CHECK(whole->end.entries == other->end.entries);
    for (size_t i = 0; i < other->n; i++)
        unpacking_same(&whole->members[first + i], &other->members[i]);
}

#endif
