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
    labels_init(&builder->labels);
    revisions_init(&builder->revisions);
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
    labels_free(&builder->labels);
    revisions_free(&builder->revisions);
    photodna_free(&builder->photodna);
    free(builder->categories);
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

/** How numbers of a part become the builder's. */
struct merge {
    struct builder *builder;
    const struct part *part;
    uint32_t list, string, category;
    /** The builder's number of each of the part's labels. */
    uint32_t *labels;
};

/** False where the offset is impossible. */
static bool shift_text(const struct merge *merge, uint32_t *text)
{
    bool good = *text < merge->part->strings_size;
    *text = *text ? *text + merge->string : 0;
    return good;
}

/** To the builder's numbers. False where the part's are impossible. */
static bool shift_posting(const struct merge *merge, struct posting *posting)
{
    const struct part *part = merge->part;
    uint32_t list = posting_list(posting);
    if (list >= part->n_lists || (posting->label >= part->n_labels && posting->label))
        return false;
    if (part->lists[list].flags & LIST_HAS_IDS) {
        if (posting->entry >= part->strings_size)
            return false;
        posting->entry += merge->string;
    }
    posting->label = posting->label ? merge->labels[posting->label] : 0;
    posting->origin += merge->list << 4;
    return true;
}

static bool merge_labels(struct merge *merge)
{
    const struct part *part = merge->part;
    merge->labels = ALLOC_ARRAY(uint32_t, size_add(part->n_labels, 1));
    for (size_t i = 0; i < part->n_labels; i++) {
        struct label label = part->labels[i];
        if (!shift_text(merge, &label.category) || !shift_text(merge, &label.code) || !shift_text(merge, &label.series))
            return false;
        merge->labels[i] = labels_number(&merge->builder->labels, &label);
        if (merge->labels[i] == STRING_NONE)
            return false;
    }
    return true;
}

static bool merge_categories(struct merge *merge)
{
    struct builder *builder = merge->builder;
    merge->category = (uint32_t)builder->n_categories;
    for (size_t i = 0; i < merge->part->n_categories; i++) {
        struct category_record category = merge->part->categories[i];
        if (!shift_text(merge, &category.code) || !shift_text(merge, &category.name))
            return false;
        RESERVE(builder->categories, builder->n_categories, builder->cap_categories);
        builder->categories[builder->n_categories++] = category;
    }
    return true;
}

static bool merge_list(struct merge *merge, size_t i)
{
    uint32_t number = builder_list(merge->builder, merge->part->global[i]);
    struct list_record *list = &merge->builder->lists[number];
    *list = merge->part->lists[i];
    list->first_category += merge->category;
    /* The seal counts distinct digests again, and each posting beyond them as a duplicate. */
    for (int type = 0; type < HASH_TYPE_COUNT; type++)
        list->duplicates += list->entries[type];
    return shift_text(merge, &list->name) && shift_text(merge, &list->format) && shift_text(merge, &list->source) &&
           shift_text(merge, &list->map);
}

static bool merge_table(struct merge *merge, enum hash_type type)
{
    struct builder *builder = merge->builder;
    const struct part *part = merge->part;
    const struct table *table = &part->tables[type];
    for (size_t key = 0; key < table->n; key++) {
        struct span span = table_postings(table, key);
        for (size_t i = span.begin; i < span.end; i++) {
            struct posting posting = table->postings[i];
            if (!shift_posting(merge, &posting) ||
                !builder_add(builder, type, table->keys + key * table->width, &posting))
                return false;
            builder->lists[posting_list(&posting)].duplicates--;
        }
    }
    return true;
}

static void merge_photodna(struct merge *merge)
{
    const struct part *part = merge->part;
    const struct photodna_ref *refs = part->sections[SECTION_PHOTODNA_REFS].data;
    for (size_t i = 0; i < part->sections[SECTION_PHOTODNA_REFS].size / sizeof(*refs); i++) {
        const uint8_t *value = photodna_find(part, refs[i].list, refs[i].entry);
        bool ids = refs[i].list < part->n_lists && part->lists[refs[i].list].flags & LIST_HAS_IDS;
        if (value)
            photodna_add(&merge->builder->photodna, merge->list + refs[i].list,
                         refs[i].entry + (ids ? merge->string : 0), value);
    }
}

bool builder_merge(struct builder *builder, const struct part *part)
{
    struct merge merge = {.builder = builder, .part = part, .list = (uint32_t)builder->n_lists};
    if (size_add(merge.list, part->n_lists) > POSTING_LIST_MAX || !merge_strings(builder, part, &merge.string))
        return false;
    bool good = merge_labels(&merge) && merge_categories(&merge);
    for (size_t i = 0; good && i < part->n_lists; i++)
        good = merge_list(&merge, i);
    for (int type = 0; good && type < HASH_TYPE_COUNT; type++)
        good = merge_table(&merge, (enum hash_type)type);
    if (good)
        merge_photodna(&merge);
    free(merge.labels);
    return good;
}
