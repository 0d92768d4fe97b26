#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal_test.h"

#define THREADS 4
#define EACH    400

struct writer {
    struct journal *journal;
    uint32_t name;
};

/** Payload of a writer's i-th record: who, which, and a length of its own. */
static size_t payload_of(uint32_t name, uint32_t i, uint8_t *out)
{
    size_t n = 8 + (name * 7919 + i * 104729) % 300;
    memset(out, (int)(name + i), n);
    memcpy(out, &name, 4);
    memcpy(out + 4, &i, 4);
    return n;
}

static void *append_many(void *arg)
{
    struct writer *w = arg;
    uint8_t payload[512];
    for (uint32_t i = 0; i < EACH; i++) {
        size_t n = payload_of(w->name, i, payload);
        if (journal_append(w->journal, JOURNAL_ITEM, payload, n, i % 97 == 0) != 0)
            return w;
        if (i % 150 == 149 && journal_sync(w->journal) != 0)
            return w;
    }
    return NULL;
}

/** Each writer's records are all there, in its order. */
static void check_writers(const struct reading *reading)
{
    uint32_t next[THREADS] = {0};
    uint8_t expected[512];
    for (size_t i = 0; i < reading->n; i++) {
        const struct told *r = &reading->records[i];
        uint32_t name, number;
        cr_assert_eq(r->sequence, i + 1);
        cr_assert_eq(r->type, JOURNAL_ITEM);
        memcpy(&name, r->payload, 4);
        memcpy(&number, r->payload + 4, 4);
        cr_assert_lt(name, THREADS);
        cr_assert_eq(number, next[name]++);
        cr_assert_eq(r->n, payload_of(name, number, expected));
        cr_assert_eq(memcmp(r->payload, expected, r->n), 0);
    }
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(next[i], EACH);
}

