#include "match/revisions.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define SLOTS_MIN 1024

void revisions_init(struct revisions *revisions)
{
    *revisions = (struct revisions){0};
    strings_init(&revisions->keys);
}

void revisions_free(struct revisions *revisions)
{
    strings_free(&revisions->keys);
    free(revisions->slots);
    free(revisions->dead);
    *revisions = (struct revisions){0};
}

/** Keys are interned, so their offsets are as good as their texts. */
static size_t slot_of(const struct revisions *revisions, uint32_t key)
{
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (revisions->n_slots - 1);
    while (revisions->slots[at].key && revisions->slots[at].key != key)
        at = (at + 1) & (revisions->n_slots - 1);
    return at;
}

static void grow(struct revisions *revisions)
{
    struct revision *old = revisions->slots;
    size_t n_old = revisions->n_slots;
    revisions->n_slots = n_old ? 2 * n_old : SLOTS_MIN;
    revisions->slots = ALLOC_ARRAY(struct revision, revisions->n_slots);
    for (size_t i = 0; i < n_old; i++)
        if (old[i].key)
            revisions->slots[slot_of(revisions, old[i].key)] = old[i];
    free(old);
}

static void bury(struct revisions *revisions, const struct revision *revision)
{
    RESERVE(revisions->dead, revisions->n_dead, revisions->cap_dead);
    revisions->dead[revisions->n_dead++] = (uint64_t)revision->list << 32 | revision->entry;
}

bool revisions_say(struct revisions *revisions, const void *key, size_t n, const struct revision *said, bool *in_force)
{
    if (2 * (revisions->n + 1) > revisions->n_slots)
        grow(revisions);
    uint32_t number = strings_intern(&revisions->keys, key, n);
    *in_force = true;
    if (number == STRING_NONE || !number)
        return false;
    struct revision *slot = &revisions->slots[slot_of(revisions, number)];
    bool known = slot->key != 0, was_there = known && !slot->withdrawn;
    if (known && slot->withdrawn && !said->withdrawn && slot->stamp && said->stamp < slot->stamp) {
        *in_force = false;
        return false;
    }
    if (was_there)
        bury(revisions, slot);
    revisions->n += !known;
    *slot = *said;
    slot->key = number;
    return was_there;
}

static int number_order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void revisions_settle(struct revisions *revisions)
{
    if (revisions->n_dead)
        qsort(revisions->dead, revisions->n_dead, sizeof(*revisions->dead), number_order);
}

bool revisions_dead(const struct revisions *revisions, uint32_t list, uint32_t entry)
{
    uint64_t key = (uint64_t)list << 32 | entry;
    return revisions->n_dead &&
           bsearch(&key, revisions->dead, revisions->n_dead, sizeof(*revisions->dead), number_order);
}
