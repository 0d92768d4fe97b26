#include "report/spots.h"

#include <string.h>

#include "core/alloc.h"

const char *spot_kind_name(enum spot_kind kind)
{
    static const char *const names[SPOT_KINDS] = {"folders", "archives", "volumes"};
    return names[kind];
}

/** More findings of severity 1 first, then of 2 and so on; last by path. */
static int compare(const struct spot *a, const struct spot *b)
{
    for (int s = 0; s < SPOT_SEVERITIES; s++)
        if (a->by_severity[s] != b->by_severity[s])
            return a->by_severity[s] > b->by_severity[s] ? -1 : 1;
    int order = strcmp(a->path, b->path);
    return order ? order : strcmp(a->type, b->type);
}

void spots_add(struct spots *spots, struct spot *spot)
{
    struct spot *items = spots->items[spot->kind];
    size_t *n = &spots->n[spot->kind], at = *n;
    spots->total[spot->kind]++;
    while (at > 0 && compare(spot, &items[at - 1]) < 0)
        at--;
    if (at == SPOTS_KEPT) {
        free(spot->path);
        return;
    }
    if (*n == SPOTS_KEPT)
        free(items[--*n].path);
    memmove(&items[at + 1], &items[at], (*n - at) * sizeof(*items));
    items[at] = *spot;
    ++*n;
}

void spots_free(struct spots *spots)
{
    for (int kind = 0; kind < SPOT_KINDS; kind++)
        for (size_t i = 0; i < spots->n[kind]; i++)
            free(spots->items[kind][i].path);
    *spots = (struct spots){0};
}

unsigned spot_severity(const struct spot *spot)
{
    unsigned s = 0;
    while (s + 1 < SPOT_SEVERITIES && !spot->by_severity[s])
        s++;
    return s;
}
