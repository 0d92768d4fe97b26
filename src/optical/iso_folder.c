/* iso_folder.c: the folders of a tree, one after the other, and the files in them. */
#include "optical/iso.h"

#include <stdlib.h>
#include <string.h>

#include "source/bytes.h"

#define RECORD_MAX 255u
/** A longer path is not gone down further: 8 folders are allowed, and programs make some hundred. */
#define PATH_MAX_BYTES 16384u
/** Pieces of interleaved files of a tree, together. */
#define PIECES_MAX 1048576u
/** Records of a table of paths: they have numbers of 16 bits. */
#define PATHS_MAX 65536u
/** How often the bytes of a volume may be in folders, which should not share any. */
#define SHARE_MAX 4u

static const char no_entry[] = "a folder of which no entry can be read";

/** A folder being read. */
struct folder {
    struct iso_tree *tree;
    struct iso_work work;
    /** Behind its last record; and behind what its own folder says of it. */
    uint64_t end, declared;
    /** Bytes of the medium from `at` on; zeros behind its end. */
    uint8_t bytes[OPTICAL_SECTOR + RECORD_MAX + 1];
    uint64_t at;
    bool has_bytes;
    /** Records that could be read; what became of the others. */
    uint64_t records;
    const char *why;
    /** The file whose pieces are being met: each has a record of that name. */
    struct optical_file file;
    bool has_file;
    uint8_t name[RECORD_MAX];
    size_t name_len;
    uint8_t flags;
    uint64_t place;
};

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

bool iso_queue_add(struct iso_tree *tree, struct iso_queue *queue, struct optical_path path, uint64_t place,
                   uint64_t size)
{
    if (path.n > PATH_MAX_BYTES)
        return optical_unread_add(tree->disc, path, tree->kind, "its path is too long");
    if (end_at_entry_limit(tree->disc->end, tree->disc->input, queue->n)) {
        tree->disc->is_cut = true;
        return false;
    }
    if (queue->n == queue->cap) {
        size_t cap = queue->cap ? 2 * queue->cap : 256;
        struct iso_work *items = reallocarray(queue->items, cap, sizeof(*items));
        if (!items) {
            end_memory(tree->disc->end);
            tree->disc->is_cut = true;
            return false;
        }
        queue->items = items;
        queue->cap = cap;
    }
    queue->items[queue->n++] = (struct iso_work){.path = path, .place = place, .size = size};
    return true;
}

/** A record's bytes, zeros behind the medium's end. */
static const uint8_t *folder_at(struct folder *folder, uint64_t at)
{
    if (!folder->has_bytes || at < folder->at || at - folder->at > OPTICAL_SECTOR) {
        uint64_t left = iso_end(folder->tree) - at;
        size_t n = left < sizeof(folder->bytes) ? (size_t)left : sizeof(folder->bytes);
        memset(folder->bytes, 0, sizeof(folder->bytes));
        if (!optical_read(folder->tree->disc, folder->bytes, n, at))
            folder->why = "some bytes of this folder cannot be read";
        folder->at = at;
        folder->has_bytes = true;
    }
    return folder->bytes + (at - folder->at);
}

static void file_finish(struct folder *folder)
{
    if (!folder->has_file)
        return;
    folder->has_file = false;
    zisofs_check(folder->tree->disc, &folder->file, folder->place);
    optical_file_add(folder->tree->disc, &folder->file);
}

/** Behind the last piece that was met no more follow. */
static void file_break(struct folder *folder)
{
    if (!folder->has_file)
        return;
    folder->file.status = TRAWL_DAMAGED;
    folder->file.why = "the entry of its next piece is missing";
    file_finish(folder);
}

/** True if the units of an interleaved file lie in the volume: else nobody can mean them. */
static bool is_interleaved(const struct iso_tree *tree, const struct iso_record *record)
{
    uint64_t unit = (uint64_t)record->unit * tree->block, gap = (uint64_t)record->gap * tree->block;
    if (!unit || !gap || record->size <= unit)
        return false;
    uint64_t gaps = (record->size - 1) / unit;
    return add(record->place, record->size + gaps * gap) <= iso_end(tree);
}

