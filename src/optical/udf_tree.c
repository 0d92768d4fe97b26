/* udf_tree.c: the names of a UDF volume, folder by folder, and the entries that no name leads to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "optical/udf.h"

/** Bytes of one folder, folders that wait, and file sets. */
#define MOST_FOLDER    (64ull << 20)
#define MOST_WAITING   (1u << 20)
#define MOST_FILE_SETS 16u
/** Bytes of one folder that may be summed without a result: where its entries are broken, any place may begin one. */
#define MOST_WASTED (64u << 20)
/** Of an identifier, before its name. */
#define HEAD     38u
#define NAME_MAX 255u

/** Characteristics of an identifier. */
#define IS_FOLDER  2
#define IS_DELETED 4
#define IS_PARENT  8

/** Types of the ICB. */
enum {
    FILE_FOLDER = 4,
    FILE_BLOCK_DEVICE = 6,
    FILE_CHARACTER_DEVICE = 7,
    FILE_FIFO = 9,
    FILE_SOCKET = 10,
    FILE_SYMLINK = 12,
    FILE_STREAMS = 13,
    /** What describes the volume: tables of blocks, and the metadata's files. */
    FILE_VIRTUAL = 248,
    FILE_METADATA = 250,
    FILE_METADATA_BITMAP = 252,
};

static const char folder_damaged[] = "folder: its entries cannot be read";
static const char folder_damaged_in_part[] = "folder: some of its entries cannot be read";
static const char folder_again[] = "folder: its entries are listed elsewhere, or it is within itself";
static const char folder_large[] = "folder: larger than is read";
static const char entry_damaged[] = "its entry cannot be read";
static const char only_name[] = "deleted: only its name is left";

struct folder {
    struct udf_extent icb;
    struct optical_path path;
    uint8_t allocated;
    /** Its names are those of streams of the file at the path. */
    bool is_streams;
    /** Where its entry stands in the medium, if it was found there; 0: where its ICB leads. */
    uint64_t at;
};

/** Folders that wait to be read: no recursion, whatever the depth. */
struct walk {
    struct udf *udf;
    struct folder *items;
    size_t n, cap, done;
    /** One block each: of the folder, and of its files. */
    uint8_t *of_folder, *of_file;
};

static void wait(struct walk *walk, const struct folder *folder)
{
    if (walk->n == walk->cap) {
        size_t cap = walk->cap ? walk->cap * 2 : 256;
        struct folder *more = cap > MOST_WAITING ? NULL : reallocarray(walk->items, cap, sizeof(*more));
        if (!more) {
            end_memory(walk->udf->disc->end);
            walk->udf->disc->is_cut = true;
            return;
        }
        walk->items = more;
        walk->cap = cap;
    }
    walk->items[walk->n++] = *folder;
}

static enum file_type type_of(const struct udf_node *node)
{
    switch (node->type) {
    case FILE_BLOCK_DEVICE:
    case FILE_CHARACTER_DEVICE:
        return TYPE_DEVICE;
    case FILE_FIFO:
        return TYPE_FIFO;
    case FILE_SOCKET:
        return TYPE_SOCKET;
    case FILE_SYMLINK:
        return TYPE_SYMLINK;
    default:
        return TYPE_OTHER;
    }
}

static void claim_entry(struct udf *udf, const struct udf_node *node, unsigned allocated)
{
    optical_set_add(udf->disc, udf->met, node->at);
    if (allocated != ORIGIN_DELETED)
        optical_claim(udf->disc, node->at, udf->block);
}

/** A file whose entry was read; its streams wait. */
static void add_file(struct walk *walk, const struct udf_node *node, struct optical_path path, unsigned allocated)
{
    struct udf *udf = walk->udf;
    struct optical_file file = optical_file_of(path, TREE_UDF);
    file.type = (uint16_t)type_of(node);
    file.allocated = (uint8_t)allocated;
    file.inode = (node->at - udf->disc->start) / udf->block;
    file.size = file.type == TYPE_OTHER ? node->size : 0;
    memcpy(file.times, node->times, sizeof(file.times));
    if (!udf_node_runs(udf, node, &file.why))
        file.status = TRAWL_DAMAGED;
    claim_entry(udf, node, allocated);
    optical_file_add(udf->disc, &file);
    if (node->streams.length)
        wait(walk, &(struct folder){node->streams, path, (uint8_t)allocated, true, 0});
}

