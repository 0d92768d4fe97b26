/* seen.c: a table of bounded size; a result that was pushed out costs its decoding again, nothing else. */
#include "scan/seen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/** Contents of one hash bucket. */
#define WAYS 4

/** A result, cut behind the last byte that is not zero: most have neither words nor rotations. */
struct told {
    uint32_t size;
    uint8_t bytes[];
};

struct entry {
    uint8_t sha256[32];
    bool exact;
    /** NULL: free. */
    struct told *told;
};

struct seen {
    /** One for all: a look-up takes a thousandth of a decoding. */
    pthread_mutex_t lock;
    struct entry *entries;
    size_t buckets;
    /** Which of a full bucket goes next. */
    unsigned turn;
};

struct seen *seen_new(unsigned contents)
{
    struct seen *seen = ALLOC(struct seen);
    pthread_mutex_init(&seen->lock, NULL);
    for (seen->buckets = 1; seen->buckets * WAYS < contents;)
        seen->buckets *= 2;
    seen->entries = ALLOC_ARRAY(struct entry, seen->buckets * WAYS);
    return seen;
}

void seen_free(struct seen *seen)
{
    if (!seen)
        return;
    for (size_t i = 0; i < seen->buckets * WAYS; i++)
        free(seen->entries[i].told);
    pthread_mutex_destroy(&seen->lock);
    free(seen->entries);
    free(seen);
}

static struct entry *bucket_of(const struct seen *seen, const uint8_t sha256[32])
{
    uint64_t hash;
    memcpy(&hash, sha256, sizeof(hash));
    return seen->entries + (hash & (seen->buckets - 1)) * WAYS;
}

static struct entry *find(const struct seen *seen, const uint8_t sha256[32], bool exact)
{
    struct entry *bucket = bucket_of(seen, sha256);
    for (int i = 0; i < WAYS; i++)
        if (bucket[i].told && bucket[i].exact == exact && memcmp(bucket[i].sha256, sha256, 32) == 0)
            return &bucket[i];
    return NULL;
}

static struct told *tell(const struct decode_result *result)
{
    const uint8_t *bytes = (const uint8_t *)result;
    uint32_t n = sizeof(*result);
    while (n && !bytes[n - 1])
        n--;
    struct told *told = mem_alloc(sizeof(*told) + n);
    told->size = n;
    memcpy(told->bytes, bytes, n);
    return told;
}

bool seen_find(struct seen *seen, const uint8_t sha256[32], bool exact, struct decode_result *out)
{
    pthread_mutex_lock(&seen->lock);
    const struct entry *entry = find(seen, sha256, exact);
    if (entry) {
        memset(out, 0, sizeof(*out));
        memcpy(out, entry->told->bytes, entry->told->size);
    }
    pthread_mutex_unlock(&seen->lock);
    return entry != NULL;
}

/** A free place in the content's bucket, or the one whose turn it is. */
static struct entry *place(struct seen *seen, const uint8_t sha256[32])
{
    struct entry *bucket = bucket_of(seen, sha256);
    for (int i = 0; i < WAYS; i++)
        if (!bucket[i].told)
            return &bucket[i];
    return &bucket[seen->turn++ % WAYS];
}

void seen_add(struct seen *seen, const uint8_t sha256[32], bool exact, const struct decode_result *result)
{
    struct told *told = tell(result);
    pthread_mutex_lock(&seen->lock);
    struct entry *entry = find(seen, sha256, exact);
    if (!entry)
        entry = place(seen, sha256);
    free(entry->told);
    memcpy(entry->sha256, sha256, sizeof(entry->sha256));
    entry->exact = exact;
    entry->told = told;
    pthread_mutex_unlock(&seen->lock);
}
