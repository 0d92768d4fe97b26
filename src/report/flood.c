#include "report/flood.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "report/digest_key.h"
#include "report/finding.h"
#include "report/order.h"

/** An entry, whatever file it hits: list, entry and value. */
static void entry_key(const struct match *match, uint8_t out[FLOOD_KEY])
{
    struct buf text = {0};
    buf_u8(&text, (uint8_t)match->type);
    buf_bytes(&text, match->list, strlen(match->list));
    buf_bytes(&text, match->entry, strlen(match->entry));
    buf_put(&text, match->value, hash_type_bytes(match->type));
    digest_key(text.data, text.len, out);
    buf_free(&text);
}

int flood_add(struct sorter *hits, const struct item *item)
{
    uint8_t key[FLOOD_KEY + DIGEST_KEY];
    struct buf content = {0};
    int error = 0;
    if (!item->matches.n)
        return 0;
    finding_content_key(item, &content);
    digest_key(content.data, content.len, key + FLOOD_KEY);
    buf_free(&content);
    for (size_t i = 0; i < item->matches.n && !error; i++) {
        if (!match_is_near(&item->matches.items[i]))
            continue;
        entry_key(&item->matches.items[i], key);
        error = sorter_add(hits, key, sizeof(key), NULL, 0);
    }
    return error;
}

int flood_find(struct flood *flood, struct sorter *hits, uint64_t limit)
{
    const uint8_t *key, *value;
    size_t key_len, value_len;
    uint8_t last[FLOOD_KEY + DIGEST_KEY] = {0};
    uint64_t contents = 0;
    int got = 0;
    while (limit && (got = sorter_next(hits, &key, &key_len, &value, &value_len)) > 0) {
        bool same_entry = contents && memcmp(last, key, FLOOD_KEY) == 0;
        if (same_entry && memcmp(last, key, sizeof(last)) == 0)
            continue;
        contents = same_entry ? contents + 1 : 1;
        memcpy(last, key, sizeof(last));
        if (contents != limit + 1)
            continue;
        RESERVE(flood->keys, flood->n, flood->cap);
        memcpy(flood->keys[flood->n++], key, FLOOD_KEY);
    }
    return got;
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, FLOOD_KEY);
}

/* The keys came out of a sorter: they are in order. */
bool flood_has(const struct flood *flood, const struct match *match)
{
    uint8_t key[FLOOD_KEY];
    if (!flood->n || !match_is_near(match))
        return false;
    entry_key(match, key);
    return bsearch(key, flood->keys, flood->n, FLOOD_KEY, compare_keys) != NULL;
}

bool flood_has_all(const struct flood *flood, const struct match_list *matches)
{
    size_t i = 0;
    while (i < matches->n && flood_has(flood, &matches->items[i]))
        i++;
    return i == matches->n;
}

void flood_free(struct flood *flood)
{
    free(flood->keys);
    *flood = (struct flood){0};
}
