#include "journal/done.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "hash/sha256.h"
#include "trawl/where.h"

void done_key_of(const struct where *where, struct done_key *out)
{
    struct buf key = {0};
    uint8_t digest[32];
    where_key(where, &key);
    sha256_parts(&(struct sha256_part){key.data, key.len}, 1, digest);
    memcpy(out->bytes, digest, sizeof(out->bytes));
    buf_free(&key);
}

/** The row that holds the key, or the empty one where it belongs. */
static struct done_row *slot_of(struct done_row *rows, size_t cap, const struct done_key *key)
{
    uint64_t start;
    memcpy(&start, key->bytes, sizeof(start));
    static const struct done_row empty;
    for (size_t i = (size_t)start & (cap - 1);; i = (i + 1) & (cap - 1))
        if (memcmp(&rows[i].key, key, sizeof(*key)) == 0 || memcmp(&rows[i].key, &empty.key, sizeof(*key)) == 0)
            return &rows[i];
}

static void grow(struct done_set *set)
{
    size_t cap = set->cap ? size_mul(set->cap, 2) : 1024;
    struct done_row *rows = ALLOC_ARRAY(struct done_row, cap);
    static const struct done_key empty;
    for (size_t i = 0; i < set->cap; i++)
        if (memcmp(&set->rows[i].key, &empty, sizeof(empty)) != 0)
            *slot_of(rows, cap, &set->rows[i].key) = set->rows[i];
    free(set->rows);
    set->rows = rows;
    set->cap = cap;
}

struct done_row *done_set_row(struct done_set *set, const struct done_key *key)
{
    if (set->n * 4 >= set->cap * 3)
        grow(set);
    struct done_row *row = slot_of(set->rows, set->cap, key);
    if (memcmp(&row->key, key, sizeof(*key)) != 0) {
        row->key = *key;
        set->n++;
    }
    return row;
}

const struct done_row *done_set_find(const struct done_set *set, const struct done_key *key)
{
    if (!set->n)
        return NULL;
    const struct done_row *row = slot_of(set->rows, set->cap, key);
    return memcmp(&row->key, key, sizeof(*key)) == 0 ? row : NULL;
}

void done_set_free(struct done_set *set)
{
    free(set->rows);
    *set = (struct done_set){0};
}
