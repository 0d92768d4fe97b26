/* el_torito.c: what a computer would start from a disc, where no tree names it. */
#include "optical/iso.h"

#include <stdio.h>
#include <string.h>

#include "source/bytes.h"

#define ENTRY_BYTES 32u
/** Entries of a catalogue, and images that are taken from it. */
#define ENTRIES_MAX 512u
#define IMAGES_MAX  64u

struct boot_image {
    uint64_t place;
    uint8_t media;
    uint16_t sectors;
    bool is_file;
};

struct catalogue {
    const struct iso_tree *tree;
    struct boot_image images[IMAGES_MAX];
    unsigned n;
    /** Entries of this section that are still to come; another section follows. */
    unsigned left;
    bool more;
};

static void image_add(struct catalogue *catalogue, const uint8_t *p)
{
    uint32_t sector = le32(p + 8);
    uint64_t place = iso_place(catalogue->tree, sector);
    if (!sector)
        return;
    for (unsigned i = 0; i < catalogue->n; i++)
        if (catalogue->images[i].place == place)
            return;
    if (catalogue->n == IMAGES_MAX)
        end_note(catalogue->tree->disc->end, TRAWL_DAMAGED, "more than %u boot images", IMAGES_MAX);
    else
        catalogue->images[catalogue->n++] =
            (struct boot_image){.place = place, .media = p[1] & 15, .sectors = le16(p + 6)};
}

/** Takes an entry behind the first two. False behind the last one. */
static bool entry_take(struct catalogue *catalogue, const uint8_t *p)
{
    switch (p[0]) {
    case 0x90:
    case 0x91:
        catalogue->more = p[0] == 0x90;
        catalogue->left = le16(p + 2);
        return true;
    case 0x44: /* more of the entry before */
        return true;
    case 0x88:
    case 0x00:
        if (!catalogue->left)
            return false;
        catalogue->left--;
        image_add(catalogue, p);
        return catalogue->left || catalogue->more;
    default:
        return false;
    }
}

static void catalogue_read(struct catalogue *catalogue, uint64_t place)
{
    struct optical *disc = catalogue->tree->disc;
    uint8_t p[ENTRY_BYTES];
    if (!optical_read(disc, p, sizeof(p), place) || p[0] != 1 || p[30] != 0x55 || p[31] != 0xaa) {
        end_note(disc->end, TRAWL_DAMAGED, "its catalogue of boot images cannot be read");
        return;
    }
    bool more = true;
    unsigned i = 1;
    for (; i < ENTRIES_MAX && more && optical_read(disc, p, sizeof(p), place + i * ENTRY_BYTES); i++) {
        if (i == 1)
            image_add(catalogue, p);
        else
            more = entry_take(catalogue, p);
    }
    optical_claim(disc, place, i * ENTRY_BYTES);
}

/** What a FAT boot sector says of its volume; 0 where it is none. */
static uint64_t fat_size(const uint8_t p[512])
{
    uint32_t sector = le16(p + 11), sectors = le16(p + 19) ? le16(p + 19) : le32(p + 32);
    bool is_fat = (p[0] == 0xeb || p[0] == 0xe9) && p[510] == 0x55 && p[511] == 0xaa && p[13] &&
                  !(p[13] & (p[13] - 1)) && (p[16] == 1 || p[16] == 2) && p[21] >= 0xf0;
    return is_fat && sector >= 512 && sector <= 4096 && !(sector & (sector - 1)) ? (uint64_t)sector * sectors : 0;
}

/** Behind the last partition of a hard disk. */
static uint64_t table_size(const uint8_t p[512])
{
    uint64_t size = 0;
    for (const uint8_t *row = p + 446; row < p + 510 && p[510] == 0x55 && p[511] == 0xaa; row += 16) {
        uint64_t end = ((uint64_t)le32(row + 8) + le32(row + 12)) * 512;
        if (row[4] && end > size)
            size = end;
    }
    return size;
}

static uint64_t image_size(const struct iso_tree *tree, const struct boot_image *image)
{
    static const uint64_t floppies[] = {0, 1228800, 1474560, 2949120};
    uint64_t end = iso_end(tree), left = image->place < end ? end - image->place : 0, size = 0;
    uint8_t p[512];
    optical_read(tree->disc, p, sizeof(p), image->place);
    if (image->media && image->media < 4)
        size = floppies[image->media];
    else
        size = image->media == 4 ? table_size(p) : fat_size(p);
    if (!size || size > left)
        size = (uint64_t)image->sectors * 512;
    return size ? size : OPTICAL_SECTOR;
}

static void image_list(const struct iso_tree *tree, const struct boot_image *image, struct optical_path folder,
                       unsigned number)
{
    char name[32];
    struct optical_path path;
    size_t n = (size_t)snprintf(name, sizeof(name), "%u.img", number);
    if (!optical_path_add(tree->disc, folder, name, n, &path))
        return;
    struct optical_file file = optical_file_of(path, TREE_BOOT);
    file.size = image_size(tree, image);
    optical_run_add(tree->disc, image->place, file.size);
    optical_file_add(tree->disc, &file);
}

/** Which of them begin where a file does. */
static void images_compare(struct catalogue *catalogue)
{
    const struct optical *disc = catalogue->tree->disc;
    for (size_t i = 0; i < disc->n_files; i++) {
        const struct optical_file *file = &disc->files[i];
        for (unsigned j = 0; file->n_runs && j < catalogue->n; j++)
            if (disc->runs[file->first_run].offset == catalogue->images[j].place)
                catalogue->images[j].is_file = true;
    }
}

void el_torito_list(const struct iso_tree *tree, uint32_t sector)
{
    struct catalogue catalogue = {.tree = tree};
    struct optical_path folder = {0};
    catalogue_read(&catalogue, iso_place(tree, sector));
    images_compare(&catalogue);
    for (unsigned i = 0; i < catalogue.n && !tree->disc->is_cut; i++) {
        if (catalogue.images[i].is_file)
            continue;
        tree->disc->trees |= 1u << TREE_BOOT;
        if (!folder.n && !optical_path_add(tree->disc, tree->session, "$boot", 5, &folder))
            return;
        image_list(tree, &catalogue.images[i], folder, i + 1);
    }
}
