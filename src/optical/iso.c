/* iso.c: the volume descriptors of ISO 9660 and High Sierra, and the trees that they begin. */
#include "optical/iso.h"

#include <stdlib.h>
#include <string.h>

#include "source/bytes.h"

/** Descriptors that are looked at, and sectors in which a later session's root is looked for. */
#define DESCRIPTORS_MAX 64u
#define ROOT_SECTORS    256u

/** Before the first descriptor. */
#define SYSTEM_BYTES (16u * OPTICAL_SECTOR)

/** Types of descriptors. */
enum { BOOT_RECORD = 0, PRIMARY = 1, SUPPLEMENTARY = 2 };

static const char boot_words[] = "EL TORITO SPECIFICATION";

/** A descriptor, and where its fields are. */
struct descriptor {
    uint8_t bytes[OPTICAL_SECTOR];
    bool is_high_sierra;
    uint8_t type;
    /** Offsets in it. */
    unsigned version, set, block, root;
};

static bool descriptor_read(struct optical *disc, uint64_t at, struct descriptor *d)
{
    const uint8_t *p = d->bytes;
    if (at < disc->start || at - disc->start >= disc->size)
        return false;
    optical_read(disc, d->bytes, sizeof(d->bytes), at);
    d->is_high_sierra = !memcmp(p + 9, "CDROM", 5);
    if (!d->is_high_sierra && memcmp(p + 1, "CD001", 5))
        return false;
    optical_claim(disc, at, OPTICAL_SECTOR);
    d->type = d->is_high_sierra ? p[8] : p[0];
    d->version = d->is_high_sierra ? 14 : 6;
    d->set = d->is_high_sierra ? 128 : 120;
    d->block = d->is_high_sierra ? 136 : 128;
    d->root = d->is_high_sierra ? 180 : 156;
    return true;
}

static bool is_joliet(const struct descriptor *d)
{
    const uint8_t *p = d->bytes + 88;
    return d->type == SUPPLEMENTARY && !d->is_high_sierra && d->bytes[d->version] < 2 && p[0] == '%' && p[1] == '/' &&
           (p[2] == '@' || p[2] == 'C' || p[2] == 'E');
}

static bool block_is_possible(uint32_t block)
{
    return block == 512 || block == 1024 || block == 2048;
}

static void root_read(const struct iso_tree *tree, const struct descriptor *d, struct iso_record *root)
{
    uint8_t p[34];
    memcpy(p, d->bytes + d->root, sizeof(p));
    p[0] = sizeof(p);
    p[32] = 1;
    p[33] = 0;
    p[tree->is_high_sierra ? 24 : 25] |= ISO_DIRECTORY;
    iso_record_read(tree, p, sizeof(p), root);
    root->place = iso_place_of(tree, p + 2, p[1], true);
}

/** The size of a block: as told, unless the root is found by another only. */
static void block_find(struct iso_tree *tree, const struct descriptor *d, struct iso_record *root)
{
    uint32_t told = le16(d->bytes + d->block), high = be16(d->bytes + d->block + 2);
    uint32_t tries[] = {block_is_possible(told) ? told : high, 2048, 1024, 512};
    struct unpack_end *end = tree->disc->end, ignored;
    for (unsigned i = 0; i < 4; i++) {
        tree->block = tries[i];
        if (!block_is_possible(tries[i]))
            continue;
        ignored = (struct unpack_end){0};
        tree->disc->end = &ignored;
        root_read(tree, d, root);
        tree->disc->end = end;
        if (iso_is_folder(tree, root->place))
            break;
    }
    if (!iso_is_folder(tree, root->place))
        tree->block = block_is_possible(tries[0]) ? tries[0] : OPTICAL_SECTOR;
    else if (tree->block != told)
        end_note(end, TRAWL_DAMAGED, "its blocks have %u bytes, not %u", tree->block, told);
    root_read(tree, d, root);
}

/**
 * A later session that was copied alone counts from the disc's beginning: its root is looked for behind the
 * descriptors, by the number that the root itself has.
 */
