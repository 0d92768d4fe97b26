#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/sorter.h"

struct record {
    uint8_t key[24];
    size_t key_len;
    unsigned number;
};

/** Few values, long common beginnings, many duplicates, prefixes of each other, zero bytes and empty keys. */
static void make_record(struct record *record, unsigned number)
{
    record->number = number;
    record->key_len = (size_t)rand() % 9;
    for (size_t i = 0; i < record->key_len; i++)
        record->key[i] = (uint8_t) "\x00\x01\x7f\x80\xff"[rand() % 5];
}

static int record_order(const void *pa, const void *pb)
{
    const struct record *a = pa, *b = pb;
    int order = memcmp(a->key, b->key, a->key_len < b->key_len ? a->key_len : b->key_len);
    order = order ? order : (a->key_len > b->key_len) - (a->key_len < b->key_len);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

/** A value of a length of its own: most short, some larger than any buffer of a small sorter. */
static size_t value_of(unsigned number, uint8_t *value)
{
    size_t n = number % 97 == 0 ? 9000 : number % 13;
    memset(value, (int)(number & 0xff), n);
    return n;
}

static void check_sorted(unsigned n, size_t memory)
{
    static uint8_t value[9000];
    struct record *records = ALLOC_ARRAY(struct record, n);
    int dir = open(P_tmpdir, O_RDONLY | O_DIRECTORY);
    struct sorter *sorter = sorter_new(dir, memory);
    const uint8_t *key, *got;
    size_t key_len, got_len;
    for (unsigned i = 0; i < n; i++) {
        make_record(&records[i], i);
        cr_assert_eq(sorter_add(sorter, records[i].key, records[i].key_len, value, value_of(i, value)), 0);
    }
    cr_assert_eq(sorter_finish(sorter), 0);
    if (n)
        qsort(records, n, sizeof(*records), record_order);
    for (unsigned i = 0; i < n; i++) {
        cr_assert_eq(sorter_next(sorter, &key, &key_len, &got, &got_len), 1);
        cr_assert_eq(key_len, records[i].key_len, "record %u of %u, memory %zu", i, n, memory);
        cr_assert_eq(memcmp(key, records[i].key, key_len), 0);
        cr_assert_eq(got_len, value_of(records[i].number, value), "equal keys keep their order");
        cr_assert_eq(memcmp(got, value, got_len), 0);
    }
    cr_assert_eq(sorter_next(sorter, &key, &key_len, &got, &got_len), 0);
    cr_assert_eq(sorter_next(sorter, &key, &key_len, &got, &got_len), 0, "the end stays the end");
    sorter_free(sorter);
    close(dir);
    free(records);
}

Test(sorter, in_memory)
{
    srand(1);
    for (unsigned n = 0; n < 40; n++)
        check_sorted(n, (size_t)1 << 20);
    check_sorted(20000, (size_t)64 << 20);
}

Test(sorter, spilled)
{
    srand(2);
    for (size_t memory = 100; memory < ((size_t)1 << 20); memory *= 7)
        check_sorted(3000, memory);
}

Test(sorter, every_count_of_runs_around_the_fan_in)
{
    srand(3);
    static const unsigned counts[] = {1, 2, 63, 64, 65, 127, 128, 129, 191, 192, 193};
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        check_sorted(counts[i], 1); /* a run for every record */
}

Test(sorter, several_levels)
{
    srand(4);
    check_sorted(64 * 64 - 1, 1);
    check_sorted(64 * 64, 1);
    check_sorted(64 * 64 + 1, 1);
    check_sorted(64 * 64 + 64 * 63 + 63, 1);
    check_sorted(64 * 64 * 3 + 17, 1);
}

Test(sorter, ten_thousand_equal_keys_keep_their_order)
{
    int dir = open(P_tmpdir, O_RDONLY | O_DIRECTORY);
    for (size_t memory = 1; memory < ((size_t)1 << 24); memory *= 4096) {
        struct sorter *sorter = sorter_new(dir, memory);
        const uint8_t *key, *value;
        size_t key_len, value_len;
        for (unsigned i = 0; i < 10000; i++)
            cr_assert_eq(sorter_add(sorter, NULL, 0, &i, sizeof(i)), 0);
        cr_assert_eq(sorter_finish(sorter), 0);
        for (unsigned i = 0; i < 10000; i++) {
            cr_assert_eq(sorter_next(sorter, &key, &key_len, &value, &value_len), 1);
            cr_assert_eq(memcmp(value, &i, sizeof(i)), 0);
        }
        sorter_free(sorter);
    }
    close(dir);
}

Test(sorter, nothing_is_seen_in_the_folder)
{
    char name[] = P_tmpdir "/trawl-sorter-XXXXXX";
    cr_assert_not_null(mkdtemp(name));
    int dir = open(name, O_RDONLY | O_DIRECTORY);
    struct sorter *sorter = sorter_new(dir, 1000);
    for (unsigned i = 0; i < 1000; i++)
        cr_assert_eq(sorter_add(sorter, &i, sizeof(i), name, sizeof(name)), 0);
    DIR *list = opendir(name);
    unsigned entries = 0;
    while (readdir(list))
        entries++;
    closedir(list);
    cr_assert_eq(entries, 2, "only . and ..");
    sorter_free(sorter);
    close(dir);
    cr_assert_eq(rmdir(name), 0);
}

Test(sorter, a_folder_that_cannot_be_written_is_an_error)
{
    int pipes[2];
    cr_assert_eq(pipe(pipes), 0);
    struct sorter *sorter = sorter_new(pipes[0], 100);
    int error = 0;
    for (unsigned i = 0; i < 100 && !error; i++)
        error = sorter_add(sorter, &i, sizeof(i), "value", 5);
    cr_assert_eq(error, -ENOTDIR);
    cr_assert_eq(sorter_add(sorter, "k", 1, "v", 1), -ENOTDIR, "an error stays");
    cr_assert_eq(sorter_finish(sorter), -ENOTDIR);
    const uint8_t *p;
    size_t n;
    cr_assert_eq(sorter_next(sorter, &p, &n, &p, &n), -ENOTDIR);
    sorter_free(sorter);
    close(pipes[0]);
    close(pipes[1]);
}

/** In a child: adds until the file may not grow any more. Returns the error. */
static int fill_up(size_t bytes, size_t value_len)
{
    int dir = open(P_tmpdir, O_RDONLY | O_DIRECTORY);
    struct sorter *sorter = sorter_new(dir, 20000);
    uint8_t *value = mem_zalloc(value_len);
    int error = 0;
    for (size_t sent = 0; sent < bytes && !error; sent += value_len)
        error = sorter_add(sorter, &sent, sizeof(sent), value, value_len);
    error = error ? error : sorter_finish(sorter);
    sorter_free(sorter);
    free(value);
    close(dir);
    return error;
}

Test(sorter, a_full_disk_is_an_error)
{
    static const size_t lengths[] = {10, 3000, 300000};
    for (size_t i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct rlimit limit = {100000, 100000};
            signal(SIGXFSZ, SIG_IGN);
            setrlimit(RLIMIT_FSIZE, &limit);
            _exit(fill_up(1000000, lengths[i]) == -EFBIG ? 0 : 1);
        }
        int status = -1;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "values of %zu bytes", lengths[i]);
    }
}

