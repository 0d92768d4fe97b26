#include "source/ranges.h"

#include <stdlib.h>

static bool ranges_reserve(struct ranges *ranges)
{
    if (ranges->n < ranges->cap)
        return true;
    size_t cap = ranges->cap ? ranges->cap * 2 : 64;
    struct range *items = reallocarray(ranges->items, cap, sizeof(*items));
    if (!items)
        return false;
    ranges->items = items;
    ranges->cap = cap;
    return true;
}

void ranges_add(struct ranges *ranges, uint64_t start, uint64_t end)
{
    if (start >= end)
        return;
    struct range *last = ranges->n ? &ranges->items[ranges->n - 1] : NULL;
    if (last && start >= last->start && start <= last->end) {
        if (end > last->end)
            last->end = end;
        return;
    }
    if (!ranges_reserve(ranges))
        ranges->incomplete = true;
    else
        ranges->items[ranges->n++] = (struct range){start, end};
}

static int range_compare(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

void ranges_join(struct ranges *ranges)
{
    size_t kept = 0;
    if (ranges->n > 1)
        qsort(ranges->items, ranges->n, sizeof(*ranges->items), range_compare);
    for (size_t i = 1; i < ranges->n; i++) {
        struct range *last = &ranges->items[kept], *next = &ranges->items[i];
        if (next->start > last->end)
            ranges->items[++kept] = *next;
        else if (next->end > last->end)
            last->end = next->end;
    }
    if (ranges->n)
        ranges->n = kept + 1;
}

uint64_t ranges_total(const struct ranges *ranges)
{
    uint64_t total = 0;
    for (size_t i = 0; i < ranges->n; i++)
        total += ranges->items[i].end - ranges->items[i].start;
    return total;
}

void ranges_free(struct ranges *ranges)
{
    free(ranges->items);
    *ranges = (struct ranges){0};
}
