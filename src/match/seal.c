/* seal.c: from the builder's buckets to the sorted sections of a part. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/alloc.h"
#include "match/builder.h"

/** One table being written. */
struct sealing {
    struct builder *builder;
    enum hash_type type;
    size_t width;
    uint8_t *keys;
    size_t n_keys;
    struct posting *postings;
    size_t n_postings;
    /** NULL as long as each key has one posting. */
    uint32_t *first;
    size_t n_entries;
};

/** By digest, list, severity, label, entry: what says the same is adjacent, the first of it in front. */
static int record_order(const void *a, const void *b, void *digest_width)
{
    size_t width = *(const size_t *)digest_width;
    int order = memcmp(a, b, width);
    if (order)
        return order;
    struct posting x, y;
    memcpy(&x, (const uint8_t *)a + width, sizeof(x));
    memcpy(&y, (const uint8_t *)b + width, sizeof(y));
    if (x.origin != y.origin)
        return x.origin < y.origin ? -1 : 1;
    if (x.label != y.label)
        return x.label < y.label ? -1 : 1;
    return (x.entry > y.entry) - (x.entry < y.entry);
}

static bool says_the_same(const struct sealing *sealing, const struct posting *a, const struct posting *b)
{
    const struct builder *builder = sealing->builder;
    if (a->origin != b->origin || a->label != b->label)
        return false;
    /* Two videos may share a frame, and each counts it. */
    if (sealing->type == HASH_VPDQ)
        return a->entry == b->entry;
    if (!(builder->lists[posting_list(a)].flags & LIST_HAS_IDS))
        return true;
    const char *strings = (const char *)builder->strings.bytes.data;
    return strcmp(strings + a->entry, strings + b->entry) == 0;
}

/** From here on keys have numbers of postings of their own. */
static void open_first(struct sealing *sealing)
{
    if (sealing->first)
        return;
    sealing->first = mem_alloc(size_mul(sizeof(uint32_t), size_add(sealing->n_entries, 1)));
    for (size_t i = 0; i < sealing->n_keys; i++)
        sealing->first[i] = (uint32_t)i;
}

static void seal_record(struct sealing *sealing, const uint8_t *record)
{
    size_t width = sealing->width;
    const uint8_t *last_key = sealing->n_keys ? sealing->keys + (sealing->n_keys - 1) * width : NULL;
    const struct posting *last = sealing->n_postings ? &sealing->postings[sealing->n_postings - 1] : NULL;
    struct posting posting;
    memcpy(&posting, record + width, sizeof(posting));
    struct list_record *list = &sealing->builder->lists[posting_list(&posting)];
    if (revisions_dead(&sealing->builder->revisions, posting_list(&posting), posting.entry))
        return;
    bool new_key = !last_key || memcmp(last_key, record, width) != 0;
    if (new_key || posting_list(last) != posting_list(&posting))
        list->entries[sealing->type]++;
    else
        list->duplicates++;
    if (!new_key && says_the_same(sealing, last, &posting))
        return;
    if (new_key) {
        memcpy(sealing->keys + sealing->n_keys * width, record, width);
        if (sealing->first)
            sealing->first[sealing->n_keys] = (uint32_t)sealing->n_postings;
        sealing->n_keys++;
    } else {
        open_first(sealing);
    }
    sealing->postings[sealing->n_postings++] = posting;
}

static void seal_bucket(struct sealing *sealing, struct bucket *bucket)
{
    size_t width = sealing->width + sizeof(struct posting);
    if (bucket->n)
        qsort_r(bucket->data, bucket->n, width, record_order, &sealing->width);
    for (size_t i = 0; i < bucket->n; i++)
        seal_record(sealing, bucket->data + i * width);
    free(bucket->data);
    *bucket = (struct bucket){0};
}

static void section_take(struct section *section, void *data, size_t size)
{
    *section = (struct section){.data = size ? mem_realloc(data, size) : NULL, .size = size};
    if (!size)
        free(data);
}

