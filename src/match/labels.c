#include "match/labels.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "match/strings.h"

#define SLOTS_MIN 64

static size_t slot_of(const struct labels *labels, const struct label *label)
{
    uint64_t h = label->category * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 32 ^ label->code) * UINT64_C(0xd6e8feb86659fd93);
    h = (h ^ h >> 32 ^ label->series) * UINT64_C(0xd6e8feb86659fd93);
    h = (h ^ h >> 32 ^ label->flags) * UINT64_C(0xd6e8feb86659fd93);
    return (size_t)(h ^ h >> 32) & (labels->n_slots - 1);
}

void labels_init(struct labels *labels)
{
    *labels = (struct labels){0};
    labels_number(labels, &(struct label){0});
}

void labels_free(struct labels *labels)
{
    free(labels->items);
    free(labels->slots);
    *labels = (struct labels){0};
}

static void grow(struct labels *labels)
{
    free(labels->slots);
    labels->n_slots = labels->n_slots ? 2 * labels->n_slots : SLOTS_MIN;
    labels->slots = ALLOC_ARRAY(uint32_t, labels->n_slots);
    for (size_t i = 0; i < labels->n; i++) {
        size_t at = slot_of(labels, &labels->items[i]);
        while (labels->slots[at])
            at = (at + 1) & (labels->n_slots - 1);
        labels->slots[at] = (uint32_t)i + 1;
    }
}

uint32_t labels_number(struct labels *labels, const struct label *label)
{
    if (2 * (labels->n + 1) > labels->n_slots)
        grow(labels);
    size_t at = slot_of(labels, label);
    for (; labels->slots[at]; at = (at + 1) & (labels->n_slots - 1))
        if (memcmp(&labels->items[labels->slots[at] - 1], label, sizeof(*label)) == 0)
            return labels->slots[at] - 1;
    if (labels->n >= STRING_NONE - 1)
        return STRING_NONE;
    RESERVE(labels->items, labels->n, labels->cap);
    labels->items[labels->n++] = *label;
    labels->slots[at] = (uint32_t)labels->n;
    return (uint32_t)labels->n - 1;
}