/** A name that leads to no entry. */
static void add_name_only(struct walk *walk, struct optical_path path, unsigned allocated)
{
    struct optical_file file = optical_file_of(path, TREE_UDF);
    file.allocated = (uint8_t)allocated;
    file.status = allocated == ORIGIN_DELETED ? TRAWL_PARTIAL : TRAWL_DAMAGED;
    file.why = allocated == ORIGIN_DELETED ? only_name : entry_damaged;
    optical_runs_drop(walk->udf->disc);
    optical_file_add(walk->udf->disc, &file);
}

/** A name as UTF-8: the first byte says whether a letter has one byte or two. */
static size_t decode_name(const uint8_t *p, size_t n, uint8_t *to)
{
    if (!n)
        return 0;
    if (*p == 16 || *p == 255)
        return optical_utf16(p + 1, (n - 1) / 2, to);
    uint8_t wide[2 * NAME_MAX];
    for (size_t i = 1; i < n; i++) {
        wide[2 * i - 2] = 0;
        wide[2 * i - 1] = p[i];
    }
    return optical_utf16(wide, n - 1, to);
}

static void take_identifier(struct walk *walk, const struct folder *folder, const uint8_t *p, size_t name_at)
{
    struct udf *udf = walk->udf;
    uint8_t name[3 * NAME_MAX];
    struct optical_path path;
    struct udf_node node = {.bytes = walk->of_file};
    const struct udf_extent icb = udf_long_extent(p + 20);
    unsigned allocated = p[18] & IS_DELETED ? ORIGIN_DELETED : folder->allocated;
    size_t n = decode_name(p + name_at, p[19], name);
    if (p[18] & IS_PARENT || (folder->is_streams ? !optical_path_stream(udf->disc, folder->path, name, n, &path)
                                                 : !optical_path_add(udf->disc, folder->path, name, n, &path)))
        return;
    if (!icb.length || !udf_node_read(udf, &icb, &node))
        add_name_only(walk, path, allocated);
    else if (node.type == FILE_FOLDER)
        wait(walk, &(struct folder){icb, path, (uint8_t)allocated, false, 0});
    else
        add_file(walk, &node, path, allocated);
}

/** Bytes of the identifier at p, its padding included; 0: there is none. `wasted` grows with what was summed in vain.
 */
static size_t identifier_size(const uint8_t *p, size_t n, uint64_t *wasted)
{
    if (n < HEAD || udf_tag_id(p) != UDF_IDENTIFIER)
        return 0;
    size_t size = HEAD + le16(p + 36) + p[19], padded = (size + 3) & ~(size_t)3;
    if (size > n)
        return 0;
    size = padded <= n ? padded : n;
    if (udf_tag_ok(p, size))
        return size;
    *wasted += size;
    return 0;
}

/** All identifiers in a folder's bytes. False: what lies between them is none. */
static bool take_all(struct walk *walk, const struct folder *folder, const uint8_t *bytes, size_t n)
{
    bool whole = true;
    uint64_t wasted = 0;
    for (size_t at = 0; at < n && !walk->udf->disc->is_cut;) {
        size_t size = identifier_size(bytes + at, n - at, &wasted);
        if (wasted > MOST_WASTED)
            return false;
        if (size) {
            take_identifier(walk, folder, bytes + at, HEAD + le16(bytes + at + 36));
            at += size;
            continue;
        }
        /* The next that is whole; zeros are no loss. */
        for (size_t end = at + 4 < n ? at + 4 : n; at < end; at++)
            whole &= !bytes[at];
    }
    return whole;
}

/** The bytes of a folder, to be freed; NULL: *why. */
static uint8_t *read_bytes(struct udf *udf, const struct udf_node *node, size_t *n, const char **why)
{
    struct optical *disc = udf->disc;
    const char *runs_why = NULL;
    uint8_t *bytes = node->size <= MOST_FOLDER ? malloc(node->size + 1) : NULL;
    *why = bytes ? NULL : folder_large;
    udf_node_runs(udf, node, &runs_why);
    const struct optical_file all = {.first_run = disc->runs_used, .n_runs = disc->n_runs - disc->runs_used};
    *n = bytes ? optical_file_read(disc, &all, bytes, node->size, 0) : 0;
    if (!*why && (runs_why || *n < node->size))
        *why = folder_damaged_in_part;
    for (size_t i = 0; i < all.n_runs && bytes; i++) {
        const struct origin_run *run = &disc->runs[all.first_run + i];
        if (run->offset != ORIGIN_UNKNOWN)
            optical_claim(disc, run->offset, run->length);
    }
    optical_runs_drop(disc);
    return bytes;
}

