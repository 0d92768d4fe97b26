/* list_info.c: what is told of a list and of its entries. */
#include <stdlib.h>

#include "core/alloc.h"
#include "trawl/match.h"

const char *match_flag_name(unsigned flag)
{
    static const char *const names[] = {
        "victim-identified",
        "victim-unidentified",
        "offender-identified",
        "offender-unidentified",
        "distributed",
        "not-distributed",
        "suspected",
        "self-generated",
        "baseline",
        "not-pertinent",
        "disputed",
        "video",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (flag == 1u << i)
            return names[i];
    return NULL;
}

void list_info_clear(struct list_info *info)
{
    for (size_t i = 0; i < info->n_categories; i++) {
        free(info->categories[i].code);
        free(info->categories[i].name);
    }
    free(info->categories);
    free(info->source);
    free(info->map);
    free(info->path);
    free(info->name);
    *info = (struct list_info){0};
}

static char *copy_text(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

struct list_info list_info_copy(const struct list_info *info)
{
    struct list_info copy = *info;
    copy.path = copy_text(info->path);
    copy.name = copy_text(info->name);
    copy.source = copy_text(info->source);
    copy.map = copy_text(info->map);
    copy.categories = ALLOC_ARRAY(struct list_category, info->n_categories + 1);
    for (size_t i = 0; i < info->n_categories; i++) {
        copy.categories[i] = info->categories[i];
        copy.categories[i].code = copy_text(info->categories[i].code);
        copy.categories[i].name = copy_text(info->categories[i].name);
    }
    return copy;
}