static void pieces_add(struct folder *folder, const struct iso_record *record)
{
    struct iso_tree *tree = folder->tree;
    uint64_t unit = (uint64_t)record->unit * tree->block, gap = (uint64_t)record->gap * tree->block;
    if (record->size && record->place >= ISO_NOWHERE) {
        folder->file.status = TRAWL_DAMAGED;
        folder->file.why = "its bytes are in an earlier session, which is not there";
        return;
    }
    if (!is_interleaved(tree, record)) {
        optical_run_add(tree->disc, record->place, record->size);
        return;
    }
    uint64_t left = record->size, at = record->place, n;
    for (; left && !tree->disc->is_cut; left -= n, at += unit + gap) {
        n = left < unit ? left : unit;
        if (++tree->pieces > PIECES_MAX) {
            folder->file.status = TRAWL_DAMAGED;
            folder->file.why = "interleaved in too many pieces";
            return;
        }
        optical_run_add(tree->disc, at, n);
    }
}

static uint16_t special_type(uint32_t mode)
{
    switch (mode & 0170000) {
    case 0120000:
        return TYPE_SYMLINK;
    case 0020000:
    case 0060000:
        return TYPE_DEVICE;
    case 0010000:
        return TYPE_FIFO;
    case 0140000:
        return TYPE_SOCKET;
    default:
        return TYPE_OTHER;
    }
}

static void file_begin(struct folder *folder, const struct iso_record *record, struct optical_path path,
                       const struct rock_ridge *rock)
{
    struct optical_file *file = &folder->file;
    *file = optical_file_of(path, folder->tree->kind);
    file->times[ORIGIN_WRITTEN] = record->time;
    if (rock) {
        for (unsigned i = 0; i < ORIGIN_TIMES; i++)
            if (rock->times[i] != ORIGIN_NO_TIME)
                file->times[i] = rock->times[i];
        /* What has bytes is read, whatever its mode says. */
        if (!record->size && !(record->flags & ISO_MORE))
            file->type = rock->is_link ? TYPE_SYMLINK : rock->is_device ? TYPE_DEVICE : special_type(rock->mode);
        file->packed = rock->packed;
        file->why = rock->is_sparse ? "a sparse file of Rock Ridge, as it is stored" : rock->why;
        file->status = rock->is_sparse ? TRAWL_UNSUPPORTED : rock->why ? TRAWL_DAMAGED : TRAWL_OK;
    }
    memcpy(folder->name, record->name, record->name_len);
    folder->name_len = record->name_len;
    folder->flags = record->flags;
    folder->place = record->place;
    folder->has_file = true;
}

static bool goes_on(const struct folder *folder, const struct iso_record *record)
{
    return folder->has_file && folder->name_len == record->name_len &&
           !memcmp(folder->name, record->name, record->name_len) && !((folder->flags ^ record->flags) & ISO_ASSOCIATED);
}

static void file_record(struct folder *folder, const struct iso_record *record, struct optical_path path,
                        const struct rock_ridge *rock)
{
    const struct iso_tree *tree = folder->tree;
    if (!folder->has_file)
        file_begin(folder, record, path, rock);
    folder->file.size = add(folder->file.size, record->size);
    if (tree->discs > 1 && record->number != tree->number && record->size) {
        folder->file.status = TRAWL_UNSUPPORTED;
        folder->file.why = "on another disc of a set";
        folder->file.packed.size = 0;
    } else {
        pieces_add(folder, record);
    }
    if (!(record->flags & ISO_MORE))
        file_finish(folder);
}

static bool path_of(struct folder *folder, const struct iso_record *record, const struct rock_ridge *rock,
                    struct optical_path *path)
{
    struct optical *disc = folder->tree->disc;
    uint8_t plain[ISO_NAME_MAX];
    const void *name = plain;
    size_t n;
    if (rock && rock->name_len) {
        name = rock->name;
        n = rock->name_len;
    } else {
        n = iso_name(folder->tree, record->name, record->name_len, plain);
    }
    if (!optical_path_add(disc, folder->work.path, name, n, path))
        return false;
    return !(record->flags & ISO_ASSOCIATED) || optical_path_more(disc, path, ":associated", 11);
}

