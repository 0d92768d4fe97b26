/* make.c: evidence in numbers. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/pack.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "faults.h"

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "faults: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void folder(const char *path)
{
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        fail(path);
}

static void save(const char *path, const void *data, size_t n)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, n, file) != n || fclose(file) != 0)
        fail(path);
}

__attribute__((format(printf, 3, 4))) static void print_path(char *out, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(out, size, format, arguments);
    va_end(arguments);
    if (n < 0 || (size_t)n >= size) {
        errno = ENAMETOOLONG;
        fail(format);
    }
}

/** What decoders do, how many of 1000 items, and what the inventory must say. */
static const struct mishap {
    const char *word;
    unsigned share;
    const char *status;
} mishaps[] = {
    {"crash", 10, "crashed"},  {"hang", 5, "timeout"},    {"oom", 5, "limit"},
    {"syscall", 1, "crashed"}, {"garbage", 1, "crashed"},
};
#define MISHAPS (sizeof(mishaps) / sizeof(*mishaps))

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/** Exactly its share of each mishap, rounded up, in places that the seed shuffles; MISHAPS stands for work that goes
 * well. */
static uint8_t *deal(size_t n, uint64_t seed)
{
    uint8_t *fate = mem_alloc(n);
    size_t dealt = 0;
    for (size_t i = 0; i < MISHAPS; i++)
        for (size_t k = (n * mishaps[i].share + 999) / 1000; k && dealt < n; k--)
            fate[dealt++] = (uint8_t)i;
    memset(fate + dealt, MISHAPS, n - dealt);
    for (size_t i = n; i > 1; i--) {
        size_t j = random_next(&seed) % i;
        uint8_t held = fate[i - 1];
        fate[i - 1] = fate[j];
        fate[j] = held;
    }
    return fate;
}

int make_mock(int argc, char **argv)
{
    size_t n = strtoul(argv[1], NULL, 10);
    const char *good = argc > 3 ? argv[3] : "ok";
    bool all_good = argc > 4;
    uint8_t *fate = deal(n, strtoull(argv[2], NULL, 10) * 2 + 1);
    char path[4096], text[64];
    struct buf truth = {0};
    folder(argv[0]);
    print_path(path, sizeof(path), "%s/folder", argv[0]);
    folder(path);
    for (size_t i = 0; i < n; i++) {
        const struct mishap *m = fate[i] < MISHAPS && !all_good ? &mishaps[fate[i]] : NULL;
        const char *word = m ? m->word : good;
        print_path(path, sizeof(path), "%s/folder/%06zu.%s", argv[0], i, word);
        int len = snprintf(text, sizeof(text), "MOCK:%s %zu\n", word, i);
        save(path, text, (size_t)len);
        buf_printf(&truth, "%06zu.%s\t%s\n", i, word, m ? m->status : "ok");
    }
    print_path(path, sizeof(path), "%s/truth.tsv", argv[0]);
    save(path, truth.data, truth.len);
    buf_free(&truth);
    free(fate);
    return 0;
}

/** DIR/000/000123.txt; makes the folder for each first. */
static void small_path(const char *dir, size_t i, char *path, size_t size)
{
    if (i % 1000 == 0) {
        print_path(path, size, "%s/%03zu", dir, i / 1000);
        folder(path);
    }
    print_path(path, size, "%s/%03zu/%06zu.txt", dir, i / 1000, i);
}

int make_small(int argc, char **argv)
{
    size_t n = strtoul(argv[1], NULL, 10);
    char path[4096], text[256];
    (void)argc;
    folder(argv[0]);
    for (size_t i = 0; i < n; i++) {
        small_path(argv[0], i, path, sizeof(path));
        int len = snprintf(text, sizeof(text), "%s %zu\n", argv[2], i);
        save(path, text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
    }
    return 0;
}

/** A file may have some 65,000 names at most. */
#define NAMES_OF_ONE 10000

int make_names(int argc, char **argv)
{
    size_t n = strtoul(argv[1], NULL, 10);
    char path[4096], content[4096], text[32];
    FILE *list = fopen(argv[2], "we");
    (void)argc;
    if (!list)
        fail(argv[2]);
    folder(argv[0]);
    for (size_t i = 0; i < n; i++) {
        small_path(argv[0], i, path, sizeof(path));
        if (i % NAMES_OF_ONE == 0) {
            int len = snprintf(text, sizeof(text), "content %zu\n", i / NAMES_OF_ONE);
            save(path, text, (size_t)len);
            memcpy(content, path, sizeof(content));
        } else if (link(content, path) < 0) {
            fail(path);
        }
        fprintf(list, "%s\n", path);
    }
    if (fclose(list) != 0)
        fail(argv[2]);
    return 0;
}

static void load(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail(path);
    for (size_t n = 1; n; out->len += n)
        n = fread(buf_reserve(out, 65536), 1, 65536, file);
    fclose(file);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int make_zip(int argc, char **argv)
{
    struct dirent **entries;
    char path[4096];
    (void)argc;
    int n = scandir(argv[1], &entries, is_file, by_name);
    if (n < 0)
        fail(argv[1]);
    struct member *members = ALLOC_ARRAY(struct member, (size_t)n);
    struct buf *data = ALLOC_ARRAY(struct buf, (size_t)n), out = {0};
    for (int i = 0; i < n; i++) {
        print_path(path, sizeof(path), "%s/%s", argv[1], entries[i]->d_name);
        load(path, &data[i]);
        members[i] = (struct member){entries[i]->d_name, &data[i]};
    }
    pack_zip(members, (size_t)n, &out);
    save(argv[0], out.data, out.len);
    for (int i = 0; i < n; i++) {
        buf_free(&data[i]);
        free(entries[i]);
    }
    free(entries);
    free(data);
    free(members);
    buf_free(&out);
    return 0;
}
