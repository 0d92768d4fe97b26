#include <criterion/criterion.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "journal/identity.h"

static struct identity identify(int fd)
{
    struct stat st;
    struct identity out;
    cr_assert_eq(fstat(fd, &st), 0);
    identity_of(&st, &out);
    return out;
}

static int file_of(uint8_t *bytes, size_t n)
{
    uint64_t seed = n;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)scratch_random(&seed);
    int fd = memfd_create("identity", MFD_CLOEXEC);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
    return fd;
}

Test(identity, what_counts)
{
    struct stat st = {.st_dev = 1, .st_ino = 2, .st_size = 3, .st_mtim = {4, 5}}, other;
    struct identity a, b;
    identity_of(&st, &a);
    identity_of(&st, &b);
    cr_assert(identity_equal(&a, &b));
    cr_assert_eq(a.mtime, INT64_C(4000000005));
    for (int i = 0; i < 5; i++) {
        other = st;
        other.st_dev += i == 0;
        other.st_ino += i == 1;
        other.st_size += i == 2;
        other.st_mtim.tv_sec += i == 3;
        other.st_mtim.tv_nsec += i == 4;
        identity_of(&other, &b);
        cr_assert_not(identity_equal(&a, &b), "%d", i);
    }
    /* Read, its times and its name changed: the same file. */
    other = st;
    other.st_atim.tv_sec = other.st_ctim.tv_sec = 99;
    other.st_nlink = 7;
    identity_of(&other, &b);
    cr_assert(identity_equal(&a, &b));
}

/** Times that no clock showed: before 1970, and as far away as a file system can hold. */
Test(identity, strange_times)
{
    static const time_t seconds[] = {-1, -5000000000, 9223372037, 1ll << 40, LLONG_MAX, LLONG_MIN};
    for (size_t i = 0; i < sizeof(seconds) / sizeof(*seconds); i++) {
        struct stat st = {.st_size = 1, .st_mtim = {seconds[i], 999999999}};
        struct identity a, b;
        identity_of(&st, &a);
        identity_of(&st, &b);
        cr_assert(identity_equal(&a, &b));
        st.st_mtim.tv_nsec--;
        identity_of(&st, &b);
        cr_assert_not(identity_equal(&a, &b));
    }
}

/** A byte that changed at the beginning, in the middle or at the end shows, though size and time were put back. */
Test(identity, sample)
{
    static const size_t sizes[] = {1, 2, 1000, 65535, 65536, 65537, 131072, 300000, 1000000};
    uint8_t *bytes = mem_zalloc(1000000);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        size_t n = sizes[i], places[] = {0, n / 2, n - 1, n < 65536 ? n - 1 : 65535};
        int fd = file_of(bytes, n);
        struct identity before = identify(fd), again = before;
        identity_sample(fd, &before);
        identity_sample(fd, &again);
        cr_assert(identity_equal(&before, &again));
        for (size_t p = 0; p < 4; p++) {
            uint8_t byte = bytes[places[p]] ^ 0x10;
            struct identity after = again;
            cr_assert_eq(pwrite(fd, &byte, 1, (off_t)places[p]), 1);
            identity_sample(fd, &after);
            cr_assert_not(identity_equal(&before, &after), "byte %zu of %zu", places[p], n);
            byte ^= 0x10;
            cr_assert_eq(pwrite(fd, &byte, 1, (off_t)places[p]), 1);
            identity_sample(fd, &after);
            cr_assert(identity_equal(&before, &after));
        }
        close(fd);
    }
    free(bytes);
}

/** Where one side took no sample, the rest decides; a sample of nothing, or of what cannot be read, is one. */
Test(identity, sample_on_one_side_only)
{
    static const uint8_t none[16];
    struct identity a = {.size = 10}, b = {.size = 10, .sample = {1}}, c = {.size = 10, .sample = {2}};
    cr_assert(identity_equal(&a, &b));
    cr_assert(identity_equal(&b, &a));
    cr_assert_not(identity_equal(&b, &c));
    int fd = memfd_create("identity", MFD_CLOEXEC);
    struct identity empty = identify(fd), closed = {.size = 100};
    identity_sample(fd, &empty);
    cr_assert_neq(memcmp(empty.sample, none, sizeof(none)), 0);
    close(fd);
    identity_sample(-1, &closed);
    cr_assert_neq(memcmp(closed.sample, none, sizeof(none)), 0);
}

Test(identity, encoding)
{
    struct identity a = {.dev = UINT64_MAX,
                         .ino = 2,
                         .size = UINT64_MAX - 1,
                         .mtime = INT64_MIN,
                         .sample = {1, 2, 3, 255}},
                    b;
    struct buf out = {0};
    identity_encode(&a, &out);
    for (size_t n = 0; n <= out.len; n++) {
        struct reader in = {out.data, out.data + n, false};
        memset(&b, 0, sizeof(b));
        identity_decode(&in, &b);
        cr_assert_eq(in.bad, n < out.len);
        cr_assert(in.bad || (identity_equal(&a, &b) && memcmp(a.sample, b.sample, sizeof(a.sample)) == 0));
    }
    buf_free(&out);
}