static void shift_find(struct iso_tree *tree, const struct descriptor *d, uint64_t from, struct iso_record *root)
{
    uint8_t p[OPTICAL_SECTOR];
    uint64_t block = le32(d->bytes + d->root + 2), at = from;
    if (iso_is_folder(tree, root->place) || tree->block != OPTICAL_SECTOR)
        return;
    for (unsigned i = 0; i < ROOT_SECTORS && at < iso_end(tree); i++, at += OPTICAL_SECTOR) {
        if (!optical_read(tree->disc, p, sizeof(p), at) || p[0] < 34 || le32(p + 2) != block || p[32] != 1 || p[33] ||
            block * OPTICAL_SECTOR <= at - tree->disc->start)
            continue;
        tree->shift = block * OPTICAL_SECTOR - (at - tree->disc->start);
        end_note(tree->disc->end, TRAWL_DAMAGED, "a later session, without the %llu bytes before it",
                 (unsigned long long)tree->shift);
        root_read(tree, d, root);
        return;
    }
}

static void paths_walk(struct iso_tree *tree, const struct descriptor *d)
{
    const uint8_t *p = d->bytes;
    uint64_t size = le32(p + 132);
    if (d->is_high_sierra)
        return;
    iso_walk_paths(tree, iso_place(tree, le32(p + 140)), size, true);
    iso_walk_paths(tree, iso_place(tree, be32(p + 148)), size, false);
}

static struct iso_tree tree_of(struct optical *disc, const struct descriptor *d, struct optical_path session)
{
    return (struct iso_tree){.disc = disc,
                             .session = session,
                             .kind = is_joliet(d) ? TREE_JOLIET : TREE_ISO9660,
                             .is_joliet = is_joliet(d),
                             .is_high_sierra = d->is_high_sierra,
                             .discs = le16(d->bytes + d->set),
                             .number = le16(d->bytes + d->set + 4)};
}

/** How far the volume goes, a session from its own beginning, and in what blocks. */
static void note_extent(const struct iso_tree *tree, uint64_t from, const uint8_t space[4])
{
    struct optical *disc = tree->disc;
    uint64_t before = from - disc->start < SYSTEM_BYTES ? 0 : from - disc->start - SYSTEM_BYTES;
    uint64_t size = before + (uint64_t)le32(space) * tree->block;
    if (size > disc->declared)
        disc->declared = size;
    if (tree->block < disc->block)
        disc->block = tree->block;
}

/** Lists a descriptor's tree. *shift: what a boot catalogue's sectors are to be corrected by. */
static void tree_list(struct optical *disc, const struct descriptor *d, uint64_t from, struct optical_path session,
                      uint64_t *shift)
{
    struct iso_tree tree = tree_of(disc, d, session);
    struct iso_record root = {0};
    block_find(&tree, d, &root);
    shift_find(&tree, d, from, &root);
    *shift = tree.shift;
    if (!tree.is_joliet && !tree.is_high_sierra)
        rock_ridge_probe(&tree, &root);
    if (tree.has_rock_ridge)
        tree.kind = TREE_ROCK_RIDGE;
    disc->trees |= 1u << tree.kind;
    note_extent(&tree, from, &d->bytes[d->is_high_sierra ? 88 : 80]);
    iso_walk(&tree, &root);
    paths_walk(&tree, d);
    free(tree.folders.items);
    free(tree.relocated.items);
    free(tree.met.items);
}

bool iso_list(struct optical *disc, uint64_t from, struct optical_path session)
{
    struct descriptor d;
    uint32_t catalogue = 0;
    uint64_t shift = 0, n = 0;
    for (; n < DESCRIPTORS_MAX && !disc->is_cut && descriptor_read(disc, from + n * OPTICAL_SECTOR, &d); n++) {
        if (d.type == BOOT_RECORD && !memcmp(d.bytes + 7, boot_words, sizeof(boot_words) - 1))
            catalogue = le32(d.bytes + 71);
        else if (d.type == PRIMARY || d.type == SUPPLEMENTARY)
            tree_list(disc, &d, from, session, &shift);
    }
    if (n == DESCRIPTORS_MAX)
        end_note(disc->end, TRAWL_DAMAGED, "more than %u volume descriptors", DESCRIPTORS_MAX);
    if (catalogue && !disc->is_cut) {
        struct iso_tree tree = {.disc = disc, .session = session, .block = OPTICAL_SECTOR, .shift = shift};
        el_torito_list(&tree, catalogue);
    }
    return n > 0;
}
