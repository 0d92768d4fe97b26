#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../scratch.h"
#include "../source/archive_build.h"
#include "core/alloc.h"
#include "sandbox/unpacker.h"

/** Four members: small, empty, larger than one message, a folder. */
static const char *const names[] = {"a.txt", "empty", "sub/large.bin", "folder/"};
static uint8_t large[1500000];

static const struct file *members(void)
{
    static struct file files[4];
    uint64_t seed = 5;
    for (size_t i = 0; i < sizeof(large); i += 8) {
        uint64_t v = scratch_random(&seed);
        memcpy(large + i, &v, sizeof(large) - i < 8 ? sizeof(large) - i : 8);
    }
    files[0] = (struct file){.name = names[0], .data = "hello", .n = 5};
    files[1] = (struct file){.name = names[1]};
    files[2] = (struct file){.name = names[2], .data = large, .n = sizeof(large)};
    files[3] = (struct file){.name = names[3], .kind = AE_IFDIR};
    return files;
}

static struct unpacker_job job_of(const struct buf *bytes, enum file_type type)
{
    struct unpacker_job job = {.fd = memfd_create("container", MFD_CLOEXEC), .size = bytes->len, .type = type};
    limits_default(&job.limits);
    cr_assert_eq(write(job.fd, bytes->data, bytes->len), (ssize_t)bytes->len);
    return job;
}

static struct unpacker_job zip_job(void)
{
    struct buf bytes = archive_build(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, members(), 4);
    struct unpacker_job job = job_of(&bytes, TYPE_ZIP);
    buf_free(&bytes);
    return job;
}

/** One message; fails the test where there is none. */
static struct channel_message take(struct unpacker_handle *u, const uint8_t **payload)
{
    struct channel_message m;
    enum limit_id limit;
    int r = unpacker_next(u, &m, payload, &limit);
    cr_assert_eq(r, 1, "%d", r);
    return m;
}

/** The member `index`, whole. */
static void check_member(struct unpacker_handle *u, uint64_t index)
{
    const struct file *file = &members()[index];
    const uint8_t *payload;
    uint64_t got = 0;
    struct channel_message m = take(u, &payload);
    cr_assert_eq(m.type, CHANNEL_ENTRY);
    cr_assert_eq(m.index, index);
    cr_assert_eq(m.payload, strlen(file->name));
    cr_assert_eq(memcmp(payload, file->name, m.payload), 0);
    cr_assert_eq(m.code, (uint32_t)(file->kind ? TYPE_DIRECTORY : TYPE_OTHER));
    while ((m = take(u, &payload)).type == CHANNEL_DATA) {
        cr_assert_eq(m.offset, got);
        cr_assert_leq(got + m.payload, file->n);
        cr_assert_eq(memcmp(payload, (const uint8_t *)file->data + got, m.payload), 0);
        got += m.payload;
    }
    cr_assert_eq(m.type, CHANNEL_ENTRY_END);
    cr_assert_eq(m.code, (uint32_t)TRAWL_OK);
    cr_assert_eq(m.size, file->n);
    cr_assert_eq(got, file->n);
}

static void check_end(struct unpacker_handle *u, uint64_t entries, uint64_t accounted)
{
    const uint8_t *payload;
    enum limit_id limit;
    struct channel_message m = take(u, &payload);
    cr_assert_eq(m.type, CHANNEL_END);
    cr_assert_eq(m.code, (uint32_t)TRAWL_OK);
    cr_assert_eq(m.size, entries);
    cr_assert_eq(m.missing, 0u);
    cr_assert_eq(m.accounted, accounted);
    cr_assert_eq(unpacker_next(u, &m, &payload, &limit), -EPIPE, "behind the end nothing comes");
}

Test(unpacker, zip, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    struct unpacker_job job = zip_job();
    struct unpacker_handle u;
    struct child_exit how = {0};
    unsigned before = scratch_open_files();
    for (uint64_t first = 0; first <= 4; first++) {
        job.first_index = first;
        cr_assert_eq(unpacker_open(&u, zygote, &job, 1, NULL), 0);
        for (uint64_t i = first; i < 4; i++)
            check_member(&u, i);
        check_end(&u, 4, job.size);
        cr_assert_geq(u.out_bytes, first < 3 ? sizeof(large) : 0);
        unpacker_close(&u, &how);
        unpacker_close(&u, &how);
        cr_assert_eq(u.pid, 0);
    }
    cr_assert_eq(scratch_open_files(), before);
    close(job.fd);
    zygote_stop(zygote);
}