/** True if they are names to their end. */
static bool are_names(const uint8_t *bytes, size_t n)
{
    size_t at = 0;
    uint64_t wasted = 0;
    for (size_t size = 1; at < n && size; at += size)
        size = identifier_size(bytes + at, n - at, &wasted);
    return at == n;
}

/** The same; where they are no names, as the mirror has them. */
static uint8_t *folder_bytes(struct udf *udf, const struct udf_node *node, size_t *n, const char **why)
{
    uint8_t *bytes = read_bytes(udf, node, n, why);
    if (!bytes || !udf_has_mirror(udf, node->map) || are_names(bytes, *n))
        return bytes;
    const char *mirror_why;
    size_t mirror_n;
    udf->copy = 1;
    uint8_t *mirror = read_bytes(udf, node, &mirror_n, &mirror_why);
    udf->copy = 0;
    if (!mirror || !are_names(mirror, mirror_n)) {
        free(mirror);
        return bytes;
    }
    end_note(udf->disc->end, TRAWL_DAMAGED, "udf: a part of the metadata file cannot be read: its mirror is");
    free(bytes);
    *n = mirror_n;
    *why = mirror_why;
    return mirror;
}

/** The folder's entry: by its ICB, or where it was found. */
static bool folder_entry_read(struct udf *udf, const struct folder *folder, struct udf_node *node)
{
    if (!folder->at)
        return udf_node_read(udf, &folder->icb, node);
    node->at = folder->at;
    node->map = folder->icb.map;
    node->block = folder->icb.block;
    return optical_read(udf->disc, node->bytes, udf->block, node->at) && udf_node_parse(udf, node);
}

static void read_folder(struct walk *walk, const struct folder *folder)
{
    struct udf *udf = walk->udf;
    struct udf_node node = {.bytes = walk->of_folder};
    const char *why = NULL;
    size_t n;
    if (!folder_entry_read(udf, folder, &node)) {
        optical_unread_add(udf->disc, folder->path, TREE_UDF, folder_damaged);
        return;
    }
    if (!optical_set_add(udf->disc, udf->met, node.at)) {
        /* What was deleted may be listed where it is now. */
        if (folder->allocated != ORIGIN_DELETED)
            optical_unread_add(udf->disc, folder->path, TREE_UDF, folder_again);
        return;
    }
    claim_entry(udf, &node, folder->allocated);
    uint8_t *bytes = folder_bytes(udf, &node, &n, &why);
    if (bytes && !take_all(walk, folder, bytes, n) && !why)
        why = folder_damaged_in_part;
    free(bytes);
    if (node.streams.length && !folder->is_streams)
        wait(walk, &(struct folder){node.streams, folder->path, folder->allocated, true, 0});
    if (why && folder->allocated != ORIGIN_DELETED)
        optical_unread_add(udf->disc, folder->path, TREE_UDF, why);
}

/** False where memory is missing: it needs no end then. */
static bool walk_begin(struct walk *walk, struct udf *udf)
{
    uint8_t *of_folder = malloc(udf->block), *of_file = malloc(udf->block);
    *walk = (struct walk){.udf = udf, .of_folder = of_folder, .of_file = of_file};
    if (of_folder && of_file)
        return true;
    free(of_folder);
    free(of_file);
    end_memory(udf->disc->end);
    return false;
}

/** Reads the folders that wait; what they name may wait, too. */
static void walk_on(struct walk *walk)
{
    while (walk->done < walk->n && !walk->udf->disc->is_cut) {
        /* A copy: the list moves while it grows. */
        const struct folder folder = walk->items[walk->done++];
        read_folder(walk, &folder);
    }
}

static void walk_end(struct walk *walk)
{
    free(walk->items);
    free(walk->of_folder);
    free(walk->of_file);
}

/** The folders of one file set: its root, and that of its streams. Sessions may share them. */
static void wait_set(struct walk *walk, const uint8_t *set, struct optical_path root)
{
    struct udf *udf = walk->udf;
    struct udf_node node = {.bytes = walk->of_file};
    struct udf_extent icb = udf_long_extent(set + 400);
    struct udf_extent streams = udf_long_extent(set + 464);
    bool is_first = udf == udf->disc->udf;
    if (is_first || !udf_node_read(udf, &icb, &node) || !optical_set_has(udf->met, node.at))
        wait(walk, &(struct folder){icb, root, ORIGIN_ALLOCATED, false, 0});
    if (streams.length)
        wait(walk, &(struct folder){streams, root, ORIGIN_ALLOCATED, true, 0});
}

