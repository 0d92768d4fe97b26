/* load.c: hashset_load: from a path to a list of the set. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/escape.h"
#include "match/hashset.h"
#include "match/index.h"
#include "match/list.h"
#include "match/video_signal.h"

/** Files that people take for hash lists, and what to say of them. */
static const struct {
    const char *magic;
    size_t n;
    const char *what;
} foreign[] = {
    {"\xff\xfe", 2, "UTF-16 text; save it as UTF-8"},
    {"\xfe\xff", 2, "UTF-16 text; save it as UTF-8"},
    {"\x1f\x8b", 2, "compressed (gzip); unpack it first"},
    {"BZh", 3, "compressed (bzip2); unpack it first"},
    {"\xfd"
     "7zXZ",
     5, "compressed (xz); unpack it first"},
    {"\x28\xb5\x2f\xfd", 4, "compressed (zstd); unpack it first"},
    {"PK\x03\x04", 4, "a zip; unpack it first"},
    {"SQLite format 3", 15, "an SQLite database, which trawl cannot read"},
    {"HASH\r\n\xff", 7, "an EnCase hash set, which trawl cannot read"},
    {"<?xml", 5, "XML, which trawl cannot read as a list"},
    {"{", 1, "JSON, which trawl cannot read as a list"},
    {"[", 1, "JSON, which trawl cannot read as a list"},
};

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

/** Whoever may write a list may hide findings. Returns why the file is not taken, or NULL. */
static const char *distrust(const struct stat *st)
{
    if (S_ISDIR(st->st_mode))
        return "is a folder, not a hash list";
    if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode))
        return "is neither a file nor a pipe";
    if (S_ISREG(st->st_mode) && st->st_size == 0)
        return "is empty";
    if (st->st_mode & 022)
        return "may be written by others, who could hide findings; chmod go-w it first";
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "belongs to another user, who could hide findings; copy it, or chown it first";
    return NULL;
}

/** Returns a descriptor, or -1 with a sentence. */
static int open_list(const char *path, const char *shown, char *why, size_t why_size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0) {
        snprintf(why, why_size, "%s: cannot be read: %s", shown, strerror(errno));
    } else {
        const char *distrusted = distrust(&st);
        if (!distrusted)
            return fd;
        snprintf(why, why_size, "%s: %s", shown, distrusted);
    }
    if (fd >= 0)
        close(fd);
    return -1;
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

static const char *foreign_format(const uint8_t *head, size_t n)
{
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        if (n >= foreign[i].n && memcmp(head, foreign[i].magic, foreign[i].n) == 0)
            return foreign[i].what;
    return NULL;
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
    part.known = known;
    part.global = ALLOC_ARRAY(uint32_t, part.n_lists);
    for (size_t i = 0; i < part.n_lists; i++) {
        const struct list_record *record = &part.lists[i];
        part.global[i] = (uint32_t)set->n_lists;
        struct list *list = hashset_add_list(set, shown, part_string(&part, record->name), known, "index");
        memcpy(list->info.sha256, record->sha256, sizeof(list->info.sha256));
        memcpy(list->info.entries, record->entries, sizeof(list->info.entries));
        list->info.duplicates = record->duplicates;
        list->info.bad_rows = record->bad_rows;
        list->weak = record->weak;
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
    if (loader->rows.error)
        loader_fail(loader, "%s: cannot be read: %s", loader->path, strerror(loader->rows.error));
    if (loader->bad > BAD_ROWS_SHOWN)
        loader_note(loader, "... and %llu more", (unsigned long long)(loader->bad - BAD_ROWS_SHOWN));
    if (!loader->good && loader->bad)
        loader_fail(loader, "%s: none of its rows is a hash (%llu bad)", loader->path, (unsigned long long)loader->bad);
    else if (!loader->good)
        loader_fail(loader, "%s: there is no hash in it", loader->path);
    uint64_t weak = loader->builder->lists[loader->list].weak;
    if (weak && !loader_failed(loader))
        loader_note(
            loader,
            "%llu PDQ entries come from flat pictures or failures (not about 128 bits set, or quality under %d); "
            "they are kept",
            (unsigned long long)weak, WEAK_QUALITY);
}

/** Reads the rows into the loader's list. */
static int run_loader(struct loader *loader, const char **format_name)
{
    const uint8_t *head;
    size_t n = rows_peek(&loader->rows, &head);
    if (n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) {
        rows_skip(&loader->rows, 3);
        head += 3;
        n -= 3;
    }
    if (has_videos(loader, head, n)) {
        rows_allow(&loader->rows, ROW_MAX_VIDEO);
        n = rows_peek(&loader->rows, &head);
    }
    bool is_signal = loader->bare == HASH_VPDQ && video_signal_begins(head, n);
    const char *what = is_signal ? NULL : foreign_format(head, n);
    if (what) {
        loader_fail(loader, "%s: is %s", loader->path, what);
        return -1;
    }
    const struct list_format *format = find_format(head, n);
    *format_name = format->name;
    format->load(loader);
    conclude(loader);
    buf_free(&loader->last_label);
    buf_free(&loader->scratch);
    return loader_failed(loader) ? -1 : 0;
}

static int load_text(struct hashset *set, struct loader *loader, const char *name, bool known)
{
    const char *format = "";
    if (!set->builders[known])
        set->builders[known] = builder_new();
    loader->builder = set->builders[known];
    loader->list = builder_list(loader->builder, (uint32_t)set->n_lists);
    uint32_t name_at = strings_add(&loader->builder->strings, name, strlen(name));
    if (run_loader(loader, &format) < 0) {
        builder_drop_list(loader->builder);
        return -1;
    }
    struct list *list = hashset_add_list(set, loader->path, name, known, format);
    struct list_record *record = &loader->builder->lists[loader->list];
    rows_sha256(&loader->rows, list->info.sha256);
    memcpy(record->sha256, list->info.sha256, sizeof(record->sha256));
    record->name = name_at;
    record->bad_rows = list->info.bad_rows = loader->bad;
    list->weak = record->weak;
    return 0;
}

int hashset_load(struct hashset *set, const char *path, bool known, enum hash_type bare, FILE *log, char *why,
                 size_t why_size)
{
    char *shown = display(path), *name = display(file_name(path));
    int result = -1, fd = open_list(path, shown, why, why_size);
    if (fd >= 0) {
        const uint8_t *head;
        struct loader loader = {.path = shown, .bare = bare, .log = log, .why = why, .why_size = why_size};
        why[0] = '\0';
        rows_open(&loader.rows, fd, ROW_MAX, true);
        size_t n = rows_peek(&loader.rows, &head);
        if (index_recognised(head, n))
            result = load_index(set, fd, shown, known, why, why_size);
        else
            result = load_text(set, &loader, name, known);
        rows_close(&loader.rows);
        close(fd);
    }
    free(name);
    free(shown);
    return result;
}