Test(journal, several_threads_append, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct writer writers[THREADS];
    pthread_t threads[THREADS];
    struct journal *journal = journal_go_on(s.fd);
    for (uint32_t i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){journal, i};
        cr_assert_eq(pthread_create(&threads[i], NULL, append_many, &writers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        cr_assert_null(failed);
    }
    cr_assert_eq(journal_error(journal), 0);
    cr_assert_eq(journal_close(journal), 0);
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(reading.n, THREADS * EACH);
    cr_assert_eq(reading.state.records, reading.n);
    cr_assert_eq(reading.state.damaged, 0u);
    cr_assert_eq(reading.state.torn_bytes, 0u);
    check_writers(&reading);
    reading_free(&reading);
    scratch_remove(&s);
}

/** What a sync waited for is in the file, though the journal is still open. */
Test(journal, sync_and_urgent_and_time, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct journal *journal = journal_go_on(s.fd);
    struct reading reading;
    for (uint64_t i = 1; i <= 20; i++) {
        cr_assert_eq(journal_append(journal, JOURNAL_NOTE, &i, sizeof(i), false), 0);
        cr_assert_eq(journal_sync(journal), 0);
        reading = reading_of(s.fd);
        cr_assert_eq(reading.n, i);
        reading_free(&reading);
    }
    cr_assert_eq(journal_sync(journal), 0, "nothing to wait for");
    /* The urgent one and the last one come by themselves. */
    for (size_t n = 21; n <= 22; n++) {
        cr_assert_eq(journal_append(journal, JOURNAL_NOTE, "x", 1, n == 21), 0);
        for (size_t got = 0; got < n;) {
            usleep(1000);
            reading = reading_of(s.fd);
            cr_assert_eq(reading.state.damaged, 0u);
            got = reading.n;
            cr_assert_leq(got, n);
            reading_free(&reading);
        }
    }
    cr_assert_eq(journal_close(journal), 0);
    scratch_remove(&s);
}

Test(journal, sizes_of_records, .timeout = 60)
{
    static const size_t sizes[] = {0, 1, 39, 40, 41, 4096, (1u << 20) - 40, 1u << 20, (1u << 20) + 1, 3u << 20};
    struct scratch s = scratch_make();
    struct journal *journal = journal_go_on(s.fd);
    uint8_t *bytes = mem_zalloc(3u << 20);
    for (size_t i = 0; i < 3u << 20; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
        cr_assert_eq(journal_append(journal, JOURNAL_BEGIN, sizes[i] ? bytes : NULL, sizes[i], false), 0);
    cr_assert_eq(journal_append(journal, JOURNAL_BEGIN, bytes, JOURNAL_PAYLOAD_MAX + 1u, false), -E2BIG);
    cr_assert_eq(journal_append(journal, JOURNAL_END, bytes, 1, false), 0, "and it goes on");
    cr_assert_eq(journal_close(journal), 0);
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(reading.n, sizeof(sizes) / sizeof(*sizes) + 1);
    for (size_t i = 0; i + 1 < reading.n; i++) {
        cr_assert_eq(reading.records[i].n, sizes[i]);
        cr_assert(!sizes[i] || memcmp(reading.records[i].payload, bytes, sizes[i]) == 0);
    }
    reading_free(&reading);
    free(bytes);
    scratch_remove(&s);
}

/** Each run has a segment of its own; sequence and chain go on through all; what stands there is never written to. */
Test(journal, segments, .timeout = 60)
{
    struct scratch s = scratch_make();
    struct stat st;
    for (uint64_t run = 0; run < 5; run++) {
        struct journal *journal = journal_go_on(s.fd);
        for (uint64_t i = 0; i < run; i++)
            cr_assert_eq(journal_append(journal, JOURNAL_NOTE, &run, sizeof(run), false), 0);
        cr_assert_eq(journal_close(journal), 0);
    }
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(reading.state.segments, 5u);
    cr_assert_eq(reading.state.damaged, 0u);
    cr_assert_eq(reading.n, 10u);
    struct journal *none = NULL;
    cr_assert_eq(journal_open(s.fd, 3, reading.state.sequence, reading.state.chain, &none), -EEXIST);
    cr_assert_null(none);
    cr_assert_eq(symlinkat("elsewhere", s.fd, "j-000006.log"), 0);
    cr_assert_eq(journal_open(s.fd, 6, reading.state.sequence, reading.state.chain, &none), -EEXIST);
    cr_assert_eq(fstatat(s.fd, "j-000002.log", &st, 0), 0);
    cr_assert_eq(st.st_mode & 07777, 0600u);
    cr_assert_eq(journal_close(NULL), 0);
    reading_free(&reading);
    scratch_remove(&s);
}

Test(journal, no_file_stays_open, .timeout = 60)
{
    struct scratch s = scratch_make();
    unsigned before = scratch_open_files();
    for (unsigned i = 0; i < 10; i++) {
        journal_close(journal_go_on(s.fd));
        struct reading reading = reading_of(s.fd);
        reading_free(&reading);
    }
    cr_assert_eq(scratch_open_files(), before);
    scratch_remove(&s);
}

static void *append_until_error(void *arg)
{
    uint8_t payload[1000] = {0};
    int r;
    while ((r = journal_append(arg, JOURNAL_ITEM, payload, sizeof(payload), false)) == 0)
        if (payload[0]++ % 8 == 0 && (r = journal_sync(arg)))
            break;
    return (void *)(intptr_t)r;
}

/** In a process whose files may not grow beyond 64 KiB. Returns 0 if all threads were told so. */
static int fill_disk(int dirfd)
{
    struct rlimit limit = {65536, 65536};
    struct journal *journal = journal_go_on(dirfd);
    pthread_t threads[THREADS];
    int bad = 0;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit))
        return 1;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, append_until_error, journal);
    for (int i = 0; i < THREADS; i++) {
        void *r;
        pthread_join(threads[i], &r);
        bad |= (intptr_t)r != -EFBIG ? 2 : 0;
    }
    bad |= journal_append(journal, JOURNAL_ITEM, "x", 1, true) != -EFBIG ? 4 : 0;
    bad |= journal_sync(journal) != -EFBIG ? 8 : 0;
    bad |= journal_error(journal) != -EFBIG ? 16 : 0;
    return bad | (journal_close(journal) != -EFBIG ? 32 : 0);
}

/** A disk that is full stops the journal, everybody is told, and nobody waits for ever. What was durable is read back.
 */
Test(journal, full_disk, .timeout = 60)
{
    struct scratch s = scratch_make();
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(fill_disk(s.fd));
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status));
    cr_assert_eq(WEXITSTATUS(status), 0, "bits: %d", WEXITSTATUS(status));
    struct reading reading = reading_of(s.fd);
    cr_assert_eq(reading.error, 0);
    cr_assert_geq(reading.n, 8u);
    cr_assert_eq(reading.state.damaged, 0u);
    cr_assert_gt(reading.state.torn_bytes, 0u, "the record that did not fit");
    reading_free(&reading);
    /* The next run goes on behind it. */
    struct journal *journal = journal_go_on(s.fd);
    cr_assert_eq(journal_append(journal, JOURNAL_RESUME, "x", 1, false), 0);
    cr_assert_eq(journal_close(journal), 0);
    reading = reading_of(s.fd);
    cr_assert_eq(reading.state.damaged, 0u, "a cut write is no damage");
    cr_assert_eq(reading.records[reading.n - 1].type, JOURNAL_RESUME);
    reading_free(&reading);
    scratch_remove(&s);
}
