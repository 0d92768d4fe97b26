/* identity.h: which file of the host something is, so that changed evidence is noticed. */
#ifndef JOURNAL_IDENTITY_H
#define JOURNAL_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct buf;
struct reader;

struct identity {
    uint64_t dev, ino, size;
    /** Nanoseconds since 1970. */
    int64_t mtime;
    /** First half of SHA-256 over the first, the middle and the last 64 KiB; zeros where it was not taken (only
     * containers). */
    uint8_t sample[16];
    /** Nanoseconds since 1970 of the last change of anything about the file: nobody can set it back. Not in
     * identity_encode. */
    int64_t ctime;
    /** 64 bits of the identities of the files that a split image goes on in; 0: none. Not in identity_encode. */
    uint64_t segments;
};

void identity_of(const struct stat *st, struct identity *out);
/** Fills in the sample. */
void identity_sample(int fd, struct identity *identity);
/** 64 bits of device, inode, size and both times, never 0; a chain of several by what the last one gave. */
uint64_t identity_hash(const struct identity *identity, uint64_t before);
bool identity_equal(const struct identity *a, const struct identity *b);
void identity_encode(const struct identity *identity, struct buf *out);
void identity_decode(struct reader *in, struct identity *out);

#endif
