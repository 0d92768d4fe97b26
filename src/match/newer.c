#include "match/newer.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "match/hashset.h"

static bool has(const struct hashset *set, const uint8_t *pdq)
{
    size_t key;
    for (size_t i = 0; i < set->n_parts; i++)
        if (table_find(&set->parts[i].tables[HASH_PDQ], pdq, &key))
            return true;
    return false;
}

/** The keys that the older set has not; they have no index, which a join does not need. */
static uint8_t *leave_out(struct near *near, const struct hashset *older)
{
    uint8_t *keys = mem_alloc(size_mul(near->n + 1, PDQ_BYTES));
    size_t n = 0;
    for (size_t i = 0; i < near->n; i++)
        if (!has(older, near->keys + i * PDQ_BYTES))
            memcpy(keys + n++ * PDQ_BYTES, near->keys + i * PDQ_BYTES, PDQ_BYTES);
    *near = (struct near){.keys = keys, .n = n};
    return keys;
}

struct near_list near_list_new(const struct hashset *set, const struct hashset *older)
{
    struct near_list list = {ALLOC_ARRAY(struct near, set->n_parts + 1), ALLOC_ARRAY(uint8_t *, set->n_parts + 1), 0};
    for (size_t i = 0; i < set->n_parts; i++) {
        if (set->parts[i].known || !set->parts[i].near.n)
            continue;
        list.items[list.n] = set->parts[i].near;
        list.owned[list.n] = older ? leave_out(&list.items[list.n], older) : NULL;
        list.n++;
    }
    return list;
}

void near_list_free(struct near_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->owned[i]);
    free(list->owned);
    free(list->items);
}
