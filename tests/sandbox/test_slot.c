#include <criterion/criterion.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "sandbox/slot.h"

#define MB (1ull << 20)

static uint8_t byte_at(uint64_t i, unsigned seed)
{
    return (uint8_t)((i + seed) * 2654435761u >> 11);
}

/** Appends bytes from..to of an endless row of bytes. Returns what slot_append returns. */
static int append(struct slot *slot, uint64_t n, unsigned seed)
{
    uint8_t *bytes = mem_alloc(n + 1);
    for (uint64_t i = 0; i < n; i++)
        bytes[i] = byte_at(slot->len + i, seed);
    int r = slot_append(slot, bytes, n);
    free(bytes);
    return r;
}

static bool holds(int fd, uint64_t n, unsigned seed)
{
    uint8_t *bytes = mem_alloc(n + 1);
    bool ok = pread(fd, bytes, n, 0) == (ssize_t)n;
    for (uint64_t i = 0; i < n && ok; i++)
        ok = bytes[i] == byte_at(i, seed);
    free(bytes);
    return ok;
}

static bool map_holds(const struct slot *slot, unsigned seed)
{
    for (uint64_t i = 0; i < slot->len; i++)
        if (slot->map[i] != byte_at(i, seed))
            return false;
    return true;
}

/** A descriptor as a child gets it: nothing can be written through it, in any way. */
static void check_read_only(int fd)
{
    errno = 0;
    cr_assert_eq(write(fd, "x", 1), -1);
    cr_assert_eq(errno, EBADF);
    cr_assert_eq(pwrite(fd, "x", 1, 0), -1);
    cr_assert_neq(ftruncate(fd, 0), 0);
    cr_assert_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    cr_assert_eq(errno, EACCES);
    void *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) {
        cr_assert_neq(mprotect(map, 4096, PROT_READ | PROT_WRITE), 0);
        munmap(map, 4096);
    }
}

static uint64_t memory_used(const struct slot *slot)
{
    struct stat st;
    cr_assert_eq(fstat(slot->fd, &st), 0);
    return (uint64_t)st.st_blocks * 512;
}

Test(slot, in_memory)
{
    struct slot slot;
    cr_assert_eq(slot_open(&slot, -1), 0);
    for (unsigned item = 0; item < 20; item++) {
        slot_reset(&slot, MB);
        cr_assert_eq(slot.len, 0u);
        for (unsigned part = 0; part < item; part++)
            cr_assert_eq(append(&slot, part * 997u, item), 0);
        cr_assert(slot_in_memory(&slot));
        cr_assert_eq(slot.len, item * (item - 1) / 2 * 997u * (item > 0));
        cr_assert(map_holds(&slot, item));
        cr_assert(holds(slot_read_fd(&slot), slot.len, item));
        check_read_only(slot_read_fd(&slot));
    }
    slot_close(&slot);
    slot_close(&slot);
}

/** The last byte that is allowed stays in memory, the next one moves all to a file that has no name. */
Test(slot, spills)
{
    static const uint64_t limits[] = {0, 1, 4095, 4096, 100000, 5 * MB};
    struct scratch s = scratch_make();
    struct slot slot;
    cr_assert_eq(slot_open(&slot, s.fd), 0);
    for (unsigned i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        slot_reset(&slot, limits[i]);
        cr_assert_eq(append(&slot, 0, i), 0);
        cr_assert_eq(append(&slot, limits[i] / 2, i), 0);
        cr_assert_eq(append(&slot, limits[i] - limits[i] / 2, i), 0);
        cr_assert(slot_in_memory(&slot), "limit %llu", (unsigned long long)limits[i]);
        cr_assert_eq(append(&slot, 1, i), 0);
        cr_assert_not(slot_in_memory(&slot));
        cr_assert_eq(append(&slot, 300000, i), 0);
        cr_assert_eq(append(&slot, 0, i), 0);
        cr_assert_eq(slot.len, limits[i] + 300001);
        cr_assert(holds(slot_read_fd(&slot), slot.len, i));
        check_read_only(slot_read_fd(&slot));
        struct stat st;
        cr_assert_eq(fstat(slot_read_fd(&slot), &st), 0);
        cr_assert_eq((uint64_t)st.st_size, slot.len);
        cr_assert_eq(st.st_nlink, 0u);
        cr_assert_eq(st.st_mode & 0777, 0600u);
    }
    slot_reset(&slot, 10);
    cr_assert(slot_in_memory(&slot), "the next item begins in memory");
    slot_close(&slot);
    scratch_remove(&s);
}

