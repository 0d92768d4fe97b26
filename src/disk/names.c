/*
 * names.c: the names of a file system, listed before any file is read.
 *
 * libtsk loops and dies on broken folders; with the list made first, such a death is told at the volume, and nothing
 * was read half. Each child that reads a part of the files lists them all: the walk is cheap beside the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"

/** Memory for text and rows: half a gigabyte, some four million names. */
#define MOST_TEXT  (320u << 20)
#define MOST_NAMES 4000000u

/** libtsk passes over a folder that it cannot read, or that is too deep, without a word. */
static const char folder_damaged[] = "folder: its entries cannot be read";
static const char folder_not_entered[] = "folder: too deep, or within itself: its entries were not read";

struct walk_state {
    struct disk *disk;
    struct name_list *list;
    TSK_FS_INFO *fs;
    /** The folder that was met last: what comes next should be in it. */
    bool in_folder;
    uint64_t folder;
    /** Its name, at the end of the list's text. */
    size_t folder_text;
};

static bool grow(void **items, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return true;
    size_t wanted = *cap ? *cap * 2 : 256;
    wanted = wanted < need ? need : wanted;
    void *more = realloc(*items, wanted * size);
    if (!more)
        return false;
    *items = more;
    *cap = wanted;
    return true;
}

static bool add_text(struct name_list *list, const char *text, size_t n)
{
    if (!grow((void **)&list->text, &list->text_cap, list->text_len + n, 1))
        return false;
    if (n) /* nothing may be there yet */
        memcpy(list->text + list->text_len, text, n);
    list->text_len += n;
    return true;
}

/** True at the second name of an inode that has several: its bytes are read once. */
static bool met_before(struct name_list *list, uint64_t inode)
{
    size_t low = 0, high = list->n_linked;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list->linked[middle] < inode)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < list->n_linked && list->linked[low] == inode)
        return true;
    if (!grow((void **)&list->linked, &list->linked_cap, list->n_linked + 1, sizeof(*list->linked)))
        return false;
    memmove(list->linked + low + 1, list->linked + low, (list->n_linked - low) * sizeof(*list->linked));
    list->linked[low] = inode;
    list->n_linked++;
    return false;
}

static enum file_type special_type(int type)
{
    switch (type) {
    case TSK_FS_META_TYPE_DIR:
    case TSK_FS_META_TYPE_VIRT_DIR:
        return TYPE_DIRECTORY;
    case TSK_FS_META_TYPE_LNK:
        return TYPE_SYMLINK;
    case TSK_FS_META_TYPE_FIFO:
        return TYPE_FIFO;
    case TSK_FS_META_TYPE_SOCK:
        return TYPE_SOCKET;
    case TSK_FS_META_TYPE_CHR:
    case TSK_FS_META_TYPE_BLK:
        return TYPE_DEVICE;
    default:
        return TYPE_OTHER;
    }
}

/** The numbers of names and of their metadata agree, but for what only one of them has. */
static enum file_type type_of(const TSK_FS_FILE *file)
{
    if (file->meta && file->meta->type != TSK_FS_META_TYPE_UNDEF)
        return special_type(file->meta->type);
    switch (file->name->type) {
    case TSK_FS_NAME_TYPE_DIR:
    case TSK_FS_NAME_TYPE_VIRT_DIR:
        return TYPE_DIRECTORY;
    case TSK_FS_NAME_TYPE_LNK:
        return TYPE_SYMLINK;
    case TSK_FS_NAME_TYPE_FIFO:
        return TYPE_FIFO;
    case TSK_FS_NAME_TYPE_SOCK:
        return TYPE_SOCKET;
    case TSK_FS_NAME_TYPE_CHR:
    case TSK_FS_NAME_TYPE_BLK:
        return TYPE_DEVICE;
    default:
        return TYPE_OTHER;
    }
}

static bool add_name(struct name_list *list, const TSK_FS_FILE *file, const char *path, enum file_type type)
{
    const TSK_FS_META *meta = file->meta;
    struct name name = {.path = list->text_len, .inode = file->name->meta_addr, .type = (uint16_t)type};
    name.is_deleted = file->name->flags & TSK_FS_NAME_FLAG_UNALLOC;
    name.is_taken = name.is_deleted && meta && meta->flags & TSK_FS_META_FLAG_ALLOC;
    if (type == TYPE_OTHER && !name.is_deleted && meta && meta->nlink > 1 && met_before(list, name.inode))
        name.type = TYPE_HARDLINK;
    if (!grow((void **)&list->items, &list->cap, list->n + 1, sizeof(*list->items)) ||
        !add_text(list, path, strlen(path)) || !add_text(list, file->name->name, strlen(file->name->name) + 1))
        return false;
    list->items[list->n++] = name;
    return true;
}

