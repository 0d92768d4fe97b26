#include "match/builder.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define ENTRIES_MAX (UINT32_MAX - 1)

static size_t record_width(enum hash_type type)
{
    return hash_type_bytes(type) + sizeof(struct posting);
}

static struct posting record_posting(const uint8_t *record, size_t digest_width)
{
    struct posting posting;
    memcpy(&posting, record + digest_width, sizeof(posting));
    return posting;
}

struct builder *builder_new(void)
{
    struct builder *builder = ALLOC(struct builder);
    strings_init(&builder->strings);
    return builder;
}

void builder_free(struct builder *builder)
{
    if (!builder)
        return;
    for (int type = 0; type < HASH_TYPE_COUNT; type++)
        for (int b = 0; b < BUCKETS; b++)
            free(builder->buckets[type][b].data);
    strings_free(&builder->strings);
    free(builder->lists);
    free(builder->global);
    free(builder);
}

uint32_t builder_list(struct builder *builder, uint32_t global)
{
    RESERVE(builder->lists, builder->n_lists, builder->cap_lists);
    if (builder->cap_global < builder->cap_lists) {
        builder->cap_global = builder->cap_lists;
        builder->global = mem_realloc(builder->global, size_mul(sizeof(*builder->global), builder->cap_global));
    }
    builder->lists[builder->n_lists] = (struct list_record){0};
    builder->global[builder->n_lists] = global;
    return (uint32_t)builder->n_lists++;
}

void builder_drop_list(struct builder *builder)
{
    uint32_t list = (uint32_t)--builder->n_lists;
    for (int type = 0; type < HASH_TYPE_COUNT; type++) {
        size_t width = record_width((enum hash_type)type), digest = hash_type_bytes((enum hash_type)type);
        for (int b = 0; b < BUCKETS; b++) {
            struct bucket *bucket = &builder->buckets[type][b];
            while (bucket->n) {
                struct posting posting = record_posting(bucket->data + (bucket->n - 1) * width, digest);
                if (posting_list(&posting) != list)
                    break;
                bucket->n--;
                builder->n[type]--;
            }
        }
    }
}

bool builder_add(struct builder *builder, enum hash_type type, const uint8_t *digest, const struct posting *posting)
{
    size_t width = record_width(type), digest_width = hash_type_bytes(type);
    struct bucket *bucket = &builder->buckets[type][digest[0]];
    if (builder->n[type] >= ENTRIES_MAX)
        return false;
    if (bucket->n == bucket->cap) {
        bucket->cap = bucket->cap ? size_add(bucket->cap, bucket->cap / 2) : 8;
        bucket->data = mem_realloc(bucket->data, size_mul(bucket->cap, width));
    }
    uint8_t *record = bucket->data + bucket->n++ * width;
    memcpy(record, digest, digest_width);
    memcpy(record + digest_width, posting, sizeof(*posting));
    builder->n[type]++;
    return true;
}

/** Texts of the part go behind ours, so that offsets (and the order of IDs) only shift. */
static bool merge_strings(struct builder *builder, const struct part *part, uint32_t *shift)
{
    struct buf *bytes = &builder->strings.bytes;
    if (size_add(bytes->len, part->strings_size) >= STRING_NONE)
        return false;
    *shift = (uint32_t)bytes->len;
    buf_put(bytes, part->strings, part->strings_size);
    return true;
}

/** To the builder's numbers. False where the part's are impossible. */
static bool shift_posting(const struct part *part, struct posting *posting, uint32_t base, uint32_t shift)
{
    uint32_t list = posting_list(posting);
    if (list >= part->n_lists || posting->category >= part->strings_size)
        return false;
    if (part->lists[list].flags & LIST_HAS_IDS) {
        if (posting->entry >= part->strings_size)
            return false;
        posting->entry += shift;
    }
    posting->category = posting->category ? posting->category + shift : 0;
    posting->origin += base << 4;
    return true;
}

static bool merge_table(struct builder *builder, const struct part *part, enum hash_type type, uint32_t base,
                        uint32_t shift)
{
    const struct table *table = &part->tables[type];
    for (size_t key = 0; key < table->n; key++) {
        struct span span = table_postings(table, key);
        for (size_t i = span.begin; i < span.end; i++) {
            struct posting posting = table->postings[i];
            if (!shift_posting(part, &posting, base, shift) ||
                !builder_add(builder, type, table->keys + key * table->width, &posting))
                return false;
            builder->lists[posting_list(&posting)].duplicates--;
        }
    }
    return true;
}

bool builder_merge(struct builder *builder, const struct part *part)
{
    uint32_t shift, base = (uint32_t)builder->n_lists;
    if (size_add(base, part->n_lists) > POSTING_LIST_MAX || !merge_strings(builder, part, &shift))
        return false;
    for (size_t i = 0; i < part->n_lists; i++) {
        uint32_t number = builder_list(builder, part->global[i]);
        struct list_record *list = &builder->lists[number];
        *list = part->lists[i];
        if (list->name >= part->strings_size)
            return false;
        list->name += shift;
        /* The seal counts distinct digests again, and each posting beyond them as a duplicate. */
        for (int type = 0; type < HASH_TYPE_COUNT; type++)
            list->duplicates += list->entries[type];
    }
    for (int type = 0; type < HASH_TYPE_COUNT; type++)
        if (!merge_table(builder, part, (enum hash_type)type, base, shift))
            return false;
    return true;
}