void udf_tree_list(struct udf *udf, struct optical_path root)
{
    struct udf_extent set = udf->file_set;
    struct walk walk;
    unsigned read = 0;
    if (walk_begin(&walk, udf)) {
        for (; set.length && read < MOST_FILE_SETS; read++) {
            uint8_t *p = walk.of_folder;
            uint64_t at;
            if (!udf_descriptor_read(udf, set.map, set.block, p, &at) || udf_tag_id(p) != UDF_FILE_SET)
                break;
            optical_claim(udf->disc, at, udf->block);
            wait_set(&walk, p, root);
            set = udf_long_extent(p + 448);
        }
        walk_on(&walk);
        walk_end(&walk);
    }
    if (!read)
        end_note(udf->disc->end, TRAWL_DAMAGED, "udf: its file set cannot be read");
}

bool udf_is_entry(const uint8_t *block, size_t n)
{
    return n >= 512 && (udf_tag_id(block) == UDF_FILE || udf_tag_id(block) == UDF_EXTENDED_FILE) &&
           udf_tag_ok(block, n);
}

/** The partition's map and block of an entry that stands there: where its tag says that it does. Returns the session.
 */
static struct udf *place_of(struct udf *udf, struct udf_node *node)
{
    uint32_t told = le32(node->bytes + 12);
    node->block = told;
    for (struct udf *session = udf; session; session = session->next)
        for (unsigned i = session->n_maps; i--;) {
            uint64_t at, blocks;
            node->map = (uint16_t)i;
            if (udf_locate(session, node->map, told, 1, &at, &blocks) && at == node->at)
                return session;
        }
    /* Another block has its number now: a virtual partition's, which are written anew wherever there is room. */
    node->map = 0;
    for (unsigned i = 0; i < udf->n_maps; i++)
        if (udf->maps[i].kind == MAP_VIRTUAL)
            node->map = (uint16_t)i;
    return udf;
}

/** An entry that no name leads to, under its sector. */
static void take_orphan(struct walk *walk, struct udf_node *node, struct optical_path folder, bool folders)
{
    struct udf *udf = walk->udf;
    char name[48];
    struct optical_path path;
    bool is_folder = node->type == FILE_FOLDER;
    if (is_folder != folders || optical_set_has(udf->met, node->at) || node->type == FILE_STREAMS ||
        node->type == FILE_VIRTUAL || (node->type >= FILE_METADATA && node->type <= FILE_METADATA_BITMAP))
        return;
    int n = snprintf(name, sizeof(name), "%s-%llu", is_folder ? "Folder" : "File",
                     (unsigned long long)((node->at - udf->disc->start) / udf->block));
    if (!optical_path_add(udf->disc, folder, name, (size_t)n, &path))
        return;
    if (is_folder)
        wait(walk, &(struct folder){{node->block, node->map, udf->block}, path, ORIGIN_DELETED, false, node->at});
    else
        add_file(walk, node, path, ORIGIN_DELETED);
}

/** What an orphaned folder names has a name: folders first. */
static void take_orphans(struct walk *walk, const uint64_t *found, size_t n, uint8_t *bytes)
{
    static const char name[] = "$OrphanFiles";
    struct udf *udf = walk->udf;
    struct optical_path folder;
    if (!n || !optical_path_add(udf->disc, (struct optical_path){0, 0}, name, sizeof(name) - 1, &folder))
        return;
    for (unsigned folders = 2; folders--;)
        for (size_t i = 0; i < n && !udf->disc->is_cut; i++) {
            struct udf_node node = {.at = found[i], .bytes = bytes};
            if (!optical_read(udf->disc, bytes, udf->block, node.at) || !udf_node_parse(udf, &node))
                continue;
            walk->udf = place_of(udf, &node);
            take_orphan(walk, &node, folder, folders);
            walk_on(walk);
        }
}

void udf_list_orphans(struct optical *disc, const struct optical_found *entries)
{
    struct udf *udf = disc->udf;
    struct walk walk;
    uint8_t *bytes = malloc(udf->block);
    if (bytes && walk_begin(&walk, udf)) {
        take_orphans(&walk, entries->at, entries->n, bytes);
        walk_end(&walk);
    }
    free(bytes);
}
