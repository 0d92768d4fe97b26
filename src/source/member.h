/* member.h (private): one member on its way from a reader to the sink, and how a container's reading ends. */
#ifndef SOURCE_MEMBER_H
#define SOURCE_MEMBER_H

#include "trawl/unpack.h"

/** Of a member, or a container, of which not all bytes could be read. */
#define HOLES_DETAIL "some of its bytes cannot be read"

struct member {
    struct unpack_sink *sink;
    /** False: nobody wants its bytes (any more). */
    bool wanted;
    /** False: delivered by an earlier child, the sink hears nothing of it. */
    bool announced;
    /** Behind the last byte delivered. */
    uint64_t end;
    /** Length of a name that was too long to be carried whole; 0 if it was not. */
    size_t name_cut;
};

/** Announces the entry; passes over it silently if its index is before input->first_index. */
void member_begin(struct member *member, const struct unpack_input *input, struct unpack_sink *sink,
                  const struct unpack_entry *entry);
/** Hands over bytes. False if no more are wanted. */
bool member_data(struct member *member, const void *data, size_t n, uint64_t offset);
/** `size`: the whole size where it is ok, else as far as it came. */
void member_end(struct member *member, enum trawl_status status, uint64_t size, const char *detail);

/** Notes what is wrong with the container; the first word stays. */
void end_note(struct unpack_end *end, enum trawl_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** LIMIT_UNPACK_MEMORY: memory is missing. */
void end_memory(struct unpack_end *end);
/** True, and noted, if entry number `index` is beyond LIMIT_ENTRIES. */
bool end_at_entry_limit(struct unpack_end *end, const struct unpack_input *input, uint64_t index);
/** A sentence for member_end. Bytes that are no printable ASCII become '?'. */
const char *detail_format(char detail[UNPACK_DETAIL], const char *format, ...) __attribute__((format(printf, 2, 3)));

/** zip.c, libarchive.c, filter.c */
extern const struct unpacker zip_unpacker, archive_unpacker, filter_unpacker;

#endif
