#include "match/diff.h"

#include <string.h>

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

/** The more severe first; the rest makes the order total. */
static int side_order(const struct list_side *a, const struct list_side *b)
{
    int order = COMPARE(a->severity, b->severity);
    order = order ? order : strcmp(a->category, b->category);
    order = order ? order : strcmp(a->code, b->code);
    order = order ? order : strcmp(a->series, b->series);
    return order ? order : COMPARE(a->flags, b->flags);
}

static struct list_side side_of(const struct part *part, const struct posting *posting)
{
    const struct label *label = part_label(part, posting->label);
    uint8_t severity = posting->origin & 15;
    return (struct list_side){.severity = severity ? severity : SEVERITY_NONE,
                              .flags = label->flags & MATCH_FLAGS_ALL,
                              .category = part_string(part, label->category),
                              .code = part_string(part, label->code),
                              .series = part_string(part, label->series)};
}

/** The most severe entry of a hash in parts up to n. False where none has it. */
static bool look_up(const struct hashset *set, size_t n, enum hash_type type, const uint8_t *value,
                    struct list_side *best)
{
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        const struct table *table = &set->parts[i].tables[type];
        size_t key;
        if (!table_find(table, value, &key))
            continue;
        struct span span = table_postings(table, key);
        for (size_t p = span.begin; p < span.end; p++) {
            struct list_side side = side_of(&set->parts[i], &table->postings[p]);
            if (!found || side_order(&side, best) < 0)
                *best = side;
            found = true;
        }
    }
    return found;
}

/** A pass over one set beside another. */
struct pass {
    const struct hashset *set, *other;
    enum hash_type type;
    /** The set is the newer one. */
    bool newer;
    list_changed changed;
    void *context;
};

static void compare(const struct pass *pass, size_t part, const uint8_t *value)
{
    static const struct list_side none = {.severity = SEVERITY_NONE, .category = "", .code = "", .series = ""};
    struct list_side here = none, there = none;
    if (look_up(pass->set, part, pass->type, value, &here)) /* an earlier part has it: told there */
        return;
    look_up(pass->set, pass->set->n_parts, pass->type, value, &here);
    bool both = look_up(pass->other, pass->other->n_parts, pass->type, value, &there);
    if (both && (pass->newer || side_order(&here, &there) == 0))
        return;
    struct list_change change = {.kind = both          ? LIST_CHANGED
                                         : pass->newer ? LIST_ADDED
                                                       : LIST_REMOVED,
                                 .type = pass->type,
                                 .value = value,
                                 .before = pass->newer ? none : here,
                                 .after = pass->newer ? here : there};
    pass->changed(pass->context, &change);
}

static void run_pass(const struct pass *pass)
{
    for (size_t i = 0; i < pass->set->n_parts; i++) {
        const struct table *table = &pass->set->parts[i].tables[pass->type];
        for (size_t key = 0; key < table->n; key++)
            compare(pass, i, table->keys + key * table->width);
    }
}

void hashset_diff(const struct hashset *before, const struct hashset *after, list_changed changed, void *context)
{
    for (int type = 0; type < HASH_TYPE_COUNT; type++) {
        struct pass pass = {.set = before, .other = after, .type = (enum hash_type)type};
        pass.changed = changed;
        pass.context = context;
        run_pass(&pass);
        pass.set = after;
        pass.other = before;
        pass.newer = true;
        run_pass(&pass);
    }
}