/** A member whose rest nobody wants: less comes than it holds, and the next one is whole. */
Test(unpacker, skip, .timeout = 60)
{
    static uint8_t zeros[64 << 20];
    struct file files[] = {{.name = "huge", .data = zeros, .n = sizeof(zeros)},
                           {.name = "a.txt", .data = "hello", .n = 5}};
    struct buf bytes = archive_build(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, files, 2);
    struct zygote *zygote = zygote_start(true);
    struct unpacker_job job = job_of(&bytes, TYPE_ZIP);
    struct unpacker_handle u;
    struct child_exit how;
    const uint8_t *payload;
    uint64_t got = 0;
    cr_assert_eq(unpacker_open(&u, zygote, &job, 1, NULL), 0);
    struct channel_message m = take(&u, &payload);
    cr_assert_eq(m.type, CHANNEL_ENTRY);
    unpacker_skip(&u, m.index);
    while ((m = take(&u, &payload)).type == CHANNEL_DATA)
        got += m.payload;
    cr_assert_eq(m.type, CHANNEL_ENTRY_END);
    cr_assert_lt(got, sizeof(zeros) / 2, "most of it was not even sent");
    m = take(&u, &payload);
    cr_assert_eq(m.type, CHANNEL_ENTRY);
    cr_assert_eq(m.index, 1u);
    m = take(&u, &payload);
    cr_assert_eq(m.payload, 5u);
    cr_assert_eq(memcmp(payload, "hello", 5), 0);
    unpacker_close(&u, &how);
    close(job.fd);
    buf_free(&bytes);
    zygote_stop(zygote);
}

/** What is no container, or none that this build reads: said by the end, with words. */
Test(unpacker, not_a_container, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    struct buf bytes = {0};
    buf_puts(&bytes, "these are no members");
    static const enum file_type types[] = {TYPE_ZIP, TYPE_7Z, TYPE_GZIP, TYPE_JPEG, TYPE_OTHER};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        struct unpacker_job job = job_of(&bytes, types[i]);
        struct unpacker_handle u;
        struct child_exit how = {0};
        struct channel_message m;
        const uint8_t *payload;
        cr_assert_eq(unpacker_open(&u, zygote, &job, 1, NULL), 0);
        do
            m = take(&u, &payload);
        while (m.type != CHANNEL_END);
        cr_assert_neq(m.code, (uint32_t)TRAWL_OK, "type %d", (int)types[i]);
        unpacker_close(&u, &how);
        close(job.fd);
    }
    buf_free(&bytes);
    zygote_stop(zygote);
}

/** A filter's member takes its name from the container's, whole where it is not longer than a file's name can be. */
Test(unpacker, name_of_the_container, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    static const struct file file = {.name = "x", .data = "hello", .n = 5};
    struct buf bytes = archive_build(ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, &file, 1);
    struct unpacker_job job = job_of(&bytes, TYPE_GZIP);
    static uint8_t name[5000];
    for (size_t n = 4; n <= sizeof(name); n = n == 4 ? 255 : n * 4) {
        struct unpacker_handle u;
        struct child_exit how;
        const uint8_t *payload;
        memset(name, 'n', n);
        memcpy(name + n - 3, ".gz", 3);
        job.name = name;
        job.name_len = n;
        cr_assert_eq(unpacker_open(&u, zygote, &job, 1, NULL), 0);
        struct channel_message m = take(&u, &payload);
        cr_assert_eq(m.type, CHANNEL_ENTRY);
        cr_assert_leq(m.payload, 1024u);
        if (n <= 255)
            cr_assert(m.payload == n - 3 && memcmp(payload, name, n - 3) == 0);
        unpacker_close(&u, &how);
    }
    buf_free(&bytes);
    close(job.fd);
    zygote_stop(zygote);
}

/** A child that dies in the middle: all it had sent, then -EPIPE, and how it died. A fresh one goes on behind. */
Test(unpacker, child_is_killed, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    struct unpacker_job job = zip_job();
    struct unpacker_handle u;
    struct child_exit how = {0};
    struct channel_message m;
    const uint8_t *payload;
    enum limit_id limit;
    int r;
    cr_assert_eq(unpacker_open(&u, zygote, &job, 4, NULL), 0);
    check_member(&u, 0);
    kill(u.pid, SIGKILL);
    while ((r = unpacker_next(&u, &m, &payload, &limit)) == 1)
        continue;
    cr_assert_eq(r, -EPIPE);
    unpacker_close(&u, &how);
    cr_assert(WIFSIGNALED(how.status) || WIFEXITED(how.status));
    job.first_index = 1;
    cr_assert_eq(unpacker_open(&u, zygote, &job, 4, NULL), 0);
    for (uint64_t i = 1; i < 4; i++)
        check_member(&u, i);
    check_end(&u, 4, job.size);
    unpacker_close(&u, &how);
    close(job.fd);
    zygote_stop(zygote);
}

