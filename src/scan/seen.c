/* seen.c: a table of bounded size; a result that was pushed out costs its decoding again, nothing else. */
#include "scan/seen.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/** Contents of one hash bucket. */
#define WAYS 4

/** What was asked of a content: its picture, or from which number on what it holds beside that. */
struct way {
    bool exact, extras;
    uint32_t first;
};

/** Results, each cut behind the last byte that is not zero: most have neither words nor rotations. */
struct told {
    uint32_t size;
    /** There are more extras. */
    bool more;
    uint8_t bytes[];
};

struct entry {
    uint8_t sha256[32];
    struct way way;
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
    /** Of extras. */
    size_t extras_bytes;
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

static bool same_way(struct way a, struct way b)
{
    return a.exact == b.exact && a.extras == b.extras && a.first == b.first;
}

static struct entry *find(const struct seen *seen, const uint8_t sha256[32], struct way way)
{
    struct entry *bucket = bucket_of(seen, sha256);
    for (int i = 0; i < WAYS; i++)
        if (bucket[i].told && same_way(bucket[i].way, way) && memcmp(bucket[i].sha256, sha256, 32) == 0)
            return &bucket[i];
    return NULL;
}

/** Most have no thumbnail, whose zeros need no looking at. */
static size_t result_bytes(const struct decode_result *result)
{
    return result->has_thumbnail ? sizeof(*result) : offsetof(struct decode_result, has_thumbnail);
}

static uint32_t used_bytes(const void *p, size_t n)
{
    const uint8_t *bytes = p;
    while (n && !bytes[n - 1])
        n--;
    return (uint32_t)n;
}

static uint32_t extra_bytes(const struct decode_extra *extra)
{
    return used_bytes(extra, offsetof(struct decode_extra, result) + result_bytes(&extra->result));
}

static struct told *tell(const struct decode_result *result)
{
    uint32_t n = used_bytes(result, result_bytes(result));
    struct told *told = mem_alloc(sizeof(*told) + n);
    *told = (struct told){.size = n};
    memcpy(told->bytes, result, n);
    return told;
}

/** Each behind its length. */
static struct told *tell_extras(const struct decode_extras *extras)
{
    size_t size = 0;
    for (uint32_t i = 0; i < extras->n; i++)
        size += sizeof(uint32_t) + extra_bytes(&extras->items[i]);
    struct told *told = mem_alloc(sizeof(*told) + size);
    *told = (struct told){.size = (uint32_t)size, .more = extras->more};
    uint8_t *to = told->bytes;
    for (uint32_t i = 0; i < extras->n; i++) {
        uint32_t n = extra_bytes(&extras->items[i]);
        memcpy(to, &n, sizeof(n));
        memcpy(to + sizeof(n), &extras->items[i], n);
        to += sizeof(n) + n;
    }
    return told;
}

static void untell_extras(const struct told *told, struct decode_extras *out)
{
    memset(out, 0, sizeof(*out));
    out->more = told->more;
    for (uint32_t at = 0, n; at < told->size; at += (uint32_t)sizeof(n) + n) {
        memcpy(&n, told->bytes + at, sizeof(n));
        memcpy(&out->items[out->n++], told->bytes + at + sizeof(n), n);
    }
}

bool seen_find(struct seen *seen, const uint8_t sha256[32], bool exact, struct decode_result *out)
{
    pthread_mutex_lock(&seen->lock);
    const struct entry *entry = find(seen, sha256, (struct way){.exact = exact});
    if (entry) {
        memset(out, 0, sizeof(*out));
        memcpy(out, entry->told->bytes, entry->told->size);
    }
    pthread_mutex_unlock(&seen->lock);
    return entry != NULL;
}

bool seen_find_extras(struct seen *seen, const uint8_t sha256[32], bool exact, uint32_t first,
                      struct decode_extras *out)
{
    pthread_mutex_lock(&seen->lock);
    const struct entry *entry = find(seen, sha256, (struct way){exact, true, first});
    if (entry)
        untell_extras(entry->told, out);
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

static void add(struct seen *seen, const uint8_t sha256[32], struct way way, struct told *told)
{
    struct entry *entry = find(seen, sha256, way);
    if (!entry)
        entry = place(seen, sha256);
    if (entry->told && entry->way.extras)
        seen->extras_bytes -= entry->told->size;
    free(entry->told);
    memcpy(entry->sha256, sha256, sizeof(entry->sha256));
    entry->way = way;
    entry->told = told;
}

void seen_add(struct seen *seen, const uint8_t sha256[32], bool exact, const struct decode_result *result)
{
    struct told *told = tell(result);
    pthread_mutex_lock(&seen->lock);
    add(seen, sha256, (struct way){.exact = exact}, told);
    pthread_mutex_unlock(&seen->lock);
}

void seen_add_extras(struct seen *seen, const uint8_t sha256[32], bool exact, uint32_t first,
                     const struct decode_extras *extras)
{
    struct told *told = tell_extras(extras);
    pthread_mutex_lock(&seen->lock);
    if (seen->extras_bytes + told->size > SEEN_EXTRAS_BYTES) {
        free(told);
    } else {
        seen->extras_bytes += told->size;
        add(seen, sha256, (struct way){exact, true, first}, told);
    }
    pthread_mutex_unlock(&seen->lock);
}
