#include "journal/identity.h"

#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "trawl/digest.h"

#define SAMPLE 65536u

/** Some file systems hold years far beyond 2262: such a sum wraps, and is the same both times. */
static int64_t nanoseconds(const struct timespec *t)
{
    return (int64_t)((uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_nsec);
}

void identity_of(const struct stat *st, struct identity *out)
{
    *out = (struct identity){
        .dev = (uint64_t)st->st_dev,
        .ino = (uint64_t)st->st_ino,
        .size = (uint64_t)st->st_size,
        .mtime = nanoseconds(&st->st_mtim),
        .ctime = nanoseconds(&st->st_ctim),
    };
}

void identity_sample(int fd, struct identity *identity)
{
    uint64_t middle = identity->size / 2, end = identity->size > SAMPLE ? identity->size - SAMPLE : 0;
    uint64_t offsets[] = {0, middle, end};
    uint8_t *bytes = mem_zalloc(3 * SAMPLE);
    for (int i = 0; i < 3; i++) {
        /* What cannot be read counts as zeros: both times. */
        ssize_t ignored = pread(fd, bytes + (size_t)i * SAMPLE, SAMPLE, (off_t)offsets[i]);
        (void)ignored;
    }
    struct digests digests;
    digest_buffer(bytes, 3 * SAMPLE, &digests);
    memcpy(identity->sample, digests.sha256, sizeof(identity->sample));
    free(bytes);
}

uint64_t identity_hash(const struct identity *identity, uint64_t before)
{
    uint64_t parts[] = {identity->dev, identity->ino, identity->size, (uint64_t)identity->mtime,
                        (uint64_t)identity->ctime};
    uint64_t h = before ^ 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        h = (h ^ parts[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h ? h : 1;
}

bool identity_equal(const struct identity *a, const struct identity *b)
{
    static const uint8_t none[sizeof(a->sample)];
    bool sampled = memcmp(a->sample, none, sizeof(none)) != 0 && memcmp(b->sample, none, sizeof(none)) != 0;
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size && a->mtime == b->mtime &&
           (!sampled || memcmp(a->sample, b->sample, sizeof(none)) == 0);
}

void identity_encode(const struct identity *identity, struct buf *out)
{
    buf_u64(out, identity->dev);
    buf_u64(out, identity->ino);
    buf_u64(out, identity->size);
    buf_u64(out, (uint64_t)identity->mtime);
    buf_put(out, identity->sample, sizeof(identity->sample));
}

void identity_decode(struct reader *in, struct identity *out)
{
    *out = (struct identity){0};
    out->dev = read_u64(in);
    out->ino = read_u64(in);
    out->size = read_u64(in);
    out->mtime = (int64_t)read_u64(in);
    const uint8_t *sample = read_raw(in, sizeof(out->sample));
    if (sample)
        memcpy(out->sample, sample, sizeof(out->sample));
}