/** Why nothing was listed of a folder; NULL where nothing is in it. */
static const char *why_empty(TSK_FS_INFO *fs, uint64_t inode)
{
    TSK_FS_DIR *folder = tsk_fs_dir_open_meta(fs, inode);
    bool has_entries = false;
    for (size_t i = 0; folder && i < tsk_fs_dir_getsize(folder) && !has_entries; i++) {
        TSK_FS_FILE *entry = tsk_fs_dir_get(folder, i);
        has_entries = entry && entry->name && entry->name->name && !TSK_FS_ISDOT(entry->name->name);
        tsk_fs_file_close(entry);
    }
    const char *why = !folder ? folder_damaged : has_entries ? folder_not_entered : NULL;
    tsk_fs_dir_close(folder);
    tsk_error_reset();
    return why;
}

/** The walk goes on in folder `next`: unless that is the one met last, nothing was read of this. */
static bool leave_folder(struct walk_state *state, uint64_t next)
{
    struct name_list *list = state->list;
    if (!state->in_folder)
        return true;
    state->in_folder = false;
    const char *why = next == state->folder ? NULL : why_empty(state->fs, state->folder);
    if (!why) {
        list->text_len = state->folder_text;
        return true;
    }
    if (!grow((void **)&list->items, &list->cap, list->n + 1, sizeof(*list->items)))
        return false;
    list->items[list->n++] =
        (struct name){.path = state->folder_text, .inode = state->folder, .type = TYPE_DIRECTORY, .why_unread = why};
    return true;
}

/** Only what is there: of what was deleted nobody expects that it can be read. */
static bool enter_folder(struct walk_state *state, const TSK_FS_FILE *file, const char *path)
{
    struct name_list *list = state->list;
    if (!file->meta || file->meta->type != TSK_FS_META_TYPE_DIR || !(file->meta->flags & TSK_FS_META_FLAG_ALLOC) ||
        file->name->flags & TSK_FS_NAME_FLAG_UNALLOC)
        return true;
    state->in_folder = true;
    state->folder = file->name->meta_addr;
    state->folder_text = list->text_len;
    return add_text(list, path, strlen(path)) && add_text(list, file->name->name, strlen(file->name->name) + 1);
}

/** A name that was met; false where there is no memory for it. */
static bool take_name(struct walk_state *state, const TSK_FS_FILE *file, const char *path)
{
    enum file_type type = type_of(file);
    /* A folder has no line, but one of NTFS may have named streams. */
    if ((type != TYPE_DIRECTORY || TSK_FS_TYPE_ISNTFS(state->fs->ftype)) && !add_name(state->list, file, path, type))
        return false;
    return type != TYPE_DIRECTORY || enter_folder(state, file, path);
}

static TSK_WALK_RET_ENUM take(TSK_FS_FILE *file, const char *path, void *context)
{
    struct walk_state *state = context;
    struct name_list *list = state->list;
    if (!file->name || !file->name->name)
        return TSK_WALK_CONT;
    if (!leave_folder(state, file->name->par_addr)) {
        list->no_memory = true;
        return TSK_WALK_STOP;
    }
    if (TSK_FS_ISDOT(file->name->name))
        return TSK_WALK_CONT;
    disk_alive(state->disk);
    /* libtsk's own names for what is no file (boot sector, tables). */
    if (file->name->type == TSK_FS_NAME_TYPE_VIRT || (file->meta && file->meta->type == TSK_FS_META_TYPE_VIRT))
        return TSK_WALK_CONT;
    if (list->n >= MOST_NAMES || list->text_len >= MOST_TEXT ||
        limit_exceeded(&state->disk->input->limits, LIMIT_ENTRIES, list->n + 1)) {
        list->is_cut = true;
        return TSK_WALK_STOP;
    }
    if (!take_name(state, file, path ? path : "")) {
        list->no_memory = true;
        return TSK_WALK_STOP;
    }
    return TSK_WALK_CONT;
}

void names_read(struct disk *disk, struct filesystem *filesystem, bool orphans, struct name_list *list)
{
    TSK_FS_INFO *fs = filesystem->fs;
    struct walk_state state = {.disk = disk, .list = list, .fs = fs};
    int flags = TSK_FS_DIR_WALK_FLAG_ALLOC | TSK_FS_DIR_WALK_FLAG_UNALLOC | TSK_FS_DIR_WALK_FLAG_RECURSE;
    *list = (struct name_list){0};
    TSK_INUM_T from = orphans ? TSK_FS_ORPHANDIR_INUM(fs) : fs->root_inum;
    if (!orphans)
        flags |= TSK_FS_DIR_WALK_FLAG_NOORPHAN;
    list->is_unreadable = tsk_fs_dir_walk(fs, from, (TSK_FS_DIR_WALK_FLAG_ENUM)flags, take, &state);
    tsk_error_reset();
    if (!leave_folder(&state, UINT64_MAX))
        list->no_memory = true;
    free(list->linked);
    list->linked = NULL;
}

void names_free(struct name_list *list)
{
    free(list->items);
    free(list->text);
    free(list->linked);
    *list = (struct name_list){0};
}
