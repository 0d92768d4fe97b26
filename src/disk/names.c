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

struct walk_state {
    struct disk *disk;
    struct name_list *list;
    const TSK_FS_INFO *fs;
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

static TSK_WALK_RET_ENUM take(TSK_FS_FILE *file, const char *path, void *context)
{
    struct walk_state *state = context;
    struct name_list *list = state->list;
    if (!file->name || !file->name->name || TSK_FS_ISDOT(file->name->name))
        return TSK_WALK_CONT;
    disk_alive(state->disk);
    /* libtsk's own names for what is no file (boot sector, tables). */
    if (file->name->type == TSK_FS_NAME_TYPE_VIRT || (file->meta && file->meta->type == TSK_FS_META_TYPE_VIRT))
        return TSK_WALK_CONT;
    enum file_type type = type_of(file);
    /* A folder has no line, but one of NTFS may have named streams. */
    if (type == TYPE_DIRECTORY && !TSK_FS_TYPE_ISNTFS(state->fs->ftype))
        return TSK_WALK_CONT;
    if (list->n >= MOST_NAMES || list->text_len >= MOST_TEXT ||
        limit_exceeded(&state->disk->input->limits, LIMIT_ENTRIES, list->n + 1)) {
        list->is_cut = true;
        return TSK_WALK_STOP;
    }
    if (!add_name(list, file, path ? path : "", type)) {
        list->no_memory = true;
        return TSK_WALK_STOP;
    }
    return TSK_WALK_CONT;
}

void names_read(struct disk *disk, struct filesystem *filesystem, bool orphans, struct name_list *list)
{
    TSK_FS_INFO *fs = filesystem->fs;
    struct walk_state state = {disk, list, fs};
    int flags = TSK_FS_DIR_WALK_FLAG_ALLOC | TSK_FS_DIR_WALK_FLAG_UNALLOC | TSK_FS_DIR_WALK_FLAG_RECURSE;
    *list = (struct name_list){0};
    TSK_INUM_T from = orphans ? TSK_FS_ORPHANDIR_INUM(fs) : fs->root_inum;
    if (!orphans)
        flags |= TSK_FS_DIR_WALK_FLAG_NOORPHAN;
    tsk_fs_dir_walk(fs, from, (TSK_FS_DIR_WALK_FLAG_ENUM)flags, take, &state);
    tsk_error_reset();
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
