/*
 * exfat.c: no tool writes exFAT but by mounting it. Enough of it for tests: names of ASCII, a root of one cluster,
 * files in one piece (first fit, so that what comes later lies on what was deleted).
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "exfat.h"
#include "image.h"

#define ENTRY         32u
#define IN_USE        0x80
#define FIRST_CLUSTER 2u
#define NAME_MOST     15u
/** File, stream and one piece of name. */
#define SET 3u

struct exfat {
    uint8_t *bytes;
    size_t size, cluster;
    /** Of the clusters. */
    size_t heap;
    uint32_t n_clusters;
    uint8_t *root, *bitmap;
};

static uint8_t *at_cluster(const struct exfat *fs, uint64_t number)
{
    return fs->bytes + fs->heap + (number - FIRST_CLUSTER) * fs->cluster;
}

static bool open_image(struct exfat *fs, const char *path)
{
    fs->bytes = image_map(path, true, &fs->size);
    if (!fs->bytes || fs->size < 4096 || memcmp(fs->bytes + 3, "EXFAT   ", 8) != 0)
        return false;
    unsigned sector = fs->bytes[0x6c];
    fs->heap = (size_t)image_get(fs->bytes + 0x58, 4) << sector;
    fs->n_clusters = (uint32_t)image_get(fs->bytes + 0x5c, 4);
    fs->cluster = (size_t)1 << (sector + fs->bytes[0x6d]);
    fs->root = at_cluster(fs, image_get(fs->bytes + 0x60, 4));
    for (size_t i = 0; i < fs->cluster; i += ENTRY)
        if (fs->root[i] == 0x81)
            fs->bitmap = at_cluster(fs, image_get(fs->root + i + 20, 4));
    return fs->bitmap != NULL;
}

static bool is_taken(const struct exfat *fs, uint32_t i)
{
    return fs->bitmap[i / 8] >> i % 8 & 1;
}

static void mark(const struct exfat *fs, uint64_t first, uint64_t n, bool taken)
{
    for (uint64_t i = first - FIRST_CLUSTER; n; i++, n--)
        fs->bitmap[i / 8] = (uint8_t)((fs->bitmap[i / 8] & ~(1u << i % 8)) | (unsigned)taken << i % 8);
}

/** The first n free clusters in a row; 0. */
static uint32_t find_room(const struct exfat *fs, uint64_t n)
{
    uint32_t free = 0;
    for (uint32_t i = 0; i < fs->n_clusters; i++) {
        free = is_taken(fs, i) ? 0 : free + 1;
        if (free == n)
            return i + FIRST_CLUSTER + 1 - free;
    }
    return 0;
}

static uint16_t add_sum(uint16_t sum, uint8_t byte)
{
    return (uint16_t)((sum << 15 | sum >> 1) + byte);
}

static uint16_t sum_of_set(const uint8_t *set)
{
    uint16_t sum = 0;
    for (size_t i = 0; i < SET * ENTRY; i++)
        sum = i == 2 || i == 3 ? sum : add_sum(sum, set[i]);
    return sum;
}

static void fill_set(uint8_t *set, const char *name, uint64_t size, uint32_t first)
{
    /* 2024-06-01 12:00:00 */
    const uint32_t time = 44u << 25 | 6u << 21 | 1u << 16 | 12u << 11;
    uint8_t *stream = set + ENTRY, *text = set + 2 * ENTRY + 2;
    uint16_t hash = 0;
    for (size_t i = 0; name[i]; i++) {
        text[2 * i] = (uint8_t)name[i];
        hash = add_sum(add_sum(hash, (uint8_t)toupper((unsigned char)name[i])), 0);
    }
    set[0] = 0x85;
    set[1] = SET - 1;
    image_put(set + 4, 0x20, 2);
    for (unsigned i = 8; i < 20; i += 4)
        image_put(set + i, time, 4);
    stream[0] = 0xc0;
    stream[1] = 3; /* it has clusters, in one piece */
    stream[3] = (uint8_t)strlen(name);
    image_put(stream + 4, hash, 2);
    image_put(stream + 8, size, 8);
    image_put(stream + 20, first, 4);
    image_put(stream + 24, size, 8);
    set[2 * ENTRY] = 0xc1;
    image_put(set + 2, sum_of_set(set), 2);
}

/** Behind all entries that ever were: those of deleted files stay. */
static uint8_t *new_set(const struct exfat *fs)
{
    for (size_t i = 0; i + SET * ENTRY <= fs->cluster; i += ENTRY)
        if (!fs->root[i])
            return fs->root + i;
    return NULL;
}

static bool add(struct exfat *fs, const char *path, const char *name)
{
    size_t size;
    const uint8_t *bytes = image_map(path, false, &size);
    if (!bytes || strlen(name) > NAME_MOST)
        return false;
    uint64_t n = (size + fs->cluster - 1) / fs->cluster;
    uint32_t first = find_room(fs, n);
    uint8_t *set = new_set(fs);
    if (!first || !set)
        return false;
    memcpy(at_cluster(fs, first), bytes, size);
    mark(fs, first, n, true);
    fill_set(set, name, size, first);
    return true;
}

static bool has_name(const uint8_t *set, const char *name)
{
    size_t n = strlen(name);
    if (set[0] != 0x85 || set[ENTRY + 3] != n || n > NAME_MOST)
        return false;
    for (size_t i = 0; i < n; i++)
        if (set[2 * ENTRY + 2 + 2 * i] != (uint8_t)name[i])
            return false;
    return true;
}

static uint8_t *find_set(const struct exfat *fs, const char *name)
{
    for (size_t i = 0; i + SET * ENTRY <= fs->cluster; i += ENTRY)
        if (has_name(fs->root + i, name))
            return fs->root + i;
    return NULL;
}

/** As drivers do: entries no longer in use, clusters free, no byte of the file touched. */
static bool delete (struct exfat *fs, const char *name)
{
    uint8_t *set = find_set(fs, name);
    if (!set)
        return false;
    uint64_t size = image_get(set + ENTRY + 24, 8);
    mark(fs, image_get(set + ENTRY + 20, 4), (size + fs->cluster - 1) / fs->cluster, false);
    for (size_t e = 0; e < SET; e++)
        set[e * ENTRY] &= (uint8_t)~IN_USE;
    return true;
}

static bool set_valid(struct exfat *fs, const char *name, uint64_t bytes)
{
    uint8_t *set = find_set(fs, name);
    if (!set)
        return false;
    image_put(set + ENTRY + 8, bytes, 8);
    image_put(set + 2, sum_of_set(set), 2);
    return true;
}

int exfat_edit(int argc, char **argv)
{
    struct exfat fs = {0};
    bool done = false;
    if (argc > 0 && open_image(&fs, argv[0])) {
        if (argc == 4 && !strcmp(argv[1], "add"))
            done = add(&fs, argv[2], argv[3]);
        else if (argc == 3 && !strcmp(argv[1], "delete"))
            done = delete (&fs, argv[2]);
        else if (argc == 4 && !strcmp(argv[1], "valid"))
            done = set_valid(&fs, argv[2], strtoull(argv[3], NULL, 10));
    }
    if (fs.bytes)
        munmap(fs.bytes, fs.size);
    if (!done)
        fprintf(stderr, "exfat: no such image, no room, or no such file\n");
    return done ? 0 : 1;
}