/** Itself and the folder above; where the latter leads to none that is known, it is read like any. */
static void dots_record(struct folder *folder, const struct iso_record *record)
{
    struct iso_tree *tree = folder->tree;
    struct optical_path path;
    if (record->name[0] && !optical_set_has(&tree->met, record->place) && iso_is_folder(tree, record->place) &&
        optical_path_add(tree->disc, folder->work.path, "..", 2, &path))
        iso_queue_add(tree, &tree->relocated, path, record->place, record->size);
}

static void folder_record(struct folder *folder, const struct iso_record *record)
{
    struct iso_tree *tree = folder->tree;
    struct rock_ridge rock;
    const struct rock_ridge *known = tree->has_rock_ridge ? &rock : NULL;
    struct optical_path path = {0};
    bool is_folder = record->flags & ISO_DIRECTORY, more = goes_on(folder, record);
    folder->records++;
    if (!more)
        file_break(folder);
    if (is_folder && record->name_len == 1 && record->name[0] <= 1) {
        dots_record(folder, record);
        return;
    }
    if (known)
        rock_ridge_read(tree, record, &rock);
    if (!more && !path_of(folder, record, known, &path))
        return;
    bool has_child = known && rock.child != ORIGIN_UNKNOWN && !more;
    if (has_child)
        iso_queue_add(tree, &tree->folders, path, rock.child, 0);
    if (has_child && (is_folder || iso_is_folder(tree, rock.child)))
        return;
    if (is_folder)
        iso_queue_add(tree, known && rock.is_relocated ? &tree->relocated : &tree->folders, path, record->place,
                      record->size);
    else
        file_record(folder, record, path, known);
}

/** Where records may begin again behind `at`. */
static uint64_t next_boundary(const struct folder *folder, uint64_t at, uint64_t step)
{
    return add(folder->work.place, ((at - folder->work.place) / step + 1) * step);
}

/** Records do not cross sectors, but such as do are read; zeros fill a sector up. */
static void folder_records(struct folder *folder)
{
    struct iso_record record;
    uint64_t at = folder->work.place;
    while (at < folder->end && !folder->tree->disc->is_cut) {
        const uint8_t *p = folder_at(folder, at);
        if (!*p) {
            at = next_boundary(folder, at, folder->tree->block);
        } else if (!iso_record_read(folder->tree, p, RECORD_MAX, &record)) {
            folder->why = "some entries of this folder cannot be read";
            at = next_boundary(folder, at, OPTICAL_SECTOR);
        } else {
            /* Another folder: its own first record said more than is true. */
            if (at >= folder->declared && at > folder->work.place && record.name_len == 1 && !record.name[0])
                break;
            folder_record(folder, &record);
            at += *p;
        }
    }
    file_break(folder);
}

/** How long it is: as its own folder says, or its first record if that is more. */
static void folder_measure(struct folder *folder)
{
    const struct iso_tree *tree = folder->tree;
    uint64_t place = folder->work.place, end = iso_end(tree);
    struct iso_record record;
    folder->end = folder->declared = add(place, folder->work.size);
    if (iso_is_folder(tree, place) && iso_record_read(tree, folder_at(folder, place), RECORD_MAX, &record) &&
        record.size > folder->work.size && add(place, record.size) <= end)
        folder->end = place + record.size;
    if (folder->end > end) {
        folder->why = "this folder goes on behind the end of the volume";
        folder->end = end;
    }
}

/** A folder that is none: its bytes are those of a file. */
static void folder_as_file(const struct folder *folder)
{
    struct optical *disc = folder->tree->disc;
    struct optical_file file = optical_file_of(folder->work.path, folder->tree->kind);
    if (!folder->work.size) {
        optical_unread_add(disc, folder->work.path, folder->tree->kind, no_entry);
        return;
    }
    file.size = folder->work.size;
    file.status = TRAWL_DAMAGED;
    file.why = no_entry;
    optical_run_add(disc, folder->work.place, folder->work.size);
    optical_file_add(disc, &file);
}

static void folder_end(const struct folder *folder)
{
    struct optical *disc = folder->tree->disc;
    bool is_root = folder->work.path.n == folder->tree->session.n;
    const char *why = folder->records ? folder->why : no_entry;
    if (why && is_root)
        end_note(disc->end, TRAWL_DAMAGED, "%s: the root: %s", optical_tree_name(folder->tree->kind), why);
    else if (!folder->records)
        folder_as_file(folder);
    else if (why)
        optical_unread_add(disc, folder->work.path, folder->tree->kind, why);
    if (folder->records)
        optical_claim(disc, folder->work.place, folder->end - folder->work.place);
}

