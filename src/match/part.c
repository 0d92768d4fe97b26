#include "match/part.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/buf.h"
#include "core/escape.h"
#include "match/photodna.h"

/** What stands for text of a damaged index. */
static const char damaged[] = "(damaged)";

static size_t items(const struct section *section, size_t width, bool *whole)
{
    *whole = *whole && section->size % width == 0;
    return section->size / width;
}

static bool bind_table(struct part *part, enum hash_type type)
{
    const struct section *sections = &part->sections[section_of(type, TABLE_KEYS)];
    struct table *table = &part->tables[type];
    bool whole = true;
    *table = (struct table){
        .keys = sections[TABLE_KEYS].data,
        .width = hash_type_bytes(type),
        .top = sections[TABLE_TOP].data,
        .first = sections[TABLE_FIRST].size ? sections[TABLE_FIRST].data : NULL,
        .postings = sections[TABLE_POSTINGS].data,
        .n_postings = items(&sections[TABLE_POSTINGS], sizeof(struct posting), &whole),
    };
    table->n = items(&sections[TABLE_KEYS], table->width, &whole);
    table->top_bits = table_top_bits(table->n);
    size_t n_top = items(&sections[TABLE_TOP], sizeof(uint32_t), &whole);
    size_t n_first = items(&sections[TABLE_FIRST], sizeof(uint32_t), &whole);
    return whole && table->n < UINT32_MAX && table->n_postings < UINT32_MAX &&
           n_top == (table->n ? ((size_t)1 << table->top_bits) + 1 : 0) &&
           (table->first ? n_first == table->n + 1 : table->n_postings == table->n);
}

/** Offsets, sketches and ids stand one behind the other in the sections. */
static bool bind_near(const struct section *sections, const struct table *table, struct near *near)
{
    const struct section *offsets = &sections[0], *sketches = &sections[1], *ids = &sections[2];
    *near = (struct near){.keys = table->keys, .n = table->n};
    if (!offsets->size)
        return !sketches->size && !ids->size;
    near->offsets = offsets->data;
    near->sketches = sketches->data;
    near->ids = ids->data;
    return offsets->size == near_offsets_size() && sketches->size == near_sketches_size(table->n) &&
           ids->size == near_ids_size(table->n);
}

static bool bind_lists(struct part *part)
{
    bool whole = true;
    part->lists = part->sections[SECTION_LISTS].data;
    part->n_lists = items(&part->sections[SECTION_LISTS], sizeof(struct list_record), &whole);
    part->strings = part->sections[SECTION_STRINGS].data;
    part->strings_size = part->sections[SECTION_STRINGS].size;
    part->labels = part->sections[SECTION_LABELS].data;
    part->n_labels = items(&part->sections[SECTION_LABELS], sizeof(struct label), &whole);
    part->categories = part->sections[SECTION_CATEGORIES].data;
    part->n_categories = items(&part->sections[SECTION_CATEGORIES], sizeof(struct category_record), &whole);
    whole = items(&part->sections[SECTION_PHOTODNA_REFS], sizeof(struct photodna_ref), &whole) ==
                items(&part->sections[SECTION_PHOTODNA], PHOTODNA_BYTES, &whole) &&
            whole;
    return whole && part->n_lists <= POSTING_LIST_MAX && part->strings_size && !part->strings[part->strings_size - 1];
}

bool part_bind(struct part *part, const char **why)
{
    near_prepare();
    *why = "its lists or texts are cut off";
    if (!bind_lists(part))
        return false;
    *why = "a table of hashes has an impossible size";
    for (int type = 0; type < HASH_TYPE_COUNT; type++)
        if (!bind_table(part, (enum hash_type)type))
            return false;
    *why = "its near index has an impossible size";
    return bind_near(&part->sections[SECTION_NEAR_OFFSETS], &part->tables[HASH_PDQ], &part->near) &&
           bind_near(&part->sections[SECTION_VIDEO_OFFSETS], &part->tables[HASH_VPDQ], &part->near_video);
}

static void section_free(struct section *section)
{
    if (section->mapped)
        munmap(section->data, section->size);
    else
        free(section->data);
}

void part_free(struct part *part)
{
    if (part->map)
        munmap(part->map, part->map_size);
    else
        for (int i = 0; i < SECTION_COUNT; i++)
            section_free(&part->sections[i]);
    free(part->global);
    free(part->videos);
    *part = (struct part){0};
}

/** True if the text is what escape_text could have written: nothing to escape between the backslashes. */
static bool is_escaped(const char *text)
{
    struct buf scratch = {0};
    bool clean = true;
    while (clean && *text) {
        size_t n = strcspn(text, "\\");
        clean = !escape_text(&scratch, text, n);
        text += n + (text[n] == '\\');
    }
    buf_free(&scratch);
    return clean;
}

const struct label *part_label(const struct part *part, uint32_t number)
{
    static const struct label empty;
    return number < part->n_labels ? &part->labels[number] : &empty;
}

const char *part_string(const struct part *part, uint32_t offset)
{
    if (offset >= part->strings_size)
        return damaged;
    const char *text = part->strings + offset;
    return part->trusted || is_escaped(text) ? text : damaged;
}
