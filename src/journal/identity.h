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
};

void identity_of(const struct stat *st, struct identity *out);
/** Fills in the sample. */
void identity_sample(int fd, struct identity *identity);
bool identity_equal(const struct identity *a, const struct identity *b);
void identity_encode(const struct identity *identity, struct buf *out);
void identity_decode(struct reader *in, struct identity *out);

#endif
