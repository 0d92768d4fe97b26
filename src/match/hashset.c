#include "match/hashset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "match/index.h"
#include "match/videos.h"

struct hashset *hashset_new(void)
{
    struct hashset *set = ALLOC(struct hashset);
    numbers_init(&set->numbers);
    return set;
}

void hashset_free(struct hashset *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n_lists; i++)
        list_info_clear(&set->lists[i].info);
    for (size_t i = 0; i < set->n_parts; i++)
        part_free(&set->parts[i]);
    builder_free(set->builders[0]);
    builder_free(set->builders[1]);
    numbers_free(&set->numbers);
    category_map_free(set->own_map);
    free(set->columns);
    free(set->name);
    free(set->lists);
    free(set->parts);
    free(set);
}

struct list *hashset_add_list(struct hashset *set, const char *path, const char *name, bool known, const char *format)
{
    RESERVE(set->lists, set->n_lists, set->cap_lists);
    struct list *list = &set->lists[set->n_lists++];
    *list =
        (struct list){.info = {.path = mem_strdup(path), .name = mem_strdup(name), .known = known, .format = format}};
    return list;
}

/** Counts are known once equal digests stand side by side. */
static void take_counts(struct hashset *set, const struct part *part)
{
    for (size_t i = 0; i < part->n_lists; i++)
        list_take_record(&set->lists[part->global[i]], part, &part->lists[i]);
}

static int read_map(struct hashset *set, const char *text, char *why, size_t why_size)
{
    if (strchr(text, '=')) {
        free(set->columns);
        set->columns = ALLOC(struct columns);
        return columns_parse(text, set->columns, why, why_size) ? 0 : -1;
    }
    category_map_free(set->own_map);
    set->own_map = NULL;
    set->map = category_map_find(text);
    if (!set->map)
        set->map = set->own_map = category_map_read(text, why, why_size);
    return set->map ? 0 : -1;
}

int hashset_reading(struct hashset *set, const char *name, const char *const *maps, size_t n, char *why,
                    size_t why_size)
{
    free(set->name);
    set->name = name ? mem_strdup(name) : NULL;
    for (size_t i = 0; i < n; i++)
        if (read_map(set, maps[i], why, why_size) < 0)
            return -1;
    return 0;
}

void hashset_seal(struct hashset *set)
{
    for (int known = 0; known < 2; known++) {
        struct builder *builder = set->builders[known];
        if (!builder)
            continue;
        struct part part = {.known = known};
        builder_seal(builder, &part, !known);
        builder_free(builder);
        set->builders[known] = NULL;
        RESERVE(set->parts, set->n_parts, set->cap_parts);
        set->parts[set->n_parts++] = part;
        take_counts(set, &part);
    }
    for (size_t i = 0; i < set->n_parts; i++)
        videos_count(&set->parts[i]);
    set->sealed = true;
}

size_t hashset_lists(const struct hashset *set)
{
    return set->n_lists;
}

const struct list_info *hashset_list(const struct hashset *set, size_t i)
{
    return &set->lists[i].info;
}

bool hashset_has_pdq(const struct hashset *set)
{
    for (size_t i = 0; i < set->n_parts; i++)
        if (!set->parts[i].known && set->parts[i].tables[HASH_PDQ].n)
            return true;
    return false;
}

/** One part, so that the file has one table of each type. */
static int merge_and_write(const struct hashset *set, const char *path)
{
    struct builder *builder = builder_new();
    struct part part = {0};
    int failed = 0;
    for (size_t i = 0; i < set->n_parts && !failed; i++)
        failed = builder_merge(builder, &set->parts[i]) ? 0 : -EFBIG;
    if (!failed) {
        builder_seal(builder, &part, true);
        failed = index_write(&part, path);
    }
    builder_free(builder);
    part_free(&part);
    return failed;
}

int hashset_write_index(const struct hashset *set, const char *path)
{
    if (set->n_parts == 1 && !set->parts[0].known)
        return index_write(&set->parts[0], path);
    return merge_and_write(set, path);
}