Test(sorter, a_spill_that_was_cut_is_an_error)
{
    int dir = open(P_tmpdir, O_RDONLY | O_DIRECTORY);
    int spill = dup(dir); /* the number that the spill file will get */
    close(spill);
    struct sorter *sorter = sorter_new(dir, 1000);
    const uint8_t *p;
    size_t n;
    for (unsigned i = 0; i < 1000; i++)
        cr_assert_eq(sorter_add(sorter, &i, sizeof(i), "value", 5), 0);
    cr_assert_eq(sorter_finish(sorter), 0);
    cr_assert_eq(ftruncate(spill, lseek(spill, 0, SEEK_END) - 3), 0);
    int got = 1;
    for (unsigned i = 0; got > 0; i++) {
        got = sorter_next(sorter, &p, &n, &p, &n);
        cr_assert_lt(i, 1000);
    }
    cr_assert_eq(got, -EIO);
    cr_assert_eq(sorter_next(sorter, &p, &n, &p, &n), -EIO);
    sorter_free(sorter);
    close(dir);
}

Test(sorter, free_at_any_time)
{
    sorter_free(NULL);
    sorter_free(sorter_new(-1, 0));
    int dir = open(P_tmpdir, O_RDONLY | O_DIRECTORY);
    struct sorter *sorter = sorter_new(dir, 50);
    const uint8_t *p;
    size_t n;
    cr_assert_eq(sorter_next(sorter, &p, &n, &p, &n), -EINVAL, "not finished yet");
    for (int i = 0; i < 10; i++)
        sorter_add(sorter, "key", 3, "value", 5);
    cr_assert_eq(sorter_finish(sorter), 0);
    cr_assert_eq(sorter_next(sorter, &p, &n, &p, &n), 1);
    cr_assert_eq(sorter_add(sorter, "k", 1, "v", 1), -EINVAL, "no additions any more");
    sorter_free(sorter);
    close(dir);
}
