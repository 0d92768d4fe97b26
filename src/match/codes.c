#include "match/codes.h"

#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/escape.h"

/** The text for people, once: its offset. */
static uint32_t keep(struct string_arena *strings, struct buf *text)
{
    uint32_t at = strings_intern(strings, text->data, text->len);
    buf_free(text);
    return at == STRING_NONE ? 0 : at;
}

static struct code_row *add_row(struct codes *codes, const void *code, size_t n, const struct map_code *mapped,
                                struct string_arena *strings)
{
    RESERVE(codes->rows, codes->n, codes->cap);
    struct code_row *row = &codes->rows[codes->n++];
    struct buf shown = {0}, name = {0}, category = {0};
    *row = (struct code_row){.severity = mapped ? mapped->severity : codes->map->otherwise,
                             .flags = mapped ? mapped->flags : 0,
                             .unmapped = !mapped};
    buf_put(&row->raw, code, n);
    escape_text(&shown, code, n);
    buf_put(&category, shown.data, shown.len);
    if (mapped && *mapped->name) {
        buf_puts(&name, mapped->name);
        buf_byte(&category, ' ');
        buf_puts(&category, mapped->name);
    }
    row->code = keep(strings, &shown);
    row->name = keep(strings, &name);
    row->category = keep(strings, &category);
    return row;
}

void codes_init(struct codes *codes, const struct category_map *map, struct string_arena *strings)
{
    codes_free(codes);
    codes->map = map;
    for (size_t i = 0; i < map->n; i++)
        add_row(codes, map->codes[i].code, strlen(map->codes[i].code), &map->codes[i], strings);
}

void codes_free(struct codes *codes)
{
    for (size_t i = 0; i < codes->n; i++)
        buf_free(&codes->rows[i].raw);
    free(codes->rows);
    *codes = (struct codes){0};
}

static bool is_row(const struct code_row *row, const void *code, size_t n)
{
    return row->raw.len == n && strncasecmp((const char *)row->raw.data, code, n) == 0;
}

size_t codes_row(struct codes *codes, const void *code, size_t n, struct string_arena *strings)
{
    static const char others[] = "(others)";
    if (codes->n && is_row(&codes->rows[codes->last], code, n))
        return codes->last;
    size_t i = 0;
    while (i < codes->n && !is_row(&codes->rows[i], code, n))
        i++;
    if (i == codes->n && codes->n == CODES_MAX - 1)
        add_row(codes, others, sizeof(others) - 1, NULL, strings);
    else if (i == codes->n && codes->n < CODES_MAX)
        add_row(codes, code, n, category_map_code(codes->map, code, n), strings);
    if (i == CODES_MAX)
        i--;
    return codes->last = i;
}

void codes_store(const struct codes *codes, struct builder *builder)
{
    struct list_record *list = &builder->lists[builder->n_lists - 1];
    list->first_category = (uint32_t)builder->n_categories;
    list->n_categories = (uint32_t)codes->n;
    for (size_t i = 0; i < codes->n; i++) {
        const struct code_row *row = &codes->rows[i];
        RESERVE(builder->categories, builder->n_categories, builder->cap_categories);
        builder->categories[builder->n_categories++] = (struct category_record){.code = row->code,
                                                                                .name = row->name,
                                                                                .severity = row->severity,
                                                                                .flags = row->flags,
                                                                                .entries = row->entries,
                                                                                .unmapped = row->unmapped};
    }
}
