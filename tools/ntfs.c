#include "ntfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "image.h"

#define SECTOR 512u

enum { RECORD_MFT = 0, RECORD_ROOT = 5, RECORD_BITMAP = 6, FIRST_RECORD = 24 };
enum {
    FILE_NAME = 0x30,
    DATA = 0x80,
    INDEX_ROOT = 0x90,
    INDEX_ALLOCATION = 0xa0,
    BITMAP = 0xb0,
    LAST_ATTRIBUTE = 0xffff
};
/** Flags of a record and of an index entry. */
enum { IN_USE = 1, HAS_NODE = 1, LAST_ENTRY = 2 };
/** Offsets in an attribute that is not resident. */
enum { RUNS = 0x20, VALID_SIZE = 0x38 };

struct ntfs {
    uint8_t *bytes;
    size_t size, cluster, record;
    /** Its first bytes hold the record of the $MFT itself. */
    size_t mft;
};

/** A row of clusters; holes have no place. */
struct run {
    uint64_t first, n;
    bool is_hole;
};

/** Decodes the pair at *p and goes on to the next. False at the end. */
static bool next_run(const uint8_t **p, uint64_t *before, struct run *run)
{
    unsigned n_length = **p & 15, n_offset = **p >> 4;
    const uint8_t *length = *p + 1, *offset = length + n_length;
    if (!n_length || n_length > 8 || n_offset > 8)
        return false;
    uint64_t step = image_get(offset, n_offset);
    if (n_offset && n_offset < 8 && offset[n_offset - 1] & 0x80)
        step |= UINT64_MAX << 8 * n_offset;
    *before += step;
    *run = (struct run){*before, image_get(length, n_length), !n_offset};
    *p = offset + n_offset;
    return true;
}

static bool is_resident(const uint8_t *attribute)
{
    return !attribute[8];
}

/** Where byte `at` of an attribute stands. NULL if nowhere. */
static uint8_t *byte_of(const struct ntfs *fs, uint8_t *attribute, uint64_t at)
{
    if (is_resident(attribute))
        return at < image_get(attribute + 16, 4) ? attribute + image_get(attribute + 20, 2) + at : NULL;
    const uint8_t *pair = attribute + image_get(attribute + RUNS, 2);
    uint64_t before = 0;
    for (struct run run; next_run(&pair, &before, &run); at -= run.n * fs->cluster)
        if (at < run.n * fs->cluster) {
            uint64_t place = run.first * fs->cluster + at;
            return run.is_hole || place >= fs->size ? NULL : fs->bytes + place;
        }
    return NULL;
}

/** The last bytes of each sector stand at its head; `apart`: puts them in their places, else back. */
static void fix_up(uint8_t *block, bool apart)
{
    uint8_t *array = block + image_get(block + 4, 2);
    size_t n = image_get(block + 6, 2);
    for (size_t i = 1; i < n; i++) {
        uint8_t *end = block + i * SECTOR - 2;
        if (apart)
            memcpy(end, array + 2 * i, 2);
        else
            memcpy(array + 2 * i, end, 2), memcpy(end, array, 2);
    }
}

/** The attribute without a name, or $I30; NULL. The record is fixed up. */
static uint8_t *attribute_of(uint8_t *record, unsigned type)
{
    static const uint8_t index[] = {'$', 0, 'I', 0, '3', 0, '0', 0};
    uint8_t *a = record + image_get(record + 20, 2);
    for (unsigned t; (t = (unsigned)image_get(a, 4)) < LAST_ATTRIBUTE; a += image_get(a + 4, 4)) {
        bool named = a[9] == 4 && !memcmp(a + image_get(a + 10, 2), index, sizeof(index));
        if (t == type && (!a[9] || named))
            return a;
    }
    return NULL;
}

static uint8_t *record_at(const struct ntfs *fs, uint64_t number)
{
    uint8_t *mft = fs->bytes + fs->mft;
    uint8_t *record = byte_of(fs, attribute_of(mft, DATA), number * fs->record);
    return record && !memcmp(record, "FILE", 4) ? record : NULL;
}

static bool open_image(struct ntfs *fs, const char *path)
{
    fs->bytes = image_map(path, true, &fs->size);
    if (!fs->bytes || fs->size < 65536 || memcmp(fs->bytes + 3, "NTFS    ", 8) != 0)
        return false;
    int8_t per_record = (int8_t)fs->bytes[0x40];
    fs->cluster = fs->bytes[0x0d] * SECTOR;
    fs->record = per_record < 0 ? (size_t)1 << -per_record : (size_t)per_record * fs->cluster;
    fs->mft = (size_t)image_get(fs->bytes + 0x30, 8) * fs->cluster;
    return fs->mft < fs->size && !memcmp(fs->bytes + fs->mft, "FILE", 4);
}

