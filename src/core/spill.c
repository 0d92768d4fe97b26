#include "core/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"

/** Before each record: the lengths of its key and of its value. */
#define RECORD_HEAD 8

int key_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    size_t n = a_len < b_len ? a_len : b_len;
    int order = n ? memcmp(a, b, n) : 0;
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

/** For file systems without O_TMPFILE: a name for as long as it takes to forget it. */
static int open_and_unlink(int dirfd)
{
    char name[40];
    for (unsigned i = 0; i < 10000; i++) {
        snprintf(name, sizeof(name), ".sort.%ld.%u.tmp", (long)getpid(), i);
        int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno == EEXIST)
            continue;
        int error = errno;
        if (fd >= 0)
            unlinkat(dirfd, name, 0);
        return fd >= 0 ? fd : -error;
    }
    return -EEXIST;
}

int spill_open(int dirfd)
{
    int fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    /* The answers of kernels and file systems that do not know it. */
    bool unknown = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT;
    return unknown ? open_and_unlink(dirfd) : -errno;
}

static int write_at(int fd, const uint8_t *data, size_t n, uint64_t at)
{
    while (n) {
        ssize_t done = pwrite(fd, data, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? -errno : -ENOSPC;
        data += done;
        n -= (size_t)done;
        at += (uint64_t)done;
    }
    return 0;
}

int spill_flush(struct spill *spill)
{
    int error = write_at(spill->fd, spill->buf.data, spill->buf.len, spill->at);
    spill->at += spill->buf.len;
    spill->buf.len = 0;
    return error;
}

int spill_record(struct spill *spill, const uint8_t *key, size_t key_len, const uint8_t *value, size_t value_len)
{
    int error = 0;
    buf_u32(&spill->buf, (uint32_t)key_len);
    buf_u32(&spill->buf, (uint32_t)value_len);
    buf_put(&spill->buf, key, key_len);
    if (value_len > spill->chunk) { /* a large value is written from where it is */
        error = spill_flush(spill);
        error = error ? error : write_at(spill->fd, value, value_len, spill->at);
        spill->at += value_len;
        return error;
    }
    buf_put(&spill->buf, value, value_len);
    return spill->buf.len >= spill->chunk ? spill_flush(spill) : 0;
}

/** One run being read. */
struct run_reader {
    int fd;
    /** What was not read yet. */
    uint64_t at, end;
    /** Bytes read; the current record begins at `pos`. */
    struct buf buf;
    size_t pos;
    uint32_t key_len, value_len;
};

struct merge {
    size_t chunk;
    struct run_reader *runs;
    size_t n, cap;
    /** Binary heap of runs by their current record, the least at the top. */
    size_t *heap;
    size_t n_heap;
    /** The record at the top was given away: go on behind it at the next call. */
    bool given;
};

struct merge *merge_new(size_t chunk)
{
    struct merge *merge = ALLOC(struct merge);
    merge->chunk = chunk;
    return merge;
}

void merge_add(struct merge *merge, int fd, uint64_t begin, uint64_t end)
{
    RESERVE(merge->runs, merge->n, merge->cap);
    merge->runs[merge->n++] = (struct run_reader){.fd = fd, .at = begin, .end = end};
}

/** Makes at least n bytes from `pos` on available. Returns 0 or -errno; a file that ends too early is -EIO. */
static int run_fill(struct run_reader *run, size_t n, size_t chunk)
{
    size_t left = run->buf.len - run->pos;
    if (left >= n)
        return 0;
    if (left)
        memmove(run->buf.data, run->buf.data + run->pos, left);
    else if (run->buf.cap > 4 * chunk) /* one huge record must not leave its buffer behind in every run */
        buf_free(&run->buf);
    run->buf.len = left;
    run->pos = 0;
    while (run->buf.len < n) {
        uint64_t want = n - run->buf.len > chunk ? n - run->buf.len : chunk;
        want = want < run->end - run->at ? want : run->end - run->at;
        ssize_t got = pread(run->fd, buf_reserve(&run->buf, want), want, (off_t)run->at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        run->buf.len += (size_t)got;
        run->at += (uint64_t)got;
    }
    return 0;
}

/** Goes to the record at `pos`. Returns 1, 0 at the end of the run, -errno. */
static int run_record(struct run_reader *run, size_t chunk)
{
    if (run->pos == run->buf.len && run->at == run->end)
        return 0;
    int error = run_fill(run, RECORD_HEAD, chunk);
    if (error)
        return error;
    struct reader head = {run->buf.data + run->pos, run->buf.data + run->buf.len, false};
    run->key_len = read_u32(&head);
    run->value_len = read_u32(&head);
    error = run_fill(run, size_add(RECORD_HEAD, size_add(run->key_len, run->value_len)), chunk);
    return error ? error : 1;
}

static const uint8_t *run_key(const struct run_reader *run)
{
    return run->buf.data + run->pos + RECORD_HEAD;
}

/** True if run a comes before run b: by key, then by age. */
static bool run_before(const struct merge *merge, size_t a, size_t b)
{
    const struct run_reader *x = &merge->runs[a], *y = &merge->runs[b];
    int order = key_compare(run_key(x), x->key_len, run_key(y), y->key_len);
    return order ? order < 0 : a < b;
}

static void heap_down(struct merge *merge, size_t i)
{
    size_t *heap = merge->heap;
    for (size_t child; (child = 2 * i + 1) < merge->n_heap; i = child) {
        if (child + 1 < merge->n_heap && run_before(merge, heap[child + 1], heap[child]))
            child++;
        if (run_before(merge, heap[i], heap[child]))
            return;
        size_t held = heap[i];
        heap[i] = heap[child];
        heap[child] = held;
    }
}

/** Reads the first record of every run. */
static int merge_start(struct merge *merge)
{
    merge->heap = ALLOC_ARRAY(size_t, merge->n);
    for (size_t i = 0; i < merge->n; i++) {
        int got = run_record(&merge->runs[i], merge->chunk);
        if (got < 0)
            return got;
        if (got)
            merge->heap[merge->n_heap++] = i;
    }
    for (size_t i = merge->n_heap / 2; i-- > 0;)
        heap_down(merge, i);
    return 0;
}

/** Goes on behind the record at the top. */
static int merge_advance(struct merge *merge)
{
    struct run_reader *run = &merge->runs[merge->heap[0]];
    run->pos += RECORD_HEAD + (size_t)run->key_len + run->value_len;
    int got = run_record(run, merge->chunk);
    if (got < 0)
        return got;
    if (!got) {
        buf_free(&run->buf);
        merge->heap[0] = merge->heap[--merge->n_heap];
    }
    heap_down(merge, 0);
    return 0;
}

int merge_next(struct merge *merge, const uint8_t **key, size_t *key_len, const uint8_t **value, size_t *value_len)
{
    int error = !merge->heap ? merge_start(merge) : merge->given ? merge_advance(merge) : 0;
    merge->given = false;
    if (error || !merge->n_heap)
        return error;
    const struct run_reader *run = &merge->runs[merge->heap[0]];
    *key = run_key(run);
    *key_len = run->key_len;
    *value = *key + run->key_len;
    *value_len = run->value_len;
    merge->given = true;
    return 1;
}

void merge_free(struct merge *merge)
{
    if (!merge)
        return;
    for (size_t i = 0; i < merge->n; i++)
        buf_free(&merge->runs[i].buf);
    free(merge->runs);
    free(merge->heap);
    free(merge);
}
