/* since_same.c: whether a file, or a case, is the one of then. */
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "core/alloc.h"
#include "scan/segments.h"
#include "scan/since_parts.h"

#ifndef EXFAT_SUPER_MAGIC
#define EXFAT_SUPER_MAGIC 0x2011BAB0
#endif
#define CIFS_SUPER_MAGIC 0xFF534D42
#define SMB2_SUPER_MAGIC 0xFE534D42

static enum sameness sameness_of(const struct walk *walk, const struct walk_entry *entry)
{
    struct statfs fs;
    bool mounted = walk_statfs(walk, entry, &fs) == 0;
    switch (mounted ? (unsigned long)fs.f_type & 0xFFFFFFFF : 0) {
    case MSDOS_SUPER_MAGIC:
    case EXFAT_SUPER_MAGIC:
    case FUSE_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case CIFS_SUPER_MAGIC:
    case SMB2_SUPER_MAGIC:
    case V9FS_MAGIC:
        return SAME_BY_PATH;
    default:
        return major(entry->st.st_dev) ? SAME_IN_ALL : SAME_BUT_DEVICE;
    }
}

/** Asked once for each file system. */
static enum sameness sameness(struct since *since, const struct walk *walk, const struct walk_entry *entry)
{
    for (size_t i = since->n_volumes; i-- > 0;)
        if (since->volumes[i].dev == entry->st.st_dev)
            return since->volumes[i].how;
    RESERVE(since->volumes, since->n_volumes, since->cap_volumes);
    struct volume *volume = &since->volumes[since->n_volumes++];
    *volume = (struct volume){entry->st.st_dev, sameness_of(walk, entry)};
    return volume->how;
}

/** The words that its line would have. */
static uint64_t part_of(const struct where *where, enum file_type type)
{
    char first[UNPACK_SEGMENT_NAME];
    struct item words = {0};
    if (!segments_is_part(where, type, first))
        return 0;
    item_detail(&words, SEGMENTS_PART_WORDS "%s", first);
    uint64_t part = old_part_of(words.detail, strlen(words.detail));
    item_clear(&words);
    return part;
}

/** What it says hangs on files beside it, too: a split image is read with its first part, and only there. */
static bool same_parts(const struct since *since, const char *path, const struct old_row *row)
{
    enum file_type type = (enum file_type)row->type;
    const struct old_extra none = {0}, *then = row->extra ? &since->old.extras[row->extra - 1] : &none;
    struct where *where = where_new(NULL, "file", path, strlen(path), WHERE_UNKNOWN, WHERE_UNKNOWN);
    bool same = !then->segments && !then->part_of;
    if (type_class(type) == CLASS_DISK || segments_may_be_part(where)) {
        struct segments segments;
        segments_open(&segments, where, type);
        same = segments_identity(&segments) == then->segments && part_of(where, type) == then->part_of;
        segments_close(&segments);
    }
    where_unref(where);
    return same;
}

bool since_same(struct since *since, const struct walk *walk, const struct walk_entry *entry, const struct old_row *row)
{
    struct identity now;
    identity_of(&entry->st, &now);
    if (now.size != row->size || now.mtime != row->mtime)
        return false;
    enum sameness how = sameness(since, walk, entry);
    if (how != SAME_BY_PATH && (now.ino != row->ino || now.ctime != row->ctime))
        return false;
    if (how == SAME_IN_ALL && now.dev != row->dev)
        return false;
    return entry->type != TYPE_OTHER || same_parts(since, entry->path, row);
}

/** Options that shape reports, not records. */
static bool is_of_reports(const char *option)
{
    static const char *const names[] = {"flood=", "no-inventory=", "retain="};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strncmp(option, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/** The next option from `i` on that shapes records; NULL behind the last. */
static const char *next_option(const struct case_info *info, size_t *i)
{
    while (*i < info->n_options && is_of_reports(info->options[*i]))
        ++*i;
    return *i < info->n_options ? info->options[(*i)++] : NULL;
}

static bool same_options(const struct case_info *a, const struct case_info *b)
{
    for (size_t i = 0, j = 0;;) {
        const char *x = next_option(a, &i), *y = next_option(b, &j);
        if (!x || !y)
            return !x && !y;
        if (strcmp(x, y) != 0)
            return false;
    }
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/** A map of one's own may say something else under the same name. */
static bool same_categories(const struct list_info *x, const struct list_info *y)
{
    bool same = x->n_categories == y->n_categories;
    for (size_t i = 0; same && i < x->n_categories; i++) {
        const struct list_category *a = &x->categories[i], *b = &y->categories[i];
        same = same_text(a->code, b->code) && same_text(a->name, b->name) && a->severity == b->severity &&
               a->flags == b->flags;
    }
    return same;
}

static bool same_lists(const struct case_info *a, const struct case_info *b)
{
    if (a->n_lists != b->n_lists)
        return false;
    for (size_t i = 0; i < a->n_lists; i++) {
        const struct list_info *x = &a->lists[i], *y = &b->lists[i];
        if (x->known != y->known || memcmp(x->sha256, y->sha256, sizeof(x->sha256)) != 0 ||
            memcmp(x->entries, y->entries, sizeof(x->entries)) != 0 || !same_text(x->name, y->name) ||
            !same_text(x->map, y->map) || !same_categories(x, y))
            return false;
    }
    return true;
}

bool since_fits(const struct old_case *old, const struct case_info *now, const struct run_mark *mark, bool *other_lists,
                const char **why)
{
    const struct case_info *then = &old->folder.info;
    *why = NULL;
    *other_lists = !same_lists(then, now) || old->run.reading != mark->reading;
    if (!old->folder.resumed)
        *why = "its journal has no beginning";
    else if (then->minimise)
        *why = "it was made with --minimise: it does not know its files";
    else if (old->folder.state.damaged)
        *why = "its journal is damaged";
    else if (!old->has_run)
        *why = "it was made by an older version, or put together of parts: it does not know when files were changed";
    else if (strcmp(then->version, now->version) != 0 || memcmp(old->run.build, mark->build, sizeof(mark->build)) != 0)
        *why = "it was made by another version, or with other libraries";
    else if (then->no_sandbox != now->no_sandbox || !same_options(then, now))
        *why = "it was made with other options";
    return !*why;
}
