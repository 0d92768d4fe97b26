#include "trawl/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/io.h"
#include "journal/format.h"

/* Group commit: one fdatasync costs 20-40 ms on a busy disk and serves all that came in between. */
#define COMMIT_MS    100
#define COMMIT_BYTES (1u << 20)
/* Writers wait beyond this: a disk that does not keep up must not fill the memory. */
#define BACKLOG_MAX (64u << 20)

struct journal {
    int fd;
    pthread_t thread;
    /** Guards all below. */
    pthread_mutex_t lock;
    /** The commit thread waits for: something urgent, enough bytes, the end. */
    pthread_cond_t work;
    /** Others wait for: a finished commit. */
    pthread_cond_t done;
    /** Appended, not yet taken by the commit thread. */
    struct buf pending;
    uint64_t sequence;
    uint8_t chain[JOURNAL_CHAIN];
    /** Sequence up to which everything is on disk. */
    uint64_t durable;
    bool urgent, closing;
    /** The first -errno of a write or sync; final. */
    int error;
};

/** Called with the lock held: waits for a reason to commit, at most COMMIT_MS once there is something. */
static void await_work(struct journal *j)
{
    while (!j->pending.len && !j->closing)
        pthread_cond_wait(&j->work, &j->lock);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += COMMIT_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (!j->urgent && !j->closing && j->pending.len < COMMIT_BYTES)
        if (pthread_cond_timedwait(&j->work, &j->lock, &until) == ETIMEDOUT)
            break;
}

/** After a failed sync the kernel may have dropped the pages: nothing more is trusted to this segment. */
static void *commit_loop(void *arg)
{
    struct journal *j = arg;
    struct buf batch = {0};
    pthread_mutex_lock(&j->lock);
    while (!j->error) {
        await_work(j);
        if (!j->pending.len)
            break;
        struct buf swap = batch;
        batch = j->pending;
        j->pending = swap;
        j->pending.len = 0;
        j->urgent = false;
        uint64_t upto = j->sequence;
        pthread_mutex_unlock(&j->lock);
        int r = io_write_all(j->fd, batch.data, batch.len);
        if (!r && fdatasync(j->fd) < 0)
            r = -errno;
        pthread_mutex_lock(&j->lock);
        if (r)
            j->error = r;
        else
            j->durable = upto;
        pthread_cond_broadcast(&j->done);
    }
    pthread_cond_broadcast(&j->done);
    pthread_mutex_unlock(&j->lock);
    buf_free(&batch);
    return NULL;
}

static int segment_create(int dirfd, unsigned segment)
{
    char name[24];
    journal_segment_name(segment, name);
    int fd = openat(dirfd, name, O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    if (fsync(dirfd) < 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

static void conditions_init(struct journal *j)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&j->work, &monotonic);
    pthread_cond_init(&j->done, NULL);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&j->lock, NULL);
}

int journal_open(int dirfd, unsigned segment, uint64_t sequence, const uint8_t chain[JOURNAL_CHAIN],
                 struct journal **out)
{
    int fd = segment_create(dirfd, segment);
    if (fd < 0)
        return fd;
    struct journal *j = ALLOC(struct journal);
    j->fd = fd;
    j->sequence = j->durable = sequence;
    memcpy(j->chain, chain, JOURNAL_CHAIN);
    conditions_init(j);
    int r = pthread_create(&j->thread, NULL, commit_loop, j);
    if (r) {
        close(fd);
        free(j);
        return -r;
    }
    *out = j;
    return 0;
}

int journal_append_split(struct journal *j, enum journal_type type, const void *first, size_t n_first, const void *rest,
                         size_t n_rest, bool urgent)
{
    size_t n = size_add(n_first, n_rest);
    if (n > JOURNAL_PAYLOAD_MAX)
        return -E2BIG;
    pthread_mutex_lock(&j->lock);
    while (j->pending.len > BACKLOG_MAX && !j->error)
        pthread_cond_wait(&j->done, &j->lock);
    int r = j->error;
    if (!r) {
        uint8_t *at = buf_reserve(&j->pending, JOURNAL_HEADER + n);
        if (n_first)
            memcpy(at + JOURNAL_HEADER, first, n_first);
        if (n_rest)
            memcpy(at + JOURNAL_HEADER + n_first, rest, n_rest);
        journal_header_make(at, type, ++j->sequence, j->chain, at + JOURNAL_HEADER, (uint32_t)n);
        bool empty = !j->pending.len;
        j->pending.len += JOURNAL_HEADER + n;
        j->urgent = j->urgent || urgent;
        if (empty || urgent || j->pending.len >= COMMIT_BYTES)
            pthread_cond_signal(&j->work);
    }
    pthread_mutex_unlock(&j->lock);
    return r;
}

int journal_append(struct journal *j, enum journal_type type, const void *payload, size_t n, bool urgent)
{
    return journal_append_split(j, type, NULL, 0, payload, n, urgent);
}

int journal_sync(struct journal *j)
{
    pthread_mutex_lock(&j->lock);
    uint64_t upto = j->sequence;
    while (j->durable < upto && !j->error) {
        j->urgent = true;
        pthread_cond_signal(&j->work);
        pthread_cond_wait(&j->done, &j->lock);
    }
    int r = j->error;
    pthread_mutex_unlock(&j->lock);
    return r;
}

int journal_error(struct journal *j)
{
    pthread_mutex_lock(&j->lock);
    int r = j->error;
    pthread_mutex_unlock(&j->lock);
    return r;
}

int journal_close(struct journal *j)
{
    if (!j)
        return 0;
    int r = journal_sync(j);
    pthread_mutex_lock(&j->lock);
    j->closing = true;
    pthread_cond_signal(&j->work);
    pthread_mutex_unlock(&j->lock);
    pthread_join(j->thread, NULL);
    if (close(j->fd) < 0 && !r)
        r = -errno;
    buf_free(&j->pending);
    pthread_cond_destroy(&j->work);
    pthread_cond_destroy(&j->done);
    pthread_mutex_destroy(&j->lock);
    free(j);
    return r;
}
