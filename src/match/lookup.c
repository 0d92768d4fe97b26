/* lookup.c: from digests to matches, over all parts of a set, in an order that depends on the lists alone. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "match/lookup.h"

void hits_add(struct hits *hits, const struct part *part, enum hash_type type, size_t key, uint32_t distance,
              uint8_t rotation)
{
    struct span span = table_postings(&part->tables[type], key);
    for (size_t i = span.begin; i < span.end; i++) {
        const struct posting *posting = &part->tables[type].postings[i];
        uint32_t local = posting_list(posting);
        RESERVE(hits->items, hits->n, hits->cap);
        hits->items[hits->n++] = (struct hit){.part = part,
                                              .type = type,
                                              .distance = distance,
                                              .rotation = rotation,
                                              .list = local < part->n_lists ? part->global[local] : UINT32_MAX,
                                              .key = key,
                                              .posting = posting};
    }
}

int hit_order(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    if (x->list != y->list)
        return x->list < y->list ? -1 : 1;
    if (x->posting->entry != y->posting->entry)
        return x->posting->entry < y->posting->entry ? -1 : 1;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->posting > y->posting) - (x->posting < y->posting);
}

static const char *entry_text(const struct hashset *set, const struct hit *hit)
{
    uint32_t local = posting_list(hit->posting);
    if (local < hit->part->n_lists && hit->part->lists[local].flags & LIST_HAS_IDS)
        return part_string(hit->part, hit->posting->entry);
    return numbers_text((struct number_pool *)&set->numbers, hit->posting->entry);
}

static const char *photodna_of(const struct hashset *set, const struct hit *hit)
{
    char text[PHOTODNA_TEXT + 1];
    const uint8_t *value = photodna_find(hit->part, posting_list(hit->posting), hit->posting->entry);
    if (!value)
        return "";
    photodna_text(value, text);
    return numbers_keep((struct number_pool *)&set->numbers, text);
}

struct match *hit_emit(const struct hashset *set, const struct hit *hit, const uint8_t *observed,
                       struct match_list *out)
{
    const struct table *table = &hit->part->tables[hit->type];
    const struct label *label = part_label(hit->part, hit->posting->label);
    uint8_t severity = hit->posting->origin & 15;
    RESERVE(out->items, out->n, out->cap);
    struct match *match = &out->items[out->n++];
    *match = (struct match){
        .type = hit->type,
        .distance = (uint16_t)hit->distance,
        .rotation = hit->rotation,
        .severity = severity >= 1 && severity <= SEVERITY_NONE ? severity : SEVERITY_NONE,
        .list = hit->list < set->n_lists ? set->lists[hit->list].info.name : "(damaged)",
        .entry = entry_text(set, hit),
        .category = part_string(hit->part, label->category),
        .flags = label->flags & MATCH_FLAGS_ALL,
        .code = part_string(hit->part, label->code),
        .series = part_string(hit->part, label->series),
        .photodna = photodna_of(set, hit),
    };
    memcpy(match->value, table->keys + hit->key * table->width, table->width);
    memcpy(match->observed, observed, table->width);
    return match;
}

/** Sorts and hands over; `observed` by type. */
static void emit_all(const struct hashset *set, struct hits *hits, const uint8_t *const observed[HASH_TYPE_COUNT],
                     struct match_list *out)
{
    if (hits->n > 1)
        qsort(hits->items, hits->n, sizeof(*hits->items), hit_order);
    for (size_t i = 0; i < hits->n; i++)
        hit_emit(set, &hits->items[i], observed[hits->items[i].type], out);
    free(hits->items);
}

static void find_exact(const struct hashset *set, enum hash_type type, const uint8_t *value, struct hits *hits)
{
    for (size_t i = 0; i < set->n_parts; i++) {
        const struct part *part = &set->parts[i];
        size_t key;
        if (!part->known && table_find(&part->tables[type], value, &key))
            hits_add(hits, part, type, key, 0, PDQ_ORIGINAL);
    }
}

/** True if a list of that kind has one of the digests. */
static bool has_digests(const struct hashset *set, const struct digests *digests, bool known)
{
    size_t key;
    for (size_t i = 0; i < set->n_parts; i++) {
        const struct part *part = &set->parts[i];
        if (part->known == known && (table_find(&part->tables[HASH_SHA256], digests->sha256, &key) ||
                                     table_find(&part->tables[HASH_SHA1], digests->sha1, &key) ||
                                     table_find(&part->tables[HASH_MD5], digests->md5, &key)))
            return true;
    }
    return false;
}

bool hashset_known(const struct hashset *set, const struct digests *digests)
{
    return has_digests(set, digests, true);
}

bool hashset_lists_digests(const struct hashset *set, const struct digests *digests)
{
    return has_digests(set, digests, false);
}

void hashset_match_digests(const struct hashset *set, const struct digests *digests, struct match_list *out)
{
    const uint8_t *const observed[HASH_TYPE_COUNT] = {
        [HASH_MD5] = digests->md5, [HASH_SHA1] = digests->sha1, [HASH_SHA256] = digests->sha256};
    struct hits hits = {0};
    for (int type = HASH_MD5; type <= HASH_SHA256; type++)
        find_exact(set, (enum hash_type)type, observed[type], &hits);
    emit_all(set, &hits, observed, out);
}

