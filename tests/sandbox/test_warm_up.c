#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../source/zip_build.h"
#include "sandbox/unpacker.h"

/** So many gaps that sorting them takes more than the kilobyte of stack that glibc's qsort does with. */
#define MEMBERS 200

static struct unpacker_job gaps_job(void)
{
    struct build build = {0};
    for (unsigned i = 0; i < MEMBERS; i++) {
        build_add(&build, build_stored("member", "bytes", 5));
        buf_puts(&build.bytes, "a gap");
    }
    build_end(&build, false, "");
    struct unpacker_job job = {.fd = memfd_create("gaps", MFD_CLOEXEC), .size = build.bytes.len, .type = TYPE_ZIP};
    limits_default(&job.limits);
    cr_assert_eq(write(job.fd, build.bytes.data, build.bytes.len), (ssize_t)build.bytes.len);
    build_free(&build);
    return job;
}

/** glibc's qsort asks sysinfo() how large its buffer may be: once, and a child must not be the first to ask. */
Test(warm_up, a_child_may_sort, .timeout = 60)
{
    struct zygote *zygote = zygote_start(true);
    struct unpacker_job job = gaps_job();
    struct unpacker_handle u;
    struct child_exit how = {0};
    struct channel_message m = {0};
    const uint8_t *payload;
    enum limit_id limit;
    cr_assert_eq(unpacker_open(&u, zygote, &job, 1, NULL), 0);
    do
        cr_assert_eq(unpacker_next(&u, &m, &payload, &limit), 1, "the unpacker died");
    while (m.type != CHANNEL_END);
    cr_assert_eq(m.size, (uint64_t)MEMBERS);
    unpacker_close(&u, &how);
    close(job.fd);
    zygote_stop(zygote);
}
