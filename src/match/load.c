/* load.c: hashset_load: from a path to a list of the set. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/escape.h"
#include "match/hashset.h"
#include "match/index.h"
#include "match/inflater.h"
#include "match/list.h"
#include "match/trust.h"
#include "match/video_signal.h"

/** A path as messages show it. */
static char *display(const char *path)
{
    struct buf buf = {0};
    escape_text(&buf, path, strlen(path));
    buf_str(&buf);
    return (char *)buf.data;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static char *text_or_null(const struct part *part, uint32_t text)
{
    return text ? mem_strdup(part_string(part, text)) : NULL;
}

/** What a part's record says of a list, into its info. */
void list_take_record(struct list *list, const struct part *part, const struct list_record *record)
{
    struct list_info *info = &list->info;
    memcpy(info->sha256, record->sha256, sizeof(info->sha256));
    memcpy(info->entries, record->entries, sizeof(info->entries));
    info->duplicates = record->duplicates;
    info->bad_rows = record->bad_rows;
    info->withdrawn = record->withdrawn;
    info->photodna = record->photodna;
    info->source = text_or_null(part, record->source);
    info->map = text_or_null(part, record->map);
    list->weak = record->weak;
    list->verdicts = record->flags & LIST_HAS_VERDICTS;
    if (record->first_category > part->n_categories || record->n_categories > CODES_MAX ||
        record->n_categories > part->n_categories - record->first_category)
        return;
    info->n_categories = record->n_categories;
    info->categories = ALLOC_ARRAY(struct list_category, record->n_categories + 1u);
    for (uint32_t i = 0; i < record->n_categories; i++) {
        const struct category_record *category = &part->categories[record->first_category + i];
        bool good = category->severity >= 1 && category->severity <= SEVERITY_NONE;
        info->categories[i] = (struct list_category){.code = mem_strdup(part_string(part, category->code)),
                                                     .name = mem_strdup(part_string(part, category->name)),
                                                     .severity = good ? (uint8_t)category->severity : SEVERITY_NONE,
                                                     .flags = category->flags & MATCH_FLAGS_ALL,
                                                     .unmapped = category->unmapped != 0,
                                                     .entries = category->entries};
    }
}

/** A row with the frames of a video may be near: "vpdq" in either case, or --type says so. */
static bool has_videos(const struct loader *loader, const uint8_t *head, size_t n)
{
    if (loader->bare == HASH_VPDQ)
        return true;
    for (size_t i = 0; i + 4 <= n; i++)
        if ((head[i] | 0x20) == 'v' && strncasecmp((const char *)head + i, "vpdq", 4) == 0)
            return true;
    return false;
}

/** A list that says which files are illegal would hide just those. */
static void refuse_verdicts(const char *shown, const char *name, char *why, size_t why_size)
{
    snprintf(why, why_size, "%s: %s%sholds verdicts; as --known it would hide what it is there to find", shown, name,
             *name ? " " : "");
}

/** Every list in the index becomes a list of the set. */
static int load_index(struct hashset *set, int fd, const char *shown, bool known, char *why, size_t why_size)
{
    struct part part;
    const char *unusable = index_open(fd, &part, set->check_indexes);
    if (unusable) {
        snprintf(why, why_size, "%s: the index cannot be used: %s", shown, unusable);
        return -1;
    }
    for (size_t i = 0; known && i < part.n_lists; i++)
        if (part.lists[i].flags & LIST_HAS_VERDICTS) {
            refuse_verdicts(shown, part_string(&part, part.lists[i].name), why, why_size);
            part_free(&part);
            return -1;
        }
    part.known = known;
    part.global = ALLOC_ARRAY(uint32_t, part.n_lists);
    for (size_t i = 0; i < part.n_lists; i++) {
        const struct list_record *record = &part.lists[i];
        part.global[i] = (uint32_t)set->n_lists;
        struct list *list = hashset_add_list(set, shown, part_string(&part, record->name), known, "index");
        list_take_record(list, &part, record);
    }
    RESERVE(set->parts, set->n_parts, set->cap_parts);
    set->parts[set->n_parts++] = part;
    return 0;
}

static const struct list_format *find_format(const uint8_t *head, size_t n)
{
    size_t i = 0;
    while (!list_formats[i]->recognise(head, n))
        i++;
    return list_formats[i];
}

/** What must be said once a list was read; it may still fail. */
static void conclude(struct loader *loader)
{
    if (loader->rows.error == EILSEQ)
        loader_fail(loader, "%s: its compressed stream is damaged or cut off; nothing of it is used", loader->path);
    else if (loader->rows.error)
        loader_fail(loader, "%s: cannot be read: %s", loader->path, strerror(loader->rows.error));
    if (loader->bad > BAD_ROWS_SHOWN)
        loader_note(loader, "... and %llu more", (unsigned long long)(loader->bad - BAD_ROWS_SHOWN));
    if (!loader->good && loader->bad)
        loader_fail(loader, "%s: none of its rows is a hash (%llu bad)", loader->path, (unsigned long long)loader->bad);
    else if (!loader->good && (loader->withdrawn || loader->may_be_empty))
        loader_note(loader, "there is no entry in it that is in force");
    else if (!loader->good)
        loader_fail(loader, "%s: there is no hash in it", loader->path);
    uint64_t weak = loader->builder->lists[loader->list].weak;
    if (weak && !loader_failed(loader))
        loader_note(
            loader,
            "%llu PDQ entries come from flat pictures or failures (not about 128 bits set, or quality under %d); "
            "they are kept",
            (unsigned long long)weak, WEAK_QUALITY);
    if (loader->bad_photodna && !loader_failed(loader))
        loader_note(loader, "%llu PhotoDNA values have not %d bytes in base64 or hex: they are not carried through",
                    (unsigned long long)loader->bad_photodna, PHOTODNA_BYTES);
    if (loader->builder->photodna.failed && !loader_failed(loader))
        loader_note(loader, "its PhotoDNA values are not carried through: no room for them in the folder for temporary "
                            "files");
    if (loader->known && !loader_failed(loader) && loader->builder->lists[loader->list].flags & LIST_HAS_VERDICTS)
        refuse_verdicts(loader->path, "", loader->why, loader->why_size);
}

/** Column numbers of the operator's make a table of any text. */
static const struct list_format *choose_format(const struct loader *loader, const uint8_t *head, size_t n)
{
    /* Frames of videos may be JSON too; the operator said that they are there. */
    if (loader->bare == HASH_VPDQ && video_signal_begins(head, n))
        return list_format_vpdq.recognise(head, n) ? &list_format_vpdq : &list_format_lines;
    const struct list_format *format = find_format(head, n);
    return loader->columns && format == &list_format_lines ? &list_format_csv : format;
}

/** The beginning of the text, without byte order mark, unpacked where it is compressed. */
static size_t peek_text(struct loader *loader, const uint8_t **head)
{
    size_t n = rows_peek(&loader->rows, head);
    if (inflater_recognised(*head, n)) {
        rows_inflate(&loader->rows);
        n = rows_peek(&loader->rows, head);
    }
    if (n >= 3 && memcmp(*head, "\xef\xbb\xbf", 3) == 0) {
        rows_skip(&loader->rows, 3);
        n = rows_peek(&loader->rows, head);
    }
    if (has_videos(loader, *head, n)) {
        rows_allow(&loader->rows, ROW_MAX_VIDEO);
        n = rows_peek(&loader->rows, head);
    }
    return n;
}

/** Reads the rows into the loader's list. */
static int run_loader(struct loader *loader)
{
    const uint8_t *head;
    size_t n = peek_text(loader, &head);
    const struct list_format *format = choose_format(loader, head, n);
    loader->format = format->name;
    if (!loader->rows.error)
        format->load(loader);
    conclude(loader);
    buf_free(&loader->last_label);
    buf_free(&loader->this_label);
    buf_free(&loader->scratch);
    return loader_failed(loader) ? -1 : 0;
}

/** An offset of a text; 0 where there is no room, or none. */
static uint32_t keep_text(struct loader *loader, const void *text, size_t n)
{
    struct buf shown = {0};
    escape_text(&shown, text, n);
    uint32_t at = strings_intern(&loader->builder->strings, shown.data, shown.len);
    buf_free(&shown);
    return at == STRING_NONE ? 0 : at;
}

static void fill_record(struct loader *loader, uint32_t name)
{
    struct list_record *record = &loader->builder->lists[loader->list];
    record->name = name;
    record->bad_rows = loader->bad;
    record->withdrawn = loader->withdrawn;
    record->photodna = loader->photodna;
    record->format = keep_text(loader, loader->format, strlen(loader->format));
    record->source = keep_text(loader, loader->source.data, loader->source.len);
    codes_store(&loader->codes, loader->builder);
    if (loader->codes.map)
        record->map = keep_text(loader, loader->codes.map->name, strlen(loader->codes.map->name));
    rows_sha256(&loader->rows, record->sha256);
}

static int load_text(struct hashset *set, struct loader *loader, const char *name)
{
    if (!set->builders[loader->known])
        set->builders[loader->known] = builder_new();
    loader->builder = set->builders[loader->known];
    loader->list = builder_list(loader->builder, (uint32_t)set->n_lists);
    uint32_t name_at = strings_add(&loader->builder->strings, name, strlen(name));
    int result = run_loader(loader);
    if (result < 0) {
        builder_drop_list(loader->builder);
    } else {
        fill_record(loader, name_at);
        hashset_add_list(set, loader->path, name, loader->known, loader->format);
    }
    codes_free(&loader->codes);
    buf_free(&loader->source);
    return result;
}

int hashset_load(struct hashset *set, const char *path, bool known, enum hash_type bare, FILE *log, char *why,
                 size_t why_size)
{
    char *shown = display(path), *name = display(set->name ? set->name : file_name(path));
    int result = -1, fd = trust_open(path, shown, why, why_size);
    if (fd >= 0) {
        const uint8_t *head;
        struct loader loader = {.path = shown,
                                .real_path = path,
                                .known = known,
                                .bare = bare,
                                .map = set->map,
                                .columns = set->columns,
                                .log = log,
                                .why = why,
                                .why_size = why_size};
        why[0] = '\0';
        rows_open(&loader.rows, fd, ROW_MAX, true);
        size_t n = rows_peek(&loader.rows, &head);
        if (index_recognised(head, n))
            result = load_index(set, fd, shown, known, why, why_size);
        else
            result = load_text(set, &loader, name);
        rows_close(&loader.rows);
        close(fd);
    }
    free(name);
    free(shown);
    return result;
}
