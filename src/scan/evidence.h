/* evidence.h: reads a file of the host by position. What the medium does not give is found to the sector, and said. */
#ifndef SCAN_EVIDENCE_H
#define SCAN_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/** Bytes that could not be read. */
struct bad_range {
    uint64_t offset, length;
};

struct evidence {
    int fd;
    /** As fstat said when it was opened. */
    uint64_t size;
    /** Sorted, joined. */
    struct bad_range *bad;
    size_t n_bad, cap_bad;
    /** The file ended before `size`. */
    uint64_t short_at;
    int is_short;
};

void evidence_init(struct evidence *evidence, int fd, uint64_t size);
/** Frees what was noted; does not close fd. */
void evidence_clear(struct evidence *evidence);
/** Reads n bytes at offset; unreadable ones become zeros and are noted. Returns the bytes that exist (fewer only at the
 * end). */
size_t evidence_read(struct evidence *evidence, void *data, size_t n, uint64_t offset);
/** Appends "unreadable: 4096+512, ..." (offset + length); nothing where all was read. */
void evidence_describe(const struct evidence *evidence, struct buf *out);

#endif