Test(slot, one_append_beyond_all_limits)
{
    struct scratch s = scratch_make();
    struct slot slot;
    cr_assert_eq(slot_open(&slot, s.fd), 0);
    slot_reset(&slot, UINT64_MAX);
    cr_assert_eq(slot.memory_limit, SLOT_MAX);
    slot.len = SLOT_MAX - 5;
    cr_assert_eq(append(&slot, 5, 0), 0);
    cr_assert(slot_in_memory(&slot), "the last byte of the slot can be used");
    slot_reset(&slot, 10);
    cr_assert_eq(append(&slot, 200000, 1), 0);
    cr_assert(holds(slot_read_fd(&slot), 200000, 1));
    slot_close(&slot);
    scratch_remove(&s);
}

Test(slot, zeros)
{
    static const uint64_t counts[] = {0, 1, 65535, 65536, 65537, 300000};
    struct scratch s = scratch_make();
    struct slot slot;
    cr_assert_eq(slot_open(&slot, s.fd), 0);
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        for (int spilled = 0; spilled < 2; spilled++) {
            uint8_t *bytes = mem_alloc(counts[i] + 2);
            slot_reset(&slot, spilled ? 70000 : MB);
            cr_assert_eq(slot_append(&slot, "a", 1), 0);
            cr_assert_eq(slot_append_zeros(&slot, counts[i]), 0);
            cr_assert_eq(slot_append(&slot, "b", 1), 0);
            cr_assert_eq(slot.len, counts[i] + 2);
            cr_assert_eq(pread(slot_read_fd(&slot), bytes, counts[i] + 2, 0), (ssize_t)counts[i] + 2);
            cr_assert(bytes[0] == 'a' && bytes[counts[i] + 1] == 'b');
            for (uint64_t b = 1; b <= counts[i]; b++)
                cr_assert_eq(bytes[b], 0);
            free(bytes);
        }
    slot_close(&slot);
    scratch_remove(&s);
}

/** Large memory goes back to the system with the next item, a little stays. */
Test(slot, reset_gives_memory_back)
{
    struct scratch s = scratch_make();
    struct slot slot;
    cr_assert_eq(slot_open(&slot, s.fd), 0);
    for (int round = 0; round < 3; round++) {
        slot_reset(&slot, 100 * MB);
        cr_assert_eq(append(&slot, 24 * MB, 3), 0);
        cr_assert_geq(memory_used(&slot), 24 * MB);
        if (round == 1)
            slot.memory_limit = 24 * MB;
        if (round == 1)
            cr_assert_eq(append(&slot, 1, 3), 0);
        else
            slot_reset(&slot, 10);
        cr_assert_leq(memory_used(&slot), 4 * MB, "round %d", round);
    }
    slot_close(&slot);
    scratch_remove(&s);
}

/** Exactly the item's bytes, sealed for ever; the slot has other memory, in which nothing of the old item is left. */
Test(slot, detach_from_memory)
{
    static const uint64_t sizes[] = {5 * MB, 0, 1, 4095, 4096, 4097, 100000};
    struct slot slot;
    int fds[7];
    cr_assert_eq(slot_open(&slot, -1), 0);
    for (unsigned i = 0; i < 7; i++) {
        uint64_t generation = slot.generation;
        slot_reset(&slot, 10 * MB);
        cr_assert_eq(append(&slot, sizes[i], i), 0);
        fds[i] = slot_detach(&slot);
        cr_assert_geq(fds[i], 0);
        cr_assert_neq(slot.generation, generation);
        cr_assert_neq(slot.generation, 0u);
        cr_assert_eq(slot.len, 0u);
        cr_assert(slot_in_memory(&slot));
        cr_assert_eq(memory_used(&slot), 0u);
    }
    for (unsigned i = 0; i < 7; i++) {
        char path[40];
        struct stat st;
        cr_assert_eq(fstat(fds[i], &st), 0);
        cr_assert_eq((uint64_t)st.st_size, sizes[i]);
        cr_assert(holds(fds[i], sizes[i], i), "the slot's later items changed nothing");
        check_read_only(fds[i]);
        int seals = fcntl(fds[i], F_GET_SEALS), wanted = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
        cr_assert_eq(seals & wanted, wanted);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[i]);
        int again = open(path, O_RDWR | O_CLOEXEC);
        cr_assert(again < 0 || (write(again, "x", 1) < 0 && (!sizes[i] || ftruncate(again, 0) < 0)),
                  "not through the back door either");
        if (again >= 0)
            close(again);
        close(fds[i]);
    }
    slot_close(&slot);
}

