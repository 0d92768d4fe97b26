/* builder.h: collects the entries of text lists, then sorts them into a part. */
#ifndef MATCH_BUILDER_H
#define MATCH_BUILDER_H

#include "match/labels.h"
#include "match/part.h"
#include "match/photodna.h"
#include "match/revisions.h"
#include "match/strings.h"

#define BUCKETS 256

/** Entries whose digests begin with the same byte: digest, then posting, packed. */
struct bucket {
    uint8_t *data;
    size_t n, cap;
};

struct builder {
    struct bucket buckets[HASH_TYPE_COUNT][BUCKETS];
    /** Entries by type. */
    size_t n[HASH_TYPE_COUNT];
    struct string_arena strings;
    struct labels labels;
    struct category_record *categories;
    size_t n_categories, cap_categories;
    struct revisions revisions;
    struct photodnas photodna;
    struct list_record *lists;
    /** The set's number of each list. */
    uint32_t *global;
    size_t n_lists, cap_lists, cap_global;
};

struct builder *builder_new(void);
void builder_free(struct builder *builder);

/** Begins a list; entries belong to the last one begun. Its record may be changed through builder->lists until the
 * seal. */
uint32_t builder_list(struct builder *builder, uint32_t global);
/** Forgets the last list and its entries. */
void builder_drop_list(struct builder *builder);
/** False where a type has no room: 2^32 entries. */
bool builder_add(struct builder *builder, enum hash_type type, const uint8_t *digest, const struct posting *posting);
/** Adds all lists of a part, in their order. False where entries or texts have no room. */
bool builder_merge(struct builder *builder, const struct part *part);
/**
 * Sorts everything into `part` and empties the builder, bucket by bucket, so that no list is held twice. Counts
 * distinct digests and duplicates of each list. An entry that says nothing new (same digest, list, label, severity and,
 * where there are IDs, ID) goes. `near`: make the near index as well, if it pays.
 */
void builder_seal(struct builder *builder, struct part *part, bool near);

#endif