/** A child that says nothing: the run's stop ends the waiting. What it has sent is given before. */
Test(unpacker, stopped, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    struct unpacker_job job = zip_job();
    struct unpacker_handle u;
    struct child_exit how = {0};
    struct channel_message m;
    const uint8_t *payload;
    enum limit_id limit;
    atomic_bool stop = false;
    int r;
    cr_assert_eq(unpacker_open(&u, zygote, &job, 1, &stop), 0);
    cr_assert_eq(take(&u, &payload).type, (uint32_t)CHANNEL_ENTRY);
    kill(u.pid, SIGSTOP);
    atomic_store(&stop, true);
    while ((r = unpacker_next(&u, &m, &payload, &limit)) == 1 && m.type != CHANNEL_END)
        continue;
    cr_assert(r == -EINTR || m.type == CHANNEL_END, "%d", r);
    unpacker_close(&u, &how);
    close(job.fd);
    zygote_stop(zygote);
}

/** Closed at any moment, also while the child waits for room. */
Test(unpacker, closed_early, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    struct unpacker_job job = zip_job();
    unsigned before = scratch_open_files();
    for (int messages = 0; messages < 8; messages++) {
        struct unpacker_handle u;
        struct child_exit how = {0};
        const uint8_t *payload;
        cr_assert_eq(unpacker_open(&u, zygote, &job, 1, NULL), 0);
        for (int i = 0; i < messages; i++)
            take(&u, &payload);
        unpacker_close(&u, &how);
    }
    cr_assert_eq(scratch_open_files(), before);
    close(job.fd);
    zygote_stop(zygote);
}

Test(unpacker, no_child_can_be_started, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    struct unpacker_job job = zip_job();
    struct unpacker_handle u;
    struct child_exit how;
    int container = job.fd;
    job.fd = -1;
    unsigned before = scratch_open_files();
    cr_assert_lt(unpacker_open(&u, zygote, &job, 1, NULL), 0);
    cr_assert_eq(scratch_open_files(), before);
    unpacker_close(&u, &how);
    struct unpacker_handle never = {0};
    unpacker_close(&never, &how);
    close(container);
    zygote_stop(zygote);
}

/** A large zip's plan comes before its first member, and each range is read by a child of its own. */
Test(unpacker, ranges, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    enum { N = 17000 };
    static struct file files[N];
    static char names_of[N][8];
    for (int i = 0; i < N; i++) {
        snprintf(names_of[i], sizeof(names_of[i]), "%d", i);
        files[i] = (struct file){.name = names_of[i], .data = names_of[i], .n = strlen(names_of[i])};
    }
    struct buf bytes = archive_build(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, files, N);
    struct unpacker_job job = job_of(&bytes, TYPE_ZIP);
    struct unpack_range ranges[UNPACK_RANGES];
    struct unpacker_handle u;
    struct child_exit how = {0};
    const uint8_t *payload;
    job.split_bytes = 1u << 30;
    cr_assert_eq(unpacker_open(&u, zygote, &job, 1, NULL), 0);
    struct channel_message m = take(&u, &payload);
    cr_assert_eq(m.type, (uint32_t)CHANNEL_PLAN);
    cr_assert_eq(m.payload, 2 * sizeof(*ranges));
    memcpy(ranges, payload, m.payload);
    cr_assert_eq(ranges[1].first, ranges[0].end);
    cr_assert_eq(ranges[1].end, (uint64_t)N);
    for (int i = 0; i < 2; i++) {
        uint64_t members = 0;
        while ((m = take(&u, &payload)).type != CHANNEL_END) {
            if (m.type == CHANNEL_ENTRY)
                cr_assert_eq(m.index, ranges[i].first + members++);
            else if (m.type == CHANNEL_DATA)
                cr_assert_eq(memcmp(payload, names_of[ranges[i].first + members - 1], m.payload), 0);
        }
        cr_assert_eq(members, ranges[i].end - ranges[i].first);
        cr_assert_eq(m.code, (uint32_t)TRAWL_OK);
        unpacker_close(&u, &how);
        if (i)
            break;
        job.range = ranges[1];
        job.first_index = ranges[1].first;
        cr_assert_eq(unpacker_open(&u, zygote, &job, 1, NULL), 0);
    }
    close(job.fd);
    buf_free(&bytes);
    zygote_stop(zygote);
}

/** A member over the limit is passed over by the child itself: not when the reader's word for it happens to come. */
Test(unpacker, member_over_its_limit, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    struct unpacker_job job = zip_job();
    struct unpacker_handle u;
    struct child_exit how;
    const uint8_t *payload;
    job.limits.value[LIMIT_MEMBER_BYTES] = sizeof(large) - 1;
    cr_assert_eq(unpacker_open(&u, zygote, &job, 1, NULL), 0);
    check_member(&u, 0);
    check_member(&u, 1);
    struct channel_message m = take(&u, &payload);
    cr_assert_eq(m.type, CHANNEL_ENTRY);
    cr_assert_eq(m.size, sizeof(large));
    cr_assert_eq(take(&u, &payload).type, CHANNEL_ENTRY_END, "no byte of it comes");
    check_member(&u, 3);
    unpacker_close(&u, &how);
    close(job.fd);
    zygote_stop(zygote);
}