void hashset_match_value(const struct hashset *set, enum hash_type type, const uint8_t *value, struct match_list *out)
{
    const uint8_t *observed[HASH_TYPE_COUNT] = {0};
    struct hits hits = {0};
    observed[type] = value;
    find_exact(set, type, value, &hits);
    emit_all(set, &hits, observed, out);
}

/** Values fetched together. */
#define FETCH 16

static void fetch_values(const struct hashset *set, const struct value_query *queries, size_t n)
{
    for (int stage = 0; stage < 2; stage++)
        for (size_t p = 0; p < set->n_parts; p++)
            for (size_t i = 0; i < n; i++)
                (stage ? table_fetch_keys : table_fetch_slot)(&set->parts[p].tables[queries[i].type], queries[i].value);
}

void hashset_match_values(const struct hashset *set, const struct value_query *queries, size_t n)
{
    for (size_t at = 0; at < n; at += FETCH) {
        size_t some = n - at < FETCH ? n - at : FETCH;
        fetch_values(set, queries + at, some);
        for (size_t i = at; i < at + some; i++)
            hashset_match_value(set, queries[i].type, queries[i].value, queries[i].out);
    }
}

/** Near look-ups of some hashes in one part. */
static void find_near(const struct part *part, const uint8_t (*pdq)[PDQ_BYTES], size_t n, int radius,
                      struct near_hits *near)
{
    const uint8_t *queries[NEAR_TOGETHER];
    for (size_t i = 0; i < n; i++) {
        queries[i] = pdq[i];
        near[i].n = 0;
    }
    near_search_many(&part->near, queries, n, radius, near);
}

/** The hits of up to NEAR_TOGETHER hashes, each with the number of its hash as rotation. */
static void match_near(const struct hashset *set, const uint8_t (*pdq)[PDQ_BYTES], size_t n, int radius,
                       struct hits *hits, bool one_list)
{
    struct near_hits near[NEAR_TOGETHER] = {{0}};
    for (size_t p = 0; p < set->n_parts; p++) {
        const struct part *part = &set->parts[p];
        if (part->known)
            continue;
        find_near(part, pdq, n, radius, near);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < near[i].n; k++)
                hits_add(one_list ? hits : &hits[i], part, HASH_PDQ, near[i].items[k].id, near[i].items[k].distance,
                         one_list ? (uint8_t)i : 0);
    }
    for (size_t i = 0; i < n; i++)
        free(near[i].items);
}

void hashset_match_pdq_many(const struct hashset *set, const uint8_t (*pdq)[PDQ_BYTES], size_t n, int radius,
                            struct match_list *out)
{
    for (size_t at = 0; at < n; at += NEAR_TOGETHER) {
        size_t some = n - at < NEAR_TOGETHER ? n - at : NEAR_TOGETHER;
        struct hits hits[NEAR_TOGETHER] = {{0}};
        match_near(set, pdq + at, some, radius, hits, false);
        for (size_t i = 0; i < some; i++) {
            const uint8_t *const observed[HASH_TYPE_COUNT] = {[HASH_PDQ] = pdq[at + i]};
            emit_all(set, &hits[i], observed, &out[at + i]);
        }
    }
}

void hashset_match_pdq(const struct hashset *set, const uint8_t pdq[PDQ_BYTES], int radius, struct match_list *out)
{
    hashset_match_pdq_many(set, (const uint8_t(*)[PDQ_BYTES])pdq, 1, radius, out);
}

/** By entry; of one entry the nearest first, and of equally near ones the original before the turned ones. */
static int entry_order(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    uintptr_t p = (uintptr_t)x->posting, q = (uintptr_t)y->posting;
    if (p != q)
        return p < q ? -1 : 1;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->rotation > y->rotation) - (x->rotation < y->rotation);
}

static void leave_nearest(struct hits *hits)
{
    size_t n = 0;
    if (hits->n > 1)
        qsort(hits->items, hits->n, sizeof(*hits->items), entry_order);
    for (size_t i = 0; i < hits->n; i++)
        if (!n || hits->items[n - 1].posting != hits->items[i].posting)
            hits->items[n++] = hits->items[i];
    hits->n = n;
}

void hashset_match_rotations(const struct hashset *set, const uint8_t pdq[PDQ_ROTATIONS][PDQ_BYTES], int radius,
                             struct match_list *out)
{
    struct hits hits = {0};
    size_t first = out->n;
    const uint8_t *const observed[HASH_TYPE_COUNT] = {[HASH_PDQ] = pdq[PDQ_ORIGINAL]};
    match_near(set, pdq, PDQ_ROTATIONS, radius, &hits, true);
    leave_nearest(&hits);
    emit_all(set, &hits, observed, out);
    for (size_t i = first; i < out->n; i++)
        memcpy(out->items[i].observed, pdq[out->items[i].rotation], PDQ_BYTES);
}