/** True for a value of $FILE_NAME, as records and indexes have it. */
static bool is_named(const uint8_t *value, const char *name)
{
    size_t n = strlen(name);
    if (value[64] != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (value[66 + 2 * i] != (uint8_t)name[i] || value[67 + 2 * i])
            return false;
    return true;
}

/** The number of the record in use that has the name; 0. */
static uint64_t find_file(const struct ntfs *fs, const char *name)
{
    uint8_t *record;
    for (uint64_t i = FIRST_RECORD; (record = record_at(fs, i)) != NULL; i++) {
        fix_up(record, true);
        uint8_t *a = record[22] & IN_USE ? attribute_of(record, FILE_NAME) : NULL;
        bool found = a && is_named(byte_of(fs, a, 0), name);
        fix_up(record, false);
        if (found)
            return i;
    }
    return 0;
}

static bool clear_bit(const struct ntfs *fs, uint64_t owner, unsigned type, uint64_t bit)
{
    uint8_t *record = record_at(fs, owner), *a, *byte = NULL;
    fix_up(record, true);
    if ((a = attribute_of(record, type)) != NULL)
        byte = byte_of(fs, a, bit / 8);
    if (byte)
        *byte &= (uint8_t) ~(1u << bit % 8);
    fix_up(record, false);
    return byte;
}

/** The clusters of all its attributes are free. The record is fixed up. */
static bool free_clusters(const struct ntfs *fs, uint8_t *record)
{
    bool done = true;
    uint8_t *a = record + image_get(record + 20, 2);
    for (; image_get(a, 4) < LAST_ATTRIBUTE; a += image_get(a + 4, 4)) {
        const uint8_t *pair = a + image_get(a + RUNS, 2);
        uint64_t before = 0;
        for (struct run run; !is_resident(a) && next_run(&pair, &before, &run);)
            for (uint64_t i = 0; !run.is_hole && i < run.n; i++)
                done &= clear_bit(fs, RECORD_BITMAP, DATA, run.first + i);
    }
    return done;
}

/** Takes the file's entry out of a node; `header` is that of its entries. */
static bool take_out(uint8_t *header, uint64_t file)
{
    uint8_t *end = header + image_get(header + 4, 4);
    for (uint8_t *e = header + image_get(header, 4); e + 16 <= end && !(e[12] & LAST_ENTRY);) {
        size_t n = image_get(e + 8, 2);
        if (image_get(e, 6) != file) {
            e += n;
            continue;
        }
        if (e[12] & HAS_NODE)
            return false;
        memmove(e, e + n, (size_t)(end - e) - n);
        image_put(header + 4, image_get(header + 4, 4) - n, 4);
        return true;
    }
    return false;
}

static bool take_out_of_root(const struct ntfs *fs, uint64_t file)
{
    uint8_t *root = record_at(fs, RECORD_ROOT), *block;
    fix_up(root, true);
    uint8_t *node = attribute_of(root, INDEX_ROOT), *nodes = attribute_of(root, INDEX_ALLOCATION);
    uint8_t *head = byte_of(fs, node, 0);
    size_t size = image_get(head + 8, 4);
    bool done = take_out(head + 16, file);
    for (size_t i = 0; nodes && !done && (block = byte_of(fs, nodes, i * size)) != NULL; i++) {
        if (memcmp(block, "INDX", 4) != 0)
            continue;
        fix_up(block, true);
        done = take_out(block + 24, file);
        fix_up(block, false);
    }
    fix_up(root, false);
    return done;
}

static bool delete (const struct ntfs *fs, const char *name)
{
    uint64_t file = find_file(fs, name);
    if (!file || !take_out_of_root(fs, file))
        return false;
    uint8_t *record = record_at(fs, file);
    fix_up(record, true);
    bool done = free_clusters(fs, record);
    record[22] &= (uint8_t)~IN_USE;
    image_put(record + 16, image_get(record + 16, 2) + 1, 2);
    fix_up(record, false);
    return clear_bit(fs, RECORD_MFT, BITMAP, file) && done;
}

static bool set_valid(const struct ntfs *fs, const char *name, uint64_t bytes)
{
    uint64_t file = find_file(fs, name);
    if (!file)
        return false;
    uint8_t *record = record_at(fs, file);
    fix_up(record, true);
    uint8_t *a = attribute_of(record, DATA);
    bool done = a && !is_resident(a);
    if (done)
        image_put(a + VALID_SIZE, bytes, 8);
    fix_up(record, false);
    return done;
}

static bool print_free(const struct ntfs *fs)
{
    uint8_t *record = record_at(fs, RECORD_BITMAP);
    uint64_t n = 0;
    fix_up(record, true);
    uint8_t *bitmap = attribute_of(record, DATA);
    for (uint64_t i = 0; i < fs->size / fs->cluster; i++) {
        const uint8_t *byte = byte_of(fs, bitmap, i / 8);
        n += byte && !(*byte >> i % 8 & 1);
    }
    fix_up(record, false);
    return printf("%llu\n", (unsigned long long)n) > 0;
}

int ntfs_edit(int argc, char **argv)
{
    struct ntfs fs = {0};
    bool done = false;
    if (argc > 0 && open_image(&fs, argv[0])) {
        if (argc == 3 && !strcmp(argv[1], "delete"))
            done = delete (&fs, argv[2]);
        else if (argc == 2 && !strcmp(argv[1], "free"))
            done = print_free(&fs);
        else if (argc == 4 && !strcmp(argv[1], "valid"))
            done = set_valid(&fs, argv[2], strtoull(argv[3], NULL, 10));
    }
    if (fs.bytes)
        munmap(fs.bytes, fs.size);
    if (!done)
        fprintf(stderr, "ntfs: no such image, or no such file in its root\n");
    return done ? 0 : 1;
}
