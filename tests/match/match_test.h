/* match_test.h: files, random hashes and match lists for the tests of this folder. */
#ifndef MATCH_TEST_H
#define MATCH_TEST_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "trawl/match.h"

#define MD5_A    "0123456789abcdef0123456789abcdef"
#define MD5_B    "fedcba9876543210fedcba9876543210"
#define SHA1_A   "0123456789abcdef0123456789abcdef01234567"
#define SHA256_A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define PDQ_A    "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"

/** A folder that goes with folder_remove. */
static inline char *folder_new(void)
{
    char *path = mem_strdup(P_tmpdir "/trawl-match-XXXXXX");
    cr_assert(mkdtemp(path));
    return path;
}

/** "folder/name"; the caller frees it. */
static inline char *path_in(const char *folder, const char *name)
{
    struct buf path = {0};
    buf_printf(&path, "%s/%s", folder, name);
    buf_str(&path);
    return (char *)path.data;
}

static inline void write_bytes(const char *path, const void *data, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    cr_assert(fd >= 0);
    cr_assert(write(fd, data, n) == (ssize_t)n);
    close(fd);
}

static inline void read_bytes_of(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;
    cr_assert(fd >= 0);
    while ((n = read(fd, buf_reserve(out, 65536), 65536)) > 0)
        out->len += (size_t)n;
    close(fd);
}

/** The files that a test made in its folder have names of their own; all go. */
static inline void folder_remove(char *folder, const char *const *names)
{
    for (; *names; names++) {
        char *path = path_in(folder, *names);
        unlink(path);
        free(path);
    }
    cr_assert(rmdir(folder) == 0);
    free(folder);
}

/** What loading one text as a list gave. */
struct loaded {
    struct hashset *set;
    int result;
    char why[512];
    /** What was said on the log. */
    char *log;
};

static inline struct loaded load_path(const char *path, enum hash_type bare)
{
    struct loaded loaded = {.set = hashset_new()};
    size_t size;
    FILE *log = open_memstream(&loaded.log, &size);
    loaded.result = hashset_load(loaded.set, path, false, bare, log, loaded.why, sizeof(loaded.why));
    fclose(log);
    hashset_seal(loaded.set);
    return loaded;
}

/** Loads n bytes as the list "x.list". */
static inline struct loaded load_bytes(const void *data, size_t n, enum hash_type bare)
{
    static const char *const names[] = {"x.list", NULL};
    char *folder = folder_new(), *path = path_in(folder, names[0]);
    write_bytes(path, data, n);
    struct loaded loaded = load_path(path, bare);
    free(path);
    folder_remove(folder, names);
    return loaded;
}

static inline struct loaded load_text(const char *text, enum hash_type bare)
{
    return load_bytes(text, strlen(text), bare);
}

static inline void loaded_free(struct loaded *loaded)
{
    hashset_free(loaded->set);
    free(loaded->log);
}

static inline void unhex(const char *hex, uint8_t *out)
{
    for (size_t i = 0; hex[2 * i]; i++) {
        unsigned byte;
        cr_assert(sscanf(hex + 2 * i, "%2x", &byte) == 1);
        out[i] = (uint8_t)byte;
    }
}

/** "entry:category:severity entry:category:severity": every entry equal to a hash. */
static inline const char *found(const struct hashset *set, enum hash_type type, const char *hex)
{
    static char text[4096];
    uint8_t value[32] = {0};
    struct match_list matches = {0};
    size_t n = 0;
    unhex(hex, value);
    hashset_match_value(set, type, value, &matches);
    text[0] = '\0';
    for (size_t i = 0; i < matches.n && n < sizeof(text); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s:%s:%u", i ? " " : "", matches.items[i].entry,
                              matches.items[i].category, matches.items[i].severity);
    free(matches.items);
    return text;
}

/** splitmix64: tests are the same each time. */
static inline uint64_t random64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline void random_bytes(uint64_t *state, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)random64(state);
}

/** Flips `bits` random bits (some perhaps twice). */
static inline void flip_bits(uint64_t *state, uint8_t hash[32], unsigned bits)
{
    for (unsigned i = 0; i < bits; i++) {
        unsigned bit = (unsigned)(random64(state) % 256);
        hash[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/** By fields: what lies between them is any bytes. */
static inline void assert_same_match(const struct match *a, const struct match *b)
{
    cr_assert_eq(a->type, b->type);
    cr_assert_eq(a->distance, b->distance);
    cr_assert_eq(a->severity, b->severity);
    cr_assert_str_eq(a->list, b->list);
    cr_assert_str_eq(a->entry, b->entry);
    cr_assert_str_eq(a->category, b->category);
    cr_assert_arr_eq(a->value, b->value, hash_type_bytes(a->type));
    cr_assert_eq(a->rotation, b->rotation);
    cr_assert_eq(a->flags, b->flags);
    cr_assert_str_eq(a->code, b->code);
    cr_assert_arr_eq(a->observed, b->observed, hash_type_bytes(a->type));
}

/** Empties both. */
static inline void assert_same_matches(struct match_list *a, struct match_list *b)
{
    cr_assert_eq(a->n, b->n);
    for (size_t i = 0; i < a->n; i++)
        assert_same_match(&a->items[i], &b->items[i]);
    a->n = b->n = 0;
}

#endif