Test(slot, detach_from_file)
{
    struct scratch s = scratch_make();
    struct slot slot;
    cr_assert_eq(slot_open(&slot, s.fd), 0);
    slot_reset(&slot, 1000);
    cr_assert_eq(append(&slot, 70000, 5), 0);
    int fd = slot_detach(&slot);
    cr_assert_geq(fd, 0);
    cr_assert(slot_in_memory(&slot));
    cr_assert_eq(slot.len, 0u);
    cr_assert_eq(append(&slot, 900, 6), 0);
    cr_assert(map_holds(&slot, 6));
    cr_assert(holds(fd, 70000, 5));
    check_read_only(fd);
    struct stat st;
    cr_assert_eq(fstat(fd, &st), 0);
    cr_assert_eq(st.st_size, 70000);
    close(fd);
    slot_close(&slot);
    scratch_remove(&s);
}

Test(slot, no_file_stays_open)
{
    struct scratch s = scratch_make();
    unsigned before = scratch_open_files();
    for (unsigned i = 0; i < 20; i++) {
        struct slot slot;
        cr_assert_eq(slot_open(&slot, s.fd), 0);
        slot_reset(&slot, 100);
        cr_assert_eq(append(&slot, i * 20, i), 0);
        if (i % 3 == 0)
            close(slot_detach(&slot));
        slot_close(&slot);
    }
    cr_assert_eq(scratch_open_files(), before);
    scratch_remove(&s);
}

/** Where there is no descriptor or memory for new memory, the slot keeps its item and can be used on. */
Test(slot, detach_that_fails)
{
    struct slot slot;
    struct rlimit before, none;
    cr_assert_eq(slot_open(&slot, -1), 0);
    slot_reset(&slot, MB);
    cr_assert_eq(append(&slot, 5000, 1), 0);
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (rlim_t room = 0; room < 2; room++) {
        int first = dup(0);
        close(first);
        none = (struct rlimit){(rlim_t)first + room, before.rlim_max};
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
        int fd = slot_detach(&slot);
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
        cr_assert_eq(fd, -EMFILE);
        cr_assert_eq(slot.len, 5000u);
        cr_assert(map_holds(&slot, 1));
    }
    cr_assert_eq(append(&slot, 1000, 1), 0);
    int fd = slot_detach(&slot);
    cr_assert(holds(fd, 6000, 1));
    close(fd);
    slot_close(&slot);
}

/** No folder, or no room in it: said by each append, and nothing crashes. */
Test(slot, spill_that_fails)
{
    struct scratch s = scratch_make();
    struct slot slot;
    int status;
    cr_assert_eq(slot_open(&slot, -1), 0);
    slot_reset(&slot, 10);
    cr_assert_eq(append(&slot, 11, 0), -EBADF);
    cr_assert_eq(append(&slot, 11, 0), -EBADF);
    slot_close(&slot);
    cr_assert_eq(slot_open(&slot, s.fd), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit limit = {50000, 50000};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        slot_reset(&slot, 1000);
        _exit(append(&slot, 40000, 0) == 0 && append(&slot, 20000, 0) == -EFBIG && append(&slot, 1, 0) == -EFBIG ? 0
                                                                                                                 : 1);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    slot_close(&slot);
    scratch_remove(&s);
}

/** In a process for which no file system knows O_TMPFILE. */
static int spill_without_tmpfile(int dirfd)
{
    static const unsigned tmpfile_bit = O_TMPFILE & ~(unsigned)O_DIRECTORY;
    struct slot slot;
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    if (slot_open(&slot, dirfd) ||
        seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EOPNOTSUPP), SCMP_SYS(openat), 1,
                         SCMP_A2(SCMP_CMP_MASKED_EQ, tmpfile_bit, tmpfile_bit)) ||
        seccomp_load(ctx))
        return 1;
    seccomp_release(ctx);
    if (openat(dirfd, ".", O_TMPFILE | O_RDWR, 0600) >= 0 || errno != EOPNOTSUPP)
        return 2;
    for (unsigned i = 0; i < 3; i++) {
        struct stat st;
        slot_reset(&slot, 1000);
        if (append(&slot, 3000, i) || slot_in_memory(&slot))
            return 3;
        if (fstat(slot_read_fd(&slot), &st) || st.st_nlink || st.st_size != 3000 || (st.st_mode & 0777) != 0600)
            return 4;
        if (!holds(slot_read_fd(&slot), 3000, i) || write(slot_read_fd(&slot), "x", 1) >= 0)
            return 5;
    }
    slot_close(&slot);
    return 0;
}

Test(slot, file_systems_without_tmpfile)
{
    struct scratch s = scratch_make();
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(spill_without_tmpfile(s.fd));
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WIFEXITED(status));
    cr_assert_eq(WEXITSTATUS(status), 0, "step %d", WEXITSTATUS(status));
    scratch_remove(&s);
}