/** Why it must not be read (again); NULL: it may. */
static const char *folder_why_not(struct folder *folder)
{
    struct iso_tree *tree = folder->tree;
    struct optical *disc = tree->disc;
    if (folder->work.place >= iso_end(tree))
        return "this folder is outside of the volume";
    if (!optical_set_add(disc, &tree->met, folder->work.place))
        return disc->is_cut ? NULL : "its entries are listed elsewhere";
    folder_measure(folder);
    uint64_t n = folder->end - folder->work.place;
    if (add(disc->folder_bytes, n) >
        add(1u << 20, disc->size > UINT64_MAX / SHARE_MAX ? UINT64_MAX : disc->size * SHARE_MAX))
        return "too many folders share their bytes";
    disc->folder_bytes += n;
    return NULL;
}

static void folder_read(struct iso_tree *tree, const struct iso_work *work)
{
    struct folder folder = {.tree = tree, .work = *work};
    struct optical *disc = tree->disc;
    bool is_root = work->path.n == tree->session.n;
    /* Trees may share folders, as those of two sessions do: they are listed once. Places are even, and of discs. */
    uint64_t key = UINT64_C(1) << 63 | work->place << 3 | (uint64_t)tree->kind;
    if (disc->sink && disc->sink->alive)
        disc->sink->alive(disc->sink);
    const char *why = folder_why_not(&folder);
    if (why && is_root)
        end_note(disc->end, TRAWL_DAMAGED, "%s: the root: %s", optical_tree_name(tree->kind), why);
    else if (why)
        optical_unread_add(disc, work->path, tree->kind, why);
    else if (!disc->is_cut && optical_set_add(disc, &disc->folders, key)) {
        folder_records(&folder);
        folder_end(&folder);
    }
}

static void queue_drain(struct iso_tree *tree)
{
    for (struct iso_queue *queue = &tree->folders; queue->next < queue->n && !tree->disc->is_cut;) {
        struct iso_work work = queue->items[queue->next++];
        folder_read(tree, &work);
    }
}

/** Relocated folders are read where Rock Ridge has them; only what nothing leads to is read where it stands. */
static void relocated_drain(struct iso_tree *tree)
{
    queue_drain(tree);
    for (struct iso_queue *queue = &tree->relocated; queue->next < queue->n && !tree->disc->is_cut; queue_drain(tree)) {
        struct iso_work work = queue->items[queue->next++];
        if (!optical_set_has(&tree->met, work.place))
            folder_read(tree, &work);
    }
}

void iso_walk(struct iso_tree *tree, const struct iso_record *root)
{
    if (iso_queue_add(tree, &tree->folders, tree->session, root->place, root->size))
        relocated_drain(tree);
}

void iso_walk_paths(struct iso_tree *tree, uint64_t place, uint64_t size, bool low_first)
{
    uint8_t p[8 + RECORD_MAX], name[ISO_NAME_MAX];
    struct optical_path above = {0}, path;
    uint64_t end = iso_end(tree), at = place;
    end = place < end && size < end - place ? place + size : end;
    for (unsigned i = 0; i < PATHS_MAX && at < end && end - at > 8 && !tree->disc->is_cut; i++) {
        size_t n = end - at < sizeof(p) ? (size_t)(end - at) : sizeof(p);
        memset(p, 0, sizeof(p));
        if (!optical_read(tree->disc, p, n, at) || !p[0])
            break;
        uint64_t folder = iso_place(tree, (uint64_t)(low_first ? le32(p + 2) : be32(p + 2)) + p[1]);
        size_t length = 8u + p[0] + (p[0] & 1);
        optical_claim(tree->disc, at, length);
        at += length;
        if (optical_set_has(&tree->met, folder) || !iso_is_folder(tree, folder))
            continue;
        if ((!above.n && !optical_path_add(tree->disc, tree->session, "$paths", 6, &above)) ||
            !optical_path_add(tree->disc, above, name, iso_name(tree, p + 8, p[0], name), &path) ||
            !iso_queue_add(tree, &tree->folders, path, folder, 0))
            break;
        relocated_drain(tree);
    }
}