static void seal_table(struct builder *builder, enum hash_type type, struct section *sections)
{
    struct sealing sealing = {
        .builder = builder, .type = type, .width = hash_type_bytes(type), .n_entries = builder->n[type]};
    if (!sealing.n_entries)
        return;
    sealing.keys = mem_alloc(size_mul(sealing.width, sealing.n_entries));
    sealing.postings = mem_alloc(size_mul(sizeof(struct posting), sealing.n_entries));
    for (int b = 0; b < BUCKETS; b++)
        seal_bucket(&sealing, &builder->buckets[type][b]);
    builder->n[type] = 0;
    if (!sealing.n_keys) { /* all of them were taken back */
        free(sealing.keys);
        free(sealing.postings);
        free(sealing.first);
        return;
    }
    unsigned top_bits = table_top_bits(sealing.n_keys);
    size_t top_size = (((size_t)1 << top_bits) + 1) * sizeof(uint32_t);
    uint32_t *top = mem_alloc(top_size);
    table_fill_top(top, top_bits, sealing.keys, sealing.n_keys, sealing.width);
    section_take(&sections[TABLE_TOP], top, top_size);
    section_take(&sections[TABLE_KEYS], sealing.keys, sealing.n_keys * sealing.width);
    section_take(&sections[TABLE_POSTINGS], sealing.postings, sealing.n_postings * sizeof(struct posting));
    if (sealing.first) {
        sealing.first[sealing.n_keys] = (uint32_t)sealing.n_postings;
        section_take(&sections[TABLE_FIRST], sealing.first, (sealing.n_keys + 1) * sizeof(uint32_t));
    }
}

/** Near look-ups read from all over these arrays: in pages of 2 MiB one takes 31 us instead of 57 at 10^7 hashes. */
static struct section section_large(size_t size)
{
    struct section section = {.data = mem_alloc(size), .size = size};
    size_t page = (size_t)sysconf(_SC_PAGESIZE), skip = (page - (uintptr_t)section.data % page) % page;
    if (size > skip)
        (void)madvise((uint8_t *)section.data + skip, (size - skip) / page * page, MADV_HUGEPAGE);
    return section;
}

static void seal_near(struct part *part, enum hash_type type, enum section_id first)
{
    const struct section *keys = &part->sections[section_of(type, TABLE_KEYS)];
    size_t n = keys->size / PDQ_BYTES;
    if (n < NEAR_INDEX_MIN)
        return;
    struct section *offsets = &part->sections[first], *sketches = offsets + 1, *ids = offsets + 2;
    *offsets = section_large(near_offsets_size());
    *sketches = section_large(near_sketches_size(n));
    *ids = section_large(near_ids_size(n));
    near_build(keys->data, n, offsets->data, sketches->data, ids->data);
}

void builder_seal(struct builder *builder, struct part *part, bool near)
{
    revisions_settle(&builder->revisions);
    photodna_seal(&builder->photodna, part);
    for (size_t i = 0; i < builder->n_lists; i++)
        memset(builder->lists[i].entries, 0, sizeof(builder->lists[i].entries));
    for (int type = 0; type < HASH_TYPE_COUNT; type++)
        seal_table(builder, (enum hash_type)type, &part->sections[section_of((enum hash_type)type, TABLE_KEYS)]);
    if (near) {
        seal_near(part, HASH_PDQ, SECTION_NEAR_OFFSETS);
        seal_near(part, HASH_VPDQ, SECTION_VIDEO_OFFSETS);
    }
    section_take(&part->sections[SECTION_LISTS], builder->lists, builder->n_lists * sizeof(struct list_record));
    section_take(&part->sections[SECTION_STRINGS], builder->strings.bytes.data, builder->strings.bytes.len);
    section_take(&part->sections[SECTION_LABELS], builder->labels.items, builder->labels.n * sizeof(struct label));
    section_take(&part->sections[SECTION_CATEGORIES], builder->categories,
                 builder->n_categories * sizeof(struct category_record));
    builder->labels.items = NULL;
    builder->categories = NULL;
    part->global = builder->global;
    part->trusted = true;
    builder->lists = NULL;
    builder->global = NULL;
    builder->n_lists = 0;
    builder->strings.bytes = (struct buf){0};
    const char *why;
    if (!part_bind(part, &why))
        mem_missing();
}
